//! The connections behind the providers: seen, isolated and reset, in routed tables as well.

use anyvendor::{
    Delivery,
    payment::CreatePayment,
    resilience::BreakerState,
    values::{Currency, IdempotencyKey, Money, VendorId},
};
use anyvendor_sandbox::Sandbox;

use crate::customers::vendors;

fn order(number: u32) -> CreatePayment {
    let amount = Money::from_minor(1_000, Currency::EUR).unwrap();
    let key = IdempotencyKey::new(format!("order-{number}")).unwrap();
    CreatePayment::new(amount, key)
}

#[tokio::test]
async fn n07_connections_are_seen_isolated_and_reset() {
    let sandbox = Sandbox::start().await.unwrap();
    let route = "vendor = \"stripe\"\nfailover = [\"paypal\"]\nroutes = \"memory\"";
    let vendors = vendors(&sandbox, route);
    let listed: Vec<(&str, &str)> = vendors
        .connections()
        .map(|connection| (connection.table(), connection.vendor()))
        .collect();
    assert_eq!(listed, [("payment", "stripe"), ("payment", "paypal")]);
    let stripe = vendors.connections().next().unwrap();
    assert_eq!(stripe.address(), Some(sandbox.stripe().url()));
    let printed = format!("{stripe:?}");
    assert!(
        printed.contains("Closed") && !printed.contains("sk_test"),
        "{printed}"
    );
    let health = serde_json::to_value(stripe.health()).unwrap();
    assert_eq!(
        (&health["vendor"], &health["breaker"]),
        (&"stripe".into(), &"closed".into())
    );
    assert!(
        health["budget"].is_u64() && health["paused_for_ms"].is_null(),
        "{health}"
    );

    let payments = vendors.payment().unwrap();
    let card = VendorId::new("stripe", "pm_card_visa").unwrap();
    stripe.isolate();
    assert_eq!(stripe.health().breaker, BreakerState::Isolated);
    let error = payments
        .create(order(1).with_source(card.clone()))
        .await
        .unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    // New work that both can take goes to the next vendor.
    let return_url = "https://shop.example/back".parse().unwrap();
    let outcome = payments
        .create(order(2).with_return_url(return_url))
        .await
        .unwrap();
    assert_eq!(outcome.payment().unwrap().id.vendor(), "paypal");
    stripe.reset();
    let outcome = payments.create(order(1).with_source(card)).await.unwrap();
    assert_eq!(outcome.payment().unwrap().id.vendor(), "stripe");
}
