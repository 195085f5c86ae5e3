//! A neutral message as the form that Twilio expects.

use std::time::Duration;

use anyvendor_core::{
    Error,
    form::Form,
    messaging::{Channel, MessageContent, Sender, TextMessage},
    values::{MessageReference, VendorId},
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::options::TwilioOptions;
use crate::config::{Defaults, REFERENCE_PARAMETER, VENDOR, callback_problem, is_sid};

/// The longest validity period that the vendor accepts.
pub(super) const MAX_VALIDITY: Duration = Duration::from_secs(36_000);

/// The form that sends a message.
pub(super) fn form(message: &TextMessage, defaults: &Defaults) -> Result<Form, Error> {
    let options = TwilioOptions::of(&message.extensions)?;
    let shortens = options.is_some_and(|options| options.shorten_urls);
    let needs_service = message.send_at.is_some() || shortens;
    let (from, service) = sender(message, defaults, needs_service)?;
    if service.is_none() && needs_service {
        let field = match message.send_at {
            Some(_) => "send_at",
            None => "shorten_urls",
        };
        let remedy = "needs a messaging service; set messaging_service_sid, or send from one";
        return Err(Error::invalid(field, remedy));
    }
    let form = Form::default()
        .add("To", on_channel(message.channel, message.to.as_str()))
        .add_some("From", from.map(|from| on_channel(message.channel, from)))
        .add_some("MessagingServiceSid", service);
    let form = match &message.content {
        MessageContent::Written { text, media } => form
            .add_some("Body", (!text.is_empty()).then_some(text))
            .add_all("MediaUrl", media),
        // The text is the template's: ContentSid excludes Body and MediaUrl.
        MessageContent::Template { id, variables } => {
            let json = if variables.is_empty() {
                None
            } else {
                Some(serde_json::to_string(variables).map_err(|_| {
                    Error::invalid("content", "has variables that cannot be written as JSON")
                })?)
            };
            form.add("ContentSid", id)
                .add_some("ContentVariables", json)
        }
        _ => return Err(Error::unsupported(VENDOR, "this content").with_field("content")),
    };
    let callback = callback(message, defaults)?;
    let send_at = message.send_at.map(whole_second);
    let form = form
        .add_some("StatusCallback", callback)
        .add_some(
            "ValidityPeriod",
            message.valid_for.map(|time| time.as_secs()),
        )
        .add_some("ScheduleType", send_at.map(|_| "fixed"))
        .add_some("SendAt", send_at);
    Ok(match options {
        Some(options) => options.fill(form),
        None => form,
    })
}

/// `From` and `MessagingServiceSid`: those of the message, or else those of the connection.
fn sender<'a>(
    message: &'a TextMessage,
    defaults: &'a Defaults,
    needs_service: bool,
) -> Result<(Option<&'a str>, Option<&'a str>), Error> {
    let whats_app = message.channel == Channel::WhatsApp;
    let service = defaults.service.as_deref();
    let pool = service.filter(|_| needs_service);
    let refuse = |remedy| Err(Error::invalid("from", remedy));
    Ok(match &message.from {
        Some(Sender::Number(number)) => (Some(number.as_str()), pool),
        Some(Sender::Name(_) | Sender::ShortCode(_)) if whats_app => {
            return refuse("must be a number or a messaging service for WhatsApp");
        }
        Some(Sender::Name(text) | Sender::ShortCode(text)) => (Some(text.as_str()), pool),
        Some(Sender::Service(id)) => (None, Some(service_id(id)?)),
        Some(_) => return Err(Error::unsupported(VENDOR, "this sender").with_field("from")),
        None if whats_app => match (defaults.whats_app_from.as_deref(), service) {
            (Some(from), _) => (Some(from), pool),
            (None, Some(service)) => (None, Some(service)),
            (None, None) => {
                let remedy = "set it or messaging_service_sid, or set the sender of the message";
                return Err(Error::config("whats_app_from", remedy));
            }
        },
        None if defaults.from.is_none() && service.is_none() => {
            let remedy = "set it or messaging_service_sid, or set the sender of the message";
            return Err(Error::config("from", remedy));
        }
        None => (defaults.from.as_deref(), service),
    })
}

fn service_id(id: &VendorId) -> Result<&str, Error> {
    let sid = id.expect_vendor(VENDOR, "from")?;
    if is_sid(sid, &["MG"]) {
        Ok(sid)
    } else {
        Err(Error::invalid(
            "from",
            "must be a messaging service: MG and 32 hexadecimal digits",
        ))
    }
}

/// An address on a channel: for WhatsApp both addresses have its name as a prefix.
pub(super) fn on_channel(channel: Channel, address: &str) -> String {
    match channel {
        Channel::WhatsApp => ["whatsapp:", address].concat(),
        _ => address.to_owned(),
    }
}

/// The status callback with our own id, which so comes back even if the response was lost.
fn callback(message: &TextMessage, defaults: &Defaults) -> Result<Option<Url>, Error> {
    let url = match (&message.status_callback, &defaults.status_callback) {
        (Some(url), _) => {
            if let Some(remedy) = callback_problem(url) {
                return Err(Error::invalid("status_callback", remedy));
            }
            url
        }
        (None, Some(url)) => url,
        (None, None) => return Ok(None),
    };
    Ok(Some(with_reference(url.clone(), &message.reference)))
}

fn with_reference(mut url: Url, reference: &MessageReference) -> Url {
    url.query_pairs_mut()
        .append_pair(REFERENCE_PARAMETER, reference.as_str());
    url
}

/// The next whole second: never earlier than the requested time, and never closer than the time that was checked.
fn whole_second(at: Timestamp) -> Timestamp {
    let whole = Timestamp::from_second(at.as_second()).unwrap_or(at);
    if whole < at {
        whole
            .checked_add(SignedDuration::from_secs(1))
            .unwrap_or(whole)
    } else {
        whole
    }
}
