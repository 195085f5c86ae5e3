//! Unit tests of what depends on a later time than the machine's, and of the seeds.

use std::collections::BTreeSet;

use super::account::Account;
use super::address::NUMBER;
use super::*;
use crate::vendors::name::Vendor;
use crate::webhooks::{Dispatcher, WebhookPlan};

fn emulator() -> TwilioEmulator {
    let dispatcher = Dispatcher::new(WebhookPlan::none(), BTreeSet::new());
    let setup = Setup::new(Vendor::Twilio, 1, String::new(), dispatcher);
    TwilioEmulator::create(&setup, Options::default()).unwrap()
}

#[tokio::test]
async fn a_scheduled_message_is_sent_when_it_is_due() {
    let emulator = emulator();
    let at = crate::clock::unix_seconds() + 3600;
    let when = crate::clock::rfc3339(at);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("To", "+491511234567")
        .append_pair(
            "MessagingServiceSid",
            &emulator.0.access.account.messaging_service,
        )
        .append_pair("Body", "later")
        .append_pair("ScheduleType", "fixed")
        .append_pair("SendAt", &when)
        .finish();
    assert!(emulator.send(&Form::read(form.as_bytes())).is_ok());
    let mut message = TwilioState::new(&emulator).messages().remove(0);
    for (now, status) in [
        (at - 1, MessageStatus::Scheduled),
        (at, MessageStatus::Queued),
        (at, MessageStatus::Sending),
        (at + 1, MessageStatus::Sent),
        (at + 2, MessageStatus::Delivered),
    ] {
        message.step(now);
        assert_eq!(message.status, status);
    }
    assert_eq!(
        (message.sent_at, message.updated_at),
        (Some(at + 1), at + 2)
    );
    assert_eq!(message.from.as_deref(), Some(NUMBER));
}

#[tokio::test]
async fn a_verification_expires_after_ten_minutes() {
    let emulator = emulator();
    let form = Form::read(b"To=%2B491511234567&Channel=sms");
    assert!(emulator.verify(&form).is_ok());
    let sid = TwilioState::new(&emulator).verifications()[0].sid.clone();
    emulator.state().verifications[0].created_at -= 599;
    assert!(emulator.verification(&sid).is_some());
    emulator.state().verifications[0].created_at -= 1;
    assert!(emulator.verification(&sid).is_none());
    assert!(emulator.verify(&form).is_ok());
    assert_eq!(TwilioState::new(&emulator).verifications().len(), 2);
}

#[tokio::test]
async fn the_account_follows_from_the_seed() {
    let (one, again, two) = (Account::new(1), Account::new(1), Account::new(2));
    for (sid, kind) in [
        (&one.sid, "AC"),
        (&one.api_key, "SK"),
        (&one.messaging_service, "MG"),
        (&one.verify_service, "VA"),
    ] {
        let digits = sid.strip_prefix(kind).unwrap_or_default();
        assert_eq!(digits.len(), 32);
        assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    assert_eq!((&one.sid, &one.auth_token), (&again.sid, &again.auth_token));
    assert_ne!(one.sid, two.sid);
    assert_ne!(one.auth_token, two.auth_token);
}
