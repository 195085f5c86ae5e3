//! Checks the parts of a request: subject and content, attachments, headers, arguments, times and settings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::error::FieldErrors;
use super::super::fields::{decoded_size, items};
use super::context::CheckContext;

/// The header names that a request may not set.
const FORBIDDEN_HEADERS: &[&str] = &[
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
/// How far ahead a message can be scheduled, in seconds: 72 hours.
const MAX_AHEAD: i64 = 72 * 60 * 60;
/// The greatest size of the custom arguments, in bytes.
const MAX_ARGS: usize = 10_000;

/// Checks that the text, if it was sent, is not empty.
pub(super) fn not_empty(value: Option<&Value>, field: &str, errors: &mut FieldErrors) {
    if let Some(value) = value
        && value.as_str().is_none_or(str::is_empty)
    {
        let message = "The subject must be a string at least one character in length.";
        errors.add(field, message);
    }
}

pub(super) fn subject_and_content(request: &Value, errors: &mut FieldErrors) {
    let has_template = match request.get("template_id") {
        None => false,
        Some(id) => {
            if !id.as_str().is_some_and(is_template_id) {
                let shown = id.as_str().unwrap_or_default();
                let message =
                    format!("The template_id must be a valid GUID, you provided '{shown}'.");
                errors.add("template_id", message);
            }
            true
        }
    };
    not_empty(request.get("subject"), "subject", errors);
    let all_have_subject = items(request, "personalizations")
        .iter()
        .all(|p| p.get("subject").is_some());
    if request.get("subject").is_none() && !has_template && !all_have_subject {
        errors.add(
            "subject",
            "The subject is required. You can get context this requirement if you use a template with a subject defined \
             or if every personalization has a subject defined.",
        );
    }
    let content = items(request, "content");
    if content.is_empty() && !has_template {
        errors.add(
            "content",
            "Unless a valid template_id is provided, the content parameter is required. There must be at least one \
             defined content block. We typically suggest both text/plain and text/html blocks are included, but only \
             one block is required.",
        );
    }
    let mut last = 0;
    for (at, part) in content.iter().enumerate() {
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind.is_empty() || kind.contains([';', '\r', '\n']) {
            let message = "The content type must be a string at least one character in length.";
            errors.add(&format!("content.{at}.type"), message);
        }
        if part
            .get("value")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            let message = "The content value must be a string at least one character in length.";
            errors.add(&format!("content.{at}.value"), message);
        }
        let rank = match kind {
            "text/plain" => 1,
            "text/html" => 2,
            _ => 3,
        };
        if rank < last || (rank == last && rank < 3) {
            errors.add(
                "content",
                "If present, text/plain must be first, followed by text/html, followed by any other content types, and \
                 text/plain and text/html may only be provided once.",
            );
        }
        last = last.max(rank);
    }
}

/// Whether the id is a GUID, or `d-` and 32 hexadecimal digits.
fn is_template_id(id: &str) -> bool {
    let digits: String = id.strip_prefix("d-").unwrap_or(id).replace('-', "");
    digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

pub(super) fn attachments(request: &Value, errors: &mut FieldErrors) {
    for (at, file) in items(request, "attachments").iter().enumerate() {
        let field = |name: &str| format!("attachments.{at}.{name}");
        let text = |name: &str| file.get(name).and_then(Value::as_str);
        match text("content") {
            None | Some("") => errors.add(
                &field("content"),
                "The attachment content is required and must be a string at least one character in length.",
            ),
            Some(content) if decoded_size(content).is_none() => errors.add(
                &field("content"),
                "The attachment content must be base64 encoded.",
            ),
            Some(_) => {}
        }
        if text("filename").is_none_or(str::is_empty) {
            let message = "The attachment filename is required and must be a string at least one character in length.";
            errors.add(&field("filename"), message);
        }
        if file.get("type").is_some()
            && text("type").is_none_or(|t| t.is_empty() || t.contains([';', '\n']))
        {
            let message = "The attachment type must be a string at least one character in length.";
            errors.add(&field("type"), message);
        }
        match text("disposition") {
            None | Some("attachment") => {}
            Some("inline") if text("content_id").is_some_and(|id| !id.is_empty()) => {}
            Some("inline") => {
                let message = "The attachment content_id is required for an inline attachment.";
                errors.add(&field("content_id"), message);
            }
            Some(_) => errors.add(
                &field("disposition"),
                "The attachment disposition can be either inline or attachment.",
            ),
        }
    }
}

pub(super) fn headers(value: Option<&Value>, field: &str, errors: &mut FieldErrors) {
    for (name, value) in fields_of(value, field, errors) {
        let field = format!("{field}.{name}");
        if FORBIDDEN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            errors.add(
                &field,
                format!("The header {name} is reserved and cannot be set."),
            );
        }
        if name.is_empty() || name.bytes().any(|b| !(33..=126).contains(&b) || b == b':') {
            errors.add(&field, "The header name is not valid.");
        }
        if value.as_str().is_none_or(|v| v.contains(['\r', '\n'])) {
            errors.add(
                &field,
                "The header value must be a string without line breaks.",
            );
        }
    }
}

