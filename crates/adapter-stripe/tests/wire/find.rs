//! Lists with items that cannot be read, and finding payments by our reference.

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    payment::{
        FindPayments, ListPayments, ListRefunds, ListSources, PaymentOutcome, PaymentProvider,
        PaymentProviderExt,
    },
};
use serde_json::{Value, json};

use crate::{
    calls::PI,
    support::{Step, Vendor, changed, id, intent, key, ok, payment, reply},
};

fn list(items: &[Value], more: bool) -> Step {
    ok(&json!({"object": "list", "data": items, "has_more": more}))
}

#[tokio::test]
async fn f22b_one_odd_item_never_hides_its_page() {
    let odd = [
        json!({"id": "pi_odd", "amount": 501, "amount_received": 501, "currency": "isk"}),
        json!({"id": "pi_odd", "currency": "xyz"}),
        json!({"id": "pi_odd", "amount": "many"}),
    ];
    for odd in odd {
        let items = [
            intent(&json!({"id": "pi_1"})),
            intent(&odd),
            intent(&json!({"id": "pi_2"})),
            intent(&odd),
        ];
        let vendor = Vendor::scripted([list(&items, true)]).await;
        let page = vendor.provider().list(ListPayments::new()).await.unwrap();
        let ids: Vec<_> = page.items.iter().map(|payment| payment.id.id()).collect();
        assert_eq!((ids, page.skipped), (vec!["pi_1", "pi_2"], 2));
        // The next page begins after the last item, also if that is an odd one.
        assert_eq!(page.next.unwrap().as_str(), "pi_odd");
    }
    let refund =
        |id: &str, currency: &str| changed("200_refund", &json!({"id": id, "currency": currency}));
    let items = [refund("re_1", "gbp"), refund("re_2", "xyz")];
    let vendor = Vendor::scripted([list(&items, false)]).await;
    let page = vendor
        .provider()
        .list_refunds(ListRefunds::new(id(PI)))
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.skipped), (1, 1));
    let items = [
        changed("200_payment_method", &json!({})),
        json!({"id": "pm_2"}),
    ];
    let vendor = Vendor::scripted([list(&items, false)]).await;
    let sources = ListSources::new(id("cus_1"));
    let page = vendor.provider().list_sources(sources).await.unwrap();
    assert_eq!((page.items.len(), page.skipped), (1, 1));
}

fn of_order(id: &str, reference: &str) -> Value {
    intent(&json!({"id": id, "metadata": {"anyvendor_reference": reference}}))
}

#[tokio::test]
async fn f23_a_search_from_a_start_walks_the_list() {
    let vendor = Vendor::scripted([
        list(
            &[of_order("pi_3", "order-2"), of_order("pi_2", "order-1")],
            true,
        ),
        list(
            &[of_order("pi_1", "order-1"), of_order("pi_0", "order-10")],
            false,
        ),
    ])
    .await;
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    let request = FindPayments::new("order-1").with_created_from(from);
    let found = vendor.provider().find_by_reference(request).await.unwrap();
    let ids: Vec<_> = found.iter().map(|payment| payment.id.id()).collect();
    assert_eq!(ids, ["pi_2", "pi_1"]);
    let seen = vendor.seen();
    let query = "created[gte]=1767225600&limit=100&expand[0]=data.latest_charge";
    assert_eq!(
        (seen[0].path(), seen[0].query()),
        ("/v1/payment_intents", query)
    );
    assert_eq!(seen[1].query(), format!("starting_after=pi_2&{query}"));
}

#[tokio::test]
async fn f23_a_search_without_a_start_asks_the_index() {
    let page = |items: &[Value], next: Value| {
        let more = !next.is_null();
        ok(&json!({"object": "search_result", "data": items, "has_more": more, "next_page": next}))
    };
    // The index compares less strictly than we do.
    let vendor = Vendor::scripted([
        page(&[of_order("pi_2", "ORDER-1")], "p2".into()),
        page(&[of_order("pi_1", "order-1")], Value::Null),
    ])
    .await;
    let before = "2026-01-01T00:00:00Z".parse().unwrap();
    let request = FindPayments::new("order-1").with_created_before(before);
    let found = vendor.provider().find_by_reference(request).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, id("pi_1"));
    let seen = vendor.seen();
    assert_eq!(seen[0].path(), "/v1/payment_intents/search");
    let query = "query=metadata%5B%27anyvendor_reference%27%5D%3A%27order-1%27%20AND%20created%3C1767225600&limit=100\
                 &expand[0]=data.latest_charge";
    assert_eq!(seen[0].query(), query);
    assert_eq!(seen[1].query(), format!("page=p2&{query}"));
}

#[tokio::test]
async fn f23_a_search_that_fails_is_an_error_and_never_none() {
    let find = |script: Vec<Step>| async move {
        let vendor = Vendor::scripted(script).await;
        let found = vendor
            .provider()
            .find_by_reference(FindPayments::new("order-1"))
            .await;
        found.map(|found| found.len())
    };
    let error: Error = find(vec![reply(403, "{}")]).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    let mut odd = of_order("pi_1", "order-1");
    odd["currency"] = "xyz".into();
    let error = find(vec![list(&[odd], false)]).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::BadBody));
    assert_eq!(find(vec![list(&[], false)]).await.unwrap(), 0);
}

#[tokio::test]
async fn f02_charging_a_payment_in_processing_is_unknown_and_keeps_the_payment() {
    let working = intent(&json!({"status": "processing", "amount_received": 0}));
    let vendor = Vendor::scripted([ok(&working)]).await;
    let error = vendor.provider().charge(payment()).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(
        (error.vendor(), error.operation()),
        (Some("stripe"), Some("payment.create"))
    );
    assert_eq!(error.idempotency_key(), Some(&key("order-1")));
    assert_eq!(error.object_id(), Some(id(PI).to_string().as_str()));
    match PaymentOutcome::of_error(&error) {
        Some(PaymentOutcome::Processing(payment)) => assert_eq!(payment.id, id(PI)),
        other => panic!("{other:?}"),
    }
}
