//! Which failures are retried.

use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{PaymentOutcome, PaymentProvider},
};

use crate::support::{Step, Vendor, fixture, key, key_of, payment, vendor_error};

/// How often create is sent if the vendor gives these responses, and the result.
async fn tries(replies: Vec<Step>) -> (usize, Result<PaymentOutcome, Error>) {
    let vendor = Vendor::scripted(replies).await;
    let result = vendor.provider().create(payment()).await;
    let seen = vendor.seen();
    for again in &seen {
        assert_eq!((key_of(again), again.text()), ("order-1", seen[0].text()));
    }
    (seen.len(), result)
}

#[tokio::test]
async fn retryable_failures_are_retried_under_the_same_key() {
    let error = |status, code| vendor_error(status, "invalid_request_error", code);
    for first in [
        fixture("409_key_in_use"),
        error(409, "some_other_conflict"),
        error(424, "external"),
        error(429, "lock_timeout"),
        error(429, "rate_limit").with_header("stripe-rate-limited-reason", "endpoint-rate"),
        error(502, ""),
        error(503, "").with_header("retry-after", "1"),
        error(500, "").with_header("stripe-should-retry", "true"),
    ] {
        let replies = vec![first.clone(), fixture("200_payment_intent")];
        let (count, result) = tries(replies).await;
        assert_eq!(count, 2, "{first:?}");
        result.unwrap();
    }
}

#[tokio::test]
async fn other_failures_are_sent_once() {
    let error = |status, code| vendor_error(status, "invalid_request_error", code);
    for (first, kind, delivery) in [
        (error(500, ""), Kind::Unavailable, Delivery::Unknown),
        (
            error(503, "").with_header("stripe-should-retry", "false"),
            Kind::Unavailable,
            Delivery::Unknown,
        ),
        (
            fixture("409_key_in_use").with_header("stripe-should-retry", "false"),
            Kind::IdempotencyInFlight,
            Delivery::Unknown,
        ),
        (
            error(400, "parameter_unknown"),
            Kind::InvalidRequest,
            Delivery::Refused,
        ),
        (error(401, ""), Kind::Unauthenticated, Delivery::Refused),
        (error(403, ""), Kind::PermissionDenied, Delivery::Refused),
        (
            fixture("400_idempotency_error"),
            Kind::IdempotencyMismatch,
            Delivery::Refused,
        ),
    ] {
        let (count, result) = tries(vec![first.clone(), fixture("200_payment_intent")]).await;
        let error = result.unwrap_err();
        assert_eq!(
            (count, error.kind(), error.delivery()),
            (1, &kind, delivery),
            "{first:?}"
        );
        assert_eq!(error.idempotency_key(), Some(&key("order-1")));
    }
    let (count, result) = tries(vec![fixture("402_card_declined")]).await;
    assert_eq!(count, 1);
    assert!(matches!(result.unwrap(), PaymentOutcome::Declined(..)));
}
