//! SendGrid's events as neutral events; see <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.

use std::borrow::Cow;

use anyvendor_core::{
    values::{EmailAddress, MessageReference, VendorId},
    webhook::{
        BounceKind, DedupeKey, EmailChange, EmailDropReason, EmailEvent, Event, Verified,
        WebhookEvent,
    },
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::config::VENDOR;

/// Times from here on are milliseconds: as seconds they would be in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// The fields that we read of an event. They are kept as received and read when they are needed, so that one of an unexpected
/// type does not affect the others.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    email: Raw<'a>,
    #[serde(borrow, default)]
    event: Raw<'a>,
    #[serde(borrow, default)]
    timestamp: Raw<'a>,
    #[serde(borrow, default, rename = "smtp-id")]
    smtp_id: Raw<'a>,
    #[serde(borrow, default)]
    sg_event_id: Raw<'a>,
    #[serde(borrow, default)]
    sg_message_id: Raw<'a>,
    #[serde(borrow, default)]
    reason: Raw<'a>,
    #[serde(borrow, default)]
    status: Raw<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow, default)]
    bounce_classification: Raw<'a>,
    #[serde(borrow, default)]
    attempt: Raw<'a>,
    #[serde(borrow, default)]
    url: Raw<'a>,
    #[serde(borrow, default)]
    url_offset: Raw<'a>,
    #[serde(borrow, default)]
    ip: Raw<'a>,
    #[serde(borrow, default)]
    useragent: Raw<'a>,
    #[serde(borrow, default)]
    asm_group_id: Raw<'a>,
    /// Our own id, which emails carry as a custom argument: SendGrid puts those next to its own fields.
    #[serde(borrow, default, rename = "anyvendor_message_id")]
    reference: Raw<'a>,
}

/// A value as received.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(transparent)]
struct Raw<'a>(#[serde(borrow)] Option<&'a RawValue>);

impl<'a> Raw<'a> {
    fn json(self) -> &'a str {
        self.0.map_or("", RawValue::get)
    }

    /// The value of a text, or of a number as text.
    fn text(self) -> Option<Cow<'a, str>> {
        let json = self.json();
        match json
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
            Some(_) => serde_json::from_str(json).ok().map(Cow::Owned),
            None if json.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
                Some(Cow::Borrowed(json))
            }
            None => None,
        }
    }
}

/// The events of a batch; `None` if the body is not a batch.
///
/// Read in one pass, since a batch has hundreds of kilobytes: serde's own ways need a first pass to find where each event ends.
pub(super) fn events(verified: &Verified<'_>) -> Option<Vec<WebhookEvent>> {
    let body = str::from_utf8(verified.body()).ok()?;
    let mut rest = blank(blank(body).strip_prefix('[')?);
    let mut events = Vec::new();
    let mut more = !rest.starts_with(']');
    while more {
        let (fields, whole) = next(rest)?;
        events.push(event(verified, fields, whole));
        rest = blank(rest.get(whole.len()..)?);
        more = rest.starts_with(',');
        if more {
            rest = blank(rest.get(1..)?);
        }
    }
    let after = rest.strip_prefix(']')?;
    blank(after).is_empty().then_some(events)
}

/// The value at the start of a text: its fields if it is an event, and the text of the value.
fn next(text: &str) -> Option<(Option<Fields<'_>>, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    if let Some(Ok(fields)) = values.next() {
        return Some((Some(fields), text.get(..values.byte_offset())?));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    Some((None, values.next()?.ok()?.get()))
}

/// The text without leading white space of JSON.
fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\r', '\n'])
}

fn event(verified: &Verified<'_>, fields: Option<Fields<'_>>, whole: &str) -> WebhookEvent {
    let whole = verified.body().slice_ref(whole.as_bytes());
    let named = fields.and_then(|fields| Some((fields.event.text()?, fields)));
    let Some((name, fields)) = named else {
        let key = DedupeKey::digest([whole.as_ref()]);
        return WebhookEvent::new(verified, "", key, Event::Other, whole);
    };
    let change = fields.change(&name).map_or(Event::Other, Event::Email);
    let mut event = WebhookEvent::new(verified, name, fields.key(), change, whole);
    event.id = fields
        .sg_event_id
        .text()
        .and_then(|id| VendorId::new(VENDOR, id).ok());
    event.occurred_at = fields.occurred_at();
    event
}

