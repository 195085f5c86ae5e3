//! One word for each state that events report.

use anyvendor::{
    messaging::MessageStatus,
    webhooks::{EmailChange, PaymentChange},
};

pub(crate) fn payment(change: &PaymentChange) -> &'static str {
    match change {
        PaymentChange::Created => "created",
        PaymentChange::RequiresConfirmation => "agreed",
        PaymentChange::RequiresAction => "awaiting payer",
        PaymentChange::Processing => "processing",
        PaymentChange::Authorized => "authorized",
        PaymentChange::Captured => "captured",
        PaymentChange::Failed(_) => "failed",
        PaymentChange::Cancelled => "cancelled",
        PaymentChange::Expired => "expired",
        PaymentChange::Refunded(_) => "refunded",
        PaymentChange::Disputed(_) => "disputed",
        PaymentChange::Reversed => "reversed",
        _ => "updated",
    }
}

pub(crate) fn email(change: &EmailChange) -> &'static str {
    match change {
        EmailChange::Processed => "processed",
        EmailChange::Deferred { .. } => "deferred",
        EmailChange::Delivered => "delivered",
        EmailChange::Bounced { .. } => "bounced",
        EmailChange::Dropped(_) => "dropped",
        EmailChange::Opened => "opened",
        EmailChange::Clicked(_) => "clicked",
        EmailChange::Complained => "complained",
        EmailChange::Unsubscribed { .. } => "unsubscribed",
        EmailChange::Resubscribed { .. } => "resubscribed",
        _ => "moved",
    }
}

pub(crate) fn text(status: &MessageStatus) -> &'static str {
    match status {
        MessageStatus::Queued => "queued",
        MessageStatus::Sending => "sending",
        MessageStatus::Sent => "sent",
        MessageStatus::Delivered => "delivered",
        MessageStatus::PartiallyDelivered => "partly delivered",
        MessageStatus::Read => "read",
        MessageStatus::Undelivered(_) => "undelivered",
        MessageStatus::Failed(_) => "failed",
        MessageStatus::Cancelled => "cancelled",
        _ => "moved",
    }
}
