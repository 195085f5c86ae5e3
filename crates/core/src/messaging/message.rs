//! One message to one phone, as any vendor can take it.

use std::{collections::BTreeMap, fmt, time::Duration};

use http::Extensions;
use jiff::Timestamp;
use url::Url;

use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{MessageReference, PhoneNumber, VendorId},
};

/// How a message travels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// SMS, or MMS where there is media.
    #[default]
    Sms,
    /// `WhatsApp`.
    WhatsApp,
}

/// Who a message is from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sender {
    /// A number of ours.
    Number(PhoneNumber),
    /// A name in place of a number, up to 11 letters, digits and spaces; nobody can answer it.
    Name(String),
    /// A short code of ours, 3 to 8 digits.
    ShortCode(String),
    /// A pool of senders that the vendor chooses from.
    Service(VendorId),
}

/// What a message says.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum MessageContent {
    /// Written by us; the text may be empty where there is media.
    Written {
        /// The text.
        text: String,
        /// Addresses of images and other files, which the vendor fetches.
        media: Vec<Url>,
    },
    /// A template that the vendor keeps.
    Template {
        /// The vendor's id of the template.
        id: String,
        /// What fills it, by the template's own names.
        variables: BTreeMap<String, String>,
    },
}

impl MessageContent {
    /// A plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Written {
            text: text.into(),
            media: Vec::new(),
        }
    }

    /// A text with files.
    pub fn media(text: impl Into<String>, media: Vec<Url>) -> Self {
        Self::Written {
            text: text.into(),
            media,
        }
    }

    /// A template that the vendor keeps.
    pub fn template(id: impl Into<String>, variables: BTreeMap<String, String>) -> Self {
        Self::Template {
            id: id.into(),
            variables,
        }
    }
}

// What people are told is not printed.
impl fmt::Debug for MessageContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written { text, media } => f
                .debug_struct("Written")
                .field("characters", &text.chars().count())
                .field("media", &media.len())
                .finish(),
            Self::Template { id, variables } => f
                .debug_struct("Template")
                .field("id", id)
                .field("variables", &variables.len())
                .finish(),
        }
    }
}

/// A message to one phone.
#[derive(Clone)]
#[non_exhaustive]
pub struct TextMessage {
    /// Our own id of the message; comes back in events where there is a status callback.
    pub reference: MessageReference,
    /// Who receives it.
    pub to: PhoneNumber,
    /// Who it is from; `None` is the connection's own sender.
    pub from: Option<Sender>,
    /// How it travels.
    pub channel: Channel,
    /// What it says.
    pub content: MessageContent,
    /// When to send; `None` is now.
    pub send_at: Option<Timestamp>,
    /// How long the vendor may try, in whole seconds; `None` leaves the vendor's choice.
    pub valid_for: Option<Duration>,
    /// Where the vendor reports what becomes of it; `None` is the connection's own setting.
    pub status_callback: Option<Url>,
    /// What only one vendor knows, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl TextMessage {
    /// A message over SMS.
    #[must_use]
    pub fn new(to: PhoneNumber, content: MessageContent) -> Self {
        Self {
            reference: MessageReference::random(),
            to,
            from: None,
            channel: Channel::default(),
            content,
            send_at: None,
            valid_for: None,
            status_callback: None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets our own id.
        with_reference(reference: MessageReference);
        /// Sets who it is from.
        with_from(from: Option<Sender>);
        /// Sets how it travels.
        with_channel(channel: Channel);
        /// Sets when to send.
        with_send_at(send_at: Option<Timestamp>);
        /// Sets how long the vendor may try.
        with_valid_for(valid_for: Option<Duration>);
        /// Sets where the vendor reports.
        with_status_callback(status_callback: Option<Url>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    /// Adds what only one vendor knows.
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.extensions.insert(extension);
        self
    }
}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextMessage")
            .field("reference", &self.reference)
            .field("channel", &self.channel)
            .field("content", &self.content)
            .field("send_at", &self.send_at)
            .finish_non_exhaustive()
    }
}
