//! What mail/send refuses: fields, sizes and combinations, each in the vendor's words and with its field's name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::is_address;
use super::people;
use super::refusal::{Complaints, Refusal};
use parts::{
    args, attachments, categories, headers, not_empty, send_at, settings, subject_and_content,
    substitutions,
};

pub(super) use parts::decoded_size;

mod parts;

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
/// What validation needs to know besides the request.
pub(super) struct Around<'a> {
    pub(super) now: i64,
    pub(super) has_batch: &'a dyn Fn(&str) -> bool,
}

/// Refuses a request that the vendor would refuse.
pub(super) fn check(mail: &Value, around: &Around<'_>) -> Result<(), Refusal> {
    let mut say = Complaints::default();
    let Some(fields) = mail.as_object() else {
        return Err(Refusal::new(http::StatusCode::BAD_REQUEST, "Bad Request"));
    };
    for name in fields.keys().filter(|n| !TOP_LEVEL.contains(&n.as_str())) {
        say.say(
            name,
            format!("Invalid field: {name} is not a known parameter."),
        );
    }
    from(mail, &mut say);
    personalizations(mail, around, &mut say);
    reply_to(mail, &mut say);
    subject_and_content(mail, &mut say);
    attachments(mail, &mut say);
    headers(mail.get("headers"), "headers", &mut say);
    categories(mail, &mut say);
    args(mail.get("custom_args"), "custom_args", &mut say);
    send_at(mail.get("send_at"), "send_at", around, &mut say);
    settings(mail, &mut say);
    if let Some(batch) = mail.get("batch_id")
        && !batch.as_str().is_some_and(around.has_batch)
    {
        say.say("batch_id", "The batch_id is not valid: create it first.");
    }
    say.finish()
}

/// Whether the request only wants to be validated.
pub(super) fn is_sandbox_mode(mail: &Value) -> bool {
    let path = "/mail_settings/sandbox_mode/enable";
    mail.pointer(path).and_then(Value::as_bool) == Some(true)
}

fn from(mail: &Value, say: &mut Complaints) {
    match mail.get("from") {
        None => say.say(
            "from",
            "The from object must be provided for every email send. It is an object that requires the email parameter, \
             but may also contain a name parameter.  e.g. {\"email\" : \"example@example.com\"}  or {\"email\" : \
             \"example@example.com\", \"name\" : \"Example Recipient\"}.",
        ),
        Some(from) => {
            person(from, "from", say);
        }
    }
}

/// One address with its name; the address in lower case when it is one.
fn person(value: &Value, field: &str, say: &mut Complaints) -> Option<String> {
    let email = value.get("email").and_then(Value::as_str);
    if let Some(name) = value.get("name") {
        match name.as_str() {
            None => say.say(&format!("{field}.name"), "The name must be a string."),
            Some(name) if name.contains([';', ',']) && !is_quoted(name) => say.say(
                &format!("{field}.name"),
                "The name may not contain a comma or a semicolon, unless it stands in double quotes.",
            ),
            Some(_) => {}
        }
    }
    match email.filter(|email| is_address(email)) {
        Some(email) => Some(email.to_ascii_lowercase()),
        None => {
            say.say(
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

fn personalizations(mail: &Value, around: &Around<'_>, say: &mut Complaints) {
    let list = mail.get("personalizations").and_then(Value::as_array);
    let Some(list) = list.filter(|list| !list.is_empty()) else {
        say.say(
            "personalizations",
            "The personalizations field is required and must have at least one personalization.",
        );
        return;
    };
    if list.len() > 1000 {
        let message = "There is a limit of 1000 personalizations per request.";
        say.say("personalizations", message);
        return;
    }
    let mut recipients = 0;
    for (at, one) in list.iter().enumerate() {
        let field = format!("personalizations.{at}");
        recipients += to_cc_bcc(one, &field, say);
        if let Some(from) = one.get("from") {
            person(from, &format!("{field}.from"), say);
        }
        not_empty(one.get("subject"), &format!("{field}.subject"), say);
        headers(one.get("headers"), &format!("{field}.headers"), say);
        args(one.get("custom_args"), &format!("{field}.custom_args"), say);
        substitutions(one, &field, say);
        send_at(one.get("send_at"), &format!("{field}.send_at"), around, say);
        if one.get("dynamic_template_data").is_some() && !is_dynamic(mail) {
            say.say(
                &format!("{field}.dynamic_template_data"),
                "The dynamic_template_data can only be used with a dynamic template: its template_id starts with d-.",
            );
        }
    }
    if recipients > 1000 {
        say.say(
            "personalizations",
            "There is a limit of 1000 total recipients (to + cc + bcc) per request.",
        );
    }
}

fn is_dynamic(mail: &Value) -> bool {
    let id = mail.get("template_id").and_then(Value::as_str);
    id.is_some_and(|id| id.starts_with("d-"))
}

/// How many recipients; an address may stand only once.
fn to_cc_bcc(one: &Value, field: &str, say: &mut Complaints) -> usize {
    if people(one, "to").is_empty() {
        say.say(
            &format!("{field}.to"),
            "The to array is required for all personalization objects, and must have at least one email object with a \
             valid email address.",
        );
    }
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for kind in ["to", "cc", "bcc"] {
        for (at, who) in people(one, kind).iter().enumerate() {
            count += 1;
            let Some(email) = person(who, &format!("{field}.{kind}.{at}"), say) else {
                continue;
            };
            if seen.contains(&email) {
                say.say(
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

fn reply_to(mail: &Value, say: &mut Complaints) {
    if let Some(who) = mail.get("reply_to") {
        person(who, "reply_to", say);
    }
    let Some(list) = mail.get("reply_to_list") else {
        return;
    };
    if mail.get("reply_to").is_some() {
        let message = "Only one of reply_to and reply_to_list may be used.";
        say.say("reply_to_list", message);
    }
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > 1000 {
        let message = "The reply_to_list must have 1 to 1000 addresses.";
        say.say("reply_to_list", message);
    }
    let mut seen = BTreeSet::new();
    for (at, who) in list.iter().enumerate() {
        if let Some(email) = person(who, &format!("reply_to_list.{at}"), say)
            && !seen.insert(email)
        {
            let message = "Each email address in the reply_to_list should be unique.";
            say.say("reply_to_list", message);
        }
    }
}
