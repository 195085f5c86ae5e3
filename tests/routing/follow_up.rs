//! Follow-ups of a payment go to the vendor that the id names, and lists go through all vendors.

use std::{collections::BTreeSet, sync::Arc};

use anyvendor::{
    Config, Kind, Registry, Vendors,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, GetPayment, GetRefund, ListPayments,
        MockPaymentProvider, Payment, PaymentCapabilities, PaymentProvider, PaymentProviderExt,
        PaymentStatus, Refund, RefundPayment, RefundStatus, RemoveSource,
    },
    values::{Currency, Cursor, IdempotencyKey, Money, Page, VendorId},
};
use futures_util::TryStreamExt;

use crate::fake::TABLES;

fn id(text: &str) -> VendorId {
    text.parse().unwrap()
}

fn amount() -> Money {
    Money::from_minor(100, Currency::EUR).unwrap()
}

fn paid(id: &VendorId) -> Payment {
    Payment::new(id.clone(), PaymentStatus::Captured, amount())
}

/// A vendor that accepts only its own ids, and has two pages of payments.
fn vendor(name: &'static str) -> Arc<dyn PaymentProvider> {
    let mut mock = MockPaymentProvider::new();
    mock.expect_vendor().return_const(name);
    let mut capabilities = PaymentCapabilities::default();
    capabilities.list = name != "b";
    mock.expect_capabilities().return_const(capabilities);
    if name == "c" {
        let ours = |id: &VendorId| assert_eq!(id.vendor(), "c");
        mock.expect_confirm().returning(move |request| {
            ours(&request.payment);
            Ok(paid(&request.payment).into())
        });
        mock.expect_capture().returning(move |request| {
            ours(&request.payment);
            Ok(paid(&request.payment).into())
        });
        mock.expect_cancel().returning(move |request| {
            ours(&request.payment);
            Ok(paid(&request.payment).into())
        });
        mock.expect_get().returning(move |request| {
            ours(&request.payment);
            Ok(paid(&request.payment))
        });
        mock.expect_refund().returning(move |request| {
            ours(&request.payment);
            Ok(Refund::new(id("c:re"), RefundStatus::Succeeded, amount()))
        });
        mock.expect_get_refund().returning(move |request| {
            ours(&request.refund);
            Ok(Refund::new(
                request.refund,
                RefundStatus::Succeeded,
                amount(),
            ))
        });
        mock.expect_remove_source().returning(|_| Ok(()));
    }
    mock.expect_list().returning(move |request| {
        let page = |items: &[&str], next: Option<&str>| {
            let item = |item: &&str| paid(&VendorId::new(name, *item).unwrap());
            let next = next.map(|next| Cursor::new(next).unwrap());
            Ok(Page::new(items.iter().map(item).collect(), next))
        };
        match request.page.after.as_ref().map(Cursor::as_str) {
            None => page(&["4", "3"], Some("3|x")),
            Some("3|x") => page(&["2", "1"], None),
            Some(other) => panic!("{name} was asked for {other}"),
        }
    });
    Arc::new(mock)
}

fn payments() -> Arc<dyn PaymentProvider> {
    let mut registry = Registry::default();
    for name in ["a", "b", "c"] {
        let made = vendor(name);
        registry = registry.with_payment(name, move |_| Ok(Arc::clone(&made)));
    }
    let route = "failover = [\"b\"]\nretired = [\"c\"]";
    let text = format!(
        "mode = \"sandbox\"\n[payment]\nvendor = \"a\"\nroutes = \"memory\"\n{route}\n{TABLES}"
    );
    let builder = Vendors::builder().registry(registry);
    let vendors = builder.connect(&Config::from_toml(&text).unwrap()).unwrap();
    vendors.payment().unwrap()
}

#[tokio::test]
async fn follow_ups_go_to_the_vendor_that_the_id_names_also_a_retired_one() {
    let payments = payments();
    let (it, key) = (id("c:pay"), IdempotencyKey::random);
    payments
        .confirm(ConfirmPayment::new(it.clone(), key()))
        .await
        .unwrap();
    payments
        .capture(CapturePayment::new(it.clone(), key()))
        .await
        .unwrap();
    payments
        .cancel(CancelPayment::new(it.clone(), key()))
        .await
        .unwrap();
    payments.get(GetPayment::new(it.clone())).await.unwrap();
    payments
        .refund(RefundPayment::new(it.clone(), key()))
        .await
        .unwrap();
    payments
        .get_refund(GetRefund::new(id("c:re")))
        .await
        .unwrap();
    payments.remove_source(RemoveSource::new(it)).await.unwrap();
}

#[tokio::test]
async fn an_id_of_an_unknown_vendor_is_refused_with_the_remedy() {
    let error = payments()
        .get(GetPayment::new(id("d:pay")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("payment"))
    );
    let words = "is an id of d, which [payment] does not name; add it to `retired`";
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test]
async fn a_list_goes_through_all_vendors_that_can_list() {
    let payments = payments();
    let all = payments.payments(ListPayments::new());
    let all: Vec<String> = all
        .map_ok(|payment| payment.id.to_string())
        .try_collect()
        .await
        .unwrap();
    let wanted = ["a:4", "a:3", "a:2", "a:1", "c:4", "c:3", "c:2", "c:1"];
    assert_eq!(all, wanted);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());

    let mut request = ListPayments::new();
    request.page.after = Some(Cursor::new("z|1").unwrap());
    let error = payments.list(request).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("cursor"))
    );

    let request = ListPayments::new().with_customer(id("c:cus"));
    let page = payments.list(request).await.unwrap();
    assert!(page.items.iter().all(|payment| payment.id.vendor() == "c"));
}

/// Who compares a list with records of its own must know which vendors it does not contain.
#[tokio::test]
async fn f09_a_list_names_the_vendors_that_it_leaves_out() {
    let payments = payments();
    let mut request = ListPayments::new();
    loop {
        let page = payments.list(request.clone()).await.unwrap();
        assert_eq!(page.left_out, ["b"]);
        let Some(next) = page.next else { break };
        request.page.after = Some(next);
    }
    let of_one_customer = ListPayments::new().with_customer(id("c:cus"));
    let page = payments.list(of_one_customer).await.unwrap();
    assert_eq!(page.left_out, ["a", "b"]);
}
