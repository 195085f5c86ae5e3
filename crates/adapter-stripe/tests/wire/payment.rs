//! Payments in the documented bodies.

use anyvendor_adapter_stripe::StripeOptions;
use anyvendor_core::{
    Delivery, Kind,
    payment::{DeclineCode, GetPayment, ListPayments, NextAction, PaymentProvider, PaymentStatus},
    values::Metadata,
};
use serde_json::{Value, json};

use crate::{
    calls::{PI, status},
    support::{Vendor, fixture, id, intent, money, ok, pounds},
};

#[tokio::test]
async fn every_field_of_a_payment_is_read() {
    let vendor = Vendor::scripted([fixture("200_payment_intent")]).await;
    let seen = vendor
        .provider()
        .get(GetPayment::new(id(PI)))
        .await
        .unwrap();
    assert_eq!(seen.id, id(PI));
    assert_eq!(seen.status, PaymentStatus::Captured);
    assert_eq!((seen.amount, seen.captured), (pounds(), pounds()));
    assert!(seen.capturable.is_zero());
    assert_eq!(seen.refunded, None);
    assert_eq!(seen.customer, Some(id("cus_1")));
    assert_eq!(seen.source, Some(id("pm_1")));
    assert_eq!(seen.reference.as_deref(), Some("order-1"));
    assert_eq!(seen.metadata, Metadata::new().with("note", "blue").unwrap());
    assert_eq!(seen.created_at.unwrap().as_second(), 1_767_225_600);
    assert!(!seen.live);
}

#[tokio::test]
async fn expanded_objects_are_read_as_well_as_ids() {
    let expanded = intent(&json!({
        "customer": {"id": "cus_1", "object": "customer"},
        "payment_method": {"id": "pm_1", "object": "payment_method"},
        "latest_charge": {"id": "ch_1", "object": "charge", "amount_refunded": 1020},
    }));
    let vendor = Vendor::scripted([ok(&expanded)]).await;
    let seen = vendor
        .provider()
        .get(GetPayment::new(id(PI)))
        .await
        .unwrap();
    assert_eq!(
        (seen.customer, seen.source),
        (Some(id("cus_1")), Some(id("pm_1")))
    );
    assert_eq!(seen.refunded, Some(money("10.20", "GBP")));
}

#[tokio::test]
async fn every_documented_status_is_mapped() {
    use PaymentStatus as S;
    let rest = json!({"amount_received": 0});
    let with = |changes: Value| {
        let mut all = rest.clone();
        for (field, value) in changes.as_object().unwrap() {
            all[field] = value.clone();
        }
        all
    };
    for (changes, expected) in [
        (
            json!({"status": "requires_payment_method"}),
            S::RequiresSource,
        ),
        (
            json!({"status": "requires_confirmation"}),
            S::RequiresConfirmation,
        ),
        (json!({"status": "processing"}), S::Processing),
        (
            json!({"status": "requires_capture", "amount_capturable": 2020}),
            S::Authorized,
        ),
        (
            json!({"status": "requires_capture", "amount_capturable": 1020, "amount_received": 1000}),
            S::PartiallyCaptured,
        ),
        (
            json!({"status": "succeeded", "amount_received": 2020}),
            S::Captured,
        ),
        (
            json!({"status": "succeeded", "amount_received": 1000}),
            S::PartiallyCaptured,
        ),
        (
            json!({"status": "canceled", "cancellation_reason": "abandoned"}),
            S::Cancelled,
        ),
        (
            json!({"status": "canceled", "cancellation_reason": "automatic"}),
            S::Expired,
        ),
        (
            json!({"status": "brand_new"}),
            S::Other("brand_new".to_owned()),
        ),
    ] {
        assert_eq!(status(&with(changes.clone())).await, expected, "{changes}");
    }
    let declined = with(json!({
        "status": "requires_payment_method",
        "last_payment_error": {"type": "card_error", "code": "expired_card"},
    }));
    let declined = status(&declined).await;
    assert!(matches!(declined, S::Declined(decline) if decline.code == DeclineCode::Expired));
}

#[tokio::test]
async fn the_payer_is_sent_to_a_page_or_given_a_secret() {
    let redirect = json!({
        "status": "requires_action",
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds?t=1"}},
    });
    match status(&redirect).await {
        PaymentStatus::RequiresAction(NextAction::Redirect(url)) => {
            assert_eq!(url.expose(), "https://bank.example/3ds?t=1");
        }
        other => panic!("{other:?}"),
    }
    let sdk = json!({"status": "requires_action", "next_action": {"type": "use_stripe_sdk"}});
    let in_browser = status(&sdk).await;
    match &in_browser {
        PaymentStatus::RequiresAction(NextAction::ClientSecret(secret)) => {
            assert!(secret.0.expose().contains("_secret_"));
        }
        other => panic!("{other:?}"),
    }
    assert!(!format!("{in_browser:?}").contains("_secret_"));
}

#[tokio::test]
async fn a_page_leads_to_the_next() {
    let page = |more| {
        let items = [json!({"id": "pi_2"}), json!({"id": "pi_1"})].map(|change| intent(&change));
        ok(&json!({"object": "list", "data": items, "has_more": more}))
    };
    let vendor = Vendor::scripted([page(true), page(false)]).await;
    let provider = vendor.provider();
    let first = provider.list(ListPayments::new()).await.unwrap();
    assert_eq!(first.next.as_ref().unwrap().as_str(), "pi_1");
    assert_eq!(first.items.len(), 2);
    let last = provider.list(ListPayments::new()).await.unwrap();
    assert_eq!(last.next, None);
}

/// Stripe refuses a whole descriptor wherever a card may pay, so the text is the suffix of the account's own.
#[tokio::test]
async fn f19_the_statement_descriptor_is_sent_as_the_suffix() {
    let vendor = Vendor::scripted([ok(&intent(&json!({})))]).await;
    let request = crate::support::payment().with_statement_descriptor("SHOP 7");
    vendor.provider().create(request).await.unwrap();
    let sent = vendor.only().text().to_owned();
    assert!(
        sent.contains("&statement_descriptor_suffix=SHOP%207&"),
        "{sent}"
    );
    assert!(!sent.contains("statement_descriptor="), "{sent}");
    let vendor = Vendor::scripted([]).await;
    let twice = StripeOptions::new().with_statement_descriptor_suffix("SPRING");
    let twice = crate::support::payment()
        .with_statement_descriptor("SHOP")
        .with_extension(twice);
    let long = "A".repeat(23);
    let texts = ["", "12345", "A*B", "a<b", "it's", &long];
    let wrong = texts.map(|text| crate::support::payment().with_statement_descriptor(text));
    for request in wrong.into_iter().chain([twice]) {
        let created = vendor.provider().create(request).await;
        let error = created.unwrap_err();
        assert_eq!(error.kind(), &Kind::InvalidRequest);
        assert_eq!(error.field(), Some("statement_descriptor"));
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    assert!(vendor.seen().is_empty());
}
