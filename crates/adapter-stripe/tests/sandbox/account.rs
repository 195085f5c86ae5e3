//! The records of an account: lists, connected accounts, refunds and customers.

use std::num::NonZeroU32;

use anyvendor_adapter_stripe::{Stripe, StripeOptions};
use anyvendor_core::{
    Kind,
    payment::{
        CreatePayment, CustomerRequest, GetPayment, GetRefund, ListPayments, Payment,
        PaymentProvider, PaymentProviderExt, RefundPayment, RefundStatus,
    },
    values::{Money, PageRequest, VendorId},
};
use futures_util::{TryStreamExt, future::join_all};

use crate::{
    setup::{captured, config, dollars, pay, start},
    support::{build, id, key},
};

#[tokio::test]
async fn payments_of_one_customer_are_listed_page_by_page() {
    let (_sandbox, provider) = start().await;
    let mut customers = Vec::new();
    for name in ["user-1", "user-2"] {
        let request = CustomerRequest::new(name);
        customers.push(provider.get_or_create_customer(request).await.unwrap().id);
    }
    let mut made = Vec::new();
    for n in 0..7 {
        let request = CreatePayment::new(dollars(), key(&format!("order-{n}")))
            .with_source(id("pm_card_visa"))
            .with_customer(customers[n % 2].clone());
        made.push(captured(&provider, request).await);
    }
    made.reverse();
    made.retain(|payment| payment.customer.as_ref() == Some(&customers[0]));
    let page = PageRequest::first().with_limit(NonZeroU32::new(3).unwrap());
    let mine = ListPayments::new().with_customer(customers[0].clone());
    let walked = provider.payments(mine.clone().with_page(page));
    let walked: Vec<Payment> = walked.try_collect().await.unwrap();
    let none = Money::zero(dollars().currency());
    let expanded = |payment: &Payment| payment.refunded == Some(none);
    assert!(walked.iter().all(expanded), "the charge is expanded");
    let ids = |payments: Vec<Payment>| -> Vec<_> { payments.into_iter().map(|p| p.id).collect() };
    assert_eq!(ids(walked), ids(made));
    let future = mine.with_created_from("2100-01-01T00:00:00Z".parse().unwrap());
    assert!(provider.list(future).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_connected_account_has_its_own_payments() {
    let (sandbox, platform) = start().await;
    let connected = build(config(&sandbox).with_account("acct_connected"));
    let there = captured(&connected, pay("pm_card_visa")).await;
    let get = |provider: &Stripe, id: &VendorId| {
        let (provider, get) = (provider.clone(), GetPayment::new(id.clone()));
        async move { provider.get(get).await }
    };
    let missing = get(&platform, &there.id).await.unwrap_err();
    assert_eq!(missing.kind(), &Kind::NotFound);
    assert_eq!(get(&connected, &there.id).await.unwrap(), there);
    // The same by the options of one request; the same key on another account is another key.
    let options = StripeOptions::new().with_account("acct_connected");
    let again = pay("pm_card_visa").with_extension(options);
    let again = captured(&platform, again).await;
    // The account is a part of the id then, so that every connection of the platform reaches it; events give it apart.
    assert_eq!(again.id.id(), format!("acct_connected/{}", there.id.id()));
    assert!(again.is_named_by(&there.id));
    for provider in [&platform, &connected] {
        assert_eq!(get(provider, &again.id).await.unwrap(), again);
    }
    captured(&platform, pay("pm_card_visa")).await;
    let accounts: Vec<_> = sandbox
        .stripe()
        .state()
        .charges()
        .into_iter()
        .map(|c| c.account)
        .collect();
    assert_eq!(accounts.len(), 2);
    assert!(accounts.contains(&"acct_connected".to_owned()));
}

#[tokio::test]
async fn refunds_settle_later() {
    let (_sandbox, provider) = start().await;
    for (card, at_once, later) in [
        ("pm_card_pendingRefund", "pending", "succeeded"),
        ("pm_card_refundFail", "succeeded", "failed"),
    ] {
        let word = |status: &RefundStatus| match status {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed(_) => "failed",
            other => panic!("{other:?}"),
        };
        let payment = captured(&provider, pay(card)).await;
        let request = RefundPayment::new(payment.id, key(&format!("r-{card}")));
        let refund = provider.refund(request).await.unwrap();
        assert_eq!(word(&refund.status), at_once, "{card}");
        let refund = provider
            .get_refund(GetRefund::new(refund.id))
            .await
            .unwrap();
        assert_eq!(word(&refund.status), later, "{card}");
    }
}

#[tokio::test]
async fn refunding_a_refunded_payment_is_a_conflict_with_the_vendors_code() {
    let (_sandbox, provider) = start().await;
    let payment = captured(&provider, pay("pm_card_visa")).await;
    let refund = |name| provider.refund(RefundPayment::new(payment.id.clone(), key(name)));
    refund("r-1").await.unwrap();
    let error = refund("r-2").await.unwrap_err();
    let code = "charge_already_refunded";
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some(code))
    );
}

#[tokio::test]
async fn one_reference_is_one_customer_even_with_changed_details() {
    let (sandbox, provider) = start().await;
    let named = |n: usize| {
        CustomerRequest::new("user-1")
            .with_email("ann@example.com".parse().unwrap())
            .with_name(format!("Ann {n}"))
    };
    let asked = (0..8).map(|n| provider.get_or_create_customer(named(n % 2)));
    let ids: Vec<_> = join_all(asked)
        .await
        .into_iter()
        .map(|c| c.unwrap().id)
        .collect();
    assert!(ids.iter().all(|one| *one == ids[0]), "{ids:?}");
    // Another process, with a fresh name, much later: the list finds it.
    assert_eq!(
        provider.get_or_create_customer(named(9)).await.unwrap().id,
        ids[0]
    );
    assert_eq!(sandbox.stripe().state().customers().len(), 1);
}
