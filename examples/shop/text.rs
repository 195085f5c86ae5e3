//! The text to a customer's phone: short, and without a link that could be guessed.

use anyvendor::{
    Error, Kind,
    messaging::{MessageContent, MessageOutcome, MessageReference, MessagingProvider, TextMessage},
    values::PhoneNumber,
};

use crate::{orders::Order, outcome::NoticeState};

/// Our id of the text, which is also in the events about it.
pub(crate) fn reference(order: &Order) -> Result<MessageReference, Error> {
    MessageReference::new(format!("paid-{}", order.number))
}

/// Sends a text about a paid order. An `Err` means that nothing was sent and that a later try may succeed.
pub(crate) async fn send(
    provider: &dyn MessagingProvider,
    order: &Order,
    phone: &str,
) -> Result<NoticeState, Error> {
    let to = match PhoneNumber::parse(phone) {
        Ok(to) => to,
        Err(error) => return Ok(NoticeState::Refused(error.to_string())),
    };
    let text = format!(
        "Thank you! Order {} over {} is paid.",
        order.number, order.amount
    );
    let message =
        TextMessage::new(to, MessageContent::text(text)).with_reference(reference(order)?);
    match provider.send(message).await {
        Ok(MessageOutcome::Accepted(message)) => {
            Ok(NoticeState::Sent(Some(message.id.to_string())))
        }
        Ok(MessageOutcome::Rejected(why)) => Ok(NoticeState::Refused(format!("{:?}", why.reason))),
        Err(error) if error.is_unknown() => Ok(NoticeState::Unknown(error.to_string())),
        Err(error) if matches!(error.kind(), Kind::InvalidRequest | Kind::Unsupported) => {
            Ok(NoticeState::Refused(error.to_string()))
        }
        Err(error) => Err(error),
    }
}
