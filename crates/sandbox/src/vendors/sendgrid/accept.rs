//! Creates the messages of an accepted request, one per recipient.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::fields::{decoded_size, items};
use super::message::{Attachment, Line, Message, MessageStatus, Person};
use super::template::{Template, fill, substitute};

/// An accepted request, and what its messages have in common.
pub(super) struct Accepted<'a> {
    pub(super) request: &'a Value,
    pub(super) request_id: &'a str,
    pub(super) template: Option<&'a Template>,
    pub(super) status: MessageStatus,
    pub(super) now: i64,
}

/// The number of recipients of the request.
pub(super) fn recipients(request: &Value) -> usize {
    let lines =
        |p: &Value| -> usize { ["to", "cc", "bcc"].map(|l| items(p, l).len()).iter().sum() };
    items(request, "personalizations").iter().map(lines).sum()
}

impl Accepted<'_> {
    /// One message for each recipient of each personalization.
    pub(super) fn messages(&self) -> Vec<Message> {
        let part = |kind: &str| {
            let parts = items(self.request, "content");
            let part = parts
                .iter()
                .find(|p| text(p, "type").as_deref() == Some(kind));
            part.and_then(|p| text(p, "value"))
        };
        let (html, plain) = (part("text/html"), part("text/plain"));
        let shared: (Option<Arc<str>>, Option<Arc<str>>) =
            (html.map(Into::into), plain.map(Into::into));
        let attachments: Arc<[Attachment]> = items(self.request, "attachments")
            .iter()
            .map(attachment)
            .collect();
        let mut messages = Vec::new();
        for (at, personalization) in items(self.request, "personalizations").iter().enumerate() {
            for (line, name) in [(Line::To, "to"), (Line::Cc, "cc"), (Line::Bcc, "bcc")] {
                for to in items(personalization, name).iter().filter_map(Person::read) {
                    let id = format!("{}.filter0001-{at}-{}.0", self.request_id, messages.len());
                    messages.extend(self.message(
                        id,
                        (at, personalization),
                        (line, to),
                        &shared,
                        &attachments,
                    ));
                }
            }
        }
        messages
    }

    fn message(
        &self,
        id: String,
        (at, personalization): (usize, &Value),
        (line, to): (Line, Person),
        (html, plain): &(Option<Arc<str>>, Option<Arc<str>>),
        attachments: &Arc<[Attachment]>,
    ) -> Option<Message> {
        let request = self.request;
        let from = personalization
            .get("from")
            .or_else(|| request.get("from"))?;
        let substitutions = personalization.get("substitutions");
        let data = personalization
            .get("dynamic_template_data")
            .or(substitutions);
        let empty = Value::Null;
        let subject = text(personalization, "subject").or_else(|| text(request, "subject"));
        let (subject, html, plain) = match self.template {
            Some(template) => {
                let data = data.unwrap_or(&empty);
                let filled = |text: &str, html| (!text.is_empty()).then(|| fill(text, data, html));
                (
                    filled(&template.subject, false).or(subject),
                    filled(&template.html, true).map(Into::into),
                    filled(&template.text, false).map(Into::into),
                )
            }
            None => (subject, html.clone(), plain.clone()),
        };
        let replaced = |part: Option<Arc<str>>| match (part, substitutions) {
            (Some(part), Some(tags)) => Some(Arc::from(substitute(&part, tags))),
            (part, _) => part,
        };
        let reply_to = match request.get("reply_to") {
            Some(who) => Person::read(who).into_iter().collect(),
            None => items(request, "reply_to_list")
                .iter()
                .filter_map(Person::read)
                .collect(),
        };
        let send_at = personalization
            .get("send_at")
            .or_else(|| request.get("send_at"));
        Some(Message {
            id,
            request_id: self.request_id.to_owned(),
            personalization: at,
            to,
            line,
            from: Person::read(from)?,
            reply_to,
            subject: match (subject, substitutions) {
                (Some(subject), Some(tags)) => Some(substitute(&subject, tags)),
                (subject, _) => subject,
            },
            html: replaced(html),
            text: replaced(plain),
            headers: merged(request, personalization, "headers"),
            categories: items(request, "categories")
                .iter()
                .filter_map(|c| c.as_str().map(str::to_owned))
                .collect(),
            custom_args: merged(request, personalization, "custom_args"),
            attachments: Arc::clone(attachments),
            template_id: text(request, "template_id"),
            template_data: data.cloned(),
            send_at: send_at.and_then(Value::as_i64),
            batch_id: text(request, "batch_id"),
            status: self.status,
            accepted_at: self.now,
        })
    }
}

/// The string fields of the request's object, overridden by those of the personalization.
fn merged(request: &Value, personalization: &Value, name: &str) -> BTreeMap<String, String> {
    [request, personalization]
        .into_iter()
        .filter_map(|v| v.get(name)?.as_object())
        .flatten()
        .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
        .collect()
}

fn attachment(file: &Value) -> Attachment {
    Attachment {
        filename: text(file, "filename").unwrap_or_default(),
        content_type: text(file, "type"),
        disposition: text(file, "disposition").unwrap_or_else(|| "attachment".to_owned()),
        content_id: text(file, "content_id"),
        size: text(file, "content")
            .and_then(|c| decoded_size(&c))
            .unwrap_or(0),
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    Some(value.get(name)?.as_str()?.to_owned())
}
