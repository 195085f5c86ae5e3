//! Twilio's documented responses: what each one means, and how often a message is sent because of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use anyvendor_core::{
    Delivery, Error, Kind, RetryStop,
    error::{ProtocolReason, RateLimitScope},
    messaging::{MessageOutcome, MessagingProvider, RejectionReason},
};
use support::{Step, Vendor, fixture, queued, rejection, text};

async fn send(replies: Vec<Step>) -> (Result<MessageOutcome, Error>, usize) {
    let vendor = Vendor::scripted(replies).await;
    let outcome = vendor.provider().send(text()).await;
    (outcome, vendor.seen().len())
}

async fn refused(reply: Step) -> Error {
    failed(reply, Delivery::Refused).await
}

async fn failed(reply: Step, delivery: Delivery) -> Error {
    let (outcome, sent) = send(vec![reply]).await;
    let error = outcome.unwrap_err();
    assert_eq!((sent, error.delivery()), (1, delivery), "{error}");
    error
}

#[tokio::test]
async fn rejected_recipients_are_outcomes() {
    use RejectionReason as R;
    for (code, reason) in [
        (21211, R::InvalidRecipient),
        (21614, R::InvalidRecipient),
        (21612, R::InvalidRecipient),
        (63003, R::InvalidRecipient),
        (63024, R::InvalidRecipient),
        (21610, R::OptedOut),
        (63033, R::OptedOut),
        (21408, R::RegionBlocked),
    ] {
        let (outcome, sent) = send(vec![rejection(400, code)]).await;
        let MessageOutcome::Rejected(rejection) = outcome.unwrap() else {
            panic!("{code} was accepted");
        };
        assert_eq!(
            (&rejection.reason, rejection.vendor_code.as_deref(), sent),
            (&reason, Some(code.to_string().as_str()), 1)
        );
    }
    let (outcome, _) = send(vec![fixture("400_invalid_to")]).await;
    assert!(matches!(outcome, Ok(MessageOutcome::Rejected(_))));
}

#[tokio::test]
async fn codes_have_their_documented_kinds() {
    let spent = Kind::QuotaExhausted { resets_at: None };
    let cases: [(u16, &[u32], Kind, Option<&str>); 8] = [
        (401, &[20003], Kind::Unauthenticated, None),
        (403, &[30002], Kind::Config, Some("account_sid")),
        (404, &[20404], Kind::NotFound, None),
        (
            400,
            &[21212, 21606, 21703, 30032, 30034],
            Kind::Config,
            Some("from"),
        ),
        (400, &[21608, 63015], Kind::Config, Some("to")),
        (
            400,
            &[21617, 21620, 63013, 63016, 63021],
            Kind::InvalidRequest,
            Some("content"),
        ),
        (
            400,
            &[35111, 35115, 35117, 35118, 35126],
            Kind::InvalidRequest,
            Some("send_at"),
        ),
        (400, &[30023, 63038], spent, None),
    ];
    for (status, codes, kind, field) in cases {
        for code in codes {
            let error = refused(rejection(status, *code)).await;
            assert_eq!((error.kind(), error.field()), (&kind, field), "{error}");
            assert_eq!(error.vendor_code(), Some(code.to_string().as_str()));
            assert_eq!(error.status().unwrap().as_u16(), status);
        }
    }
    let error = refused(fixture("401_authenticate")).await;
    assert_eq!(error.kind(), &Kind::Unauthenticated);
    assert!(error.message().ends_with(": Authenticate"), "{error}");
}

#[tokio::test]
async fn statuses_decide_if_codes_do_not() {
    for (reply, kind) in [
        (fixture("400_without_code"), Kind::InvalidRequest),
        (rejection(400, 99_999), Kind::InvalidRequest),
        (Step::response(401, "<html>"), Kind::Unauthenticated),
    ] {
        let error = refused(reply).await;
        assert_eq!(error.kind(), &kind, "{error}");
    }
    // A gateway's response does not say what became of the message.
    for (reply, kind) in [
        (Step::response(403, "{}"), Kind::PermissionDenied),
        (Step::response(404, "[]"), Kind::NotFound),
        (
            Step::response(302, ""),
            Kind::Protocol(ProtocolReason::UnexpectedRedirect),
        ),
    ] {
        let error = failed(reply, Delivery::Unknown).await;
        assert_eq!(error.kind(), &kind, "{error}");
    }
    let reply = rejection(400, 21617).with_header("twilio-request-id", "RQ1");
    assert_eq!(refused(reply).await.request_id(), Some("RQ1"));
}

