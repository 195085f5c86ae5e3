//! Checks of the parts of a message.

use anyvendor_core::Error;
use serde_json::{Map, Value};

use crate::config::VENDOR;

/// The name of the argument that carries our own id of a message into each of its events.
pub const REFERENCE_ARG: &str = "anyvendor_message_id";

/// The headers that SendGrid writes itself.
const OWN_HEADERS: [&str; 12] = [
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
];

/// The keys of SendGrid's events, which would hide an argument of the same name.
const EVENT_KEYS: [&str; 38] = [
    "asm_group_id",
    "attempt",
    "bounce_classification",
    "category",
    "cert_err",
    "email",
    "event",
    "ip",
    "marketing_campaign_id",
    "marketing_campaign_name",
    "marketing_campaign_version",
    "mc_stats",
    "newsletter",
    "phase_id",
    "pool",
    "post_type",
    "reason",
    "response",
    "send_at",
    "sg_content_type",
    "sg_event_id",
    "sg_message_id",
    "sg_template_id",
    "sg_template_name",
    "sg_user_id",
    "singlesend_id",
    "singlesend_name",
    "smtp-id",
    "status",
    "template_hash",
    "template_id",
    "template_version_id",
    "timestamp",
    "tls",
    "type",
    "url",
    "url_offset",
    "useragent",
];

/// Headers in SendGrid's format; those that it writes itself are rejected.
pub(super) fn headers(headers: &[(String, String)]) -> Result<Map<String, Value>, Error> {
    let mut checked = Map::new();
    for (name, value) in headers {
        let valid = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if !valid {
            let remedy = "a name must be visible ASCII without a colon or a line break";
            return Err(Error::invalid("headers", remedy));
        }
        if let Some(own) = OWN_HEADERS
            .iter()
            .find(|own| own.eq_ignore_ascii_case(name))
        {
            let remedy = format_args!("the vendor writes {own} itself; leave it out");
            return Err(Error::invalid("headers", remedy));
        }
        if value.chars().any(is_break) {
            let remedy = format_args!("the value of {name} has a line break or control character");
            return Err(Error::invalid("headers", remedy));
        }
        if checked
            .keys()
            .any(|known: &String| known.eq_ignore_ascii_case(name))
        {
            return Err(Error::unsupported(
                VENDOR,
                format_args!("the header {name} twice"),
            ));
        }
        checked.insert(name.clone(), value.as_str().into());
    }
    Ok(checked)
}

/// Checks a subject, which is also a header.
pub(super) fn subject(subject: &str) -> Result<(), Error> {
    if subject.chars().any(is_break) {
        Err(Error::invalid(
            "subject",
            "has a line break or control character; remove it",
        ))
    } else {
        Ok(())
    }
}

/// Checks that an event can return metadata under this name.
pub(super) fn argument_name(name: &str) -> Result<(), Error> {
    if name == REFERENCE_ARG {
        let remedy = format_args!("{REFERENCE_ARG} is the name of our own id; use another");
        return Err(Error::invalid("metadata", remedy));
    }
    if EVENT_KEYS.contains(&name) || name.starts_with("nlvx_") {
        Err(Error::invalid(
            "metadata",
            format_args!("the vendor's events already have a field {name}; use another name"),
        ))
    } else {
        Ok(())
    }
}

/// Whether a header must not contain this character.
pub(super) fn is_break(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}')
}
