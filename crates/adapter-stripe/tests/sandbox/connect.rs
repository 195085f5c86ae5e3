//! Connected accounts: what is created there can be followed up, and a refund says who pays it.

use anyvendor_adapter_stripe::StripeOptions;
use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CancelPayment, CaptureMode, CapturePayment, ConfirmPayment, CreatePayment, CustomerRequest,
        FindPayments, GetPayment, GetRefund, ListPayments, ListRefunds, ListSources,
        PaymentOutcome, PaymentProvider, RefundPayment, RemoveSource, SaveSource,
        SaveSourceOutcome,
    },
};

use crate::{
    setup::{captured, dollars, pay, start},
    support::{id, key, money},
};

fn there() -> StripeOptions {
    StripeOptions::new().with_account("acct_seller")
}

#[tokio::test]
async fn f21_what_is_created_for_an_account_is_followed_up_by_its_id() {
    let (sandbox, provider) = start().await;
    let manual = |name: &str| {
        let request = CreatePayment::new(dollars(), key(name)).with_source(id("pm_card_visa"));
        let request = request
            .with_capture(CaptureMode::Manual)
            .with_reference(name);
        request.with_extension(there())
    };
    let outcome = provider.create(manual("order-1")).await.unwrap();
    let PaymentOutcome::Authorized(held) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(held.id.id().starts_with("acct_seller/pi_"), "{}", held.id);
    let seen = provider
        .get(GetPayment::new(held.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen, held);
    let part = CapturePayment::new(held.id.clone(), key("order-1")).with_amount(money("5", "USD"));
    provider.capture(part).await.unwrap();
    let refund = RefundPayment::new(held.id.clone(), key("order-1"));
    let refund = provider.refund(refund).await.unwrap();
    assert!(
        refund.id.id().starts_with("acct_seller/re_"),
        "{}",
        refund.id
    );
    assert_eq!(refund.payment.as_ref(), Some(&held.id));
    let again = GetRefund::new(refund.id.clone());
    assert_eq!(provider.get_refund(again).await.unwrap(), refund);
    let list = ListRefunds::new(held.id.clone());
    assert_eq!(provider.list_refunds(list).await.unwrap().items, [refund]);
    let confirm = ConfirmPayment::new(held.id.clone(), key("order-1"));
    provider.confirm(confirm).await.unwrap();
    let outcome = provider.create(manual("order-2")).await.unwrap();
    let cancel = CancelPayment::new(outcome.payment().unwrap().id.clone(), key("order-2"));
    provider.cancel(cancel).await.unwrap();
    let find = FindPayments::new("order-1").with_extension(there());
    let found = provider.find_by_reference(find).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, held.id);
    let list = ListPayments::new().with_extension(there());
    assert_eq!(provider.list(list).await.unwrap().items.len(), 2);
    assert!(
        provider
            .list(ListPayments::new())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let others = sandbox.requests();
    let to_seller = |request: &anyvendor_sandbox::RecordedRequest| {
        request.header("stripe-account") == Some("acct_seller")
    };
    assert_eq!(
        others.iter().filter(|request| !to_seller(request)).count(),
        1
    );
}

#[tokio::test]
async fn f21_customers_and_sources_of_an_account_are_followed_up_by_their_ids() {
    let (_sandbox, provider) = start().await;
    let request = CustomerRequest::new("user-1").with_extension(there());
    let customer = provider.get_or_create_customer(request).await.unwrap().id;
    assert!(customer.id().starts_with("acct_seller/cus_"), "{customer}");
    let here = CustomerRequest::new("user-1");
    let here = provider.get_or_create_customer(here).await.unwrap().id;
    assert_ne!(here, customer);
    let save = SaveSource::new(customer.clone(), key("save")).with_source(id("pm_card_visa"));
    let outcome = provider.save_source(save).await.unwrap();
    let SaveSourceOutcome::Saved(saved) = outcome else {
        panic!("{outcome:?}")
    };
    // The customer's id is enough to pay on its account.
    let request = CreatePayment::new(dollars(), key("order-1"))
        .with_customer(customer.clone())
        .with_source(saved.id.clone());
    let paid = captured(&provider, request).await;
    assert!(paid.id.id().starts_with("acct_seller/pi_"), "{}", paid.id);
    let list = ListSources::new(customer.clone());
    assert_eq!(
        provider.list_sources(list).await.unwrap().items,
        std::slice::from_ref(&saved)
    );
    provider
        .remove_source(RemoveSource::new(saved.id))
        .await
        .unwrap();
    // Two accounts in one request are a mistake, found before anything is sent.
    let mixed = pay("pm_card_visa")
        .with_customer(customer)
        .with_extension(StripeOptions::new().with_account("acct_other"));
    let error = provider.create(mixed).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("customer"))
    );
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn f21_a_refund_of_a_transferred_payment_says_who_pays_it() {
    let (sandbox, provider) = start().await;
    let options = StripeOptions::new()
        .with_transfer_to("acct_seller")
        .with_application_fee(money("2", "USD"));
    let paid = captured(&provider, pay("pm_card_visa").with_extension(options)).await;
    let refund =
        |name: &str| RefundPayment::new(paid.id.clone(), key(name)).with_amount(money("5", "USD"));
    let error = provider.refund(refund("r-1")).await.unwrap_err();
    assert_eq!(error.field(), Some("reverse_transfer"));
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::InvalidRequest, Delivery::NotSent)
    );
    let by_seller = StripeOptions::new()
        .with_reverse_transfer(true)
        .with_refund_application_fee(true);
    let by_platform = StripeOptions::new().with_reverse_transfer(false);
    for (name, options) in [("r-1", by_seller), ("r-2", by_platform)] {
        provider
            .refund(refund(name).with_extension(options))
            .await
            .unwrap();
    }
    let who: Vec<_> = sandbox
        .stripe()
        .state()
        .refunds()
        .iter()
        .map(|refund| (refund.reverse_transfer, refund.refund_application_fee))
        .collect();
    assert_eq!(who, [(true, true), (false, false)]);
}
