//! Events about messages: the status of sent messages, and inbound messages.

use std::fmt;

use super::word::Word;
use crate::{
    messaging::{Channel, MessageStatus, MessageText},
    values::{MessageReference, PhoneNumber, SensitiveUrl, VendorId},
};

/// The status of a sent message changed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct MessageEvent {
    /// The current status of the message.
    pub status: MessageStatus,
    /// The vendor's id of the message.
    pub message: VendorId,
    /// The application's id of the message, if the vendor repeats it.
    pub reference: Option<MessageReference>,
    /// The recipient, if that is a phone number.
    pub to: Option<PhoneNumber>,
    /// The vendor's code for the failure.
    pub vendor_code: Option<String>,
    /// Whether the recipient has opted out: stop writing to them.
    pub opted_out: bool,
}

impl MessageEvent {
    /// Creates an event with the message's status.
    #[must_use]
    pub fn new(status: MessageStatus, message: VendorId) -> Self {
        Self {
            status,
            message,
            reference: None,
            to: None,
            vendor_code: None,
            opted_out: false,
        }
    }
}

// Phone numbers are personal data.
impl fmt::Debug for MessageEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageEvent")
            .field("status", &self.status)
            .field("message", &self.message)
            .field("reference", &self.reference)
            .field("vendor_code", &self.vendor_code.as_deref().map(Word))
            .field("opted_out", &self.opted_out)
            .finish_non_exhaustive()
    }
}

/// An inbound message.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InboundMessage {
    /// The vendor's id of the message.
    pub message: VendorId,
    /// The channel that it was sent over.
    pub channel: Channel,
    /// The sender: a number, or what the vendor uses instead.
    pub from: String,
    /// Our number or sender that received it.
    pub to: String,
    /// The text of the message.
    pub text: MessageText,
    /// The media files; fetching them needs our credentials.
    pub media: Vec<InboundMedia>,
    /// Whether it is a keyword that subscribes or unsubscribes. The vendor usually acts on it by itself.
    pub keyword: Option<OptKeyword>,
}

impl InboundMessage {
    /// Creates an inbound text message.
    #[must_use]
    pub fn new(
        message: VendorId,
        from: impl Into<String>,
        to: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            message,
            channel: Channel::default(),
            from: from.into(),
            to: to.into(),
            text: MessageText(text.into()),
            media: Vec::new(),
            keyword: None,
        }
    }
}

impl fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMessage")
            .field("message", &self.message)
            .field("channel", &self.channel)
            .field("text", &self.text)
            .field("media", &self.media.len())
            .field("keyword", &self.keyword)
            .finish_non_exhaustive()
    }
}

/// A media file of an inbound message.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboundMedia {
    /// The URL of the file.
    pub url: SensitiveUrl,
    /// The media type of the file.
    pub content_type: Option<String>,
}

impl InboundMedia {
    /// Creates a file at this URL.
    #[must_use]
    pub fn new(url: SensitiveUrl, content_type: Option<String>) -> Self {
        Self { url, content_type }
    }
}

impl fmt::Debug for InboundMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundMedia")
            .field("url", &self.url)
            .field("content_type", &self.content_type.as_deref().map(Word))
            .finish()
    }
}

/// A keyword that subscribes or unsubscribes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptKeyword {
    /// The sender unsubscribes, such as by `STOP`.
    Stop,
    /// The sender subscribes again, such as by `START`.
    Start,
    /// The sender asks for help, such as by `HELP`.
    Help,
}
