//! One message: the exact bodies that are sent, and the messages that are rejected before anything is sent.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_adapter_sendgrid::{GoogleAnalytics, SendGridOptions};
use anyvendor_core::{
    Delivery, Kind,
    email::{
        Attachment, EmailContent, EmailProvider, RecipientStatus, RejectReason, TemplateData,
        Tracking, UnsubscribeGroup,
    },
    values::Metadata,
};
use anyvendor_testkit::clock::NOW;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::{Step, Vendor, accepted, address, message, text};

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn data(value: serde_json::Value) -> TemplateData {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn plain_text() {
    let vendor = Vendor::scripted([accepted("abc.def")]).await;
    let outcome = vendor.provider().send(text()).await.unwrap();
    assert_eq!(outcome.id.unwrap().to_string(), "sendgrid:abc.def");
    assert!(matches!(
        outcome.recipients[0].status,
        RecipientStatus::Accepted
    ));
    assert_eq!(outcome.recipients[0].reference.as_str(), "ref-1");
    let seen = vendor.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/v3/mail/send")
    );
    assert_eq!(seen.headers["authorization"], "Bearer SG.test.key");
    assert_eq!(seen.headers["accept"], "application/json");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert_eq!(
        seen.json(),
        json!({
            "personalizations": [
                {"to": [{"email": "ann@example.com"}], "custom_args": {"anyvendor_message_id": "ref-1"}},
            ],
            "from": {"email": "shop@example.com", "name": "Shop"},
            "subject": "Hello",
            "content": [{"type": "text/plain", "value": "Hi Ann"}],
        })
    );
}

#[tokio::test]
async fn everything_at_once() {
    let vendor = Vendor::scripted([Step::response(
        201,
        r#"{"batch_id":"HkJ5yLYULb7Rj8GKSx7u025ouWVlMgAi"}"#,
    )])
    .await;
    let config = vendor.config().with_sandbox_mode(true);
    let message = message(EmailContent::html("Hello", "<img src=\"cid:logo\">", "Hi"))
        .with_to(vec![
            address("Ann <ann@example.com>"),
            address("ANN@example.com"),
        ])
        .with_cc(vec![
            address("\"Doe, \\\"Jane\\\"\" <jane@example.com>"),
            address("ann@example.com"),
        ])
        .with_bcc(vec![
            address("bob@example.com"),
            address("Jane@Example.com"),
        ])
        .with_reply_to(vec![
            address("\"Help, Desk\" <help@example.com>"),
            address("office@example.com"),
        ])
        .with_attachments(vec![
            Attachment::new(
                "größe.txt",
                "text/plain; charset=UTF-8",
                "Ünïcödé".as_bytes().to_vec(),
            ),
            Attachment::new("logo.gif", "image/gif", &b"GIF89a"[..]).inline("logo"),
        ])
        .with_header("X-Order", "1001")
        .with_tags(vec!["receipt".into(), "shop".into(), "receipt".into()])
        .with_metadata(Metadata::new().with("order", "1001").unwrap())
        .with_send_at(now() + SignedDuration::from_hours(1))
        .with_tracking(Tracking {
            opens: Some(true),
            clicks: Some(false),
        })
        .with_unsubscribe_group(UnsubscribeGroup {
            id: "123".into(),
            shown: vec!["123".into(), "4".into()],
        })
        .with_extension(
            SendGridOptions::default()
                .with_ip_pool_name("fast")
                .bypassing_list_management()
                .with_google_analytics(GoogleAnalytics {
                    source: Some("shop".into()),
                    ..GoogleAnalytics::default()
                }),
        );
    let outcome = vendor.build(config).send(message).await.unwrap();
    assert_eq!(
        outcome.schedule.unwrap().0.to_string(),
        "sendgrid:HkJ5yLYULb7Rj8GKSx7u025ouWVlMgAi"
    );
    assert_eq!(
        outcome.recipients.len(),
        6,
        "one entry for each that was asked for"
    );
    let seen = vendor.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (seen[0].method.as_str(), seen[0].target.as_str()),
        ("POST", "/v3/mail/batch")
    );
    assert_eq!(seen[0].headers["content-length"], "0");
    assert_eq!(
        seen[1].json(),
        json!({
            "personalizations": [{
                "to": [{"email": "ann@example.com", "name": "Ann"}],
                "cc": [{"email": "jane@example.com", "name": "\"Doe, \\\"Jane\\\"\""}],
                "bcc": [{"email": "bob@example.com"}],
                "custom_args": {"anyvendor_message_id": "ref-1", "order": "1001"},
            }],
            "from": {"email": "shop@example.com", "name": "Shop"},
            "reply_to_list": [
                {"email": "help@example.com", "name": "Help, Desk"},
                {"email": "office@example.com"},
            ],
            "subject": "Hello",
            "content": [
                {"type": "text/plain", "value": "Hi"},
                {"type": "text/html", "value": "<img src=\"cid:logo\">"},
            ],
            "attachments": [
                {"content": "w5xuw69jw7Zkw6k=", "type": "text/plain", "filename": "größe.txt", "disposition": "attachment"},
                {"content": "R0lGODlh", "type": "image/gif", "filename": "logo.gif", "disposition": "inline", "content_id": "logo"},
            ],
            "headers": {"X-Order": "1001"},
            "categories": ["receipt", "shop"],
            "send_at": NOW + 3600,
            "batch_id": "HkJ5yLYULb7Rj8GKSx7u025ouWVlMgAi",
            "asm": {"group_id": 123, "groups_to_display": [123, 4]},
            "ip_pool_name": "fast",
            "mail_settings": {"bypass_list_management": {"enable": true}, "sandbox_mode": {"enable": true}},
            "tracking_settings": {
                "click_tracking": {"enable": false},
                "open_tracking": {"enable": true},
                "ganalytics": {"enable": true, "utm_source": "shop"},
            },
        })
    );
}

