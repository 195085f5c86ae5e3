//! Email and messages: an unknown outcome ends the call unless duplicates are tolerated, and a bulk continues with the recipients
//! that certainly got nothing.

use std::sync::{Arc, Mutex};

use anyvendor::{
    Config, Delivery, Error, Kind, Registry, Vendors,
    email::{
        BulkEmail, BulkOutcome, BulkRecipient, EmailCapabilities, EmailContent, EmailMessage,
        EmailProvider, MockEmailProvider, RecipientOutcome, RecipientStatus, SendOutcome,
    },
    messaging::{
        Channel, Message, MessageContent, MessageOutcome, MessageStatus, MessagingCapabilities,
        MessagingProvider, MockMessagingProvider, TextMessage,
    },
    resilience::CallOptions,
    values::{EmailAddress, PhoneNumber, VendorId},
};

type Log = Arc<Mutex<Vec<(&'static str, Vec<String>)>>>;
type Verdict = fn(&str) -> Result<(), (Kind, Delivery)>;

fn fails(verdict: Result<(), (Kind, Delivery)>) -> Result<(), Error> {
    verdict.map_err(|(kind, delivery)| Error::new(kind, delivery, "as scripted"))
}

/// An email vendor that decides by the recipient's name, and records its recipients.
fn email_vendor(name: &'static str, log: &Log, verdict: Verdict) -> Arc<dyn EmailProvider> {
    let mut mock = MockEmailProvider::new();
    mock.expect_vendor().return_const(name);
    mock.expect_capabilities()
        .return_const(EmailCapabilities::default());
    let sent = Arc::clone(log);
    mock.expect_send().returning(move |message| {
        let to = &message.to[0];
        sent.lock()
            .unwrap()
            .push((name, vec![to.address().to_owned()]));
        fails(verdict(to.address()))?;
        let id = VendorId::new(name, "1").unwrap();
        Ok(SendOutcome::new(Some(id), None, Vec::new()))
    });
    let sent = Arc::clone(log);
    mock.expect_send_bulk().returning(move |bulk| {
        let all = bulk.recipients.iter().map(|of| of.to.address().to_owned());
        sent.lock().unwrap().push((name, all.collect()));
        let outcomes = bulk.recipients.into_iter().map(|of| {
            let status = match fails(verdict(of.to.address())) {
                Ok(()) => RecipientStatus::Accepted,
                Err(error) if error.is_unknown() => RecipientStatus::Unknown(error),
                Err(error) => RecipientStatus::NotSent(error),
            };
            RecipientOutcome::new(of.reference, of.to, status)
        });
        Ok(BulkOutcome::new(outcomes.collect(), Vec::new()))
    });
    Arc::new(mock)
}

fn routed_email(log: &Log, first: Verdict) -> Arc<dyn EmailProvider> {
    let (a, b) = (
        email_vendor("a", log, first),
        email_vendor("b", log, |_| Ok(())),
    );
    let registry = Registry::default()
        .with_email("a", move |_| Ok(Arc::clone(&a)))
        .with_email("b", move |_| Ok(Arc::clone(&b)));
    connect(registry, "email").email().unwrap()
}

fn connect(registry: Registry, table: &str) -> Vendors {
    let text = format!(
        "mode = \"sandbox\"\n[{table}]\nvendor = \"a\"\nfailover = [\"b\"]\n[{table}.vendors.b]"
    );
    let config = Config::from_toml(&text).unwrap();
    Vendors::builder()
        .registry(registry)
        .connect(&config)
        .unwrap()
}

fn address(name: &str) -> EmailAddress {
    EmailAddress::new(format!("{name}@example.com")).unwrap()
}

fn message() -> EmailMessage {
    let content = EmailContent::text("Hello", "there");
    EmailMessage::new(address("shop"), address("ann"), content)
}

fn vendors_asked(log: &Log) -> Vec<&'static str> {
    log.lock()
        .unwrap()
        .iter()
        .map(|(vendor, _)| *vendor)
        .collect()
}

