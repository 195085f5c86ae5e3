//! Rejections that are outcomes: declines, and a payment that is already in the requested state.

use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CapturePayment, DeclineCode, DeclineGroup, NextAction, PayerPresence, PaymentOutcome,
        PaymentProvider,
    },
};
use serde_json::json;

use crate::{
    calls::{PI, cancel, capture, create},
    support::{
        Vendor, changed, fixture, id, intent, key, ok, payment, pounds, reply, vendor_error,
    },
};

#[tokio::test]
async fn a_decline_is_an_outcome_with_its_payment() {
    match create(fixture("402_card_declined")).await.unwrap() {
        PaymentOutcome::Declined(decline, Some(payment)) => {
            assert_eq!(decline.code, DeclineCode::Generic);
            assert_eq!(decline.vendor_code.as_deref(), Some("generic_decline"));
            assert_eq!(payment.id, id(PI));
            assert_eq!(payment.amount, pounds());
        }
        other => panic!("{other:?}"),
    }
    // Without its payment, and as a refusal of `error_on_requires_action`, which has no code.
    let bare = reply(402, r#"{"error":{"type":"card_error","message":"m"}}"#);
    match create(bare).await.unwrap() {
        PaymentOutcome::Declined(decline, None) => assert_eq!(decline.code, DeclineCode::Generic),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn required_authentication_brings_an_absent_payer_back() {
    let reply = || fixture("402_authentication_required");
    let vendor = Vendor::scripted([reply()]).await;
    let away = payment().with_presence(PayerPresence::OffSession);
    match vendor.provider().create(away).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::ReturnToSession) => {
            assert_eq!(payment.id, id(PI));
        }
        other => panic!("{other:?}"),
    }
    match create(reply()).await.unwrap() {
        PaymentOutcome::Declined(decline, Some(_)) => {
            assert_eq!(decline.group, DeclineGroup::Authenticate);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn capturing_twice_is_a_success_if_the_amounts_agree() {
    let refused = || fixture("400_unexpected_state");
    for amount in [None, Some("20.20")] {
        let outcome = capture(refused(), amount).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Captured(_)),
            "{outcome:?}"
        );
    }
    let error = capture(refused(), Some("10")).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
    let code = "payment_intent_unexpected_state";
    assert_eq!(error.vendor_code(), Some(code));
    assert_eq!(error.delivery(), Delivery::Refused);
    // Without the payment in the error it is looked up.
    let vendor = Vendor::scripted([
        vendor_error(400, "invalid_request_error", "charge_already_captured"),
        fixture("200_payment_intent"),
    ])
    .await;
    let request = CapturePayment::new(id(PI), key("c-1"));
    let outcome = vendor.provider().capture(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn cancelling_twice_is_a_success_and_cancelling_a_captured_payment_a_conflict() {
    let mut body = changed("400_unexpected_state", &json!({}));
    body["error"]["payment_intent"]["status"] = "canceled".into();
    let outcome = cancel(reply(400, body.to_string())).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Cancelled(_)),
        "{outcome:?}"
    );
    let error = cancel(fixture("400_unexpected_state")).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
}

#[tokio::test]
async fn a_capture_can_be_declined_expired_or_in_progress() {
    let outcome = capture(fixture("402_card_declined"), None).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Declined(..)),
        "{outcome:?}"
    );
    let expired = "capture_charge_authorization_expired";
    let error = capture(vendor_error(402, "card_error", expired), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some(expired))
    );
    let working = intent(&json!({"status": "processing", "amount_received": 0}));
    let outcome = capture(ok(&working), Some("10")).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Processing(_)),
        "{outcome:?}"
    );
}