#[tokio::test]
async fn t01_unkeyed_write_is_sent_once() {
    for reply in [
        rejection(500, 20500),
        // A server error says nothing about the recipient.
        rejection(500, 21211),
        Step::response(502, ""),
        Step::response(503, ""),
        Step::response(504, ""),
        Step::response(500, "").with_header("retry-after", 1),
        Step::Close,
    ] {
        let shown = format!("{reply:?}");
        let (outcome, sent) = send(vec![reply]).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.delivery(), sent), (Delivery::Unknown, 1), "{shown}");
        assert_eq!(error.stop(), Some(RetryStop::NotIdempotent), "{shown}");
    }
}

#[tokio::test]
async fn tolerated_duplicates_are_sent_again() {
    for reply in [rejection(500, 20500), Step::Close] {
        let vendor = Vendor::scripted([reply]).await;
        let mut message = text();
        message.options = message.options.tolerating_duplicates();
        let outcome = vendor.provider().send(message).await.unwrap();
        assert!(matches!(outcome, MessageOutcome::Accepted(_)));
        assert_eq!(vendor.seen().len(), 2);
    }
}

#[tokio::test]
async fn requests_rejected_before_work_are_sent_again() {
    for (reply, least) in [
        (fixture("429_too_many"), 0),
        (Step::response(429, ""), 0),
        (fixture("429_too_many").with_header("retry-after", 7), 7),
        (rejection(400, 14107), 0),
        (rejection(400, 21611), 0),
        (rejection(400, 63018), 0),
        (rejection(400, 30022), 0),
        (rejection(400, 30001), 0),
        (Step::response(503, "").with_header("retry-after", 7), 7),
    ] {
        let shown = format!("{reply:?}");
        let vendor = Vendor::scripted([reply]).await;
        let outcome = vendor.provider().send(text()).await;
        assert!(outcome.is_ok(), "{shown}: {outcome:?}");
        assert_eq!(vendor.seen().len(), 2, "{shown}");
        assert!(vendor.clock.passed() >= Duration::from_secs(least));
    }
    for (code, scope) in [
        (20429, RateLimitScope::Vendor),
        (21611, RateLimitScope::Resource),
    ] {
        let vendor = Vendor::start(move |_| rejection(429, code)).await;
        let error = vendor.provider().send(text()).await.unwrap_err();
        let retry_after = None;
        assert_eq!(error.kind(), &Kind::RateLimited { scope, retry_after });
        assert_eq!(error.delivery(), Delivery::Refused);
    }
}

#[tokio::test]
async fn t14_a_malformed_success_is_a_success() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"sid":null}"#,
        r#"{"sid":"SM1","status":"queued"}"#,
        r#"{"sid":"../../x","status":"queued"}"#,
    ] {
        let error = failed(Step::response(201, body), Delivery::Accepted).await;
        let bad = Kind::Protocol(ProtocolReason::BadBody);
        assert_eq!(error.kind(), &bad, "{body}: {error}");
    }
    // The body is cut, so the message is unknown.
    let (outcome, sent) = send(vec![queued().cut()]).await;
    let error = outcome.unwrap_err();
    assert_eq!(sent, 1);
    assert!(error.status().unwrap().is_success(), "{error}");
    assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
    // Malformed details are ignored.
    let body = r#"{"sid":"SM00000000000000000000000000000004","status":7,"to":{},"num_segments":"many",
        "error_code":"x","date_created":"yesterday","date_sent":[],"new":{"a":1}}"#;
    let (outcome, sent) = send(vec![Step::response(201, body)]).await;
    let message = outcome.unwrap().into_accepted().unwrap();
    assert_eq!(
        (message.segments, message.created_at, sent),
        (None, None, 1)
    );
}
