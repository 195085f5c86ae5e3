//! What cannot be sent is refused with the field named, before anything is sent.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_adapter_sendgrid::SendGridOptions;
use anyvendor_core::{
    Delivery, Kind,
    email::{
        Attachment, EmailContent, EmailMessage, EmailProvider, TemplateData, UnsubscribeGroup,
    },
    values::Metadata,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::{NOW, Vendor, address, message, text};

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn data(value: serde_json::Value) -> TemplateData {
    value.as_object().unwrap().clone()
}

#[derive(Clone)]
struct OfAnother;

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before() {
    let many = |count: usize| {
        (0..count)
            .map(|n| address(&format!("p{n}@example.com")))
            .collect::<Vec<_>>()
    };
    let note = |key: &str| text().with_metadata(Metadata::new().with(key, "x").unwrap());
    let file = |name: &str, kind: &str, content: &[u8]| {
        text().with_attachments(vec![Attachment::new(name, kind, content.to_vec())])
    };
    let inline = |cid: &str| {
        text().with_attachments(vec![
            Attachment::new("a.gif", "image/gif", &b"x"[..]).inline(cid),
        ])
    };
    let group = |id: &str| {
        text().with_unsubscribe_group(UnsubscribeGroup {
            id: id.into(),
            shown: Vec::new(),
        })
    };
    let later = |seconds: i64| text().with_send_at(now() + SignedDuration::from_secs(seconds));
    let pool =
        |name: &str| text().with_extension(SendGridOptions::default().with_ip_pool_name(name));
    let legacy = message(EmailContent::template("old", data(json!({"count": 1}))));
    let cases: Vec<(EmailMessage, Kind, Option<&str>)> = vec![
        (text().with_to(Vec::new()), Kind::InvalidRequest, Some("to")),
        (
            text().with_to(many(600)).with_cc(many(1001)),
            Kind::InvalidRequest,
            Some("to"),
        ),
        (
            message(EmailContent::text("Hello", "")),
            Kind::InvalidRequest,
            Some("content"),
        ),
        (
            message(EmailContent::text("", "Hi")),
            Kind::InvalidRequest,
            Some("subject"),
        ),
        (
            message(EmailContent::text("a\r\nBcc: b@example.com", "Hi")),
            Kind::InvalidRequest,
            Some("subject"),
        ),
        (
            message(EmailContent::template("", TemplateData::new())),
            Kind::InvalidRequest,
            Some("content"),
        ),
        (legacy, Kind::InvalidRequest, Some("content")),
        (
            text().with_header("X-Note", "a\r\nBcc: b"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            text().with_header("X-Note\r\nBcc", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            text().with_header("X Note", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            text().with_header("", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            text().with_header("CONTENT-type", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            text().with_header("dkim-Signature", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            text().with_header("X-A", "1").with_header("x-a", "2"),
            Kind::Unsupported,
            None,
        ),
        (
            text().with_tags((0..11).map(|n| n.to_string()).collect::<Vec<_>>()),
            Kind::InvalidRequest,
            Some("tags"),
        ),
        (
            text().with_tags(vec!["x".repeat(256)]),
            Kind::InvalidRequest,
            Some("tags"),
        ),
        (
            text().with_tags(vec![String::new()]),
            Kind::InvalidRequest,
            Some("tags"),
        ),
        (
            note("anyvendor_message_id"),
            Kind::InvalidRequest,
            Some("metadata"),
        ),
        (note("sg_event_id"), Kind::InvalidRequest, Some("metadata")),
        (note("nlvx_any"), Kind::InvalidRequest, Some("metadata")),
        (
            text().with_metadata(Metadata::new().with("a", "x".repeat(10_000)).unwrap()),
            Kind::InvalidRequest,
            Some("metadata"),
        ),
        (
            file("../a.txt", "text/plain", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            file("a\n.txt", "text/plain", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            file("", "text/plain", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            file("a.txt", "text/plain", b""),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            file("a.txt", "text", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            file("a.txt", "text/plain; charset=latin1", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            file("a.bin", "a/b", &vec![0; 22_500_000]),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (inline("<x>"), Kind::InvalidRequest, Some("attachments")),
        (inline(""), Kind::InvalidRequest, Some("attachments")),
        (
            group("news"),
            Kind::InvalidRequest,
            Some("unsubscribe_group"),
        ),
        (group("+1"), Kind::InvalidRequest, Some("unsubscribe_group")),
        (later(-1), Kind::InvalidRequest, Some("send_at")),
        (later(0), Kind::InvalidRequest, Some("send_at")),
        (later(72 * 3600 + 1), Kind::InvalidRequest, Some("send_at")),
        (pool("x"), Kind::InvalidRequest, Some("ip_pool_name")),
        (
            pool(&"x".repeat(65)),
            Kind::InvalidRequest,
            Some("ip_pool_name"),
        ),
        (text().with_extension(OfAnother), Kind::Unsupported, None),
        (
            pool("fast").with_extension(OfAnother),
            Kind::Unsupported,
            None,
        ),
    ];
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.provider();
    for (n, (message, kind, field)) in cases.into_iter().enumerate() {
        let error = provider.send(message).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&kind, field),
            "case {n}: {error}"
        );
        assert_eq!(error.delivery(), Delivery::NotSent, "case {n}: {error}");
    }
    assert!(vendor.seen().is_empty());
}
