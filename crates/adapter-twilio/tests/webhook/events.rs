//! Each of Twilio's documented callbacks as a neutral event.

use anyvendor_adapter_twilio::TwilioWebhookMethod;
use anyvendor_conformance::SignedDelivery;
use anyvendor_core::{
    messaging::{Channel, FailureKind, MessageStatus},
    webhook::{Event, OptKeyword, Prefetched, WebhookEvent},
};
use http::Method;
use jiff::Timestamp;

use super::{BODIES, FORM, TOKEN, sign, verifier_of};

fn read(delivery: SignedDelivery) -> WebhookEvent {
    let method = match delivery.method {
        Method::GET => TwilioWebhookMethod::Get,
        _ => TwilioWebhookMethod::Post,
    };
    let delivery = sign(delivery);
    let webhook = verifier_of(&[TOKEN], method);
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let verified = webhook
        .verify(delivery.request(), &Prefetched::none(), now)
        .unwrap();
    let mut events = webhook.events(&verified);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn post(body: &str) -> WebhookEvent {
    read(SignedDelivery::post(
        "/webhooks/twilio?reference=paid-7",
        FORM,
        body.to_owned(),
    ))
}

#[test]
fn a_status_callback_reports_the_status_of_a_message() {
    let event = post(BODIES[0]);
    assert_eq!(
        (event.name.as_str(), event.account.as_deref()),
        ("sent", Some("AC1"))
    );
    assert_eq!(
        (event.api_version.as_deref(), event.id.is_none()),
        (Some("2010-04-01"), true)
    );
    let Event::Message(message) = &event.event else {
        panic!("{event:?}")
    };
    assert_eq!(message.status, MessageStatus::Sent);
    assert_eq!(message.message.id(), "SM0b6e2697aae04182a9f5b5c7a8994c7f");
    assert_eq!(message.reference.as_ref().unwrap().as_str(), "paid-7");
    assert_eq!(message.to.as_ref().unwrap().as_str(), "+15550109999");
    assert!(!message.opted_out);
    let Event::Message(failed) = post(BODIES[1]).event else {
        panic!("a message")
    };
    assert_eq!(failed.status, MessageStatus::Failed(FailureKind::Blocked));
    assert_eq!(
        (failed.vendor_code.as_deref(), failed.opted_out),
        (Some("21610"), true)
    );
    assert!(!format!("{event:?}").contains("5550109999"));
}

#[test]
fn each_status_is_a_separate_event() {
    let with = |status: &str| post(&BODIES[0].replace("=sent", &format!("={status}")));
    let mut keys = Vec::new();
    for (word, status) in [
        ("accepted", MessageStatus::Accepted),
        ("scheduled", MessageStatus::Scheduled),
        ("queued", MessageStatus::Queued),
        ("sending", MessageStatus::Sending),
        ("sent", MessageStatus::Sent),
        ("delivered", MessageStatus::Delivered),
        ("partially_delivered", MessageStatus::PartiallyDelivered),
        ("read", MessageStatus::Read),
        (
            "undelivered",
            MessageStatus::Undelivered(FailureKind::Unknown),
        ),
        ("failed", MessageStatus::Failed(FailureKind::Unknown)),
        ("canceled", MessageStatus::Cancelled),
        ("novel", MessageStatus::Other("novel".into())),
    ] {
        let event = with(word);
        assert!(
            matches!(&event.event, Event::Message(message) if message.status == status),
            "{word}"
        );
        keys.push(event.dedupe_key);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 12);
    // The same callback over another road is the same event.
    let again = read(SignedDelivery::post(
        "/webhooks/twilio",
        FORM,
        format!("RawDlrDoneDate=1&{}", BODIES[0]),
    ));
    assert_eq!(again.dedupe_key, with("sent").dedupe_key);
}

#[test]
fn messages_from_people_are_inbound() {
    let event = post(BODIES[2]);
    let Event::InboundMessage(message) = &event.event else {
        panic!("{event:?}")
    };
    assert_eq!(
        (message.from.as_str(), message.to.as_str()),
        ("+15550109999", "+14133881111")
    );
    assert_eq!(
        (message.channel, message.text.0.as_str()),
        (Channel::WhatsApp, "canary & 世")
    );
    assert_eq!(message.media[0].url.expose(), "https://api.twilio.com/m/1");
    assert_eq!(message.media[0].content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(message.keyword, None);
    for (text, keyword) in [
        ("+stop%0A", Some(OptKeyword::Stop)),
        ("OptOut", Some(OptKeyword::Stop)),
        ("Unstop", Some(OptKeyword::Start)),
        ("info", Some(OptKeyword::Help)),
        ("please+stop", None),
        ("", None),
        ("x&OptOutType=HELP", Some(OptKeyword::Help)),
    ] {
        let body = format!("MessageSid=SM1&From=%2B15550109999&To=2021&Body={text}");
        match post(&body).event {
            Event::InboundMessage(message) => assert_eq!(message.keyword, keyword, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_get_and_unmapped_callbacks_are_read() {
    let mut get = SignedDelivery::post(
        "/webhooks/twilio?MessageSid=SM1&MessageStatus=delivered&reference=r",
        FORM,
        "",
    );
    get.method = Method::GET;
    let event = read(get);
    assert!(
        matches!(&event.event, Event::Message(message) if message.status == MessageStatus::Delivered)
    );
    assert!(event.raw.0.starts_with(b"MessageSid=SM1"));
    for body in [
        "CallSid=CA1&CallStatus=ringing",
        "",
        "%ff=%fe&&x=&",
        "MessageSid=SM1",
    ] {
        let event = post(body);
        assert_eq!(
            (event.event, event.name.as_str()),
            (Event::Other, "callback"),
            "{body}"
        );
    }
}
