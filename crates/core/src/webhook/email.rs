//! Events about mail: ours on its way, and what people write to us.

use std::{fmt, net::IpAddr};

use bytes::Bytes;
use url::Url;

use crate::values::{EmailAddress, MessageReference, SensitiveUrl, VendorId};

/// A mail of ours to one recipient moved on.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct EmailEvent {
    /// How.
    pub change: EmailChange,
    /// Whose.
    pub recipient: EmailAddress,
    /// Our own id of the mail to this recipient, where we sent one.
    pub reference: Option<MessageReference>,
    /// The vendor's id of the mail.
    pub message: Option<VendorId>,
}

impl EmailEvent {
    /// A change of the mail to this recipient.
    #[must_use]
    pub fn new(change: EmailChange, recipient: EmailAddress) -> Self {
        Self {
            change,
            recipient,
            reference: None,
            message: None,
        }
    }
}

// Addresses and what people click on are personal.
impl fmt::Debug for EmailEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailEvent")
            .field("change", &self.change)
            .field("reference", &self.reference)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// How a mail moved on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum EmailChange {
    /// The vendor is about to hand it over; it has not arrived.
    Processed,
    /// The recipient's server put it off; the vendor tries again.
    Deferred {
        /// Which try this was, where the vendor says so.
        attempt: Option<u32>,
    },
    /// The recipient's server took it.
    Delivered,
    /// The recipient's server refused it.
    Bounced {
        /// In which way.
        kind: BounceKind,
        /// The status code of RFC 3463, such as `5.1.1`, where there is one.
        status: Option<String>,
    },
    /// The vendor did not even try.
    Dropped(EmailDropReason),
    /// Somebody, or a program of theirs, opened it.
    Opened,
    /// Somebody, or a program of theirs, followed a link.
    Clicked(Option<SensitiveUrl>),
    /// The recipient called it spam.
    Complained,
    /// The recipient wants no more.
    Unsubscribed {
        /// Of this group alone, where the vendor names one.
        group: Option<String>,
    },
    /// The recipient wants mail again.
    Resubscribed {
        /// Of this group alone, where the vendor names one.
        group: Option<String>,
    },
}

impl EmailChange {
    /// A click on this link, as far as it can be read.
    #[must_use]
    pub fn clicked(url: Option<&str>) -> Self {
        let url = url.and_then(|url| Url::parse(url).ok());
        Self::Clicked(url.map(SensitiveUrl::new))
    }

    /// How far along the mail is. One of a lower rank than one already known is late news.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            // About the recipient's wishes, not about the mail.
            Self::Unsubscribed { .. } | Self::Resubscribed { .. } => 0,
            Self::Processed => 1,
            Self::Deferred { .. } => 2,
            Self::Delivered => 3,
            Self::Opened => 4,
            Self::Clicked(_) => 5,
            // Mail can bounce after a server took it, and is never delivered after that.
            Self::Dropped(_) | Self::Bounced { .. } => 6,
            Self::Complained => 7,
        }
    }
}

/// In which way a server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BounceKind {
    /// The address does not take mail: write to it no more.
    Hard,
    /// It may work another time.
    Soft,
    /// The server blocks us, our mail or its content; the address may be good.
    Block,
}

/// Why a vendor did not even try.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmailDropReason {
    /// The address or the mail is not valid.
    Invalid,
    /// The recipient wants no more.
    OptedOut,
    /// The address bounced before.
    Bounced,
    /// The recipient called our mail spam before.
    Complained,
    /// The vendor takes the content for spam.
    Spam,
    /// Our plan is used up.
    Quota,
    /// A reason that we have no word for, in the vendor's.
    Other(String),
}

/// A mail that somebody wrote to us.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct InboundEmail {
    /// Who it says it is from; anybody can write that.
    pub from: Option<String>,
    /// Whom it says it is to.
    pub to: Option<String>,
    /// Whom it says it is also to.
    pub cc: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The text as HTML, which may hold scripts.
    pub html: Option<String>,
    /// All its headers, as they came.
    pub headers: Option<String>,
    /// The whole mail in MIME, where the vendor hands that over in place of the parts.
    pub mime: Option<Bytes>,
    /// Its `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// Who the server that handed it over named as sender.
    pub envelope_from: Option<EmailAddress>,
    /// Whom it was handed over for: the addresses of ours.
    pub envelope_to: Vec<EmailAddress>,
    /// The address of the server that handed it over.
    pub sender_ip: Option<IpAddr>,
    /// The vendor's verdict on SPF, such as `pass`.
    pub spf: Option<String>,
    /// The vendor's verdicts on DKIM, such as `{@example.com : pass}`.
    pub dkim: Option<String>,
    /// How much it looks like spam, in the vendor's measure.
    pub spam_score: Option<String>,
    /// Why, in the vendor's words.
    pub spam_report: Option<String>,
    /// What is attached.
    pub attachments: Vec<InboundAttachment>,
}

// What people write is not printed.
impl fmt::Debug for InboundEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundEmail")
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}

/// A file that came with a mail.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InboundAttachment {
    /// The name that the sender gave it, which may hold anything, `../` too.
    pub file_name: Option<String>,
    /// The content type that the sender gave it.
    pub content_type: Option<String>,
    /// By which the HTML refers to it.
    pub content_id: Option<String>,
    /// The file.
    pub content: Bytes,
}

impl InboundAttachment {
    /// A file of which only the content is known.
    #[must_use]
    pub fn new(content: Bytes) -> Self {
        Self {
            file_name: None,
            content_type: None,
            content_id: None,
            content,
        }
    }
}

impl fmt::Debug for InboundAttachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundAttachment({} bytes)", self.content.len())
    }
}
