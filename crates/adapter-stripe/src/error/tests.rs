//! The documented errors, one by one.

use anyvendor_core::Kind;

use super::*;

fn classify(status: u16, body: &str, headers: &[(&'static str, &'static str)]) -> Option<Failure> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                http::HeaderName::from_static(name),
                http::HeaderValue::from_static(value),
            )
        })
        .collect();
    StripeClassifier.classify(ResponseView {
        operation: "payment.refund",
        status: StatusCode::from_u16(status).unwrap(),
        headers: &headers,
        body: &bytes::Bytes::from(body.to_owned()),
    })
}

fn error(kind: &str, code: &str) -> String {
    let code = match code {
        "" => String::new(),
        code => format!(r#""code":"{code}","#),
    };
    format!(r#"{{"error":{{"type":"{kind}",{code}"message":"m"}}}}"#)
}

/// Status, type, code, and the kind that it means; row by row as in the fact sheet.
#[test]
fn the_documented_errors() {
    const INVALID: &str = "invalid_request_error";
    let resource = Kind::RateLimited {
        scope: RateLimitScope::Resource,
        retry_after: None,
    };
    let cases = [
        (400, INVALID, "", Kind::InvalidRequest),
        (404, INVALID, "", Kind::InvalidRequest),
        (400, INVALID, "amount_too_small", Kind::InvalidRequest),
        (400, INVALID, "amount_too_large", Kind::InvalidRequest),
        (400, INVALID, "parameter_unknown", Kind::InvalidRequest),
        (400, INVALID, "parameter_missing", Kind::InvalidRequest),
        (404, INVALID, "resource_missing", Kind::NotFound),
        (400, INVALID, "resource_missing", Kind::NotFound),
        (400, "idempotency_error", "", Kind::IdempotencyMismatch),
        (401, INVALID, "", Kind::Unauthenticated),
        (401, INVALID, "api_key_expired", Kind::Unauthenticated),
        (
            401,
            INVALID,
            "platform_api_key_expired",
            Kind::Unauthenticated,
        ),
        (400, INVALID, "livemode_mismatch", Kind::Config),
        (400, INVALID, "testmode_charges_only", Kind::Config),
        (401, INVALID, "secret_key_required", Kind::Config),
        (402, "card_error", "card_declined", Kind::Declined),
        (402, "card_error", "", Kind::Declined),
        (403, INVALID, "", Kind::PermissionDenied),
        (
            409,
            INVALID,
            "idempotency_key_in_use",
            Kind::IdempotencyInFlight,
        ),
        (
            409,
            "idempotency_error",
            "idempotency_key_in_use",
            Kind::IdempotencyInFlight,
        ),
        (409, INVALID, "", Kind::Conflict),
        (424, "api_error", "", Kind::Unavailable),
        (429, INVALID, "lock_timeout", Kind::Conflict),
        (429, "rate_limit_error", "rate_limit", Kind::throttled()),
        (429, INVALID, "", Kind::throttled()),
        (400, INVALID, "rate_limit", Kind::throttled()),
        (500, "api_error", "", Kind::Unavailable),
        (502, "api_error", "", Kind::Unavailable),
        (503, "api_error", "", Kind::Unavailable),
        (504, "api_error", "", Kind::Unavailable),
        (
            400,
            INVALID,
            "payment_intent_unexpected_state",
            Kind::Conflict,
        ),
        (400, INVALID, "intent_invalid_state", Kind::Conflict),
        (400, INVALID, "charge_already_captured", Kind::Conflict),
        (400, INVALID, "charge_already_refunded", Kind::Conflict),
        (
            402,
            "card_error",
            "capture_charge_authorization_expired",
            Kind::Conflict,
        ),
        (400, INVALID, "charge_expired_for_capture", Kind::Conflict),
        (400, INVALID, "charge_disputed", Kind::Conflict),
        (400, INVALID, "refund_disputed_payment", Kind::Conflict),
        (400, INVALID, "charge_not_refundable", Kind::Conflict),
        (400, INVALID, "balance_insufficient", Kind::Conflict),
        (
            400,
            INVALID,
            "payment_intent_rate_limit_exceeded",
            resource.clone(),
        ),
        (
            402,
            "card_error",
            "card_decline_rate_limit_exceeded",
            resource,
        ),
        (418, "brand_new_error", "brand_new", Kind::Other),
    ];
    for (status, kind, code, expected) in cases {
        let failure = classify(status, &error(kind, code), &[]).unwrap();
        assert_eq!(failure.kind, expected, "{status} {kind} {code}");
        let known = if code.is_empty() { kind } else { code };
        assert_eq!(failure.vendor_code.as_deref(), Some(known));
    }
}

#[test]
fn retryable_errors_are_recognized() {
    let hint = |status, code: &str| {
        let failure = classify(status, &error("invalid_request_error", code), &[]).unwrap();
        (failure.hint.retry, failure.hint.before_work)
    };
    assert_eq!(
        hint(409, "idempotency_key_in_use"),
        (RetryDirective::Yes, false)
    );
    assert_eq!(hint(409, ""), (RetryDirective::Yes, false));
    assert_eq!(hint(429, "lock_timeout"), (RetryDirective::Yes, true));
    assert_eq!(hint(429, ""), (RetryDirective::Silent, true));
    assert_eq!(
        hint(400, "payment_intent_rate_limit_exceeded"),
        (RetryDirective::No, false)
    );
    assert_eq!(hint(400, ""), (RetryDirective::Silent, false));
}

#[test]
fn the_reason_of_a_limit_names_its_scope() {
    let scope = |reason| {
        let headers = [("stripe-rate-limited-reason", reason)];
        classify(429, &error("rate_limit_error", ""), &headers)
            .unwrap()
            .kind
    };
    for reason in [
        "global-rate",
        "endpoint-rate",
        "global-concurrency",
        "endpoint-concurrency",
    ] {
        assert_eq!(scope(reason), Kind::throttled(), "{reason}");
    }
    assert_ne!(scope("resource-specific"), Kind::throttled());
}

#[test]
fn rejections_that_are_outcomes_pass_to_the_domain() {
    let passes = |operation, status, code: &str| {
        let body = bytes::Bytes::from(error("card_error", code));
        StripeClassifier
            .classify(ResponseView {
                operation,
                status: StatusCode::from_u16(status).unwrap(),
                headers: &HeaderMap::new(),
                body: &body,
            })
            .is_none()
    };
    for operation in ["payment.create", "payment.capture", "payment.source.save"] {
        assert!(passes(operation, 402, "card_declined"), "{operation}");
        assert!(
            !passes(operation, 402, "card_decline_rate_limit_exceeded"),
            "{operation}"
        );
    }
    for operation in ["payment.capture", "payment.cancel"] {
        for code in STATE {
            assert!(passes(operation, 400, code), "{operation} {code}");
        }
        assert!(
            !passes(operation, 400, "charge_expired_for_capture"),
            "{operation}"
        );
    }
    assert!(!passes("payment.refund", 402, "card_declined"));
    assert!(!passes(
        "payment.create",
        400,
        "payment_intent_unexpected_state"
    ));
}

#[test]
fn the_header_decides_on_retrying() {
    let body = r#"{"error":{"type":"api_error","message":"m"}}"#;
    let yes = classify(500, body, &[("stripe-should-retry", "true")]).unwrap();
    let no = classify(500, body, &[("stripe-should-retry", "false")]).unwrap();
    assert_eq!(
        (yes.hint.retry, no.hint.retry),
        (RetryDirective::Yes, RetryDirective::No)
    );
}

#[test]
fn a_response_from_elsewhere_falls_back_to_its_status() {
    assert_eq!(
        classify(502, "<html>Bad Gateway</html>", &[]).unwrap().kind,
        Kind::Unavailable
    );
    let oauth = r#"{"error":"invalid_grant","error_description":"..."}"#;
    assert_eq!(
        classify(400, oauth, &[]).unwrap().kind,
        Kind::InvalidRequest
    );
}

#[test]
fn messages_are_scrubbed_of_personal_data_and_keys() {
    let body = r#"{"error":{"type":"invalid_request_error","message":"No such customer: 'ann@example.com'; sk_test_4eC39HqLyjWDarjtT1zdp7dc","param":"customer"}}"#;
    let failure = classify(400, body, &[]).unwrap();
    assert!(
        !failure.message.contains("ann@") && !failure.message.contains("4eC39"),
        "{}",
        failure.message
    );
    assert_eq!(failure.field, Some("customer"));
}
