//! Checks a request to send a message; the first error rejects it:
//! <https://www.twilio.com/docs/messaging/api/message-resource>.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::address::{Address, check_from, check_to};
use super::content::{self, ContentTemplate};
use super::error::ApiError;
use super::form::Form;

/// The greatest length of a body, in characters.
const MAX_CHARACTERS: usize = 1600;
/// The greatest number of media files.
const MAX_MEDIA: usize = 10;
/// `SendAt` must be further ahead than this, in seconds.
const MIN_AHEAD: i64 = 300;
/// `SendAt` must not be further ahead than this, in seconds: 35 days.
const MAX_AHEAD: i64 = 35 * 24 * 60 * 60;

/// The facts outside a request that its check depends on.
pub(super) struct CheckContext<'a> {
    pub(super) now: i64,
    pub(super) service: &'a str,
    pub(super) templates: &'a BTreeMap<String, ContentTemplate>,
}

/// A request to send a message, with valid fields.
#[derive(Debug)]
pub(super) struct SendRequest<'a> {
    pub(super) to: &'a str,
    pub(super) address: Address<'a>,
    pub(super) from: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    pub(super) body: String,
    pub(super) media: Vec<String>,
    pub(super) content_sid: Option<&'a str>,
    pub(super) content_variables: BTreeMap<String, String>,
    pub(super) status_callback: Option<&'a str>,
    pub(super) validity_period: Option<u32>,
    pub(super) send_at: Option<i64>,
}

/// Checks the fields of a request.
pub(super) fn check<'a>(
    form: &'a Form,
    context: &CheckContext<'_>,
) -> Result<SendRequest<'a>, ApiError> {
    let to = form.get("To").ok_or_else(|| {
        let message = "The destination 'To' phone number is required to send an SMS";
        ApiError::bad_request(21604, message)
    })?;
    let (from, service) = (form.get("From"), form.get("MessagingServiceSid"));
    if from.is_none() && service.is_none() {
        let message = "A 'From' or 'MessagingServiceSid' parameter is required to send a message";
        return Err(ApiError::bad_request(21603, message));
    }
    let address = check_to(to)?;
    if service.is_some_and(|sid| sid != context.service) {
        let message = "The Messaging Service does not exist";
        return Err(ApiError::bad_request(21701, message));
    }
    if let Some(from) = from {
        let sender = check_from(from)?;
        if sender.whatsapp != address.whatsapp {
            let message = "Invalid From and To pair. From and To should be of the same channel.";
            return Err(ApiError::bad_request(21910, message));
        }
        if from == to {
            let message = "'To' and 'From' number cannot be the same";
            return Err(ApiError::bad_request(21266, message));
        }
    }
    let content_sid = form.get("ContentSid");
    let content_variables = content::variables(form.get("ContentVariables"))?;
    let (body, media) = match content_sid {
        Some(sid) => {
            let template = context
                .templates
                .get(sid)
                .ok_or_else(|| ApiError::bad_request(21655, "The ContentSid is Invalid"))?;
            (template.fill(&content_variables), Vec::new())
        }
        None => (
            form.get("Body").unwrap_or_default().to_owned(),
            form.all("MediaUrl"),
        ),
    };
    if body.chars().count() > MAX_CHARACTERS {
        let message = "The concatenated message body exceeds the 1600 character limit";
        return Err(ApiError::bad_request(21617, message));
    }
    if media.len() > MAX_MEDIA {
        let message = "Number of media files exceeds allowed limit";
        return Err(ApiError::bad_request(21623, message));
    }
    if !media.iter().all(|url| is_media(url)) {
        return Err(ApiError::bad_request(21620, "Invalid media URL(s)"));
    }
    if body.is_empty() && media.is_empty() {
        return Err(ApiError::bad_request(21602, "Message body is required"));
    }
    let status_callback = form.get("StatusCallback");
    if !status_callback.is_none_or(is_callback) {
        return Err(ApiError::bad_request(21609, "Invalid 'StatusCallback'"));
    }
    Ok(SendRequest {
        to,
        address,
        from,
        service,
        body,
        media,
        content_sid,
        content_variables,
        status_callback,
        validity_period: validity(form)?,
        send_at: send_at(form, service.is_some(), context.now)?,
    })
}

/// The host of an HTTP URL.
fn host(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https");
    is_http.then(|| url.host_str().map(str::to_owned)).flatten()
}

/// Whether the vendor could fetch the media; the host `unreachable.invalid` stands for one that it cannot reach.
fn is_media(url: &str) -> bool {
    host(url).is_some_and(|host| host != "unreachable.invalid")
}

/// Whether the callback URL is valid; Twilio does not accept an underscore in the host name.
fn is_callback(url: &str) -> bool {
    host(url).is_some_and(|host| !host.contains('_'))
}

fn validity(form: &Form) -> Result<Option<u32>, ApiError> {
    let Some(text) = form.get("ValidityPeriod") else {
        return Ok(None);
    };
    let seconds = text.parse().ok().filter(|s| (1..=36_000).contains(s));
    match seconds {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(ApiError::bad_request(
            21624,
            "Invalid validity period value",
        )),
    }
}

fn send_at(form: &Form, has_service: bool, now: i64) -> Result<Option<i64>, ApiError> {
    let kind = match (form.get("ScheduleType"), form.get("SendAt")) {
        (None, None) => return Ok(None),
        (kind, _) => kind,
    };
    match kind {
        Some("fixed") => {}
        None => {
            let message = "SendAt can only be used when ScheduleType is 'fixed'";
            return Err(ApiError::bad_request(35119, message));
        }
        Some(_) => {
            let message = "The ScheduleType value provided is not supported for this channel";
            return Err(ApiError::bad_request(35126, message));
        }
    }
    let Some(text) = form.get("SendAt") else {
        return Err(ApiError::bad_request(35111, "SendAt timestamp is missing"));
    };
    if !has_service {
        let message = "MessagingServiceSid is required to schedule a message";
        return Err(ApiError::bad_request(35118, message));
    }
    let invalid = || ApiError::bad_request(35115, "Scheduling does not support this timestamp");
    let at: Timestamp = text.parse().map_err(|_| invalid())?;
    let ahead = at.as_second().saturating_sub(now);
    if ahead > MIN_AHEAD && ahead <= MAX_AHEAD {
        Ok(Some(at.as_second()))
    } else {
        Err(invalid())
    }
}
