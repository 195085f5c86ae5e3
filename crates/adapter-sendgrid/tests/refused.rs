//! Messages that cannot be sent are rejected before anything is sent, and the error names the field.
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
use anyvendor_testkit::clock::NOW;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::{Vendor, address, message, text};

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn data(value: serde_json::Value) -> TemplateData {
    value.as_object().unwrap().clone()
}

#[derive(Clone)]
struct OfAnother;

#[tokio::test]
async fn invalid_messages_are_rejected_before_anything_is_sent() {
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
    let cases: Vec<(&str, EmailMessage, Kind, Option<&str>)> = vec![
        (
            "no recipient",
            text().with_to(Vec::new()),
            Kind::InvalidRequest,
            Some("to"),
        ),
        (
            "more than 1000 recipients",
            text().with_to(many(600)).with_cc(many(1001)),
            Kind::InvalidRequest,
            Some("to"),
        ),
        (
            "an empty text",
            message(EmailContent::text("Hello", "")),
            Kind::InvalidRequest,
            Some("content"),
        ),
        (
            "an empty subject",
            message(EmailContent::text("", "Hi")),
            Kind::InvalidRequest,
            Some("subject"),
        ),
        (
            "a line break in the subject",
            message(EmailContent::text("a\r\nBcc: b@example.com", "Hi")),
            Kind::InvalidRequest,
            Some("subject"),
        ),
        (
            "an empty template id",
            message(EmailContent::template("", TemplateData::new())),
            Kind::InvalidRequest,
            Some("content"),
        ),
        (
            "a number for a legacy template",
            legacy,
            Kind::InvalidRequest,
            Some("content"),
        ),
        (
            "a line break in a header's value",
            text().with_header("X-Note", "a\r\nBcc: b"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            "a line break in a header's name",
            text().with_header("X-Note\r\nBcc", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            "a space in a header's name",
            text().with_header("X Note", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            "an empty header name",
            text().with_header("", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            "a header of the vendor's own",
            text().with_header("CONTENT-type", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            "another header of the vendor's own",
            text().with_header("dkim-Signature", "a"),
            Kind::InvalidRequest,
            Some("headers"),
        ),
        (
            "a header twice",
            text().with_header("X-A", "1").with_header("x-a", "2"),
            Kind::Unsupported,
            None,
        ),
        (
            "11 tags",
            text().with_tags((0..11).map(|n| n.to_string()).collect::<Vec<_>>()),
            Kind::InvalidRequest,
            Some("tags"),
        ),
        (
            "a tag of 256 characters",
            text().with_tags(vec!["x".repeat(256)]),
            Kind::InvalidRequest,
            Some("tags"),
        ),
        (
            "an empty tag",
            text().with_tags(vec![String::new()]),
            Kind::InvalidRequest,
            Some("tags"),
        ),
        (
            "metadata under our reference's name",
            note("anyvendor_message_id"),
            Kind::InvalidRequest,
            Some("metadata"),
        ),
        (
            "metadata under an event's field",
            note("sg_event_id"),
            Kind::InvalidRequest,
            Some("metadata"),
        ),
        (
            "metadata under a reserved prefix",
            note("nlvx_any"),
            Kind::InvalidRequest,
            Some("metadata"),
        ),
        (
            "metadata of more than 10000 bytes",
            text().with_metadata(Metadata::new().with("a", "x".repeat(10_000)).unwrap()),
            Kind::InvalidRequest,
            Some("metadata"),
        ),
        (
            "a path in a file name",
            file("../a.txt", "text/plain", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "a line break in a file name",
            file("a\n.txt", "text/plain", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "an empty file name",
            file("", "text/plain", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "an empty file",
            file("a.txt", "text/plain", b""),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "an invalid media type",
            file("a.txt", "text", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "a text in another charset",
            file("a.txt", "text/plain; charset=latin1", b"x"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "a request of more than 30 MB",
            file("a.bin", "a/b", &vec![0; 22_500_000]),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "brackets in a content id",
            inline("<x>"),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "an empty content id",
            inline(""),
            Kind::InvalidRequest,
            Some("attachments"),
        ),
        (
            "a group that is not a number",
            group("news"),
            Kind::InvalidRequest,
            Some("unsubscribe_group"),
        ),
        (
            "a group with a sign",
            group("+1"),
            Kind::InvalidRequest,
            Some("unsubscribe_group"),
        ),
        (
            "a time in the past",
            later(-1),
            Kind::InvalidRequest,
            Some("send_at"),
        ),
        (
            "the present time",
            later(0),
            Kind::InvalidRequest,
            Some("send_at"),
        ),
        (
            "more than 72 hours ahead",
            later(72 * 3600 + 1),
            Kind::InvalidRequest,
            Some("send_at"),
        ),
        (
            "a pool name of 1 character",
            pool("x"),
            Kind::InvalidRequest,
            Some("ip_pool_name"),
        ),
        (
            "a pool name of 65 characters",
            pool(&"x".repeat(65)),
            Kind::InvalidRequest,
            Some("ip_pool_name"),
        ),
        (
            "an extension of another vendor",
            text().with_extension(OfAnother),
            Kind::Unsupported,
            Some("extensions"),
        ),
        (
            "an extension of another vendor next to ours",
            pool("fast").with_extension(OfAnother),
            Kind::Unsupported,
            Some("extensions"),
        ),
    ];
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.provider();
    for (name, message, kind, field) in cases {
        let error = provider.send(message).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&kind, field),
            "{name}: {error}"
        );
        assert_eq!(error.delivery(), Delivery::NotSent, "{name}: {error}");
    }
    assert!(vendor.seen().is_empty());
}
