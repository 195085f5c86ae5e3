//! SendGrid's documented responses: what each one means, and how often an email is sent because of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use anyvendor_core::{
    Delivery, Error, Kind, RetryStop, email::EmailProvider, error::RateLimitScope, values::Secret,
};
use anyvendor_testkit::clock::NOW;
use support::{Step, Vendor, fixture, text};

const THROTTLED: Kind = Kind::RateLimited {
    scope: RateLimitScope::Vendor,
    retry_after: None,
};
const SPENT: Kind = Kind::QuotaExhausted { resets_at: None };

async fn send(replies: Vec<Step>) -> (Error, usize) {
    let vendor = Vendor::scripted(replies).await;
    let error = vendor.provider().send(text()).await.unwrap_err();
    let mails = vendor
        .seen()
        .iter()
        .filter(|seen| seen.target == "/v3/mail/send")
        .count();
    (error, mails)
}

#[tokio::test]
async fn rejections_are_final() {
    let cases = [
        ("400_invalid_request", Kind::InvalidRequest, None),
        ("400_from", Kind::InvalidRequest, Some("from")),
        ("400_duplicate", Kind::InvalidRequest, Some("to")),
        ("401_authorization_required", Kind::Unauthenticated, None),
        ("401_credits", SPENT, None),
        ("403_access_forbidden", Kind::PermissionDenied, None),
        ("403_too_many_bad_requests", THROTTLED, None),
        ("404_not_found", Kind::NotFound, None),
        ("405_method_not_allowed", Kind::InvalidRequest, None),
        ("413_content_too_large", Kind::InvalidRequest, None),
    ];
    for (name, kind, field) in cases {
        let (error, mails) = send(vec![fixture(name), Step::response(404, "")]).await;
        assert_eq!(
            (error.kind(), error.field(), mails),
            (&kind, field, 1),
            "{name}: {error}"
        );
        assert_eq!(error.delivery(), Delivery::Refused, "{name}");
        assert!(
            !format!("{error} {error:?}").contains("canary"),
            "{error:?}"
        );
    }
    for (status, kind) in [
        (406, Kind::InvalidRequest),
        (415, Kind::InvalidRequest),
        (451, Kind::Config),
        (
            302,
            Kind::Protocol(anyvendor_core::error::ProtocolReason::UnexpectedRedirect),
        ),
    ] {
        let (error, mails) = send(vec![Step::response(status, "<html>")]).await;
        assert_eq!((error.kind(), mails), (&kind, 1), "{status}: {error}");
    }
    let (error, _) = send(vec![fixture("400_from")]).await;
    assert!(
        error
            .message()
            .contains("must at least have an 'email' parameter"),
        "{error}"
    );
    assert_eq!(error.vendor_code(), Some("from"));
    let (error, _) = send(vec![Step::response(451, "")]).await;
    assert_eq!(error.field(), Some("region"));
}

#[tokio::test]
async fn t01_unkeyed_write_is_sent_once() {
    let unavailable = |status| Step::response(status, "");
    for reply in [
        fixture("500_internal_server_error"),
        unavailable(502),
        unavailable(503),
        unavailable(504),
        Step::Close,
        fixture("500_internal_server_error").with_header("retry-after", 1),
    ] {
        let shown = format!("{reply:?}");
        let (error, mails) = send(vec![reply]).await;
        assert_eq!((error.delivery(), mails), (Delivery::Unknown, 1), "{shown}");
        assert_eq!(error.stop(), Some(RetryStop::NotIdempotent), "{shown}");
    }
}

#[tokio::test]
async fn tolerated_duplicates_are_sent_again() {
    for reply in [fixture("500_internal_server_error"), Step::Close] {
        let vendor = Vendor::scripted([reply]).await;
        let mut message = text();
        message.options = message.options.tolerating_duplicates();
        assert!(
            vendor
                .provider()
                .send(message)
                .await
                .unwrap()
                .all_accepted()
        );
        assert_eq!(vendor.seen().len(), 2);
    }
}

#[tokio::test]
async fn requests_rejected_before_work_are_sent_again() {
    for (reply, least) in [
        (fixture("429_too_many_requests"), 0),
        (
            fixture("429_too_many_requests").with_header("retry-after", 7),
            7,
        ),
        (Step::response(503, "").with_header("retry-after", 7), 7),
    ] {
        let vendor = Vendor::scripted([reply]).await;
        assert!(vendor.provider().send(text()).await.unwrap().all_accepted());
        assert_eq!(vendor.seen().len(), 2);
        assert!(vendor.clock.passed() >= Duration::from_secs(least));
    }
}

#[tokio::test]
async fn t05_reset_unit_is_declared() {
    let limited = |reset: i64| {
        fixture("429_too_many_requests")
            .with_header("x-ratelimit-limit", 600)
            .with_header("x-ratelimit-remaining", 0)
            .with_header("x-ratelimit-reset", reset)
    };
    for (reset, least, most) in [(NOW + 9, 9, 25), (NOW - 500_000, 0, 2)] {
        let vendor = Vendor::scripted([limited(reset)]).await;
        let provider = vendor.provider();
        provider.send(text()).await.unwrap();
        let waited = vendor.clock.passed();
        assert!(waited >= Duration::from_secs(least), "{reset}: {waited:?}");
        assert!(waited <= Duration::from_secs(most), "{reset}: {waited:?}");
        assert_eq!(provider.health().quota[0].limit, Some(600));
    }
    let (error, mails) = send(vec![limited(NOW + 3_600)]).await;
    assert_eq!(
        (error.delivery(), mails),
        (Delivery::Refused, 1),
        "too long to wait: {error}"
    );
    assert!(
        error.retry_after() >= Some(Duration::from_secs(3_590)),
        "{error:?}"
    );
}

#[tokio::test]
async fn spent_credits_name_their_reset() {
    let vendor = Vendor::scripted([fixture("401_credits"), fixture("200_credits")]).await;
    let error = vendor.provider().send(text()).await.unwrap_err();
    let resets_at = Some("2026-02-01T00:00:00Z".parse().unwrap());
    assert_eq!(error.kind(), &Kind::QuotaExhausted { resets_at });
    assert_eq!(
        (error.operation(), error.status().unwrap().as_u16()),
        (Some("email.send"), 401)
    );
    assert_eq!(
        (error.vendor(), error.delivery()),
        (Some("sendgrid"), Delivery::Refused)
    );
    let paths: Vec<_> = vendor.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(paths, ["/v3/mail/send", "/v3/user/credits"]);

    for useless in [
        r#"{"next_reset":"soon"}"#,
        r#"{"next_reset":null}"#,
        "[]",
        "",
    ] {
        let replies = vec![fixture("401_credits"), Step::response(200, useless)];
        assert_eq!(send(replies).await.0.kind(), &SPENT);
    }
}

#[tokio::test]
async fn the_key_is_checked_when_the_connection_is_built() {
    let vendor = Vendor::scripted([]).await;
    let mut config = vendor.config();
    config.api_key = Secret::new("sk_test_canary").into();
    let error = anyvendor_adapter_sendgrid::SendGrid::new(config).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Config, Some("api_key"))
    );
}
