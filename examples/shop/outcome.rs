//! The outcome of an order.

use anyvendor::values::{ObjectKey, VendorId};
use serde::{Deserialize, Serialize};

/// The outcome of an order. All are final, except [`Outcome::Unsettled`] and an email that may not have been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Paid; the receipt is stored.
    Charged {
        /// The payment.
        payment: VendorId,
        /// The key of the receipt.
        receipt: ObjectKey,
        /// The email with the link to the receipt.
        email: NoticeState,
        /// The text to the customer's phone, if they gave a number.
        text: Option<NoticeState>,
    },
    /// The payer's bank declined the payment.
    Declined(String),
    /// The payer must confirm, and got an email with the link.
    AwaitingPayer(NoticeState),
    /// The file has the same order at an earlier line.
    Repeated(String),
    /// The order cannot be charged as it is, and nothing was charged.
    Refused(String),
    /// The result is unknown, or it did not succeed yet. Run the file again: nothing is charged twice.
    Unsettled(String),
}

/// What earlier runs did for an order. The events of that have already been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing is known of an earlier run.
    Nothing,
    /// An earlier run asked the payer to confirm.
    Asked,
    /// An earlier run completed the order.
    Paid,
}

impl Before {
    /// Whether the run with this outcome did anything that causes events.
    #[must_use]
    pub fn leaves_events(self, outcome: &Outcome) -> bool {
        match self {
            Self::Nothing => true,
            Self::Asked => !matches!(outcome, Outcome::AwaitingPayer(_)),
            Self::Paid => false,
        }
    }
}

/// The state of an email or a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "detail", rename_all = "snake_case")]
pub enum NoticeState {
    /// The vendor accepted it; with the vendor's id, if it gave one.
    Sent(Option<String>),
    /// It will never be sent; with the reason.
    Refused(String),
    /// It may have been sent, and is not sent again; with the error.
    Unknown(String),
}

impl Outcome {
    /// Whether the order needs no further attention.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Charged { email, text, .. } => {
                let unknown = |notice: &NoticeState| matches!(notice, NoticeState::Unknown(_));
                !unknown(email) && !text.as_ref().is_some_and(unknown)
            }
            Self::AwaitingPayer(email) => !matches!(email, NoticeState::Unknown(_)),
            Self::Declined(_) | Self::Repeated(_) | Self::Refused(_) => true,
            Self::Unsettled(_) => false,
        }
    }

    /// One word for tables and reports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Charged { .. } => "charged",
            Self::Declined(_) => "declined",
            Self::AwaitingPayer(_) => "awaiting payer",
            Self::Repeated(_) => "repeated",
            Self::Refused(_) => "refused",
            Self::Unsettled(_) => "unsettled",
        }
    }

    /// The detail that belongs to the word.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Declined(why)
            | Self::Repeated(why)
            | Self::Refused(why)
            | Self::Unsettled(why) => Some(why),
            Self::Charged { email, .. } | Self::AwaitingPayer(email) => match email {
                NoticeState::Refused(why) | NoticeState::Unknown(why) => Some(why),
                NoticeState::Sent(_) => None,
            },
        }
    }
}

impl NoticeState {
    /// The vendor's id of the email.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Sent(id) => id.as_deref(),
            Self::Refused(_) | Self::Unknown(_) => None,
        }
    }
}
