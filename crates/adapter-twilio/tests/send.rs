//! The exact requests for messages, and how the adapter reads Twilio's success.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::{collections::BTreeMap, time::Duration};

use anyvendor_adapter_twilio::{
    AddressRetention, ContentRetention, REFERENCE_PARAMETER, TwilioConfig, TwilioOptions,
};
use anyvendor_core::{
    messaging::{
        Channel, Message, MessageContent, MessageReference, MessageStatus, MessageText,
        MessagingProvider, Sender, TextMessage,
    },
    values::{Secret, VendorId},
};
use anyvendor_testkit::clock::NOW;
use jiff::{SignedDuration, Timestamp};
use support::{ACCOUNT, SERVICE, SID, Seen, Vendor, fixture, message, phone, text};

type Fields<'a> = &'a [(&'a str, &'a str)];

fn owned(fields: Fields<'_>) -> Vec<(String, String)> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(pair).collect()
}

async fn sent(
    message: TextMessage,
    configure: impl FnOnce(TwilioConfig) -> TwilioConfig,
) -> (Seen, Message) {
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.build(configure(vendor.config()));
    let outcome = provider.send(message).await.unwrap();
    (vendor.only(), outcome.into_accepted().unwrap())
}

async fn form_of(
    message: TextMessage,
    configure: impl FnOnce(TwilioConfig) -> TwilioConfig,
) -> Vec<(String, String)> {
    sent(message, configure).await.0.form()
}

const TO: (&str, &str) = ("To", "+15550109999");
const FROM: (&str, &str) = ("From", "+15550100001");
const BODY: (&str, &str) = ("Body", "Hi Ann");

#[tokio::test]
async fn a_text_is_one_signed_form() {
    let (seen, message) = sent(text(), |config| config).await;
    assert_eq!(
        seen.line(),
        format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    );
    let header = |name: &str| seen.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(
        header("authorization"),
        "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTp0b2tlbg=="
    );
    assert_eq!(
        std::str::from_utf8(&seen.body).unwrap(),
        "To=%2B15550109999&From=%2B15550100001&Body=Hi%20Ann"
    );
    let mut expected = Message::new(VendorId::new("twilio", SID).unwrap(), MessageStatus::Queued);
    expected.reference = MessageReference::new("ref-1").ok();
    expected.to = Some(phone("+15550109999"));
    expected.text = Some(MessageText("Hi Ann".to_owned()));
    expected.segments = Some(1);
    expected.created_at = "2023-08-24T05:01:45Z".parse().ok();
    assert_eq!(message, expected);
}

#[tokio::test]
async fn the_sender_is_the_messages_or_the_connections() {
    let service = |config: TwilioConfig| config.with_messaging_service_sid(SERVICE);
    let pool = ("MessagingServiceSid", SERVICE);
    assert_eq!(
        form_of(text(), service).await,
        owned(&[TO, FROM, pool, BODY])
    );
    let only_service = |mut config: TwilioConfig| {
        config.from = None;
        service(config)
    };
    assert_eq!(
        form_of(text(), only_service).await,
        owned(&[TO, pool, BODY])
    );
    let other = VendorId::new("twilio", "MG00000000000000000000000000000009").unwrap();
    for (sender, fields) in [
        (
            Sender::Number(phone("+15550100002")),
            [TO, ("From", "+15550100002"), BODY],
        ),
        (
            Sender::Name("My Shop".to_owned()),
            [TO, ("From", "My Shop"), BODY],
        ),
        (
            Sender::ShortCode("12345".to_owned()),
            [TO, ("From", "12345"), BODY],
        ),
        (
            Sender::Service(other),
            [
                TO,
                ("MessagingServiceSid", "MG00000000000000000000000000000009"),
                BODY,
            ],
        ),
    ] {
        let message = text().with_from(sender);
        assert_eq!(form_of(message, service).await, owned(&fields));
    }
}

#[tokio::test]
async fn files_are_repeated_fields_and_need_no_text() {
    let files = [
        "https://shop.example/a.png",
        "https://shop.example/b.png?c=d",
    ];
    let media: Vec<url::Url> = files.iter().map(|file| file.parse().unwrap()).collect();
    let (one, two) = (("MediaUrl", files[0]), ("MediaUrl", files[1]));
    let with_text = message(MessageContent::media("Hi Ann", media.clone()));
    assert_eq!(
        form_of(with_text, |config| config).await,
        owned(&[TO, FROM, BODY, one, two])
    );
    let alone = message(MessageContent::media("", media));
    assert_eq!(
        form_of(alone, |config| config).await,
        owned(&[TO, FROM, one, two])
    );
}

