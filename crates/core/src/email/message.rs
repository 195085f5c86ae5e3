//! One email message, in a form that any vendor accepts.

use std::fmt;

use bytes::Bytes;
use http::Extensions;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    macros::{setters, with_extension},
    resilience::CallOptions,
    values::{EmailAddress, MessageReference, Metadata},
};

/// The data that fills a template.
pub type TemplateData = Map<String, Value>;

/// The content of an email message.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum EmailContent {
    /// Content written by the application: a subject, and a text part, an HTML part, or both.
    Written {
        /// The subject, which must not be empty.
        subject: String,
        /// The plain text part.
        text: Option<String>,
        /// The HTML part, if there is one.
        html: Option<String>,
    },
    /// A template that is stored at the vendor.
    Template {
        /// The vendor's id of the template.
        id: String,
        /// The data that fills the template.
        data: TemplateData,
    },
}

impl EmailContent {
    /// Creates plain text content with a subject.
    pub fn text(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Written {
            subject: subject.into(),
            text: Some(text.into()),
            html: None,
        }
    }

    /// Creates HTML content with a plain text for readers without HTML.
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

    /// Uses a template that is stored at the vendor.
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

/// A file that is sent with a message.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// The name that the reader sees, without a path or a line break.
    pub filename: String,
    /// The media type, such as `application/pdf`.
    pub content_type: String,
    /// The content of the file, not encoded.
    pub content: Bytes,
    /// Whether the file is attached to the message or shown inside it.
    pub disposition: Disposition,
}

/// How a file is presented to the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// The file is attached to the message.
    Attachment,
    /// The file is shown inside the HTML, which refers to it as `cid:<content id>`.
    Inline {
        /// The content id that the HTML refers to.
        content_id: String,
    },
}

impl Attachment {
    /// Creates a file that is attached to the message.
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

    /// Shows the file inside the HTML, which refers to it as `cid:<content_id>`.
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
            .field("bytes", &self.content.len())
            .field("disposition", &self.disposition)
            .finish_non_exhaustive()
    }
}

/// Whether the vendor tracks what readers do; `None` keeps the account's setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Whether opening the message is tracked.
    pub opens: Option<bool>,
    /// Whether following a link is tracked.
    pub clicks: Option<bool>,
}

/// A group of messages that readers can unsubscribe from, by the vendor's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribeGroup {
    /// The vendor's id of the group.
    pub id: String,
    /// The groups offered on the reader's preference page; empty keeps the vendor's choice.
    pub shown: Vec<String>,
}

/// One email message. All its recipients see each other in the header, except those in `bcc`.
///
/// # Examples
/// ```
/// use anyvendor_core::email::{Attachment, EmailContent, EmailMessage};
/// use anyvendor_core::values::EmailAddress;
///
/// let from = EmailAddress::new("shop@example.com")?.with_name("The Shop")?;
/// let to = EmailAddress::new("ann@example.com")?;
/// let content = EmailContent::html("Your receipt", "<p>Thank you!</p>", "Thank you!");
/// let receipt = Attachment::new("receipt.txt", "text/plain", "12.34 EUR");
/// let message = EmailMessage::new(from, to, content).with_attachments(vec![receipt]);
/// assert!(message.check().is_ok());
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct EmailMessage {
    /// The application's id of the message.
    pub reference: MessageReference,
    /// The sender's address.
    pub from: EmailAddress,
    /// The addresses that replies go to.
    pub reply_to: Vec<EmailAddress>,
    /// The recipients; at least one.
    pub to: Vec<EmailAddress>,
    /// The recipients of a copy.
    pub cc: Vec<EmailAddress>,
    /// The recipients of a blind copy.
    pub bcc: Vec<EmailAddress>,
    /// The content of the message.
    pub content: EmailContent,
    /// The files that are sent with the message.
    pub attachments: Vec<Attachment>,
    /// Further headers; names that the vendor sets itself are rejected.
    pub headers: Vec<(String, String)>,
    /// Tags that group messages in the vendor's reports; no personal data.
    pub tags: Vec<String>,
    /// Metadata that comes back in events; no personal data.
    pub metadata: Metadata,
    /// When to send the message; `None` sends it immediately.
    pub send_at: Option<Timestamp>,
    /// Whether the vendor tracks what readers do.
    pub tracking: Tracking,
    /// The group that readers can unsubscribe from.
    pub unsubscribe_group: Option<UnsubscribeGroup>,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl EmailMessage {
    /// Creates a message from one address to one other.
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
        /// Sets the application's id of the message.
        with_reference(reference: MessageReference);
        /// Sets all recipients of the message.
        with_to(to: Vec<EmailAddress>);
        /// Sets the recipients of a copy.
        with_cc(cc: Vec<EmailAddress>);
        /// Sets the recipients of a blind copy.
        with_bcc(bcc: Vec<EmailAddress>);
        /// Sets the addresses that replies go to.
        with_reply_to(reply_to: Vec<EmailAddress>);
        /// Sets the files that are sent with the message.
        with_attachments(attachments: Vec<Attachment>);
        /// Sets the tags that group messages.
        with_tags(tags: Vec<String>);
        /// Sets the metadata that comes back in events.
        with_metadata(metadata: Metadata);
        /// Sets when to send the message.
        with_send_at(send_at: Option<Timestamp>);
        /// Sets whether the vendor tracks what readers do.
        with_tracking(tracking: Tracking);
        /// Sets the group that readers can unsubscribe from.
        with_unsubscribe_group(unsubscribe_group: Option<UnsubscribeGroup>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    /// Adds a header to the message.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    with_extension!();

    /// Iterates over everybody who receives the message.
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
