//! The documented errors and decline codes, one by one.

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
    StripeClassifier.classify(AnswerView {
        operation: "payment.refund",
        status: StatusCode::from_u16(status).unwrap(),
        headers: &headers,
        body: &bytes::Bytes::from(body.to_owned()),
    })
}

#[test]
fn the_documented_errors() {
    let error = |kind: &str, code: &str| {
        format!(r#"{{"error":{{"type":"{kind}","code":"{code}","message":"m"}}}}"#)
    };
    let rate = Kind::throttled();
    let cases: [(u16, &str, &str, Kind); 22] = [
        (
            400,
            "invalid_request_error",
            "amount_too_small",
            Kind::InvalidRequest,
        ),
        (
            400,
            "invalid_request_error",
            "parameter_unknown",
            Kind::InvalidRequest,
        ),
        (
            404,
            "invalid_request_error",
            "resource_missing",
            Kind::NotFound,
        ),
        (400, "idempotency_error", "", Kind::IdempotencyMismatch),
        (401, "invalid_request_error", "", Kind::Unauthenticated),
        (
            401,
            "invalid_request_error",
            "api_key_expired",
            Kind::Unauthenticated,
        ),
        (
            400,
            "invalid_request_error",
            "livemode_mismatch",
            Kind::Config,
        ),
        (
            400,
            "invalid_request_error",
            "testmode_charges_only",
            Kind::Config,
        ),
        (
            401,
            "invalid_request_error",
            "secret_key_required",
            Kind::Config,
        ),
        (402, "card_error", "card_declined", Kind::Declined),
        (403, "invalid_request_error", "", Kind::PermissionDenied),
        (
            409,
            "idempotency_error",
            "idempotency_key_in_use",
            Kind::IdempotencyInFlight,
        ),
        (
            409,
            "invalid_request_error",
            "idempotency_key_in_use",
            Kind::IdempotencyInFlight,
        ),
        (424, "api_error", "", Kind::Unavailable),
        (429, "invalid_request_error", "lock_timeout", Kind::Conflict),
        (429, "rate_limit_error", "rate_limit", rate.clone()),
        (400, "invalid_request_error", "rate_limit", rate),
        (500, "api_error", "", Kind::Unavailable),
        (
            400,
            "invalid_request_error",
            "payment_intent_unexpected_state",
            Kind::Conflict,
        ),
        (
            400,
            "invalid_request_error",
            "charge_already_refunded",
            Kind::Conflict,
        ),
        (
            400,
            "invalid_request_error",
            "charge_disputed",
            Kind::Conflict,
        ),
        (
            400,
            "invalid_request_error",
            "capture_charge_authorization_expired",
            Kind::Conflict,
        ),
    ];
    for (status, kind, code, expected) in cases {
        let failure = classify(status, &error(kind, code), &[]).unwrap();
        assert_eq!(failure.kind, expected, "{status} {kind} {code}");
    }
}

#[test]
fn the_header_decides_on_retrying() {
    let body = r#"{"error":{"type":"api_error","message":"m"}}"#;
    let yes = classify(500, body, &[("stripe-should-retry", "true")]).unwrap();
    let no = classify(500, body, &[("stripe-should-retry", "false")]).unwrap();
    assert_eq!(
        (yes.hint.retry, no.hint.retry),
        (RetryWord::Yes, RetryWord::No)
    );
}

#[test]
fn an_answer_of_somebody_else_falls_back_to_its_status() {
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
fn messages_lose_what_names_a_person_or_a_key() {
    let body = r#"{"error":{"type":"invalid_request_error","message":"No such customer: 'ann@example.com'; sk_test_4eC39HqLyjWDarjtT1zdp7dc","param":"customer"}}"#;
    let failure = classify(400, body, &[]).unwrap();
    assert!(
        !failure.message.contains("ann@") && !failure.message.contains("4eC39"),
        "{}",
        failure.message
    );
    assert_eq!(failure.field, Some("customer"));
}

/// The vendor's list, with the group that the application is advised by.
const DOCUMENTED: [(DeclineGroup, &str); 6] = [
    (
        DeclineGroup::Hard,
        "do_not_try_again lost_card stolen_card pickup_card fraudulent merchant_blacklist \
         revocation_of_authorization revocation_of_all_authorizations stop_payment_order invalid_account \
         restricted_card security_violation",
    ),
    (
        DeclineGroup::FixData,
        "incorrect_number incorrect_cvc incorrect_zip incorrect_pin invalid_cvc invalid_expiry_month \
         invalid_expiry_year invalid_number invalid_pin expired_card new_account_information_available \
         offline_pin_required online_or_offline_pin_required",
    ),
    (
        DeclineGroup::NotSupported,
        "card_not_supported currency_not_supported invalid_amount not_permitted service_not_allowed \
         transaction_not_allowed pin_try_exceeded duplicate_transaction",
    ),
    (
        DeclineGroup::Soft,
        "insufficient_funds try_again_later processing_error reenter_transaction issuer_not_available \
         card_velocity_exceeded withdrawal_count_limit_exceeded do_not_honor generic_decline call_issuer \
         approve_with_id no_action_taken",
    ),
    (DeclineGroup::Authenticate, "authentication_required"),
    (DeclineGroup::Test, "testmode_decline"),
];

#[test]
fn all_47_decline_codes_are_known_and_grouped() {
    let mut count = 0;
    for (group, codes) in DOCUMENTED {
        for code in codes.split_whitespace() {
            let body = format!(
                r#"{{"error":{{"type":"card_error","code":"card_declined","decline_code":"{code}"}}}}"#
            );
            let ErrorBody { error } = serde_json::from_str(&body).unwrap();
            let decline = decline(&error);
            assert_eq!(decline.group, group, "{code}");
            assert!(!matches!(decline.code, DeclineCode::Other(_)), "{code}");
            assert_eq!(decline.vendor_code.as_deref(), Some(code));
            count += 1;
        }
    }
    assert_eq!(count, 47);
}

#[test]
fn unknown_codes_are_soft_and_advice_outranks_the_table() {
    let read = |body: &str| decline(&serde_json::from_str::<ErrorBody>(body).unwrap().error);
    let unknown = read(r#"{"error":{"type":"card_error","decline_code":"brand_new"}}"#);
    assert_eq!(
        (unknown.code, unknown.group),
        (DeclineCode::Other("brand_new".into()), DeclineGroup::Soft)
    );
    let advised = read(
        r#"{"error":{"type":"card_error","decline_code":"generic_decline","advice_code":"do_not_try_again"}}"#,
    );
    assert_eq!(advised.group, DeclineGroup::Hard);
    let without = read(r#"{"error":{"type":"card_error","code":"expired_card"}}"#);
    assert_eq!(without.code, DeclineCode::Expired);
}