#[tokio::test]
async fn t30_email_of_unknown_outcome_goes_on_only_if_duplicates_are_tolerated() {
    let unknown: Verdict = |_| Err((Kind::Unavailable, Delivery::Unknown));
    let log = Log::default();
    routed_email(&log, unknown)
        .send(message())
        .await
        .unwrap_err();
    assert_eq!(vendors_asked(&log), ["a"]);

    let log = Log::default();
    let options = CallOptions::default().tolerating_duplicates();
    let outcome = routed_email(&log, unknown)
        .send(message().with_options(options))
        .await;
    assert_eq!(outcome.unwrap().id.unwrap().vendor(), "b");
    assert_eq!(vendors_asked(&log), ["a", "b"]);

    let log = Log::default();
    let refused: Verdict = |_| Err((Kind::Overloaded, Delivery::NotSent));
    routed_email(&log, refused).send(message()).await.unwrap();
    assert_eq!(vendors_asked(&log), ["a", "b"]);
}

#[tokio::test]
async fn bulk_goes_on_with_the_recipients_that_certainly_got_nothing() {
    let log = Log::default();
    let first: Verdict = |to| match to {
        "bob@example.com" => Err((Kind::Overloaded, Delivery::NotSent)),
        "cid@example.com" => Err((Kind::Unavailable, Delivery::Unknown)),
        "dan@example.com" => Err((Kind::InvalidRequest, Delivery::Refused)),
        _ => Ok(()),
    };
    let names = ["ann", "bob", "cid", "dan", "eve"];
    let recipients = names
        .map(|name| BulkRecipient::new(address(name), Default::default()))
        .into();
    let outcome = routed_email(&log, first)
        .send_bulk(BulkEmail::new(message(), recipients))
        .await
        .unwrap();
    let log = log.lock().unwrap().clone();
    assert_eq!(log[1], ("b", vec!["bob@example.com".to_owned()]));
    assert_eq!(log.len(), 2);
    let outcomes: Vec<_> = outcome
        .recipients
        .iter()
        .map(|of| (of.to.address(), &of.status))
        .collect();
    assert!(
        names
            .iter()
            .zip(&outcomes)
            .all(|(name, (to, _))| to.starts_with(name))
    );
    assert!(
        matches!(outcomes[1].1, RecipientStatus::Accepted),
        "{outcomes:?}"
    );
    assert!(
        matches!(outcomes[2].1, RecipientStatus::Unknown(_)),
        "{outcomes:?}"
    );
    assert!(
        matches!(outcomes[3].1, RecipientStatus::NotSent(_)),
        "{outcomes:?}"
    );
    assert_eq!(outcome.accepted(), 3);
}

#[tokio::test]
async fn a_message_that_the_first_cannot_carry_goes_to_the_second() {
    let vendor = |name: &'static str, whats_app| {
        let mut mock = MockMessagingProvider::new();
        mock.expect_vendor().return_const(name);
        let mut capabilities = MessagingCapabilities::default();
        capabilities.sms = true;
        capabilities.whats_app = whats_app;
        mock.expect_capabilities().return_const(capabilities);
        mock.expect_send().returning(move |message| {
            let id = VendorId::new(name, message.reference.as_str()).unwrap();
            Ok(MessageOutcome::Accepted(Message::new(
                id,
                MessageStatus::Queued,
            )))
        });
        Arc::new(mock) as Arc<dyn MessagingProvider>
    };
    let (a, b) = (vendor("a", false), vendor("b", true));
    let registry = Registry::default()
        .with_messaging("a", move |_| Ok(Arc::clone(&a)))
        .with_messaging("b", move |_| Ok(Arc::clone(&b)));
    let texts = connect(registry, "messaging").messaging().unwrap();
    let to = PhoneNumber::new("+15550109999").unwrap();
    let message = TextMessage::new(to, MessageContent::text("Hello"));
    for (channel, vendor) in [(Channel::Sms, "a"), (Channel::WhatsApp, "b")] {
        let sent = texts.send(
            message
                .clone()
                .with_channel(channel)
                .with_reference(anyvendor::messaging::MessageReference::random()),
        );
        let sent = sent.await.unwrap().into_accepted().unwrap();
        assert_eq!(sent.id.vendor(), vendor);
    }
}
