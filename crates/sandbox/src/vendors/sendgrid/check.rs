//! Validates a `mail/send` request; each error has the vendor's message and the field's name:
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors>.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::is_address;
use super::error::{ApiError, FieldErrors};
use super::fields::items;
use parts::{
    args, attachments, categories, headers, not_empty, send_at, settings, subject_and_content,
    substitutions,
};

pub(super) use context::CheckContext;

mod context;
mod parts;

/// The known fields of a request.
const TOP_LEVEL: &[&str] = &[
    "personalizations",
    "from",
    "reply_to",
    "reply_to_list",
    "subject",
    "content",
    "attachments",
    "template_id",
    "headers",
    "sections",
    "categories",
    "custom_args",
    "send_at",
    "batch_id",
    "asm",
    "ip_pool_name",
    "mail_settings",
    "tracking_settings",
];

/// Rejects a request that the vendor would reject.
pub(super) fn check(request: &Value, context: &CheckContext<'_>) -> Result<(), ApiError> {
    let mut errors = FieldErrors::default();
    let Some(fields) = request.as_object() else {
        return Err(ApiError::new(http::StatusCode::BAD_REQUEST, "Bad Request"));
    };
    for name in fields.keys().filter(|n| !TOP_LEVEL.contains(&n.as_str())) {
        errors.add(
            name,
            format!("Invalid field: {name} is not a known parameter."),
        );
    }
    from(request, &mut errors);
    personalizations(request, context, &mut errors);
    reply_to(request, &mut errors);
    subject_and_content(request, &mut errors);
    attachments(request, &mut errors);
    headers(request.get("headers"), "headers", &mut errors);
    categories(request, &mut errors);
    args(request.get("custom_args"), "custom_args", &mut errors);
    send_at(request.get("send_at"), "send_at", context, &mut errors);
    settings(request, &mut errors);
    if let Some(batch) = request.get("batch_id")
        && !batch.as_str().is_some_and(context.has_batch)
    {
        errors.add("batch_id", "The batch_id is not valid: create it first.");
    }
    errors.finish()
}

/// Whether the request asks only to be validated.
pub(super) fn is_sandbox_mode(request: &Value) -> bool {
    let path = "/mail_settings/sandbox_mode/enable";
    request.pointer(path).and_then(Value::as_bool) == Some(true)
}

fn from(request: &Value, errors: &mut FieldErrors) {
    match request.get("from") {
        None => errors.add(
            "from",
            "The from object must be provided for every email send. It is an object that requires the email parameter, \
             but may also contain a name parameter.  e.g. {\"email\" : \"example@example.com\"}  or {\"email\" : \
             \"example@example.com\", \"name\" : \"Example Recipient\"}.",
        ),
        Some(from) => {
            person(from, "from", errors);
        }
    }
}

/// Checks an address with its name. Returns the address in lower case if it is valid.
fn person(value: &Value, field: &str, errors: &mut FieldErrors) -> Option<String> {
    let email = value.get("email").and_then(Value::as_str);
    if let Some(name) = value.get("name") {
        match name.as_str() {
            None => errors.add(&format!("{field}.name"), "The name must be a string."),
            Some(name) if name.contains([';', ',']) && !is_quoted(name) => errors.add(
                &format!("{field}.name"),
                "The name may not contain a comma or a semicolon, unless it is in double quotes.",
            ),
            Some(_) => {}
        }
    }
    match email.filter(|email| is_address(email)) {
        Some(email) => Some(email.to_ascii_lowercase()),
        None => {
            errors.add(
                &format!("{field}.email"),
                "Does not contain a valid address.",
            );
            None
        }
    }
}

fn is_quoted(name: &str) -> bool {
    name.len() > 1 && name.starts_with('"') && name.ends_with('"')
}

fn personalizations(request: &Value, context: &CheckContext<'_>, errors: &mut FieldErrors) {
    let list = request.get("personalizations").and_then(Value::as_array);
    let Some(list) = list.filter(|list| !list.is_empty()) else {
        errors.add(
            "personalizations",
            "The personalizations field is required and must have at least one personalization.",
        );
        return;
    };
    if list.len() > 1000 {
        let message = "There is a limit of 1000 personalizations per request.";
        errors.add("personalizations", message);
        return;
    }
    let mut recipients = 0;
    for (at, personalization) in list.iter().enumerate() {
        let field = format!("personalizations.{at}");
        recipients += to_cc_bcc(personalization, &field, errors);
        if let Some(from) = personalization.get("from") {
            person(from, &format!("{field}.from"), errors);
        }
        not_empty(
            personalization.get("subject"),
            &format!("{field}.subject"),
            errors,
        );
        headers(
            personalization.get("headers"),
            &format!("{field}.headers"),
            errors,
        );
        args(
            personalization.get("custom_args"),
            &format!("{field}.custom_args"),
            errors,
        );
        substitutions(personalization, &field, errors);
        send_at(
            personalization.get("send_at"),
            &format!("{field}.send_at"),
            context,
            errors,
        );
        if personalization.get("dynamic_template_data").is_some() && !is_dynamic(request) {
            errors.add(
                &format!("{field}.dynamic_template_data"),
                "The dynamic_template_data can only be used with a dynamic template: its template_id starts with d-.",
            );
        }
    }
    if recipients > 1000 {
        errors.add(
            "personalizations",
            "There is a limit of 1000 total recipients (to + cc + bcc) per request.",
        );
    }
}

fn is_dynamic(request: &Value) -> bool {
    let id = request.get("template_id").and_then(Value::as_str);
    id.is_some_and(|id| id.starts_with("d-"))
}

/// Checks the recipients and returns their number; each address may occur only once.
fn to_cc_bcc(personalization: &Value, field: &str, errors: &mut FieldErrors) -> usize {
    if items(personalization, "to").is_empty() {
        errors.add(
            &format!("{field}.to"),
            "The to array is required for all personalization objects, and must have at least one email object with a \
             valid email address.",
        );
    }
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for kind in ["to", "cc", "bcc"] {
        for (at, who) in items(personalization, kind).iter().enumerate() {
            count += 1;
            let Some(email) = person(who, &format!("{field}.{kind}.{at}"), errors) else {
                continue;
            };
            if seen.contains(&email) {
                errors.add(
                    "personalizations",
                    format!(
                        "Each email address in the personalization block should be unique between to, cc, and bcc. We \
                         found the first duplicate instance of [{email}] in the {field}.{kind} field."
                    ),
                );
            }
            seen.insert(email);
        }
    }
    count
}

fn reply_to(request: &Value, errors: &mut FieldErrors) {
    if let Some(who) = request.get("reply_to") {
        person(who, "reply_to", errors);
    }
    let Some(list) = request.get("reply_to_list") else {
        return;
    };
    if request.get("reply_to").is_some() {
        let message = "Only one of reply_to and reply_to_list may be used.";
        errors.add("reply_to_list", message);
    }
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > 1000 {
        let message = "The reply_to_list must have 1 to 1000 addresses.";
        errors.add("reply_to_list", message);
    }
    let mut seen = BTreeSet::new();
    for (at, who) in list.iter().enumerate() {
        if let Some(email) = person(who, &format!("reply_to_list.{at}"), errors)
            && !seen.insert(email)
        {
            let message = "Each email address in the reply_to_list should be unique.";
            errors.add("reply_to_list", message);
        }
    }
}
