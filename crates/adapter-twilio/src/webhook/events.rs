//! Twilio's callbacks as neutral events; see <https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>
//! and <https://www.twilio.com/docs/messaging/guides/webhook-request>.

use ::url::{Url, form_urlencoded};
use anyvendor_core::{
    messaging::{Channel, MessageStatus},
    values::{MessageReference, SensitiveUrl, VendorId},
    webhook::{
        DedupeKey, Event, InboundMedia, InboundMessage, MessageEvent, OptKeyword, Verified,
        WebhookEvent, WebhookRequest,
    },
};
use bytes::Bytes;
use http::Method;

use super::{
    form::{Form, JSON},
    url,
};
use crate::{
    config::{REFERENCE_PARAMETER, VENDOR},
    messaging::{number, status},
};

/// The name of a delivery that has no name itself.
const UNNAMED: &str = "callback";
/// The most media that are read: a message has at most ten.
const MAX_MEDIA: usize = 10;

pub(super) fn event(verified: &Verified<'_>) -> WebhookEvent {
    let request = verified.request();
    let query = query(request.url());
    let (form, raw) = if request.method() == Method::GET {
        (query.as_bytes(), Bytes::copy_from_slice(query.as_bytes()))
    } else {
        (fields(&request), verified.body().clone())
    };
    let form = Form::new(form);
    let change = change(&form, query);
    let sid = sid(&form);
    let name = form
        .get("MessageStatus")
        .or_else(|| form.get("SmsStatus"))
        .or_else(|| form.get("EventType"))
        .unwrap_or(UNNAMED);
    // No event has an id.
    let key = match (&change, sid) {
        // The message, its status and its error code identify a change of its status.
        (Event::Message(_), Some(sid)) => {
            let code = form.get("ErrorCode").unwrap_or_default();
            DedupeKey::digest([sid, name, code].map(str::as_bytes))
        }
        // A message is received once. Its author wrote the rest.
        (Event::InboundMessage(_), Some(sid)) => {
            DedupeKey::digest(["inbound", sid].map(str::as_bytes))
        }
        // Everything else is identified by what is signed: the bytes of the body can be written in other ways.
        _ => signature(request),
    };
    let mut event = WebhookEvent::new(verified, name, key, change, raw);
    event.account = form.get("AccountSid").map(str::to_owned);
    event.api_version = form.get("ApiVersion").map(str::to_owned);
    event
}

/// The key of everything that a signature covers: the URL without its port, and the fields as they are signed.
pub(super) fn signature(request: WebhookRequest<'_>) -> DedupeKey {
    let without = url::with_and_without_port(request.url()).map(|[without, _]| without);
    let [before, _, after] = without.unwrap_or(["", "", request.url()]);
    let joined = if request.method() == Method::GET {
        String::new()
    } else {
        Form::new(fields(&request)).joined()
    };
    DedupeKey::digest([[before, after, &joined].concat().as_bytes()])
}

/// The fields of a POST. JSON has none: of a delivery with JSON, the hash in the URL is signed in place of fields.
pub(super) fn fields<'a>(request: &WebhookRequest<'a>) -> &'a [u8] {
    if request.check_content_type(JSON).is_ok() {
        b""
    } else {
        request.body()
    }
}

fn query(url: &str) -> &str {
    url.split_once('?').map_or("", |(_, query)| query)
}

/// The id of the message.
fn sid<'a>(form: &'a Form<'_>) -> Option<&'a str> {
    form.get("MessageSid").or_else(|| form.get("SmsSid"))
}

/// What the callback reports.
fn change(form: &Form<'_>, query: &str) -> Event {
    let Some(message) = sid(form).and_then(|sid| VendorId::new(VENDOR, sid).ok()) else {
        return Event::Other;
    };
    let code = form
        .get("ErrorCode")
        .and_then(|code| code.parse::<u32>().ok());
    let reported = form.get("MessageStatus").or_else(|| form.get("SmsStatus"));
    match reported.map(|text| status(Some(text), code)) {
        Some(MessageStatus::Received) => inbound(form, message),
        None if form.get("From").is_some() && form.has("Body") => inbound(form, message),
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
