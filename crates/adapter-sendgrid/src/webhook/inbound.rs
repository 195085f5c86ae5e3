//! Inbound emails as neutral events; see <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook>.

use std::collections::HashMap;

use anyvendor_core::{
    values::EmailAddress,
    webhook::{DedupeKey, Event, InboundAttachment, InboundEmail, Verified, WebhookEvent},
};
use anyvendor_http::signature::sha256;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::{
    charset::Charsets,
    form::{Form, Part},
};

/// The name of the event, after SendGrid's name of the feature; the deliveries have no name.
const NAME: &str = "inbound_parse";
/// The longest line; see RFC 5322, 2.1.1.
const MAX_MESSAGE_ID: usize = 998;

#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    from: Option<String>,
}

/// The email of a delivery; `None` if the body is not one.
pub(super) fn event(verified: &Verified<'_>) -> Option<WebhookEvent> {
    let body = verified.body();
    let form = Form::read(body)?;
    // A form without these fields is not from SendGrid.
    form.get("headers").or_else(|| form.get("email"))?;
    let email = email(&form);
    let key = key(body, &form, email.message_id.as_deref());
    let event = Event::InboundEmail(Box::new(email));
    Some(WebhookEvent::new(verified, NAME, key, event, body.clone()))
}

/// SendGrid's deliveries have no id; two deliveries are duplicates if they are of one email to the same recipients. The id of
/// the email is chosen by its author and may be that of another email. So the head as a whole is part of the key: each
/// transmission adds its own `Received` lines to it, and SendGrid's own retries repeat it.
fn key(body: &[u8], form: &Form, message_id: Option<&str>) -> DedupeKey {
    let head = form.get("headers").or_else(|| form.get("email"));
    match (message_id, form.get("envelope"), head) {
        (Some(id), Some(envelope), Some(head)) => DedupeKey::digest([
            NAME.as_bytes(),
            id.as_bytes(),
            envelope.content.as_ref(),
            &sha256(&head.content),
        ]),
        // An email without the id that it should have is identified by its whole content.
        _ => DedupeKey::digest([NAME.as_bytes(), &sha256(body)]),
    }
}

fn email(form: &Form) -> InboundEmail {
    let content = |name: &str| form.get(name).map(|part| part.content.as_ref());
    let charsets = content("charsets").map(Charsets::read).unwrap_or_default();
    let text = |name: &str| content(name).map(|bytes| charsets.decode(name, bytes));
    let envelope = content("envelope").and_then(|json| serde_json::from_slice(json).ok());
    let Envelope { to, from } = envelope.unwrap_or_default();
    let mut email = InboundEmail::default();
    email.from = text("from");
    email.to = text("to");
    email.cc = text("cc");
    email.subject = text("subject");
    email.text = text("text");
    email.html = text("html");
    email.headers = text("headers");
    email.mime = form.get("email").map(|part| part.content.clone());
    email.message_id = content("headers")
        .or_else(|| content("email"))
        .and_then(message_id);
    // Empty for a bounce message, which must not get a reply.
    email.envelope_from = from.and_then(|from| EmailAddress::new(from).ok());
    email.envelope_to = to
        .iter()
        .filter_map(|to| EmailAddress::new(to).ok())
        .collect();
    email.sender_ip = text("sender_ip").and_then(|ip| ip.trim().parse().ok());
    email.spf = text("SPF");
    email.dkim = text("dkim");
    email.spam_score = text("spam_score");
    email.spam_report = text("spam_report");
    email.attachments = attachments(form);
    email
}

/// The files, in the order of their numbers.
fn attachments(form: &Form) -> Vec<InboundAttachment> {
    let json = |name: &str| -> HashMap<String, Value> {
        let part = form.get(name);
        part.and_then(|part| serde_json::from_slice(&part.content).ok())
            .unwrap_or_default()
    };
    let (infos, ids) = (json("attachment-info"), json("content-ids"));
    let ids: HashMap<&str, &str> = ids
        .iter()
        .filter_map(|(id, name)| Some((name.as_str()?, id.as_str())))
        .collect();
    let number = |name: &str| name.strip_prefix("attachment")?.parse::<u32>().ok();
    let mut files: Vec<_> = form
        .iter()
        .filter_map(|(name, part)| Some((number(name)?, name, part)))
        .collect();
    files.sort_unstable_by_key(|(number, name, _)| (*number, *name));
    files
        .into_iter()
        .map(|(_, name, part)| attachment(part, infos.get(name), ids.get(name).copied()))
        .collect()
}

fn attachment(part: &Part, info: Option<&Value>, id: Option<&str>) -> InboundAttachment {
    let given = |field: &str| info?.get(field)?.as_str();
    let own = |given: Option<&str>| given.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut attachment = InboundAttachment::new(Bytes::clone(&part.content));
    attachment.file_name =
        own(given("filename").or_else(|| given("name"))).or_else(|| part.file_name.clone());
    attachment.content_type = own(given("type")).or_else(|| part.content_type.clone());
    attachment.content_id = own(given("content-id").or(id));
    attachment
}

/// The first `Message-ID` of the headers, which end at an empty line.
fn message_id(head: &[u8]) -> Option<String> {
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .take_while(|line| !line.is_empty());
    let mut id = lines.find_map(|line| {
        let (name, value) = line.split_at_checked("message-id:".len())?;
        name.eq_ignore_ascii_case(b"message-id:")
            .then(|| value.trim_ascii().to_vec())
    })?;
    // A long id is on the next line.
    if id.is_empty() {
        let folded = lines
            .next()
            .filter(|line| line.starts_with(b" ") || line.starts_with(b"\t"));
        id = folded?.trim_ascii().to_vec();
    }
    let id = id.strip_prefix(b"<").unwrap_or(&id);
    let id = id.strip_suffix(b">").unwrap_or(id);
    let id = str::from_utf8(id).ok()?;
    ((1..=MAX_MESSAGE_ID).contains(&id.len())).then(|| id.to_owned())
}
