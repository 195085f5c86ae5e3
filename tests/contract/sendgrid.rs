//! The requests of the SendGrid adapter: its conformance suite, and every optional field.

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_sendgrid::{GoogleAnalytics, SendGrid, SendGridConfig, SendGridOptions};
use anyvendor_conformance::email;
use anyvendor_core::{
    email::{
        Attachment, BulkEmail, BulkRecipient, CancelScheduled, EmailContent, EmailMessage,
        EmailProvider, ScheduleHandle, TemplateData, Tracking, UnsubscribeGroup,
    },
    resilience::{Clock, Policy},
    values::{EmailAddress, Metadata, Secret, VendorId},
};
use anyvendor_http::SystemClock;
use jiff::SignedDuration;
use serde_json::json;

use super::record::{Recorded, Recorder};

#[path = "../../crates/adapter-sendgrid/tests/harness/mod.rs"]
mod harness;

use harness::{TEMPLATE, harness, sandbox};

/// The requests of the suite.
pub(crate) async fn suite() -> Vec<Recorded> {
    let sandbox = sandbox().await;
    let recorder = Recorder::over_network();
    let config = SendGridConfig::new(Secret::new(sandbox.sendgrid().key()))
        .with_local_base_url(sandbox.sendgrid().url());
    let provider = build(config, &recorder);
    email::run(&harness(Arc::new(provider)))
        .await
        .assert_passed(13);
    sandbox.shutdown().await;
    recorder.seen()
}

/// The requests with every optional field set, and those of paths that the suite does not take.
pub(crate) async fn everything() -> Vec<Recorded> {
    let sandbox = sandbox().await;
    let recorder = Recorder::over_network();
    let config = SendGridConfig::new(Secret::new(sandbox.sendgrid().key()))
        .with_local_base_url(sandbox.sendgrid().url())
        .with_sandbox_mode(true);
    let provider = build(config, &recorder);
    assert!(provider.send(whole()).await.unwrap().all_accepted());
    let later = templated().with_send_at(SystemClock.wall() + SignedDuration::from_hours(1));
    let people = (0..3).map(person).collect();
    provider
        .send_bulk(BulkEmail::new(later, people))
        .await
        .unwrap();
    let marked = message(EmailContent::text("For -name-", "Hi -name-"))
        .with_extension(SendGridOptions::default().with_substitution_marks("-", "-"));
    let people = (0..2).map(person).collect();
    provider
        .send_bulk(BulkEmail::new(marked, people))
        .await
        .unwrap();
    sandbox.shutdown().await;
    let mut seen = recorder.seen();
    seen.extend(cancelling_what_is_paused().await);
    seen.extend(without_credits().await);
    seen
}

/// Cancelling is refused because the batch is paused, and the pause is turned into a cancellation.
async fn cancelling_what_is_paused() -> Vec<Recorded> {
    let recorder = Recorder::answering(&[
        (
            400,
            r#"{"errors":[{"field":"batch_id","message":"a status exists already"}]}"#,
        ),
        (200, r#"[{"batch_id":"b-1","status":"pause"}]"#),
        (204, ""),
    ]);
    let provider = build(SendGridConfig::new(Secret::new("SG.test.key")), &recorder);
    let handle = ScheduleHandle(VendorId::new("sendgrid", "b-1").unwrap());
    provider
        .cancel_scheduled(CancelScheduled::new(handle))
        .await
        .unwrap();
    recorder.seen()
}

/// The credits are used up, and the adapter asks when they are reset.
async fn without_credits() -> Vec<Recorded> {
    let recorder = Recorder::answering(&[
        (
            401,
            r#"{"errors":[{"message":"Maximum credits exceeded","field":null,"help":null}]}"#,
        ),
        (200, r#"{"remain":0,"total":100,"next_reset":"2030-01-01"}"#),
    ]);
    let provider = build(SendGridConfig::new(Secret::new("SG.test.key")), &recorder);
    provider
        .send(message(EmailContent::text("Hello", "Hi")))
        .await
        .unwrap_err();
    recorder.seen()
}

fn build(config: SendGridConfig, recorder: &Arc<Recorder>) -> SendGrid {
    let short = Policy::default().with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let config = config.with_resilience(short);
    SendGrid::builder(config)
        .transport(recorder.clone())
        .build()
        .unwrap()
}

fn message(content: EmailContent) -> EmailMessage {
    EmailMessage::new(
        address("Shop <shop@example.com>"),
        address("Ann <ann@example.com>"),
        content,
    )
}

fn whole() -> EmailMessage {
    message(EmailContent::html("Hello", "<img src=\"cid:logo\">", "Hi"))
        .with_cc(vec![address("Jane Doe <jane@example.com>")])
        .with_bcc(vec![address("bob@example.com")])
        .with_reply_to(vec![
            address("Help <help@example.com>"),
            address("office@example.com"),
        ])
        .with_attachments(vec![
            Attachment::new("größe.txt", "text/plain; charset=UTF-8", &b"abc"[..]),
            Attachment::new("logo.gif", "image/gif", &b"GIF89a"[..]).inline("logo"),
        ])
        .with_header("X-Order", "1001")
        .with_tags(vec!["receipt".into(), "shop".into()])
        .with_metadata(Metadata::new().with("order", "1001").unwrap())
        .with_send_at(SystemClock.wall() + SignedDuration::from_hours(1))
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
                    medium: Some("email".into()),
                    term: Some("shoes".into()),
                    content: Some("top".into()),
                    campaign: Some("spring".into()),
                }),
        )
}

fn templated() -> EmailMessage {
    let shared = json!({"shop": "Acme", "name": "you"})
        .as_object()
        .unwrap()
        .clone();
    message(EmailContent::template(TEMPLATE, shared))
        .with_metadata(Metadata::new().with("list", "news").unwrap())
}

fn person(number: usize) -> BulkRecipient {
    let mut data = TemplateData::new();
    data.insert("name".to_owned(), format!("p{number}").into());
    BulkRecipient::new(address(&format!("p{number}@example.com")), data)
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}