impl Fields<'_> {
    /// What the event reports; `None` if there is no neutral event for it.
    fn change(&self, name: &str) -> Option<EmailEvent> {
        let group = || self.asm_group_id.text().map(Cow::into_owned);
        let change = match name {
            "processed" => EmailChange::Processed,
            "deferred" => EmailChange::Deferred {
                attempt: self.attempt.text().and_then(|attempt| attempt.parse().ok()),
            },
            "delivered" => EmailChange::Delivered,
            "bounce" => EmailChange::Bounced {
                kind: self.bounce(),
                status: self.status.text().map(Cow::into_owned),
            },
            "dropped" => EmailChange::Dropped(dropped(&self.reason.text().unwrap_or_default())),
            "open" => EmailChange::Opened,
            "click" => EmailChange::clicked(self.url.text().as_deref()),
            "spamreport" => EmailChange::Complained,
            "unsubscribe" | "group_unsubscribe" => EmailChange::Unsubscribed { group: group() },
            "group_resubscribe" => EmailChange::Resubscribed { group: group() },
            _ => return None,
        };
        let mut event = EmailEvent::new(change, EmailAddress::new(self.email.text()?).ok()?);
        event.reference = self
            .reference
            .text()
            .and_then(|reference| MessageReference::new(reference).ok());
        event.message = self.sg_message_id.text().and_then(|id| message(&id));
        Some(event)
    }

    fn bounce(&self) -> BounceKind {
        let is = |raw: Raw<'_>, value: &str| {
            raw.text()
                .is_some_and(|text| text.eq_ignore_ascii_case(value))
        };
        if is(self.kind, "blocked") {
            BounceKind::Block
        } else if is(self.kind, "expired")
            || is(self.bounce_classification, "technical")
            || is(self.bounce_classification, "content")
        {
            BounceKind::Soft
        } else {
            BounceKind::Hard
        }
    }

    fn occurred_at(&self) -> Option<Timestamp> {
        let time: i64 = self.timestamp.text()?.parse().ok()?;
        if time >= MILLISECONDS_FROM {
            Timestamp::from_millisecond(time).ok()
        } else {
            Timestamp::from_second(time).ok()
        }
    }

    /// The key of the event: its content and not SendGrid's id, which some events lack and which is reported to change between
    /// attempts.
    fn key(&self) -> DedupeKey {
        let fields = [
            self.reference,
            self.sg_message_id,
            self.smtp_id,
            self.email,
            self.event,
            self.timestamp,
            self.url,
            self.url_offset,
            self.ip,
            self.useragent,
            self.attempt,
            self.reason,
            self.kind,
            self.asm_group_id,
        ];
        DedupeKey::digest(fields.map(|field| field.json().as_bytes()))
    }
}

/// Why SendGrid did not attempt to deliver; see "Dropped" in the event reference.
fn dropped(reason: &str) -> EmailDropReason {
    match reason {
        "Invalid" | "Invalid SMTPAPI header" => EmailDropReason::Invalid,
        "Unsubscribed Address" => EmailDropReason::OptedOut,
        "Bounced Address" => EmailDropReason::Bounced,
        "Spam Reporting Address" => EmailDropReason::Complained,
        "Spam Content" | "Spam Content (if Spam Checker app enabled)" => EmailDropReason::Spam,
        "Recipient List over Package Quota" => EmailDropReason::Quota,
        other => EmailDropReason::Other(other.to_owned()),
    }
}

/// The id in the response to sending, `X-Message-Id`: events append the name of the server that handled the email.
fn message(id: &str) -> Option<VendorId> {
    let end = [".filter", ".recvd"]
        .iter()
        .filter_map(|server| id.find(server))
        .min();
    VendorId::new(VENDOR, id.get(..end.unwrap_or(id.len()))?).ok()
}

// The name in serde's attribute must be a literal.
const _: () = assert!(matches!(
    crate::email::REFERENCE_ARG.as_bytes(),
    b"anyvendor_message_id"
));
