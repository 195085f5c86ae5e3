//! What a message is once the vendor has it, and how it stands.

use jiff::Timestamp;

use crate::{
    error::{Error, Kind},
    macros::setters,
    resilience::CallOptions,
    values::{MessageReference, PageRequest, PhoneNumber, VendorId},
};

/// A message as the vendor keeps it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The vendor's id.
    pub id: VendorId,
    /// How it stands.
    pub status: MessageStatus,
    /// Our own id, where the vendor keeps it or the request said it.
    pub reference: Option<MessageReference>,
    /// Who receives it, where that is a phone number.
    pub to: Option<PhoneNumber>,
    /// What it says, where the vendor shows it; to tell one message from another after an unknown outcome.
    pub text: Option<MessageText>,
    /// How many segments the vendor counts; `None` before it has.
    pub segments: Option<u32>,
    /// The vendor's code of what went wrong, for support.
    pub vendor_code: Option<String>,
    /// When the vendor took it.
    pub created_at: Option<Timestamp>,
    /// When the vendor sent it.
    pub sent_at: Option<Timestamp>,
}

impl Message {
    /// A message of which only this is known; adapters fill in the rest.
    #[must_use]
    pub fn new(id: VendorId, status: MessageStatus) -> Self {
        Self {
            id,
            status,
            reference: None,
            to: None,
            text: None,
            segments: None,
            vendor_code: None,
            created_at: None,
            sent_at: None,
        }
    }
}

/// What a message says, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageText(pub String);

impl std::fmt::Debug for MessageText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageText({} characters)", self.0.chars().count())
    }
}

/// How a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageStatus {
    /// The vendor has it.
    Accepted,
    /// It waits for its time.
    Scheduled,
    /// It waits for its turn.
    Queued,
    /// It is being handed to the carrier.
    Sending,
    /// The carrier has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// Some of those addressed have it.
    PartiallyDelivered,
    /// Somebody has read it.
    Read,
    /// The carrier could not deliver it.
    Undelivered(FailureKind),
    /// The vendor could not send it.
    Failed(FailureKind),
    /// It was cancelled before its time.
    Cancelled,
    /// It came in: somebody wrote to us.
    Received,
    /// A status that we have no word for, in the vendor's.
    Other(String),
}

impl MessageStatus {
    /// How far along the message is. A status of a lower rank than one already known is late news.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Other(_) => 0,
            Self::Accepted | Self::Scheduled => 1,
            Self::Queued => 2,
            Self::Sending => 3,
            Self::Sent => 4,
            Self::Delivered | Self::PartiallyDelivered => 5,
            Self::Read => 6,
            Self::Undelivered(_) | Self::Failed(_) | Self::Cancelled | Self::Received => 7,
        }
    }

    /// Whether the vendor is done with it; only reading may still follow delivery.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.rank() >= 5
    }
}

/// Whether a message that did not arrive could arrive another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// This number will never take it: stop writing to it.
    Hard,
    /// It may work later.
    Soft,
    /// Blocked on the way, by a filter or by the recipient.
    Blocked,
    /// The vendor does not say.
    Unknown,
}

/// What came of sending. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageOutcome {
    /// The vendor took it; whether it arrives is told by events or by looking it up.
    Accepted(Message),
    /// Refused because of its recipient: it was not sent and never will be.
    Rejected(Rejection),
}

impl MessageOutcome {
    /// The message, if the vendor took it.
    ///
    /// # Errors
    /// `Declined`, with the vendor's code, when the recipient was refused.
    pub fn into_accepted(self) -> Result<Message, Error> {
        match self {
            Self::Accepted(message) => Ok(message),
            Self::Rejected(rejection) => {
                let error = Error::new(Kind::Declined, "the recipient was refused");
                Err(match rejection.vendor_code {
                    Some(code) => error.with_vendor_code(code),
                    None => error,
                })
            }
        }
    }
}

/// Why a recipient was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The reason in neutral words.
    pub reason: RejectionReason,
    /// The vendor's code.
    pub vendor_code: Option<String>,
}

impl Rejection {
    /// A rejection for this reason.
    #[must_use]
    pub fn new(reason: RejectionReason) -> Self {
        Self {
            reason,
            vendor_code: None,
        }
    }

    /// Keeps the vendor's code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.vendor_code = Some(code.into());
        self
    }
}

/// The reason in neutral words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionReason {
    /// No phone that can take this.
    InvalidRecipient,
    /// The recipient asked for no more.
    OptedOut,
    /// The account may not send to that region.
    RegionBlocked,
    /// A reason that we have no word for, in the vendor's code.
    Other(String),
}

/// Asks how a message stands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetMessage {
    /// Which.
    pub message: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetMessage {
    /// Asks for this message.
    #[must_use]
    pub fn new(message: VendorId) -> Self {
        Self {
            message,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Cancels a scheduled message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelMessage {
    /// Which.
    pub message: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CancelMessage {
    /// Cancels this message.
    #[must_use]
    pub fn new(message: VendorId) -> Self {
        Self {
            message,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Asks for messages, newest first: by our own reference, or by recipient and time.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListMessages {
    /// Only the one with this reference.
    pub reference: Option<MessageReference>,
    /// Only to this phone.
    pub to: Option<PhoneNumber>,
    /// Only taken at this time or later.
    pub created_from: Option<Timestamp>,
    /// Only taken before this time.
    pub created_before: Option<Timestamp>,
    /// Which page, and how long.
    pub page: PageRequest,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListMessages {
    setters! {
        /// Only the one with this reference.
        with_reference(reference: Option<MessageReference>);
        /// Only to this phone.
        with_to(to: Option<PhoneNumber>);
        /// Only taken at this time or later.
        with_created_from(created_from: Option<Timestamp>);
        /// Only taken before this time.
        with_created_before(created_before: Option<Timestamp>);
        /// Sets which page, and how long.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_only_rise_along_the_way() {
        use MessageStatus as S;
        let way = [
            S::Other("x".to_owned()),
            S::Accepted,
            S::Queued,
            S::Sending,
            S::Sent,
            S::Delivered,
            S::Read,
        ];
        assert!(way.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
        assert!(!S::Sent.is_final() && S::Delivered.is_final() && S::Cancelled.is_final());
    }

    #[test]
    fn a_refused_recipient_is_no_acceptance_and_texts_are_not_printed() {
        let rejection = Rejection::new(RejectionReason::OptedOut).with_vendor_code("21610");
        let error = MessageOutcome::Rejected(rejection)
            .into_accepted()
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_code()),
            (&Kind::Declined, Some("21610"))
        );
        let text = MessageText("canary".to_owned());
        assert_eq!(format!("{text:?}"), "MessageText(6 characters)");
    }
}
