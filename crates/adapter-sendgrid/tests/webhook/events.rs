//! Each of SendGrid's documented events as a neutral event.

use anyvendor_core::webhook::{
    BounceKind, EmailChange, EmailDropReason, EmailEvent, Event, Prefetched, WebhookEvent,
};
use jiff::Timestamp;

use super::{key, sign, verifier};

fn read(body: &str) -> Vec<WebhookEvent> {
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let (pair, public) = key();
    let delivery = sign(&pair, body, now);
    let webhook = verifier(&[&public]);
    let verified = webhook
        .verify(delivery.request(), &Prefetched::none(), now)
        .unwrap();
    webhook.events(&verified)
}

/// One event with these fields in addition to the usual ones.
fn event(name: &str, fields: &str) -> WebhookEvent {
    let mut events = read(&format!(
        "[{{\"email\":\"ann@example.com\",\"timestamp\":1513299569,\"smtp-id\":\"<14c5d75ce93.dfd.64b469@ismtpd-555>\",\"event\":\"{name}\",\
         \"category\":[\"cat facts\"],\"sg_event_id\":\"6g4ZI7SA-xmRDv57GoPIPw==\",\"sg_message_id\":\"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0\",\
         \"anyvendor_message_id\":\"receipt-7\"{fields}}}]\r\n"
    ));
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn mail(name: &str, fields: &str) -> EmailEvent {
    match event(name, fields).event {
        Event::Email(mail) => mail,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn the_head_of_an_event_is_read() {
    let event = event("delivered", ",\"response\":\"250 OK\"");
    assert_eq!(
        (event.name.as_str(), event.occurred_at.unwrap().as_second()),
        ("delivered", 1_513_299_569)
    );
    assert_eq!(event.id.as_ref().unwrap().id(), "6g4ZI7SA-xmRDv57GoPIPw==");
    assert!(event.raw.0.starts_with(b"{\"email\"") && event.raw.0.ends_with(b"}"));
    let Event::Email(mail) = &event.event else {
        panic!("{event:?}")
    };
    assert_eq!(mail.recipient.address(), "ann@example.com");
    assert_eq!(mail.reference.as_ref().unwrap().as_str(), "receipt-7");
    // The id of the response to sending.
    assert_eq!(
        mail.message.as_ref().unwrap().to_string(),
        "sendgrid:14c5d75ce93.dfd.64b469"
    );
    assert!(!format!("{event:?}").contains("ann@"));
}

#[test]
fn email_events_are_mapped_as_documented() {
    let bounced = |kind, status: Option<&str>| EmailChange::Bounced {
        kind,
        status: status.map(str::to_owned),
    };
    let group = || Some("7".to_owned());
    for (name, fields, change) in [
        ("processed", "", EmailChange::Processed),
        ("delivered", "", EmailChange::Delivered),
        (
            "deferred",
            ",\"attempt\":\"5\"",
            EmailChange::Deferred { attempt: Some(5) },
        ),
        (
            "deferred",
            ",\"attempt\":6",
            EmailChange::Deferred { attempt: Some(6) },
        ),
        (
            "deferred",
            ",\"attempt\":[]",
            EmailChange::Deferred { attempt: None },
        ),
        (
            "bounce",
            ",\"type\":\"bounce\",\"status\":\"5.0.0\"",
            bounced(BounceKind::Hard, Some("5.0.0")),
        ),
        (
            "bounce",
            ",\"type\":\"blocked\"",
            bounced(BounceKind::Block, None),
        ),
        (
            "bounce",
            ",\"type\":\"expired\"",
            bounced(BounceKind::Soft, None),
        ),
        (
            "bounce",
            ",\"type\":\"bounce\",\"bounce_classification\":\"Technical\"",
            bounced(BounceKind::Soft, None),
        ),
        ("open", ",\"useragent\":\"x\"", EmailChange::Opened),
        (
            "click",
            ",\"url\":\"https://shop.example.com/a?b=\\u00fc\"",
            EmailChange::clicked(Some("https://shop.example.com/a?b=ü")),
        ),
        ("click", ",\"url\":\"nonsense\"", EmailChange::Clicked(None)),
        ("spamreport", "", EmailChange::Complained),
        ("unsubscribe", "", EmailChange::Unsubscribed { group: None }),
        (
            "group_unsubscribe",
            ",\"asm_group_id\":7",
            EmailChange::Unsubscribed { group: group() },
        ),
        (
            "group_resubscribe",
            ",\"asm_group_id\":7",
            EmailChange::Resubscribed { group: group() },
        ),
    ] {
        assert_eq!(mail(name, fields).change, change, "{name} {fields}");
    }
    for (reason, reported) in [
        ("Invalid", EmailDropReason::Invalid),
        ("Unsubscribed Address", EmailDropReason::OptedOut),
        ("Bounced Address", EmailDropReason::Bounced),
        ("Spam Reporting Address", EmailDropReason::Complained),
        ("Spam Content", EmailDropReason::Spam),
        ("Recipient List over Package Quota", EmailDropReason::Quota),
        ("Novel", EmailDropReason::Other("Novel".into())),
    ] {
        let change = mail("dropped", &format!(",\"reason\":\"{reason}\"")).change;
        assert_eq!(change, EmailChange::Dropped(reported));
    }
}

#[test]
fn a_changed_id_is_the_same_event_and_a_changed_content_is_not() {
    let one = event("open", ",\"ip\":\"192.0.2.1\"");
    let body = String::from_utf8(one.raw.0.to_vec()).unwrap();
    let again = |from: &str, to: &str| read(&format!("[{}]", body.replace(from, to))).remove(0);
    assert_eq!(again("6g4ZI7SA", "another_").dedupe_key, one.dedupe_key);
    for (from, to) in [
        ("192.0.2.1", "192.0.2.2"),
        ("1513299569", "1513299570"),
        ("ann@", "bob@"),
        ("open", "click"),
    ] {
        assert_ne!(again(from, to).dedupe_key, one.dedupe_key, "{from}");
    }
}

#[test]
fn a_malformed_element_does_not_affect_the_others_and_nothing_is_lost() {
    let events = read(
        "[{\"event\":\"open\"},7,{\"email\":\"a@b.example\",\"event\":\"open\",\"timestamp\":1513299569000},null,{\"event\":1,\"event\":2},[[]],{\"email\":\"not an address\",\"event\":\"delivered\"}]",
    );
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["open", "", "open", "", "", "", "delivered"]);
    let reported: Vec<_> = events
        .iter()
        .map(|event| matches!(event.event, Event::Email(_)))
        .collect();
    assert_eq!(reported, [false, false, true, false, false, false, false]);
    assert_eq!(
        events[2].occurred_at.unwrap().as_second(),
        1_513_299_569,
        "milliseconds"
    );
    assert_eq!(events[1].raw.0, "7");
    assert!(read("[]").is_empty(), "an empty batch is a good one");
    for malformed in ["", "{}", "[{", "\u{0}", &"[".repeat(10_000)] {
        let events = read(malformed);
        assert_eq!(
            (events.len(), &events[0].event, &events[0].raw.0[..]),
            (1, &Event::Other, malformed.as_bytes())
        );
    }
}
