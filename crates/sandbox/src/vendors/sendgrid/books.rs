//! What the mail double accepted: one record per recipient, and the view of them that tests read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::SendGridDouble;

/// An address with its display name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// The address as sent.
    pub email: String,
    /// The display name.
    pub name: Option<String>,
}

/// How a recipient was addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// On the To line.
    To,
    /// On the Cc line.
    Cc,
    /// Hidden.
    Bcc,
}

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageStatus {
    /// Accepted; sent at once or at `send_at`.
    Queued,
    /// Held back until its batch is released.
    Paused,
    /// Never to be sent.
    Cancelled,
}

impl MessageStatus {
    /// The word that the control address shows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A file that came with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// As sent.
    pub filename: String,
    /// The MIME type, if sent.
    pub content_type: Option<String>,
    /// `attachment` or `inline`.
    pub disposition: String,
    /// For `cid:` in the HTML.
    pub content_id: Option<String>,
    /// Bytes after decoding.
    pub size: usize,
}

/// One mail to one recipient.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// Per recipient: `<X-Message-Id>.filter..`.
    pub id: String,
    /// The `X-Message-Id` of the request.
    pub request_id: String,
    /// Which of the request's personalizations.
    pub personalization: usize,
    /// The recipient.
    pub to: Person,
    /// How the recipient was addressed.
    pub line: Line,
    /// The sender.
    pub from: Person,
    /// Where answers go.
    pub reply_to: Vec<Person>,
    /// With template data filled in, when the template is known.
    pub subject: Option<String>,
    /// The HTML part; a known template's with its data filled in.
    pub html: Option<Arc<str>>,
    /// The text part.
    pub text: Option<Arc<str>>,
    /// The request's headers with the personalization's over them.
    pub headers: BTreeMap<String, String>,
    /// As sent.
    pub categories: Vec<String>,
    /// The request's arguments with the personalization's over them.
    pub custom_args: BTreeMap<String, String>,
    /// As sent.
    pub attachments: Arc<[Attachment]>,
    /// As sent.
    pub template_id: Option<String>,
    /// Dynamic template data, or legacy substitutions.
    pub template_data: Option<Value>,
    /// Unix seconds.
    pub send_at: Option<i64>,
    /// As sent.
    pub batch_id: Option<String>,
    /// Where it stands.
    pub status: MessageStatus,
    /// Unix seconds.
    pub accepted_at: i64,
}

impl Message {
    /// For the control address: everything but the bodies.
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

/// A view of everything that the mail double accepted; each call reads the present state, oldest first.
#[derive(Clone)]
pub struct SendGridBooks(pub(super) SendGridDouble);

impl SendGridBooks {
    /// Every mail to every recipient.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.state().messages.clone()
    }

    /// What is left of the credits, when there is a limit.
    #[must_use]
    pub fn credits(&self) -> Option<u64> {
        self.0.state().credits
    }
}

impl std::fmt::Debug for SendGridBooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SendGridBooks").finish_non_exhaustive()
    }
}
