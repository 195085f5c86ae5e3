//! Events about messages: ours on their way, and what people write to us.

use std::fmt;

use crate::{
    messaging::{Channel, MessageStatus, MessageText},
    values::{MessageReference, PhoneNumber, SensitiveUrl, VendorId},
};

/// A message of ours moved on.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct MessageEvent {
    /// How it stands now.
    pub status: MessageStatus,
    /// The vendor's id of the message.
    pub message: VendorId,
    /// Our own id of it, where the vendor repeats it.
    pub reference: Option<MessageReference>,
    /// Whose, where that is a phone number.
    pub to: Option<PhoneNumber>,
    /// The vendor's code of what went wrong.
    pub vendor_code: Option<String>,
    /// Whether the recipient turned out to want no more messages: write to them no more.
    pub opted_out: bool,
}

impl MessageEvent {
    /// The message stands so.
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

// Numbers are personal.
impl fmt::Debug for MessageEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageEvent")
            .field("status", &self.status)
            .field("message", &self.message)
            .field("reference", &self.reference)
            .field("vendor_code", &self.vendor_code)
            .field("opted_out", &self.opted_out)
            .finish_non_exhaustive()
    }
}

/// A message that somebody wrote to us.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InboundMessage {
    /// The vendor's id of the message.
    pub message: VendorId,
    /// How it travelled.
    pub channel: Channel,
    /// Who wrote: a number, or what stands in its place.
    pub from: String,
    /// To which number or sender of ours.
    pub to: String,
    /// What they wrote.
    pub text: MessageText,
    /// What came with it; the addresses need our credentials.
    pub media: Vec<InboundMedia>,
    /// Whether it is a word by which people order or end messages. The vendor usually acts on it by itself.
    pub keyword: Option<OptKeyword>,
}

impl InboundMessage {
    /// A text.
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

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboundMedia {
    /// Where it is.
    pub url: SensitiveUrl,
    /// What it is.
    pub content_type: Option<String>,
}

impl InboundMedia {
    /// A file at this address.
    #[must_use]
    pub fn new(url: SensitiveUrl, content_type: Option<String>) -> Self {
        Self { url, content_type }
    }
}

/// A word by which people order or end messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptKeyword {
    /// No more messages, such as `STOP`.
    Stop,
    /// Messages again, such as `START`.
    Start,
    /// Who are you, such as `HELP`.
    Help,
}
