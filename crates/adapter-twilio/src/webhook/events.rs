//! Twilio's callbacks as neutral events; see <https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>
//! and <https://www.twilio.com/docs/messaging/guides/webhook-request>.

use std::borrow::Cow;

use ::url::{Url, form_urlencoded};
use anyvendor_core::{
    messaging::{Channel, MessageStatus},
    values::{MessageReference, SensitiveUrl, VendorId},
    webhook::{
        DedupeKey, Event, InboundMedia, InboundMessage, MessageEvent, OptKeyword, Verified,
        WebhookEvent,
    },
};
use bytes::Bytes;
use http::Method;

use crate::{
    config::{REFERENCE_PARAMETER, VENDOR},
    messaging::{number, status},
};

/// The name of a delivery that has no name itself.
const UNNAMED: &str = "callback";
/// The most media that are read: a message has at most ten.
const MAX_MEDIA: usize = 10;

/// The fields of a form; if a name is repeated, the first field counts.
struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.as_ref())
            .filter(|value| !value.is_empty())
    }
}

pub(super) fn event(verified: &Verified<'_>) -> WebhookEvent {
    let request = verified.request();
    let query = request.url().split_once('?').map_or("", |(_, query)| query);
    let (form, raw) = if request.method() == Method::GET {
        (query.as_bytes(), Bytes::copy_from_slice(query.as_bytes()))
    } else {
        (verified.body().as_ref(), verified.body().clone())
    };
    let form = Form(form_urlencoded::parse(form).collect());
    let change = change(&form, query);
    let sid = form.get("MessageSid").or_else(|| form.get("SmsSid"));
    let name = form
        .get("MessageStatus")
        .or_else(|| form.get("SmsStatus"))
        .or_else(|| form.get("EventType"))
        .unwrap_or(UNNAMED);
    let key = match (&change, sid) {
        // No event has an id: the message, its status and its error code identify it.
        (Event::Message(_) | Event::InboundMessage(_), Some(sid)) => {
            let code = form.get("ErrorCode").unwrap_or_default();
            DedupeKey::digest([sid, name, code].map(str::as_bytes))
        }
        _ => DedupeKey::digest([query.as_bytes(), raw.as_ref()]),
    };
    let mut event = WebhookEvent::new(verified, name, key, change, raw);
    event.account = form.get("AccountSid").map(str::to_owned);
    event.api_version = form.get("ApiVersion").map(str::to_owned);
    event
}

/// What the callback reports.
fn change(form: &Form<'_>, query: &str) -> Event {
    let sid = form.get("MessageSid").or_else(|| form.get("SmsSid"));
    let Some(message) = sid.and_then(|sid| VendorId::new(VENDOR, sid).ok()) else {
        return Event::Other;
    };
    let code = form
        .get("ErrorCode")
        .and_then(|code| code.parse::<u32>().ok());
    let reported = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
    match reported.map(|text| status(Some(text), code)) {
        Some(MessageStatus::Received) => inbound(form, message),
        None if form.get("From").is_some() && form.0.iter().any(|(name, _)| name == "Body") => {
            inbound(form, message)
        }
        None => Event::Other,
        Some(status) => {
            let mut event = MessageEvent::new(status, message);
            event.reference = form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == REFERENCE_PARAMETER)
                .and_then(|(_, value)| MessageReference::new(value).ok());
            event.to = form.get("To").and_then(number);
            event.vendor_code = code.map(|code| code.to_string());
            // "Attempt to send to unsubscribed recipient", and the same over WhatsApp.
            event.opted_out = matches!(code, Some(21_610 | 63_033));
            Event::Message(event)
        }
    }
}

fn inbound(form: &Form<'_>, message: VendorId) -> Event {
    let of = |name: &str| form.get(name).unwrap_or_default();
    let (from, to, text) = (of("From"), of("To"), of("Body"));
    let mut event = InboundMessage::new(message, bare(from), bare(to), text);
    if from.starts_with("whatsapp:") {
        event.channel = Channel::WhatsApp;
    }
    let count = of("NumMedia").parse::<usize>().unwrap_or(0).min(MAX_MEDIA);
    event.media = (0..count)
        .filter_map(|at| {
            let url = Url::parse(form.get(&format!("MediaUrl{at}"))?).ok()?;
            let kind = form
                .get(&format!("MediaContentType{at}"))
                .map(str::to_owned);
            Some(InboundMedia::new(SensitiveUrl::new(url), kind))
        })
        .collect();
    event.keyword = keyword(form.get("OptOutType").unwrap_or(text));
    Event::InboundMessage(Box::new(event))
}

/// An address without the channel's prefix.
fn bare(address: &str) -> &str {
    address.split_once(':').map_or(address, |(_, bare)| bare)
}

/// The default keywords of Twilio, which must be the whole text; see
/// <https://help.twilio.com/articles/223134027-Twilio-support-for-opt-out-keywords-SMS-STOP-filtering->.
fn keyword(text: &str) -> Option<OptKeyword> {
    Some(match text.trim().to_ascii_uppercase().as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => {
            OptKeyword::Stop
        }
        "START" | "YES" | "UNSTOP" => OptKeyword::Start,
        "HELP" | "INFO" => OptKeyword::Help,
        _ => return None,
    })
}