#[tokio::test]
async fn whats_app_prefixes_both_numbers_and_templates_exclude_text() {
    let variables = BTreeMap::from([("1".to_owned(), "Ann \"A\"".to_owned())]);
    let template = |variables| {
        let id = "HX00000000000000000000000000000007";
        message(MessageContent::template(id, variables)).with_channel(Channel::WhatsApp)
    };
    let (to, from) = (
        ("To", "whatsapp:+15550109999"),
        ("From", "whatsapp:+15550100003"),
    );
    let content = ("ContentSid", "HX00000000000000000000000000000007");
    let whats_app = |config: TwilioConfig| config.with_whats_app_from("+15550100003");
    assert_eq!(
        form_of(template(variables), whats_app).await,
        owned(&[
            to,
            from,
            content,
            ("ContentVariables", r#"{"1":"Ann \"A\""}"#)
        ])
    );
    assert_eq!(
        form_of(template(BTreeMap::new()), whats_app).await,
        owned(&[to, from, content])
    );
    let own = text()
        .with_channel(Channel::WhatsApp)
        .with_from(Sender::Number(phone("+15550100004")));
    assert_eq!(
        form_of(own, whats_app).await,
        owned(&[to, ("From", "whatsapp:+15550100004"), BODY])
    );
    let by_service = text().with_channel(Channel::WhatsApp);
    assert_eq!(
        form_of(by_service, |config| config
            .with_messaging_service_sid(SERVICE))
        .await,
        owned(&[to, ("MessagingServiceSid", SERVICE), BODY])
    );
}

#[tokio::test]
async fn sending_later_goes_through_the_service() {
    let now = Timestamp::from_second(NOW).unwrap();
    let later = |ahead| text().with_send_at(now + ahead);
    let service = |config: TwilioConfig| config.with_messaging_service_sid(SERVICE);
    let pool = ("MessagingServiceSid", SERVICE);
    let at = |time| {
        [
            TO,
            FROM,
            pool,
            BODY,
            ("ScheduleType", "fixed"),
            ("SendAt", time),
        ]
    };
    assert_eq!(
        form_of(later(SignedDuration::from_secs(3_600)), service).await,
        owned(&at("2026-01-01T01:00:00Z"))
    );
    let fraction = SignedDuration::new(3_600, 1);
    assert_eq!(
        form_of(later(fraction), service).await,
        owned(&at("2026-01-01T01:00:01Z"))
    );
    let own =
        later(SignedDuration::from_secs(3_600)).with_from(Sender::ShortCode("12345".to_owned()));
    let fields = form_of(own, service).await;
    assert_eq!(fields[1..3], owned(&[("From", "12345"), pool]));
    let limited = text().with_valid_for(Duration::from_millis(60_500));
    assert_eq!(
        form_of(limited, |config| config).await,
        owned(&[TO, FROM, BODY, ("ValidityPeriod", "60")])
    );
}

#[tokio::test]
async fn callbacks_carry_our_reference() {
    assert_eq!(REFERENCE_PARAMETER, "reference");
    let url = |text: &str| Some(text.parse().unwrap());
    let configured =
        |config: TwilioConfig| config.with_status_callback("https://shop.example/all#rc=3");
    for (callback, expected) in [
        (None, "https://shop.example/all?reference=ref-1#rc=3"),
        (
            url("https://shop.example/one?a=b%20c"),
            "https://shop.example/one?a=b%20c&reference=ref-1",
        ),
    ] {
        let mut message = text();
        message.status_callback = callback;
        assert_eq!(
            form_of(message, configured).await,
            owned(&[TO, FROM, BODY, ("StatusCallback", expected)])
        );
    }
    let malformed = MessageReference::new("a&b=c#d").unwrap();
    let fields = form_of(text().with_reference(malformed), configured).await;
    assert_eq!(
        fields[3].1,
        "https://shop.example/all?reference=a%26b%3Dc%23d#rc=3"
    );
}

#[tokio::test]
async fn options_are_sent_under_the_vendors_names() {
    let all = TwilioOptions::default()
        .with_smart_encoded(false)
        .shortening_urls()
        .as_mms()
        .providing_feedback()
        .with_risk_check(true)
        .with_content_retention(ContentRetention::Discard)
        .with_address_retention(AddressRetention::Obfuscate)
        .with_fallback_from(phone("+15550100005"));
    let service = |config: TwilioConfig| config.with_messaging_service_sid(SERVICE);
    let fields = form_of(text().with_extension(all), service).await;
    assert_eq!(
        fields[4..],
        owned(&[
            ("SmartEncoded", "false"),
            ("ShortenUrls", "true"),
            ("SendAsMms", "true"),
            ("ProvideFeedback", "true"),
            ("RiskCheck", "enable"),
            ("ContentRetention", "discard"),
            ("AddressRetention", "obfuscate"),
            ("FallbackFrom", "+15550100005"),
        ])
    );
    let nothing = text().with_extension(TwilioOptions::default());
    assert_eq!(
        form_of(nothing, |config| config).await,
        owned(&[TO, FROM, BODY])
    );
}

#[tokio::test]
async fn a_key_signs_in_place_of_the_token() {
    let key = |config: TwilioConfig| {
        config.with_api_key("SK00000000000000000000000000000008", Secret::new("secret"))
    };
    let (seen, _) = sent(text(), key).await;
    assert_eq!(
        seen.headers["authorization"],
        "Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwODpzZWNyZXQ="
    );
    assert!(seen.target.contains(ACCOUNT));
}

#[tokio::test]
async fn a_service_counts_segments_later() {
    let vendor = Vendor::scripted([fixture("201_accepted_by_service")]).await;
    let outcome = vendor.provider().send(text()).await.unwrap();
    let message = outcome.into_accepted().unwrap();
    assert_eq!(
        (message.status, message.segments),
        (MessageStatus::Accepted, None)
    );
}
