//! One message, as any vendor can take it.

use std::fmt;

use bytes::Bytes;
use http::Extensions;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{EmailAddress, MessageReference, Metadata},
};

/// The data that fills a template.
pub type TemplateData = Map<String, Value>;

/// What a message says.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum EmailContent {
    /// Written by us: a subject, and a text or an HTML part or both.
    Written {
        /// The subject; not empty.
        subject: String,
        /// The plain text.
        text: Option<String>,
        /// The HTML.
        html: Option<String>,
    },
    /// A template that the vendor keeps.
    Template {
        /// The vendor's id of the template.
        id: String,
        /// What fills it.
        data: TemplateData,
    },
}

impl EmailContent {
    /// Plain text.
    pub fn text(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Written {
            subject: subject.into(),
            text: Some(text.into()),
            html: None,
        }
    }

    /// HTML with a plain text for readers without it.
    pub fn html(
        subject: impl Into<String>,
        html: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self::Written {
            subject: subject.into(),
            text: Some(text.into()),
            html: Some(html.into()),
        }
    }

    /// A template that the vendor keeps.
    pub fn template(id: impl Into<String>, data: TemplateData) -> Self {
        Self::Template {
            id: id.into(),
            data,
        }
    }
}

impl fmt::Debug for EmailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written { text, html, .. } => f
                .debug_struct("Written")
                .field("text", &text.is_some())
                .field("html", &html.is_some())
                .finish_non_exhaustive(),
            Self::Template { id, .. } => f
                .debug_struct("Template")
                .field("id", id)
                .finish_non_exhaustive(),
        }
    }
}

/// A file that goes with a message.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// The name that the reader sees; no path, no line break.
    pub filename: String,
    /// The media type, such as `application/pdf`.
    pub content_type: String,
    /// The bytes, not encoded.
    pub content: Bytes,
    /// Beside the message or inside it.
    pub disposition: Disposition,
}

/// Where an attachment shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// Beside the message.
    Attachment,
    /// Inside the HTML, where `cid:<content id>` names it.
    Inline {
        /// The content id.
        content_id: String,
    },
}

impl Attachment {
    /// A file beside the message.
    pub fn new(
        filename: impl Into<String>,
        content_type: impl Into<String>,
        content: impl Into<Bytes>,
    ) -> Self {
        Self {
            filename: filename.into(),
            content_type: content_type.into(),
            content: content.into(),
            disposition: Disposition::Attachment,
        }
    }

    /// Shows the file inside the HTML, where `cid:<content_id>` names it.
    #[must_use]
    pub fn inline(mut self, content_id: impl Into<String>) -> Self {
        self.disposition = Disposition::Inline {
            content_id: content_id.into(),
        };
        self
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("content_type", &self.content_type)
            .field("bytes", &self.content.len())
            .field("disposition", &self.disposition)
            .finish_non_exhaustive()
    }
}

/// Whether the vendor notes what readers do; `None` leaves the account's setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Whether opening is noted.
    pub opens: Option<bool>,
    /// Whether following a link is noted.
    pub clicks: Option<bool>,
}

/// A topic that readers can unsubscribe from, by the vendor's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribeGroup {
    /// The vendor's id of the topic.
    pub id: String,
    /// The topics offered on the reader's preference page; empty leaves the vendor's choice.
    pub shown: Vec<String>,
}

/// One message; all its recipients see each other in the header, except those in `bcc`.
#[derive(Clone)]
#[non_exhaustive]
pub struct EmailMessage {
    /// Our own id of the message.
    pub reference: MessageReference,
    /// Who sends.
    pub from: EmailAddress,
    /// Where answers go.
    pub reply_to: Vec<EmailAddress>,
    /// Who receives; at least one.
    pub to: Vec<EmailAddress>,
    /// Who receives a copy.
    pub cc: Vec<EmailAddress>,
    /// Who receives a copy unseen.
    pub bcc: Vec<EmailAddress>,
    /// What it says.
    pub content: EmailContent,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// Further headers; names that the vendor sets itself are refused.
    pub headers: Vec<(String, String)>,
    /// Words to group messages by in the vendor's reports; no personal data.
    pub tags: Vec<String>,
    /// Comes back in events; no personal data.
    pub metadata: Metadata,
    /// When to send; `None` is now.
    pub send_at: Option<Timestamp>,
    /// Whether the vendor notes what readers do.
    pub tracking: Tracking,
    /// What readers can unsubscribe from.
    pub unsubscribe_group: Option<UnsubscribeGroup>,
    /// What only one vendor knows, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl EmailMessage {
    /// A message from one address to one other.
    #[must_use]
    pub fn new(from: EmailAddress, to: EmailAddress, content: EmailContent) -> Self {
        Self {
            reference: MessageReference::random(),
            from,
            reply_to: Vec::new(),
            to: vec![to],
            cc: Vec::new(),
            bcc: Vec::new(),
            content,
            attachments: Vec::new(),
            headers: Vec::new(),
            tags: Vec::new(),
            metadata: Metadata::default(),
            send_at: None,
            tracking: Tracking::default(),
            unsubscribe_group: None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets our own id.
        with_reference(reference: MessageReference);
        /// Sets all recipients.
        with_to(to: Vec<EmailAddress>);
        /// Sets who receives a copy.
        with_cc(cc: Vec<EmailAddress>);
        /// Sets who receives a copy unseen.
        with_bcc(bcc: Vec<EmailAddress>);
        /// Sets where answers go.
        with_reply_to(reply_to: Vec<EmailAddress>);
        /// Sets the files.
        with_attachments(attachments: Vec<Attachment>);
        /// Sets the words to group by.
        with_tags(tags: Vec<String>);
        /// Sets what comes back in events.
        with_metadata(metadata: Metadata);
        /// Sets when to send.
        with_send_at(send_at: Option<Timestamp>);
        /// Sets whether the vendor notes what readers do.
        with_tracking(tracking: Tracking);
        /// Sets what readers can unsubscribe from.
        with_unsubscribe_group(unsubscribe_group: Option<UnsubscribeGroup>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds what only one vendor knows.
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.extensions.insert(extension);
        self
    }

    /// Everybody who receives it.
    pub fn recipients(&self) -> impl Iterator<Item = &EmailAddress> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

impl fmt::Debug for EmailMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailMessage")
            .field("reference", &self.reference)
            .field("recipients", &self.recipients().count())
            .field("content", &self.content)
            .field("attachments", &self.attachments)
            .field("send_at", &self.send_at)
            .finish_non_exhaustive()
    }
}
