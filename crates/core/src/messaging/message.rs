//! One message to one phone, in a form that any vendor accepts.

use std::{collections::BTreeMap, fmt, time::Duration};

use http::Extensions;
use jiff::Timestamp;
use url::Url;

use crate::{
    macros::{setters, with_extension},
    resilience::CallOptions,
    values::{MessageReference, PhoneNumber, VendorId},
};

/// The channel that a message is sent over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// SMS, or MMS if there is media.
    #[default]
    Sms,
    /// A message over `WhatsApp`.
    WhatsApp,
}

/// The sender of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sender {
    /// One of our numbers.
    Number(PhoneNumber),
    /// A name in place of a number, up to 11 letters, digits and spaces; recipients cannot reply to it.
    Name(String),
    /// One of our short codes, 3 to 8 digits.
    ShortCode(String),
    /// A pool of senders that the vendor chooses from.
    Service(VendorId),
}

/// The content of a message.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum MessageContent {
    /// Content written by the application; the text may be empty if there is media.
    Written {
        /// The text of the message.
        text: String,
        /// URLs of images and other files, which the vendor fetches.
        media: Vec<Url>,
    },
    /// A template that is stored at the vendor.
    Template {
        /// The vendor's id of the template.
        id: String,
        /// The values that fill the template, by the template's own names.
        variables: BTreeMap<String, String>,
    },
}

impl MessageContent {
    /// Creates plain text content.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Written {
            text: text.into(),
            media: Vec::new(),
        }
    }

    /// Creates a text with files.
    pub fn media(text: impl Into<String>, media: Vec<Url>) -> Self {
        Self::Written {
            text: text.into(),
            media,
        }
    }

    /// Uses a template that is stored at the vendor.
    pub fn template(id: impl Into<String>, variables: BTreeMap<String, String>) -> Self {
        Self::Template {
            id: id.into(),
            variables,
        }
    }
}

// The text is personal, so it is not printed.
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
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use anyvendor_core::{messaging::{MessageContent, TextMessage}, values::PhoneNumber};
///
/// let to = PhoneNumber::parse("+1 (555) 010-9999")?;
/// let message = TextMessage::new(to, MessageContent::text("Your parcel has arrived."))
///     .with_valid_for(Duration::from_secs(3_600));
/// assert!(message.check().is_ok());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct TextMessage {
    /// The application's id of the message; it comes back in events if there is a status callback.
    pub reference: MessageReference,
    /// The phone that receives the message.
    pub to: PhoneNumber,
    /// The sender; `None` uses the connection's default sender.
    pub from: Option<Sender>,
    /// The channel that the message is sent over.
    pub channel: Channel,
    /// The content of the message.
    pub content: MessageContent,
    /// When to send the message; `None` sends it immediately.
    pub send_at: Option<Timestamp>,
    /// How long the vendor may try to deliver, in whole seconds; `None` keeps the vendor's default.
    pub valid_for: Option<Duration>,
    /// Where the vendor reports the message's status; `None` uses the connection's own setting.
    pub status_callback: Option<Url>,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl TextMessage {
    /// Creates a message that is sent over SMS.
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
        /// Sets the application's id of the message.
        with_reference(reference: MessageReference);
        /// Sets the sender of the message.
        with_from(from: Option<Sender>);
        /// Sets the channel that the message is sent over.
        with_channel(channel: Channel);
        /// Sets when to send the message.
        with_send_at(send_at: Option<Timestamp>);
        /// Sets how long the vendor may try to deliver.
        with_valid_for(valid_for: Option<Duration>);
        /// Sets where the vendor reports the message's status.
        with_status_callback(status_callback: Option<Url>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
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
