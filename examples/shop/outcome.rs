//! What became of an order.

use anyvendor::values::{ObjectKey, VendorId};
use serde::{Deserialize, Serialize};

/// What became of an order. All but [`Outcome::Unsettled`] and a mail of unknown fate are final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Paid; the receipt is stored.
    Charged {
        /// The payment.
        payment: VendorId,
        /// Where the receipt is.
        receipt: ObjectKey,
        /// The mail with the receipt's link.
        mail: NoticeState,
        /// The text to the customer's phone, if they gave a number.
        text: Option<NoticeState>,
    },
    /// The payer's bank said no.
    Declined(String),
    /// The payer must confirm; a mail says where.
    AwaitingPayer(NoticeState),
    /// The same line stood before.
    Repeated(String),
    /// It cannot be charged as it is; nothing was.
    Refused(String),
    /// We do not know, or it did not work yet: run it again, nothing is charged twice.
    Unsettled(String),
}

/// What earlier runs did for an order. Events of that have come and gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing that is known.
    Nothing,
    /// They asked the payer to confirm.
    Asked,
    /// They brought it to its end.
    Paid,
}

impl Before {
    /// Whether the run that came to this outcome did anything that events are to come of.
    #[must_use]
    pub fn leaves_events(self, outcome: &Outcome) -> bool {
        match self {
            Self::Nothing => true,
            Self::Asked => !matches!(outcome, Outcome::AwaitingPayer(_)),
            Self::Paid => false,
        }
    }
}

/// What became of a mail or a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "detail", rename_all = "snake_case")]
pub enum NoticeState {
    /// The vendor took it; its id, where it gave one.
    Sent(Option<String>),
    /// It will never be sent, and why.
    Refused(String),
    /// It may have been sent, and is not sent again.
    Unknown(String),
}

impl Outcome {
    /// Whether nobody needs to look at this order again.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Charged { mail, text, .. } => {
                let unknown = |notice: &NoticeState| matches!(notice, NoticeState::Unknown(_));
                !unknown(mail) && !text.as_ref().is_some_and(unknown)
            }
            Self::AwaitingPayer(mail) => !matches!(mail, NoticeState::Unknown(_)),
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

    /// What a person wants to know beside the word.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Declined(why)
            | Self::Repeated(why)
            | Self::Refused(why)
            | Self::Unsettled(why) => Some(why),
            Self::Charged { mail, .. } | Self::AwaitingPayer(mail) => match mail {
                NoticeState::Refused(why) | NoticeState::Unknown(why) => Some(why),
                NoticeState::Sent(_) => None,
            },
        }
    }
}

impl NoticeState {
    /// The vendor's id of the mail.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Sent(id) => id.as_deref(),
            Self::Refused(_) | Self::Unknown(_) => None,
        }
    }
}
