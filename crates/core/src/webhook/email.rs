//! Events about email: the status of sent messages, and inbound messages.

use std::{fmt, net::IpAddr};

use bytes::Bytes;
use url::Url;

use super::word::Word;
use crate::{
    macros::words,
    values::{EmailAddress, MessageReference, SensitiveUrl, VendorId},
};

/// The status of an email to one recipient changed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct EmailEvent {
    /// What changed about the email.
    pub change: EmailChange,
    /// The recipient of the email.
    pub recipient: EmailAddress,
    /// The application's id of the email to this recipient, if it sent one.
    pub reference: Option<MessageReference>,
    /// The vendor's id of the email.
    pub message: Option<VendorId>,
}

impl EmailEvent {
    /// Creates an event about the email to this recipient.
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

// Addresses, and what people click on, are personal data.
impl fmt::Debug for EmailEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailEvent")
            .field("change", &self.change)
            .field("reference", &self.reference)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// A change of the status of an email.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum EmailChange {
    /// The vendor is about to deliver it; it has not arrived.
    Processed,
    /// The recipient's server deferred it; the vendor tries again.
    Deferred {
        /// The number of this attempt, if the vendor reports it.
        attempt: Option<u32>,
    },
    /// The recipient's server accepted it.
    Delivered,
    /// The recipient's server rejected it.
    Bounced {
        /// The kind of the bounce.
        kind: BounceKind,
        /// The status code of RFC 3463, such as `5.1.1`, if there is one.
        status: Option<String>,
    },
    /// The vendor did not try to deliver it.
    Dropped(EmailDropReason),
    /// The recipient, or a program of theirs, opened it.
    Opened,
    /// The recipient, or a program of theirs, followed a link.
    Clicked(Option<SensitiveUrl>),
    /// The recipient reported it as spam.
    Complained,
    /// The recipient unsubscribed.
    Unsubscribed {
        /// The group that they unsubscribed from, if the vendor names one.
        group: Option<String>,
    },
    /// The recipient subscribed again.
    Resubscribed {
        /// The group that they subscribed to, if the vendor names one.
        group: Option<String>,
    },
}

impl EmailChange {
    /// Creates a click on this link, if it can be parsed.
    #[must_use]
    pub fn clicked(url: Option<&str>) -> Self {
        let url = url.and_then(|url| Url::parse(url).ok());
        Self::Clicked(url.map(SensitiveUrl::new))
    }

    /// How far along the email is. A change of a lower rank than a known one is outdated.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            // About the recipient's subscription, not about the email.
            Self::Unsubscribed { .. } | Self::Resubscribed { .. } => 0,
            Self::Processed => 1,
            Self::Deferred { .. } => 2,
            Self::Delivered => 3,
            Self::Opened => 4,
            Self::Clicked(_) => 5,
            // An email can bounce after a server accepted it, and is never delivered after that.
            Self::Dropped(_) | Self::Bounced { .. } => 6,
            Self::Complained => 7,
        }
    }
}

// Servers and vendors explain themselves in free text, with the addresses of people in it.
impl fmt::Debug for EmailChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |f: &mut fmt::Formatter<'_>, name, group: &Option<String>| {
            let mut change = f.debug_struct(name);
            change.field("group", &group.as_deref().map(Word)).finish()
        };
        match self {
            Self::Processed => f.write_str("Processed"),
            Self::Deferred { attempt } => {
                let mut change = f.debug_struct("Deferred");
                change.field("attempt", attempt).finish()
            }
            Self::Delivered => f.write_str("Delivered"),
            Self::Bounced { kind, status } => f
                .debug_struct("Bounced")
                .field("kind", kind)
                .field("status", &status.as_deref().map(Word))
                .finish(),
            Self::Dropped(reason) => f.debug_tuple("Dropped").field(reason).finish(),
            Self::Opened => f.write_str("Opened"),
            Self::Clicked(url) => f.debug_tuple("Clicked").field(url).finish(),
            Self::Complained => f.write_str("Complained"),
            Self::Unsubscribed { group: name } => group(f, "Unsubscribed", name),
            Self::Resubscribed { group: name } => group(f, "Resubscribed", name),
        }
    }
}