pub(super) fn args(value: Option<&Value>, field: &str, errors: &mut FieldErrors) {
    let args = fields_of(value, field, errors);
    for (name, value) in &args {
        if !value.is_string() {
            let message = "The custom_args values must be strings.";
            errors.add(&format!("{field}.{name}"), message);
        }
    }
    let size = value.map_or(0, |value| value.to_string().len());
    if size > MAX_ARGS {
        errors.add(field, "The custom_args may not be over 10000 bytes.");
    }
}

pub(super) fn substitutions(personalization: &Value, field: &str, errors: &mut FieldErrors) {
    let field = format!("{field}.substitutions");
    let value = personalization.get("substitutions");
    for (name, value) in fields_of(value, &field, errors) {
        if !value.is_string() && !value.is_null() {
            let message = "The substitution values must be strings.";
            errors.add(&format!("{field}.{name}"), message);
        }
    }
    if value.map_or(0, |value| value.to_string().len()) > MAX_ARGS {
        errors.add(&field, "The substitutions may not be over 10000 bytes.");
    }
}

fn fields_of<'a>(
    value: Option<&'a Value>,
    field: &str,
    errors: &mut FieldErrors,
) -> BTreeMap<&'a str, &'a Value> {
    match value {
        None => BTreeMap::new(),
        Some(Value::Object(fields)) => fields.iter().map(|(k, v)| (k.as_str(), v)).collect(),
        Some(_) => {
            errors.add(field, "This must be an object.");
            BTreeMap::new()
        }
    }
}

pub(super) fn categories(request: &Value, errors: &mut FieldErrors) {
    let list = items(request, "categories");
    if list.len() > 10 {
        errors.add("categories", "There may be at most 10 categories.");
    }
    let mut seen = BTreeSet::new();
    for (at, category) in list.iter().enumerate() {
        let text = category.as_str();
        if text.is_none_or(|t| t.chars().count() > 255) {
            let message = "Each category must be a string of at most 255 characters.";
            errors.add(&format!("categories.{at}"), message);
        }
        if !text.is_none_or(|t| seen.insert(t)) {
            errors.add("categories", "The categories must be unique.");
        }
    }
}

pub(super) fn send_at(
    value: Option<&Value>,
    field: &str,
    context: &CheckContext<'_>,
    errors: &mut FieldErrors,
) {
    let Some(value) = value else {
        return;
    };
    match value.as_i64() {
        None => errors.add(field, "The send_at must be an integer of unix seconds."),
        Some(at) if at > context.now.saturating_add(MAX_AHEAD) => errors.add(
            field,
            "Scheduling more than 72 hours in advance is forbidden.",
        ),
        Some(_) => {}
    }
}

pub(super) fn settings(request: &Value, errors: &mut FieldErrors) {
    for group in ["mail_settings", "tracking_settings"] {
        for (name, value) in fields_of(request.get(group), group, errors) {
            let shown = name.replace('_', " ");
            if value
                .get("enable")
                .is_some_and(|enable| !enable.is_boolean())
            {
                let message = format!("The {shown} enable param should be a boolean value.");
                errors.add(&format!("{group}.{name}.enable"), message);
            }
        }
    }
    let on = |name: &str| {
        let path = format!("/mail_settings/{name}/enable");
        request.pointer(&path).and_then(Value::as_bool) == Some(true)
    };
    let others = [
        "bypass_spam_management",
        "bypass_bounce_management",
        "bypass_unsubscribe_management",
    ];
    if on("bypass_list_management") && others.into_iter().any(on) {
        let message =
            "The bypass_list_management setting cannot be combined with the other bypass settings.";
        errors.add("mail_settings.bypass_list_management", message);
    }
    if let Some(asm) = request.get("asm") {
        if !asm.get("group_id").is_some_and(Value::is_i64) {
            errors.add(
                "asm.group_id",
                "The asm group_id is required and must be an integer.",
            );
        }
        if items(asm, "groups_to_display").len() > 25 {
            let message = "There may be at most 25 groups_to_display.";
            errors.add("asm.groups_to_display", message);
        }
    }
    if let Some(pool) = request.get("ip_pool_name")
        && !pool.as_str().is_some_and(|p| (2..=64).contains(&p.len()))
    {
        let message = "The ip_pool_name must be a string of 2 to 64 characters.";
        errors.add("ip_pool_name", message);
    }
}
