//! The search of the email activity: terms such as `to_email="a@b.c"`, `unique_args="..."`, `msg_id`, `from_email` and
//! `subject`, joined by AND: <https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-email-activity-api>.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::ApiError;
use super::message::{Message, MessageStatus};
use crate::clock;

/// Handles `GET /v3/messages`.
pub(super) fn search(messages: &[Message], query: &str) -> Result<Value, ApiError> {
    let mut limit = 10;
    let mut terms = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "limit" => {
                limit = value
                    .parse::<usize>()
                    .ok()
                    .filter(|l| (1..=1000).contains(l))
                    .ok_or_else(|| ApiError::field("limit", "limit must be between 1 and 1000"))?;
            }
            "query" => {
                for part in value.split(" AND ") {
                    terms.push(term(part).ok_or_else(|| {
                        ApiError::new(StatusCode::BAD_REQUEST, "invalid query syntax")
                    })?);
                }
            }
            _ => {}
        }
    }
    let found: Vec<Value> = messages
        .iter()
        .rev()
        .filter(|m| terms.iter().all(|t| t.matches(m)))
        .take(limit)
        .map(show)
        .collect();
    Ok(json!({ "messages": found }))
}

/// One term of a query.
#[derive(Debug)]
enum Term {
    Equals(String, String),
    Argument(String, String),
    /// A condition on the time, which every message meets here.
    Any,
}

fn term(text: &str) -> Option<Term> {
    let text = text.trim().trim_matches(['(', ')']);
    if text.starts_with("last_event_time ") || text.starts_with("TIMESTAMP ") {
        return Some(Term::Any);
    }
    let (name, value) = text.split_once('=')?;
    let value = value
        .trim()
        .strip_prefix('"')?
        .strip_suffix('"')?
        .to_owned();
    let name = name.trim();
    let argument = name
        .strip_prefix("unique_args[")
        .and_then(|rest| rest.strip_suffix(']'));
    match argument {
        Some(key) => Some(Term::Argument(
            key.trim_matches(['\'', '"']).to_owned(),
            value,
        )),
        None => Some(Term::Equals(name.to_owned(), value)),
    }
}

impl Term {
    fn matches(&self, message: &Message) -> bool {
        match self {
            Self::Any => true,
            Self::Argument(key, value) => message.custom_args.get(key) == Some(value),
            Self::Equals(name, value) => match name.as_str() {
                "to_email" => message.to.email == *value,
                "from_email" => message.from.email == *value,
                "subject" => message.subject.as_ref() == Some(value),
                "msg_id" => message.id.starts_with(value.as_str()),
                "unique_args" => message.custom_args.values().any(|v| v == value),
                "status" => status(message) == value,
                _ => false,
            },
        }
    }
}

/// The status in the words of the search.
fn status(message: &Message) -> &'static str {
    match (message.status, message.send_at) {
        (MessageStatus::Queued, None) => "delivered",
        (MessageStatus::Queued, Some(at)) if at <= clock::unix_seconds() => "delivered",
        (MessageStatus::Queued | MessageStatus::Paused, _) => "processed",
        (MessageStatus::Cancelled, _) => "not_delivered",
    }
}

fn show(message: &Message) -> Value {
    json!({"from_email": message.from.email, "msg_id": message.id, "subject": message.subject,
        "to_email": message.to.email, "status": status(message), "opens_count": 0, "clicks_count": 0,
        "last_event_time": clock::rfc3339(message.accepted_at)})
}