/// The kind of a bounce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BounceKind {
    /// The address does not accept email: stop writing to it.
    Hard,
    /// The failure is temporary; another email may arrive.
    Soft,
    /// The server blocks us, our email or its content; the address may be valid.
    Block,
}

words!(BounceKind {
    Self::Hard => "hard",
    Self::Soft => "soft",
    Self::Block => "block",
});

/// Why a vendor did not try to deliver.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmailDropReason {
    /// The address or the email is not valid.
    Invalid,
    /// The recipient has unsubscribed.
    OptedOut,
    /// An earlier email to the address bounced.
    Bounced,
    /// The recipient reported an earlier email as spam.
    Complained,
    /// The vendor classified the content as spam.
    Spam,
    /// Our quota at the vendor is used up.
    Quota,
    /// Any other reason, in the vendor's words. They may name a person, so they are not printed.
    Other(String),
}

impl fmt::Debug for EmailDropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "Invalid",
            Self::OptedOut => "OptedOut",
            Self::Bounced => "Bounced",
            Self::Complained => "Complained",
            Self::Spam => "Spam",
            Self::Quota => "Quota",
            Self::Other(_) => "Other(..)",
        })
    }
}

/// An inbound email.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct InboundEmail {
    /// The sender according to the header, which anybody can write.
    pub from: Option<String>,
    /// The recipients according to the header.
    pub to: Option<String>,
    /// The recipients of a copy according to the header.
    pub cc: Option<String>,
    /// The subject of the email.
    pub subject: Option<String>,
    /// The plain text part.
    pub text: Option<String>,
    /// The HTML part, which may contain scripts.
    pub html: Option<String>,
    /// All its headers, as received.
    pub headers: Option<String>,
    /// The complete email in MIME form, if the vendor sends that instead of the parts.
    pub mime: Option<Bytes>,
    /// Its `Message-ID`, without the angle brackets.
    pub message_id: Option<String>,
    /// The sender that the delivering server named in the envelope.
    pub envelope_from: Option<EmailAddress>,
    /// The recipients that the delivering server named in the envelope: our addresses.
    pub envelope_to: Vec<EmailAddress>,
    /// The IP address of the delivering server.
    pub sender_ip: Option<IpAddr>,
    /// The vendor's SPF result, such as `pass`.
    pub spf: Option<String>,
    /// The vendor's DKIM results, such as `{@example.com : pass}`.
    pub dkim: Option<String>,
    /// The vendor's spam score.
    pub spam_score: Option<String>,
    /// The vendor's explanation of the spam score.
    pub spam_report: Option<String>,
    /// The attached files.
    pub attachments: Vec<InboundAttachment>,
}

// What people write is personal, so it is not printed.
impl fmt::Debug for InboundEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundEmail")
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}

/// A file attached to an inbound email.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InboundAttachment {
    /// The name that the sender gave it, which may contain anything, including `../`.
    pub file_name: Option<String>,
    /// The content type that the sender gave it.
    pub content_type: Option<String>,
    /// The id by which the HTML refers to it.
    pub content_id: Option<String>,
    /// The content of the file.
    pub content: Bytes,
}

impl InboundAttachment {
    /// Creates a file of which only the content is known.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sf10_what_servers_and_people_wrote_is_not_printed() {
        let words = || "550 5.1.1 <canary@example.com> no such user".to_owned();
        let link = "https://example.com/canary";
        for change in [
            EmailChange::Dropped(EmailDropReason::Other(words())),
            EmailChange::Bounced {
                kind: BounceKind::Hard,
                status: Some(words()),
            },
            EmailChange::Unsubscribed {
                group: Some(words()),
            },
            EmailChange::Resubscribed {
                group: Some(words()),
            },
            EmailChange::clicked(Some(link)),
        ] {
            let recipient = EmailAddress::new("canary@example.com").unwrap();
            let event = EmailEvent::new(change.clone(), recipient);
            let shown = format!("{change:?} {event:?} {event:#?}");
            assert!(
                !shown.contains("canary") && !shown.contains("user"),
                "{shown}"
            );
        }
        let bounced = EmailChange::Bounced {
            kind: BounceKind::Hard,
            status: Some("5.1.1".to_owned()),
        };
        assert_eq!(
            format!("{bounced:?}"),
            r#"Bounced { kind: Hard, status: Some("5.1.1") }"#
        );
    }
}
