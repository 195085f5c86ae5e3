//! The accepted messages: one record per recipient.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

/// An email address with its display name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// The email address, as it was sent.
    pub email: String,
    /// The display name, if one was sent.
    pub name: Option<String>,
}

/// How a recipient was addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// In the To header.
    To,
    /// In the Cc header.
    Cc,
    /// As a blind copy, which the other recipients do not see.
    Bcc,
}

/// The status of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageStatus {
    /// The message was accepted and is sent immediately, or at `send_at`.
    Queued,
    /// The message is held until its batch is released.
    Paused,
    /// The message will never be sent.
    Cancelled,
}

impl MessageStatus {
    /// The name of the status at the control address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A file that was attached to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// The file name, as it was sent.
    pub filename: String,
    /// The MIME type, if one was sent.
    pub content_type: Option<String>,
    /// Either `attachment` or `inline`.
    pub disposition: String,
    /// The id that `cid:` links in the HTML refer to.
    pub content_id: Option<String>,
    /// The size of the decoded file, in bytes.
    pub size: usize,
}

/// One message to one recipient.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// The id of the message, unique per recipient: `<X-Message-Id>.filter..`.
    pub id: String,
    /// The `X-Message-Id` of the request.
    pub request_id: String,
    /// The index of the personalization in the request.
    pub personalization: usize,
    /// The recipient of the message.
    pub to: Person,
    /// How the recipient was addressed.
    pub line: Line,
    /// The sender of the message.
    pub from: Person,
    /// The addresses that replies go to.
    pub reply_to: Vec<Person>,
    /// The subject, with the template data filled in if the template is known.
    pub subject: Option<String>,
    /// The HTML part, with the template data filled in if the template is known.
    pub html: Option<Arc<str>>,
    /// The plain text part, with the template data filled in if the template is known.
    pub text: Option<Arc<str>>,
    /// The headers of the request, overridden by those of the personalization.
    pub headers: BTreeMap<String, String>,
    /// The categories, as they were sent.
    pub categories: Vec<String>,
    /// The custom arguments of the request, overridden by those of the personalization.
    pub custom_args: BTreeMap<String, String>,
    /// The attached files.
    pub attachments: Arc<[Attachment]>,
    /// The template id, as it was sent.
    pub template_id: Option<String>,
    /// The dynamic template data, or the legacy substitutions.
    pub template_data: Option<Value>,
    /// When the message is to be sent, in Unix seconds.
    pub send_at: Option<i64>,
    /// The batch id, as it was sent.
    pub batch_id: Option<String>,
    /// The status of the message.
    pub status: MessageStatus,
    /// When the message was accepted, in Unix seconds.
    pub accepted_at: i64,
}

impl Message {
    /// The JSON that the control address shows.
    pub(crate) fn to_json(&self, number: usize) -> Value {
        let line = match self.line {
            Line::To => "to",
            Line::Cc => "cc",
            Line::Bcc => "bcc",
        };
        let files: Vec<Value> = self
            .attachments
            .iter()
            .map(|f| {
                json!({"filename": f.filename, "type": f.content_type, "disposition": f.disposition,
                    "content_id": f.content_id, "size": f.size})
            })
            .collect();
        let reply_to: Vec<Value> = self.reply_to.iter().map(Person::to_json).collect();
        json!({
            "number": number, "id": self.id, "request_id": self.request_id,
            "personalization": self.personalization, "to": self.to.to_json(), "line": line,
            "from": self.from.to_json(), "reply_to": reply_to, "subject": self.subject,
            "html_url": self.html.as_ref().map(|_| format!("/_sandbox/sendgrid/messages/{number}/html")),
            "html": self.html.as_deref(), "text": self.text.as_deref(), "headers": self.headers,
            "categories": self.categories, "custom_args": self.custom_args, "attachments": files,
            "template_id": self.template_id, "template_data": self.template_data, "send_at": self.send_at,
            "batch_id": self.batch_id, "status": self.status.as_str(), "accepted_at": self.accepted_at,
        })
    }
}

impl Person {
    /// Reads an address object of a request.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        Some(Self {
            email: text("email")?,
            name: text("name"),
        })
    }

    fn to_json(&self) -> Value {
        json!({"email": self.email, "name": self.name})
    }
}
