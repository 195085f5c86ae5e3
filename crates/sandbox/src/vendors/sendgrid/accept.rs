//! An accepted request becomes one record per recipient.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::books::{Attachment, Line, Message, MessageStatus, Person};
use super::check::decoded_size;
use super::people;
use super::template::{Template, fill, substitute};

/// What the records of one request share.
pub(super) struct Accepted<'a> {
    pub(super) mail: &'a Value,
    pub(super) request_id: &'a str,
    pub(super) template: Option<&'a Template>,
    pub(super) status: MessageStatus,
    pub(super) now: i64,
}

/// How many recipients the request has.
pub(super) fn recipients(mail: &Value) -> usize {
    let lines =
        |p: &Value| -> usize { ["to", "cc", "bcc"].map(|l| people(p, l).len()).iter().sum() };
    people(mail, "personalizations").iter().map(lines).sum()
}

impl Accepted<'_> {
    pub(super) fn messages(&self) -> Vec<Message> {
        let part = |kind: &str| {
            let parts = people(self.mail, "content");
            let part = parts
                .iter()
                .find(|p| text(p, "type").as_deref() == Some(kind));
            part.and_then(|p| text(p, "value"))
        };
        let (html, plain) = (part("text/html"), part("text/plain"));
        let shared: (Option<Arc<str>>, Option<Arc<str>>) =
            (html.map(Into::into), plain.map(Into::into));
        let attachments: Arc<[Attachment]> = people(self.mail, "attachments")
            .iter()
            .map(attachment)
            .collect();
        let mut messages = Vec::new();
        for (at, one) in people(self.mail, "personalizations").iter().enumerate() {
            for (line, name) in [(Line::To, "to"), (Line::Cc, "cc"), (Line::Bcc, "bcc")] {
                for to in people(one, name).iter().filter_map(Person::read) {
                    let id = format!("{}.filter0001-{at}-{}.0", self.request_id, messages.len());
                    messages.extend(self.message(id, (at, one), (line, to), &shared, &attachments));
                }
            }
        }
        messages
    }

    fn message(
        &self,
        id: String,
        (at, one): (usize, &Value),
        (line, to): (Line, Person),
        (html, plain): &(Option<Arc<str>>, Option<Arc<str>>),
        attachments: &Arc<[Attachment]>,
    ) -> Option<Message> {
        let mail = self.mail;
        let from = one.get("from").or_else(|| mail.get("from"))?;
        let substitutions = one.get("substitutions");
        let data = one.get("dynamic_template_data").or(substitutions);
        let empty = Value::Null;
        let subject = text(one, "subject").or_else(|| text(mail, "subject"));
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
        let reply_to = match mail.get("reply_to") {
            Some(who) => Person::read(who).into_iter().collect(),
            None => people(mail, "reply_to_list")
                .iter()
                .filter_map(Person::read)
                .collect(),
        };
        let send_at = one.get("send_at").or_else(|| mail.get("send_at"));
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
            headers: merged(mail, one, "headers"),
            categories: people(mail, "categories")
                .iter()
                .filter_map(|c| c.as_str().map(str::to_owned))
                .collect(),
            custom_args: merged(mail, one, "custom_args"),
            attachments: Arc::clone(attachments),
            template_id: text(mail, "template_id"),
            template_data: data.cloned(),
            send_at: send_at.and_then(Value::as_i64),
            batch_id: text(mail, "batch_id"),
            status: self.status,
            accepted_at: self.now,
        })
    }
}

/// The request's strings with the personalization's over them.
fn merged(mail: &Value, one: &Value, name: &str) -> BTreeMap<String, String> {
    [mail, one]
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
