//! Verification codes: the requests, and what each response of Verify means.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_core::{
    Delivery, Error, Kind,
    error::{ProtocolReason, RateLimitScope},
    messaging::{
        CheckVerification, StartVerification, Verification, VerificationChannel,
        VerificationProvider, VerificationStatus,
    },
    values::{Secret, VendorId},
};
use support::{Step, VERIFICATION, VERIFY_SERVICE, Vendor, fixture, phone, rejection};

fn verification() -> VendorId {
    VendorId::new("twilio", VERIFICATION).unwrap()
}

fn request() -> StartVerification {
    StartVerification::new(phone("+15550109999"))
}

async fn check(replies: Vec<Step>) -> (Result<VerificationStatus, Error>, usize) {
    let vendor = Vendor::scripted(replies).await;
    let request = CheckVerification::new(verification(), Secret::new("123456"));
    let outcome = vendor.provider().check(request).await;
    (outcome, vendor.seen().len())
}

#[tokio::test]
async fn a_code_is_sent_and_checked() {
    let replies = [fixture("201_verification"), fixture("200_approved")];
    let vendor = Vendor::scripted(replies).await;
    let provider = vendor.provider();
    let started = provider.start(request()).await.unwrap();
    assert_eq!(
        started,
        Verification::new(verification(), VerificationStatus::Pending)
    );
    let code = CheckVerification::new(started.id, Secret::new("123456"));
    let status = provider.check(code).await.unwrap();
    assert_eq!(status, VerificationStatus::Approved);
    let seen: Vec<_> = vendor
        .seen()
        .iter()
        .map(|seen| format!("{} {}", seen.line(), String::from_utf8_lossy(&seen.body)))
        .collect();
    let service = format!("POST /v2/Services/{VERIFY_SERVICE}");
    assert_eq!(
        seen,
        [
            format!("{service}/Verifications To=%2B15550109999&Channel=sms"),
            format!("{service}/VerificationCheck VerificationSid={VERIFICATION}&Code=123456"),
        ]
    );
}

#[tokio::test]
async fn channel_and_language_are_sent() {
    for (channel, word) in [
        (VerificationChannel::WhatsApp, "whatsapp"),
        (VerificationChannel::Call, "call"),
    ] {
        let vendor = Vendor::scripted([fixture("201_verification")]).await;
        let request = request()
            .with_channel(channel)
            .with_locale("pt-BR".to_owned());
        vendor.provider().start(request).await.unwrap();
        let body = vendor.only().body;
        let expected = format!("To=%2B15550109999&Channel={word}&Locale=pt-BR");
        assert_eq!(std::str::from_utf8(&body).unwrap(), expected);
    }
}

#[tokio::test]
async fn responses_to_a_check_are_statuses() {
    use VerificationStatus as S;
    let status = |word: &str| {
        let body = format!(r#"{{"sid":"{VERIFICATION}","status":"{word}","valid":false}}"#);
        Step::response(200, body)
    };
    for (reply, expected) in [
        (fixture("200_approved"), S::Approved),
        (fixture("200_pending"), S::Pending),
        (rejection(404, 20404), S::Gone),
        (rejection(429, 60202), S::TooManyAttempts),
        (status("max_attempts_reached"), S::TooManyAttempts),
        (status("canceled"), S::Gone),
        (status("expired"), S::Gone),
        (status("deleted"), S::Gone),
        (status("malformed"), S::Other("malformed".to_owned())),
    ] {
        let shown = format!("{reply:?}");
        let (outcome, sent) = check(vec![reply]).await;
        assert_eq!((outcome.unwrap(), sent), (expected, 1), "{shown}");
    }
}

#[tokio::test]
async fn a_check_that_may_have_counted_is_not_repeated() {
    for reply in [Step::response(500, ""), Step::Close] {
        let (outcome, sent) = check(vec![reply]).await;
        assert_eq!(
            (outcome.unwrap_err().delivery(), sent),
            (Delivery::Unknown, 1)
        );
    }
    let (outcome, _) = check(vec![rejection(400, 60200)]).await;
    assert_eq!(outcome.unwrap_err().kind(), &Kind::InvalidRequest);
}

#[tokio::test]
async fn rejections_of_a_start_are_errors() {
    let too_many = Kind::RateLimited {
        scope: RateLimitScope::Resource,
        retry_after: None,
    };
    for (reply, kind, field) in [
        (rejection(400, 60200), Kind::InvalidRequest, None),
        (rejection(429, 60203), too_many.clone(), Some("to")),
        (rejection(429, 60202), too_many.clone(), Some("to")),
        (rejection(401, 20003), Kind::Unauthenticated, None),
        (
            rejection(404, 20404),
            Kind::Config,
            Some("verify_service_sid"),
        ),
        (
            Step::response(201, r#"{"sid":"VE1"}"#),
            Kind::Protocol(ProtocolReason::BadBody),
            None,
        ),
    ] {
        let vendor = Vendor::scripted([reply]).await;
        let error = vendor.provider().start(request()).await.unwrap_err();
        assert_eq!((error.kind(), error.field()), (&kind, field), "{error}");
        assert_eq!(vendor.seen().len(), 1, "{error}");
    }
    let replies = [rejection(429, 60212), fixture("201_verification")];
    let vendor = Vendor::scripted(replies).await;
    vendor.provider().start(request()).await.unwrap();
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn a_second_code_is_harmless() {
    let replies = [Step::Close, fixture("201_verification")];
    let vendor = Vendor::scripted(replies).await;
    vendor.provider().start(request()).await.unwrap();
    assert_eq!(vendor.seen().len(), 2);
}
