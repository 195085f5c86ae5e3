//! Every documented group of issues, name and status, and the kind that it means.

use anyvendor_core::resilience::Hint;
use bytes::Bytes;
use serde_json::{Value, json};

use super::*;

fn judge(operation: &'static str, status: u16, body: &Value) -> Option<Failure> {
    let body = Bytes::from(body.to_string());
    PayPalClassifier.classify(ResponseView {
        operation,
        status: StatusCode::from_u16(status).unwrap(),
        headers: &HeaderMap::new(),
        body: &body,
    })
}

/// As PayPal documents a refusal.
fn refusal(issues: &[&str]) -> Value {
    let details: Vec<Value> = issues
        .iter()
        .map(|issue| json!({"field": "/purchase_units/0/amount/value", "issue": issue, "description": "d"}))
        .collect();
    json!({
        "name": "UNPROCESSABLE_ENTITY",
        "message": "The requested action could not be performed, semantically incorrect, or failed business validation.",
        "debug_id": "f7707100bc347", "details": details, "links": [],
    })
}

#[test]
fn every_issue_has_its_kind() {
    for (kind, issues) in [
        (
            Kind::Declined,
            "INSTRUMENT_DECLINED PAYER_CANNOT_PAY TRANSACTION_REFUSED CARD_EXPIRED PAYMENT_SOURCE_DECLINED_BY_PROCESSOR \
             ALIAS_DECLINED_BY_PROCESSOR AUTHORIZATION_DENIED DECLINED_DUE_TO_RELATED_TXN REFERENCED_CARD_EXPIRED \
             TRANSACTION_BLOCKED_BY_PAYEE PAYER_ACCOUNT_LOCKED_OR_CLOSED PAYER_ACCOUNT_RESTRICTED COMPLIANCE_VIOLATION",
        ),
        (
            Kind::Conflict,
            "ORDER_ALREADY_CAPTURED ORDER_ALREADY_AUTHORIZED ORDER_ALREADY_COMPLETED AUTHORIZATION_ALREADY_CAPTURED \
             PREVIOUSLY_CAPTURED AUTHORIZATION_VOIDED PREVIOUSLY_VOIDED CAPTURE_FULLY_REFUNDED DUPLICATE_INVOICE_ID \
             AUTHORIZATION_EXPIRED ORDER_EXPIRED TOKEN_EXPIRED PAYPAL_TRANSACTION_ID_EXPIRED REFUND_TIME_LIMIT_EXCEEDED \
             MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED MAX_CAPTURE_COUNT_EXCEEDED MAX_AUTHORIZATION_COUNT_EXCEEDED \
             MAX_NUMBER_OF_REFUNDS_EXCEEDED TRANSACTION_LIMIT_EXCEEDED TRANSACTION_RECEIVING_LIMIT_EXCEEDED \
             TRANSACTION_DISPUTED REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK REFUND_FAILED_INSUFFICIENT_FUNDS PENDING_CAPTURE \
             PARTIAL_REFUND_NOT_ALLOWED REFUND_NOT_ALLOWED REFUND_IS_RESTRICTED PAYER_ACTION_REQUIRED ORDER_NOT_APPROVED \
             REDIRECT_PAYER_FOR_ALTERNATE_FUNDING CONSENT_NEEDED",
        ),
        (
            Kind::IdempotencyInFlight,
            "ORDER_COMPLETION_IN_PROGRESS PREVIOUS_REQUEST_IN_PROGRESS",
        ),
        (
            Kind::InvalidRequest,
            "DECIMALS_NOT_SUPPORTED DECIMAL_PRECISION CURRENCY_MISMATCH AUTH_CAPTURE_CURRENCY_MISMATCH \
             REFUND_CAPTURE_CURRENCY_MISMATCH INVALID_CURRENCY_CODE REFUND_AMOUNT_EXCEEDED REFUND_AMOUNT_TOO_LOW \
             MAX_CAPTURE_AMOUNT_EXCEEDED MAX_VALUE_EXCEEDED CANNOT_BE_ZERO_OR_NEGATIVE AMOUNT_MISMATCH \
             PAYPAL_REQUEST_ID_REQUIRED ACTION_DOES_NOT_MATCH_INTENT",
        ),
        (
            Kind::PermissionDenied,
            "PERMISSION_DENIED NOT_ENABLED_FOR_CARD_PROCESSING NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE \
             PAYEE_ACCOUNT_RESTRICTED PAYEE_ACCOUNT_LOCKED_OR_CLOSED PAYEE_ACCOUNT_INVALID AUTH_CAPTURE_NOT_ENABLED \
             INVALID_ACCOUNT_STATUS",
        ),
    ] {
        for issue in issues.split_whitespace() {
            let failure = judge("other", 422, &refusal(&[issue])).unwrap();
            assert_eq!(failure.kind, kind, "{issue}");
            assert_eq!(failure.vendor_code.as_deref(), Some(issue));
            let expected = Hint {
                authentic: true,
                ..Hint::NONE
            };
            assert_eq!(failure.hint, expected, "{issue}");
            if kind == Kind::InvalidRequest {
                assert_eq!(failure.field, Some("amount"), "{issue}");
            }
        }
    }
}