#[tokio::test]
async fn templates() {
    let vendor = Vendor::scripted([]).await;
    let filled = json!({"name": "Ann", "items": [1, {"deep": null}]});
    let dynamic = message(EmailContent::template("d-1", data(filled.clone())));
    vendor
        .provider()
        .send(dynamic.with_reply_to(vec![address("a@example.com")]))
        .await
        .unwrap();
    let legacy = EmailContent::template("old", data(json!({"name": "Ann", "none": null})));
    vendor
        .provider()
        .send(message(legacy.clone()))
        .await
        .unwrap();
    let marks = SendGridOptions::default().with_substitution_marks("-", "-");
    vendor
        .provider()
        .send(message(legacy).with_extension(marks))
        .await
        .unwrap();

    let seen: Vec<_> = vendor.seen().iter().map(|seen| seen.json()).collect();
    let args = json!({"anyvendor_message_id": "ref-1"});
    let to = json!([{"email": "ann@example.com"}]);
    let from = json!({"email": "shop@example.com", "name": "Shop"});
    assert_eq!(
        seen[0],
        json!({
            "personalizations": [{"to": to, "dynamic_template_data": filled, "custom_args": args}],
            "from": from, "reply_to": {"email": "a@example.com"}, "template_id": "d-1",
        })
    );
    for (body, tags) in [
        (&seen[1], json!({"name": "Ann", "none": null})),
        (&seen[2], json!({"-name-": "Ann", "-none-": null})),
    ] {
        assert_eq!(
            *body,
            json!({
                "personalizations": [{"to": to, "substitutions": tags, "custom_args": args}],
                "from": from, "template_id": "old",
            })
        );
    }
}

#[tokio::test]
async fn empty_parts_are_left_out() {
    let vendor = Vendor::scripted([]).await;
    let html = message(EmailContent::html("Hello", "<p>Hi</p>", ""));
    vendor.provider().send(html).await.unwrap();
    assert_eq!(
        vendor.only().json()["content"],
        json!([{"type": "text/html", "value": "<p>Hi</p>"}])
    );
}

#[tokio::test]
async fn a_rejected_address_is_an_outcome() {
    let refused = r#"{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.cc.0.email","help":null}]}"#;
    let vendor = Vendor::scripted([Step::response(400, refused)]).await;
    let message = text()
        .with_cc(vec![address("bad@example.com")])
        .with_bcc(vec![address("BAD@example.com")]);
    let outcome = vendor.provider().send(message).await.unwrap();
    assert!(outcome.id.is_none());
    let RecipientStatus::NotSent(error) = &outcome.recipients[0].status else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::InvalidRequest, Delivery::Refused)
    );
    for twice in &outcome.recipients[1..] {
        assert!(matches!(
            twice.status,
            RecipientStatus::Rejected(RejectReason::InvalidAddress)
        ));
    }
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn any_2xx_is_a_yes() {
    let replies = [
        (Step::response(202, ""), None),
        (
            Step::response(200, "").with_header("x-message-id", " "),
            None,
        ),
        (
            Step::response(202, "not json").with_header("x-message-id", "a"),
            Some("sendgrid:a"),
        ),
        (accepted("b").cut(), Some("sendgrid:b")),
    ];
    for (reply, id) in replies {
        let vendor = Vendor::scripted([reply]).await;
        let outcome = vendor.provider().send(text()).await.unwrap();
        assert!(outcome.all_accepted());
        assert_eq!(outcome.id.map(|id| id.to_string()).as_deref(), id);
        vendor.only();
    }
}
