//! Tests of the error: its size, its text and its conversions.

use super::*;

#[test]
fn error_is_one_pointer_wide() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn display_is_one_line_and_says_when_the_outcome_is_unknown() {
    let error = Error::new(
        Kind::Unavailable,
        Delivery::Unknown,
        "the vendor responded with a server error",
    )
    .with_vendor("acme")
    .with_operation("payment.create")
    .with_status(StatusCode::BAD_GATEWAY)
    .with_vendor_code("api_error")
    .with_request_id("req_1")
    .with_effort(3, Duration::from_secs(1));
    assert_eq!(
        error.to_string(),
        "acme payment.create unavailable: the vendor responded with a server error \
         (status 502, code api_error, request req_1, attempts 3); the vendor may have acted"
    );
}

#[test]
fn a_value_error_becomes_an_invalid_request_that_names_the_field() {
    use std::error::Error as _;

    let refused = ValueError::new("email address", "has no @", "write it like ann@example.com");
    let error = Error::from(refused.with_field("reply_to"));
    assert_eq!(error.kind(), &Kind::InvalidRequest);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.field(), Some("reply_to"));
    assert_eq!(
        error.message(),
        "reply_to: has no @; write it like ann@example.com"
    );
    assert!(error.source().unwrap().is::<ValueError>());
}

#[test]
fn invalid_names_the_field_and_was_not_sent() {
    let error = Error::invalid("amount", "must be more than zero");
    assert_eq!(error.field(), Some("amount"));
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.kind(), &Kind::InvalidRequest);
}

/// Every word of the error is one that a program can log, count and compare.
#[test]
fn n10_the_words_of_an_error() {
    assert_eq!(
        Kind::IdempotencyInFlight.to_string(),
        "idempotency_in_flight"
    );
    assert_eq!(Delivery::NotSent.to_string(), "not_sent");
    assert_eq!(
        RetryStop::RetryAfterTooLong.as_str(),
        "retry_after_too_long"
    );
    assert_eq!(TimeoutPhase::FirstByte.to_string(), "first_byte");
    assert_eq!(TransportPhase::Dns.to_string(), "dns");
    assert_eq!(RateLimitScope::Resource.to_string(), "resource");
    assert_eq!(ProtocolReason::BadBody.to_string(), "bad_body");
}