#[test]
fn of_several_issues_the_gravest_counts() {
    let failure = judge(
        "other",
        422,
        &refusal(&["DECIMAL_PRECISION", "INSTRUMENT_DECLINED"]),
    )
    .unwrap();
    assert_eq!(failure.vendor_code.as_deref(), Some("INSTRUMENT_DECLINED"));
    let done = ["ORDER_NOT_APPROVED", "ORDER_ALREADY_CAPTURED"];
    let failure = judge("other", 422, &refusal(&done)).unwrap();
    assert_eq!(
        failure.vendor_code.as_deref(),
        Some("ORDER_ALREADY_CAPTURED")
    );
}

#[test]
fn outcomes_pass_only_for_their_operations() {
    for (operation, issue, passes) in [
        ("payment.create", "INSTRUMENT_DECLINED", true),
        ("payment.create", "PAYER_ACTION_REQUIRED", true),
        ("payment.create", "DUPLICATE_INVOICE_ID", false),
        ("payment.confirm", "ORDER_ALREADY_CAPTURED", true),
        ("payment.confirm", "ORDER_EXPIRED", true),
        ("payment.confirm", "ORDER_COMPLETION_IN_PROGRESS", false),
        ("payment.capture", "AUTHORIZATION_ALREADY_CAPTURED", true),
        ("payment.capture", "MAX_CAPTURE_AMOUNT_EXCEEDED", false),
        ("payment.cancel", "PREVIOUSLY_VOIDED", true),
        ("payment.cancel", "INSTRUMENT_DECLINED", false),
        ("payment.refund", "CAPTURE_FULLY_REFUNDED", false),
        ("payment.refund", "REFUND_AMOUNT_EXCEEDED", false),
    ] {
        let failure = judge(operation, 422, &refusal(&[issue]));
        assert_eq!(failure.is_none(), passes, "{operation} {issue}");
    }
}

#[test]
fn names_and_statuses_without_an_issue() {
    let named = |name: &str| json!({"name": name, "message": "m", "debug_id": "d"});
    for (status, body, kind) in [
        (400, named("INVALID_REQUEST"), Kind::InvalidRequest),
        (401, named("AUTHENTICATION_FAILURE"), Kind::Unauthenticated),
        (403, named("NOT_AUTHORIZED"), Kind::PermissionDenied),
        (404, named("RESOURCE_NOT_FOUND"), Kind::NotFound),
        (409, named("RESOURCE_CONFLICT"), Kind::Conflict),
        (415, named("UNSUPPORTED_MEDIA_TYPE"), Kind::InvalidRequest),
        (429, named("RATE_LIMIT_REACHED"), Kind::throttled()),
        (500, named("INTERNAL_SERVER_ERROR"), Kind::Unavailable),
        (503, named("SERVICE_UNAVAILABLE"), Kind::Unavailable),
        (
            401,
            json!({"error": "invalid_token", "error_description": "d"}),
            Kind::Unauthenticated,
        ),
        (
            401,
            json!({"error": "invalid_client", "error_description": "d"}),
            Kind::Unauthenticated,
        ),
    ] {
        let failure = judge("payment.create", status, &body).unwrap();
        assert_eq!(failure.kind, kind, "{status} {body}");
    }
    let broken = judge("payment.create", 500, &refusal(&["INSTRUMENT_DECLINED"]));
    assert_eq!(broken.unwrap().kind, Kind::Unavailable);
    // No body of PayPal's: a proxy on the way.
    let failure = judge("payment.create", 502, &json!("<html>")).unwrap();
    assert_eq!(failure.kind, Kind::Unavailable);
}

#[test]
fn fields_have_neutral_names() {
    for (pointer, field) in [
        ("/purchase_units/0/amount/value", Some("amount")),
        (
            "/payment_source/paypal/experience_context/return_url",
            Some("return_url"),
        ),
        ("/payment_source/card/vault_id", Some("source")),
        ("/purchase_units/0/invoice_id", Some("unique_reference")),
        (
            "/purchase_units/0/soft_descriptor",
            Some("statement_descriptor"),
        ),
        ("/intent", None),
    ] {
        assert_eq!(field_of(pointer), field, "{pointer}");
    }
}
