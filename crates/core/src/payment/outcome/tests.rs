//! Tests of the error that a payment without success becomes.

use super::*;
use crate::{
    payment::{CreatePayment, DeclineCode, MockPaymentProvider, PaymentProviderExt, SensitiveText},
    values::{Currency, IdempotencyKey, Metadata, Money, Secret, VendorId},
};

fn payment(status: PaymentStatus) -> Payment {
    let amount = Money::from_minor(2_000, Currency::EUR).unwrap();
    let mut payment = Payment::new(VendorId::new("acme", "pay_1").unwrap(), status, amount);
    payment.client_secret = Some(SensitiveText(Secret::new("canary_secret")));
    payment.metadata = Metadata::new().with("note", "canary note").unwrap();
    payment
}

fn unsuccessful() -> [(PaymentStatus, Kind, bool); 8] {
    let decline = Decline::new(DeclineCode::InsufficientFunds);
    [
        (PaymentStatus::Processing, Kind::Conflict, true),
        (PaymentStatus::Other("new".to_owned()), Kind::Conflict, true),
        (PaymentStatus::RequiresSource, Kind::Conflict, false),
        (PaymentStatus::RequiresConfirmation, Kind::Conflict, false),
        (
            PaymentStatus::RequiresAction(NextAction::ReturnToSession),
            Kind::Conflict,
            false,
        ),
        (PaymentStatus::Cancelled, Kind::Conflict, false),
        (PaymentStatus::Expired, Kind::Conflict, false),
        (PaymentStatus::Declined(decline), Kind::Declined, false),
    ]
}

#[tokio::test]
async fn f02_charge_never_says_that_an_existing_payment_was_not_sent() {
    for (status, kind, unknown) in unsuccessful() {
        let outcome = PaymentOutcome::from(payment(status.clone()));
        let mut provider = MockPaymentProvider::new();
        let response = outcome.clone();
        provider
            .expect_create()
            .returning(move |_| Ok(response.clone()));
        let key = IdempotencyKey::new("order-7").unwrap();
        let request = CreatePayment::new(Money::from_minor(2_000, Currency::EUR).unwrap(), key);
        let error = provider.charge(request).await.unwrap_err();
        assert_eq!(error.kind(), &kind, "{status:?}");
        assert_ne!(error.delivery(), Delivery::NotSent, "{status:?}");
        assert_eq!(error.is_unknown(), unknown, "{status:?}");
        assert_eq!(error.vendor(), Some("acme"));
        assert_eq!(
            error.object_id().map(str::to_owned),
            outcome.payment().map(|payment| payment.id.to_string())
        );
        assert_eq!(error.operation(), Some("payment.create"));
        assert_eq!(
            error.idempotency_key().map(IdempotencyKey::as_str),
            Some("order-7")
        );
        assert!(error.message().contains("acme:pay_1"), "{error}");
        assert_eq!(PaymentOutcome::of_error(&error), Some(&outcome));
        let chain = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(!chain.contains("canary"), "{chain}");
    }
}

#[test]
fn f02_the_outcome_is_found_below_other_causes() {
    let inner = PaymentOutcome::from(payment(PaymentStatus::Processing)).into_success();
    let outer = Error::new(Kind::Other, Delivery::Unknown, "the order failed")
        .with_source(inner.unwrap_err());
    assert!(matches!(
        PaymentOutcome::of_error(&outer),
        Some(PaymentOutcome::Processing(_))
    ));
    assert!(PaymentOutcome::of_error(&Error::unsent(Kind::Other, "no payment")).is_none());
}

#[test]
fn f20_no_outcome_loses_the_client_secret() {
    for (status, ..) in unsuccessful() {
        let outcome = PaymentOutcome::from(payment(status.clone()));
        let secret = outcome
            .payment()
            .and_then(|payment| payment.client_secret.as_ref());
        assert_eq!(
            secret.map(|secret| secret.0.expose()),
            Some("canary_secret")
        );
        if status == PaymentStatus::RequiresSource {
            assert!(matches!(
                outcome,
                PaymentOutcome::Incomplete(_, NextAction::ClientSecret(_))
            ));
        }
    }
    let mut without = payment(PaymentStatus::RequiresSource);
    without.client_secret = None;
    assert!(matches!(
        without.into(),
        PaymentOutcome::Incomplete(_, NextAction::Confirm)
    ));
}

/// Statuses are answered to browsers and written to logs; a vendor's own word is kept.
#[test]
fn n10_the_words_of_statuses() {
    use crate::{
        email::{RecipientStatus, RejectReason},
        messaging::{FailureKind, MessageStatus, VerificationStatus},
        payment::{RefundFailure, RefundStatus},
        resilience::BreakerState,
        webhook::DisputeStatus,
    };

    assert_eq!(
        PaymentStatus::PartiallyCaptured.to_string(),
        "partially_captured"
    );
    assert_eq!(
        PaymentStatus::RequiresAction(NextAction::Confirm).as_str(),
        "requires_action"
    );
    assert_eq!(
        PaymentStatus::Other("on_hold".to_owned()).as_str(),
        "on_hold"
    );
    assert_eq!(
        RefundStatus::Failed(RefundFailure::LostOrStolen).to_string(),
        "failed"
    );
    assert_eq!(RefundFailure::LostOrStolen.to_string(), "lost_or_stolen");
    assert_eq!(
        MessageStatus::Undelivered(FailureKind::Soft).to_string(),
        "undelivered"
    );
    assert_eq!(
        VerificationStatus::TooManyAttempts.to_string(),
        "too_many_attempts"
    );
    let rejected = RecipientStatus::Rejected(RejectReason::OptedOut);
    assert_eq!(rejected.to_string(), "rejected");
    assert_eq!(RejectReason::OptedOut.to_string(), "opted_out");
    assert_eq!(DisputeStatus::UnderReview.to_string(), "under_review");
    assert_eq!(BreakerState::HalfOpen.to_string(), "half_open");
}
