//! Handles `GET Messages.json`: the newest messages first, filtered, in pages.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::error::ApiError;
use super::form::Form;
use super::message::Message;

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;
/// The number of messages on a page unless the client asks for another.
const PAGE_SIZE: usize = 50;
/// The greatest number of messages on a page.
const MAX_PAGE_SIZE: usize = 1000;
/// The parameters that filter the list.
const FILTERS: [&str; 5] = ["To", "From", "DateSent", "DateSent<", "DateSent>"];

/// The first and the last second of a filter, which is a day or an instant.
fn seconds_of(text: &str) -> Option<(i64, i64)> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((at.as_second(), at.as_second()));
    }
    let day = text.parse::<Date>().ok()?;
    let midnight: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    let first = midnight.as_second();
    Some((first, first.saturating_add(DAY - 1)))
}

/// The page that the query asks for. A message that was not sent yet is found by the time of its creation.
pub(super) fn page(messages: &[Message], path: &str, query: &Form) -> Result<Value, ApiError> {
    let date = |name: &str| match query.get(name).map(seconds_of) {
        Some(None) => Err(ApiError::bad_request(
            20001,
            format!("{name} must be a date: YYYY-MM-DD"),
        )),
        other => Ok(other.flatten()),
    };
    let (on, before, after) = (date("DateSent")?, date("DateSent<")?, date("DateSent>")?);
    let matches = |m: &&Message| {
        let at = m.sent_at.unwrap_or(m.created_at);
        query.get("To").is_none_or(|to| m.to == to)
            && query
                .get("From")
                .is_none_or(|from| m.from.as_deref() == Some(from))
            && on.is_none_or(|(first, last)| (first..=last).contains(&at))
            && before.is_none_or(|(_, last)| at <= last)
            && after.is_none_or(|(first, _)| at >= first)
    };
    let found: Vec<&Message> = messages.iter().rev().filter(matches).collect();
    let number = |name: &str| query.get(name).and_then(|n| n.parse::<usize>().ok());
    let size = number("PageSize")
        .unwrap_or(PAGE_SIZE)
        .clamp(1, MAX_PAGE_SIZE);
    let page = number("Page").unwrap_or(0);
    let start = match query.get("PageToken") {
        Some(token) => token
            .strip_prefix("PA")
            .and_then(|sid| found.iter().position(|m| m.sid == sid))
            .map(|at| at.saturating_add(1))
            .ok_or_else(|| ApiError::bad_request(20001, "Unknown parameters: PageToken"))?,
        None => page.saturating_mul(size),
    };
    let shown: Vec<&Message> = found.iter().copied().skip(start).take(size).collect();
    let uri = |page: usize, token: Option<&str>| {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        for name in FILTERS {
            if let Some(value) = query.get(name) {
                text.append_pair(name, value);
            }
        }
        text.append_pair("PageSize", &size.to_string());
        text.append_pair("Page", &page.to_string());
        if let Some(token) = token {
            text.append_pair("PageToken", token);
        }
        format!("{path}?{}", text.finish())
    };
    let more = start.saturating_add(shown.len()) < found.len();
    let next = shown.last().filter(|_| more).map(|last| {
        let token = format!("PA{}", last.sid);
        uri(page.saturating_add(1), Some(&token))
    });
    let first = page.saturating_mul(size);
    let list: Vec<Value> = shown.iter().map(|m| m.to_json()).collect();
    Ok(json!({
        "messages": list, "page": page, "page_size": size, "start": first,
        "end": first.saturating_add(shown.len()).saturating_sub(1),
        "uri": uri(page, query.get("PageToken")), "first_page_uri": uri(0, None), "next_page_uri": next,
        "previous_page_uri": page.checked_sub(1).map(|before| uri(before, None)),
    }))
}
