//! Mail that comes in, in our words; see <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook>.

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

/// SendGrid's name of the whole; its deliveries bear none.
const NAME: &str = "inbound_parse";
/// RFC 5322, 2.1.1: the longest line.
const MAX_MESSAGE_ID: usize = 998;

#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    to: Vec<String>,
    #[serde(default)]
    from: Option<String>,
}

/// The mail of a delivery; `None` if it cannot be read as one.
pub(super) fn event(verified: &Verified<'_>) -> Option<WebhookEvent> {
    let body = verified.body();
    let form = Form::read(body)?;
    // A form of other fields is none of SendGrid's.
    form.get("headers").or_else(|| form.get("email"))?;
    let mail = mail(&form);
    let key = key(body, &form, mail.message_id.as_deref());
    let event = Event::InboundEmail(Box::new(mail));
    Some(WebhookEvent::new(verified, NAME, key, event, body.clone()))
}

/// SendGrid has no id of a delivery; copies are of one mail to the same recipients.
fn key(body: &[u8], form: &Form, message_id: Option<&str>) -> DedupeKey {
    match (message_id, form.get("envelope")) {
        (Some(id), Some(envelope)) => {
            DedupeKey::digest([NAME.as_bytes(), id.as_bytes(), envelope.content.as_ref()])
        }
        // Whoever leaves out the id, which mail should have, is known by all that they wrote.
        _ => DedupeKey::digest([NAME.as_bytes(), &sha256(body)]),
    }
}

fn mail(form: &Form) -> InboundEmail {
    let content = |name: &str| form.get(name).map(|part| part.content.as_ref());
    let charsets = content("charsets").map(Charsets::read).unwrap_or_default();
    let text = |name: &str| content(name).map(|bytes| charsets.decode(name, bytes));
    let envelope = content("envelope").and_then(|json| serde_json::from_slice(json).ok());
    let Envelope { to, from } = envelope.unwrap_or_default();
    let mut mail = InboundEmail::default();
    mail.from = text("from");
    mail.to = text("to");
    mail.cc = text("cc");
    mail.subject = text("subject");
    mail.text = text("text");
    mail.html = text("html");
    mail.headers = text("headers");
    mail.mime = form.get("email").map(|part| part.content.clone());
    mail.message_id = content("headers")
        .or_else(|| content("email"))
        .and_then(message_id);
    // Empty for what is sent back, which must not be answered.
    mail.envelope_from = from.and_then(|from| EmailAddress::new(from).ok());
    mail.envelope_to = to
        .iter()
        .filter_map(|to| EmailAddress::new(to).ok())
        .collect();
    mail.sender_ip = text("sender_ip").and_then(|ip| ip.trim().parse().ok());
    mail.spf = text("SPF");
    mail.dkim = text("dkim");
    mail.spam_score = text("spam_score");
    mail.spam_report = text("spam_report");
    mail.attachments = attachments(form);
    mail
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
    let told = |field: &str| info?.get(field)?.as_str();
    let own = |told: Option<&str>| told.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut attachment = InboundAttachment::new(Bytes::clone(&part.content));
    attachment.file_name =
        own(told("filename").or_else(|| told("name"))).or_else(|| part.file_name.clone());
    attachment.content_type = own(told("type")).or_else(|| part.content_type.clone());
    attachment.content_id = own(told("content-id").or(id));
    attachment
}

/// The first `Message-ID` of a head, which ends at an empty line.
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
    // A long one stands on a line of its own.
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
