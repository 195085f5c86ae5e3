//! Messages that cannot be sent are rejected before anything is sent, and the error names the field.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use anyvendor_adapter_twilio::{TwilioConfig, TwilioOptions};
use anyvendor_core::{
    Delivery, Error, Kind,
    messaging::{
        CancelMessage, Channel, CheckVerification, GetMessage, ListMessages, MessageContent,
        MessageReference, MessagingProvider, Sender, StartVerification, TextMessage,
        VerificationProvider,
    },
    values::{Secret, VendorId},
};
use anyvendor_testkit::clock::NOW;
use jiff::{SignedDuration, Timestamp};
use support::{SERVICE, Vendor, message, text};

fn unsent(error: &Error, kind: &Kind, field: Option<&str>) {
    assert_eq!(
        (
            error.kind(),
            error.field(),
            error.delivery(),
            error.attempts()
        ),
        (kind, field, Delivery::NotSent, 0),
        "{error}"
    );
}

#[derive(Clone)]
struct OfAnother;

#[tokio::test]
async fn invalid_messages_are_rejected_before_anything_is_sent() {
    let (invalid, unsupported) = (Kind::InvalidRequest, Kind::Unsupported);
    let page: url::Url = "https://shop.example/a.png".parse().unwrap();
    let later = |seconds| {
        let at = Timestamp::from_second(NOW).unwrap() + SignedDuration::from_secs(seconds);
        text().with_send_at(at)
    };
    let from = |vendor: &str, id: &str| {
        let id = VendorId::new(vendor, id).unwrap();
        text().with_from(Sender::Service(id))
    };
    let callback = |url: &str| text().with_status_callback(url.parse().unwrap());
    let whats_app = |sender| text().with_channel(Channel::WhatsApp).with_from(sender);
    let shortened = text().with_extension(TwilioOptions::default().shortening_urls());
    let cases: Vec<(TextMessage, &Kind, Option<&str>)> = vec![
        (message(MessageContent::text("")), &invalid, Some("content")),
        (
            message(MessageContent::text("x".repeat(1_601))),
            &invalid,
            Some("content"),
        ),
        (
            message(MessageContent::media("", vec![page; 11])),
            &invalid,
            Some("content"),
        ),
        (
            message(MessageContent::template("", Default::default())),
            &invalid,
            Some("content"),
        ),
        (later(300), &invalid, Some("send_at")),
        (later(35 * 86_400 + 1), &invalid, Some("send_at")),
        // No messaging service.
        (later(3_600), &invalid, Some("send_at")),
        (shortened, &invalid, Some("shorten_urls")),
        (
            text().with_valid_for(Duration::from_secs(36_001)),
            &invalid,
            Some("valid_for"),
        ),
        (
            text().with_valid_for(Duration::from_millis(999)),
            &invalid,
            Some("valid_for"),
        ),
        (from("acme", SERVICE), &invalid, Some("from")),
        (from("twilio", "MG1"), &invalid, Some("from")),
        (
            text().with_from(Sender::Name("12345".to_owned())),
            &invalid,
            Some("from"),
        ),
        (
            whats_app(Sender::Name("My Shop".to_owned())),
            &invalid,
            Some("from"),
        ),
        (
            whats_app(Sender::ShortCode("12345".to_owned())),
            &invalid,
            Some("from"),
        ),
        (
            callback("https://my_shop.example/x"),
            &invalid,
            Some("status_callback"),
        ),
        (
            callback("mailto:ann@example.com"),
            &invalid,
            Some("status_callback"),
        ),
        (
            callback("https://shop.example/x?reference=1"),
            &invalid,
            Some("status_callback"),
        ),
        (
            text().with_extension(OfAnother),
            &unsupported,
            Some("extensions"),
        ),
        // Nothing says who sends.
        (
            text().with_channel(Channel::WhatsApp),
            &Kind::Config,
            Some("whats_app_from"),
        ),
    ];
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.provider();
    for (message, kind, field) in cases {
        unsent(&provider.send(message).await.unwrap_err(), kind, field);
    }
    let mut nobody = vendor.config();
    nobody.from = None;
    let error = vendor.build(nobody).send(text()).await.unwrap_err();
    unsent(&error, &Kind::Config, Some("from"));
    assert_eq!(vendor.seen().len(), 0);
}

#[tokio::test]
async fn invalid_ids_are_rejected_before_anything_is_sent() {
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.provider();
    let invalid = Kind::InvalidRequest;
    for (name, id) in [
        ("acme", "SM00000000000000000000000000000004"),
        ("twilio", "SM1"),
        ("twilio", "CA00000000000000000000000000000004"),
        ("twilio", "SM0000000000000000000000000000000g"),
        ("twilio", "../SM00000000000000000000000000000004"),
        ("twilio", "SM00000000000000000000000000000004/Media"),
    ] {
        let id = VendorId::new(name, id).unwrap();
        let error = provider.get(GetMessage::new(id.clone())).await.unwrap_err();
        unsent(&error, &invalid, Some("message"));
        let error = provider
            .cancel_scheduled(CancelMessage::new(id.clone()))
            .await
            .unwrap_err();
        unsent(&error, &invalid, Some("message"));
        let error = provider
            .check(CheckVerification::new(id, Secret::new("123456")))
            .await
            .unwrap_err();
        unsent(&error, &invalid, Some("verification"));
    }
    let by_reference = ListMessages::new().with_reference(MessageReference::new("ref-1").unwrap());
    let error = provider.list(by_reference).await.unwrap_err();
    unsent(&error, &Kind::Unsupported, Some("reference"));
    assert_eq!(vendor.seen().len(), 0);
}

#[tokio::test]
async fn codes_need_their_service() {
    let vendor = Vendor::scripted([]).await;
    let mut config: TwilioConfig = vendor.config();
    config.verify_service_sid = None;
    let provider = vendor.build(config);
    let error = provider
        .start(StartVerification::new(text().to))
        .await
        .unwrap_err();
    unsent(&error, &Kind::Config, Some("verify_service_sid"));
    assert_eq!(vendor.seen().len(), 0);
}
