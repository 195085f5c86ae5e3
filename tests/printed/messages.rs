//! Emails and phone messages, and the events about them.

use std::collections::BTreeMap;

use anyvendor::{
    Bytes, Timestamp,
    email::{
        Attachment, BulkEmail, BulkRecipient, EmailContent, EmailMessage, RecipientOutcome,
        RecipientStatus, SendOutcome, TemplateData,
    },
    http::{HeaderMap, HeaderValue, Method},
    messaging::{
        CheckVerification, ListMessages, Message, MessageContent, MessageStatus, MessageText,
        Sender, StartVerification, TextMessage,
    },
    values::{MessageReference, VendorId},
    webhook::{
        BounceKind, DedupeKey, EmailChange, EmailDropReason, EmailEvent, Event, InboundAttachment,
        InboundEmail, InboundMedia, InboundMessage, MessageEvent, RawEvent, Verified, WebhookEvent,
        WebhookHead, WebhookRequest,
    },
};

use super::canary::{Canary, Prints};

fn id() -> VendorId {
    VendorId::new("acme", "1").unwrap()
}

pub(crate) fn add(canary: &Canary, prints: &mut Prints) {
    emails(canary, prints);
    messages(canary, prints);
    events(canary, prints);
}

fn emails(canary: &Canary, prints: &mut Prints) {
    let mut data = TemplateData::new();
    data.insert("name".to_owned(), canary.text().into());
    let file = Attachment::new(
        canary.text(),
        format!("text/plain; name={}", canary.word),
        canary.text(),
    );
    prints.add("Attachment", &file);
    let written = EmailContent::html(canary.text(), canary.text(), canary.text());
    for content in [
        written,
        EmailContent::text(canary.text(), canary.text()),
        EmailContent::template("t-1", data.clone()),
    ] {
        prints.add("EmailContent", &content);
        let message = EmailMessage::new(canary.email(), canary.email(), content)
            .with_cc(vec![canary.email()])
            .with_bcc(vec![canary.email()])
            .with_reply_to(vec![canary.email()])
            .with_header("X-Note", canary.text())
            .with_tags(vec![canary.text()])
            .with_attachments(vec![file.clone()])
            .with_metadata(canary.metadata())
            .with_extension(canary.text());
        prints.add("EmailMessage", &message);
        let mut person = BulkRecipient::new(canary.email(), data.clone());
        person.subject = Some(canary.text());
        person.metadata = canary.metadata();
        prints.add("BulkRecipient", &person);
        prints.add("BulkEmail", &BulkEmail::new(message, vec![person]));
    }
    let recipient = RecipientOutcome::new(
        MessageReference::random(),
        canary.email(),
        RecipientStatus::Accepted,
    );
    prints.add("RecipientOutcome", &recipient);
    prints.add(
        "SendOutcome",
        &SendOutcome::new(None, None, vec![recipient]),
    );
}

fn messages(canary: &Canary, prints: &mut Prints) {
    let variables = BTreeMap::from([("1".to_owned(), canary.text())]);
    for content in [
        MessageContent::text(canary.text()),
        MessageContent::media(canary.text(), vec![canary.url()]),
        MessageContent::template("t-1", variables),
    ] {
        prints.add("MessageContent", &content);
        let message = TextMessage::new(canary.phone(), content)
            .with_from(Sender::Number(canary.phone()))
            .with_status_callback(canary.url())
            .with_extension(canary.text());
        prints.add("TextMessage", &message);
    }
    prints.add("Sender", &Sender::Number(canary.phone()));
    let text = MessageText(canary.text());
    prints.add("MessageText", &text);
    let mut message = Message::new(id(), MessageStatus::Sent);
    message.to = Some(canary.phone());
    message.text = Some(text);
    prints.add("Message", &message);
    prints.add("ListMessages", &ListMessages::new().with_to(canary.phone()));
    let start = StartVerification::new(canary.phone()).with_locale(canary.text());
    prints.add("StartVerification", &start);
    prints.add(
        "CheckVerification",
        &CheckVerification::new(id(), canary.secret()),
    );
}

fn events(canary: &Canary, prints: &mut Prints) {
    let bounced = EmailChange::Bounced {
        kind: BounceKind::Hard,
        status: None,
    };
    for change in [
        bounced,
        EmailChange::Dropped(EmailDropReason::Other(canary.text())),
        EmailChange::clicked(Some(canary.url().as_str())),
    ] {
        prints.add("EmailChange", &change);
        prints.add("EmailEvent", &EmailEvent::new(change, canary.email()));
    }
    prints.add("EmailDropReason", &EmailDropReason::Other(canary.text()));
    let mut attachment = InboundAttachment::new(canary.text().into());
    attachment.file_name = Some(canary.text());
    attachment.content_type = Some(canary.text());
    attachment.content_id = Some(canary.text());
    prints.add("InboundAttachment", &attachment);
    let mut email = InboundEmail::default();
    for field in [
        &mut email.from,
        &mut email.to,
        &mut email.cc,
        &mut email.subject,
        &mut email.text,
        &mut email.html,
        &mut email.headers,
        &mut email.message_id,
        &mut email.spf,
    ] {
        *field = Some(canary.text());
    }
    email.mime = Some(canary.text().into());
    email.envelope_from = Some(canary.email());
    email.envelope_to = vec![canary.email()];
    email.attachments = vec![attachment];
    prints.add("InboundEmail", &email);

    let mut event = MessageEvent::new(MessageStatus::Sent, id());
    event.to = Some(canary.phone());
    prints.add("MessageEvent", &event);
    let media = InboundMedia::new(canary.sensitive_url(), Some("image/png".to_owned()));
    prints.add("InboundMedia", &media);
    let mut message = InboundMessage::new(id(), canary.text(), canary.text(), canary.text());
    message.media = vec![media];
    prints.add("InboundMessage", &message);

    let body = Bytes::from(canary.text());
    let mut headers = HeaderMap::new();
    headers.insert(
        "authorization",
        HeaderValue::try_from(canary.text()).unwrap(),
    );
    let url = format!("/webhooks/acme?token={}", canary.word);
    prints.add(
        "WebhookHead",
        &WebhookHead::new(&Method::POST, &url, &headers),
    );
    let request = WebhookRequest::new(&Method::POST, &url, &headers, &body);
    prints.add("WebhookRequest", &request);
    let verified = Verified::new_unchecked("acme", request, Timestamp::UNIX_EPOCH);
    prints.add("Verified", &verified);
    prints.add("RawEvent", &RawEvent(body.clone()));
    for inner in [
        Event::InboundEmail(Box::new(email)),
        Event::InboundMessage(Box::new(message)),
        Event::Message(event),
    ] {
        let event = WebhookEvent::new(
            &verified,
            "a.name",
            DedupeKey::new("1"),
            inner,
            body.clone(),
        );
        prints.add("WebhookEvent", &event);
    }
}
