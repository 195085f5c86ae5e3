//! The two emails of a checkout: the link to the receipt, and the request to confirm.

use anyvendor::{
    Error, Kind,
    email::{EmailContent, EmailMessage, EmailProvider, MessageReference, RecipientStatus},
    values::EmailAddress,
};

use crate::{orders::Order, outcome::NoticeState, receipt::escape};

/// Why an email is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Paid,
    Confirm,
}

/// Our id of the email, which is also in the events about it.
pub(crate) fn reference(order: &Order, occasion: Occasion) -> Result<MessageReference, Error> {
    let name = match occasion {
        Occasion::Paid => "receipt",
        Occasion::Confirm => "confirm",
    };
    MessageReference::new(format!("{name}-{}", order.number))
}

/// Sends an email with a link. An `Err` means that nothing was sent and that a later try may succeed.
pub(crate) async fn send(
    provider: &dyn EmailProvider,
    from: &EmailAddress,
    order: &Order,
    occasion: Occasion,
    link: &str,
) -> Result<NoticeState, Error> {
    let to = match EmailAddress::new(&order.email).and_then(|to| to.with_name(&order.name)) {
        Ok(to) => to,
        Err(error) => return Ok(NoticeState::Refused(error.to_string())),
    };
    let (subject, line) = match occasion {
        Occasion::Paid => ("Your receipt", "Thank you. Your receipt is here:"),
        Occasion::Confirm => (
            "Please confirm your payment",
            "Your bank wants you to confirm the payment here:",
        ),
    };
    let subject = format!("{subject} for order {}", order.number);
    let page = format!("<p>{line}</p><p><a href=\"{0}\">{0}</a></p>", escape(link));
    let content = EmailContent::html(subject, page, format!("{line}\n{link}\n"));
    let message =
        EmailMessage::new(from.clone(), to, content).with_reference(reference(order, occasion)?);
    let sent = match provider.send(message).await {
        Ok(sent) => sent,
        Err(error) if error.is_unknown() => return Ok(NoticeState::Unknown(error.to_string())),
        Err(error) if error.kind() == &Kind::InvalidRequest => {
            return Ok(NoticeState::Refused(error.to_string()));
        }
        Err(error) => return Err(error),
    };
    let id = sent.id.map(|id| id.id().to_owned());
    match sent.recipients.into_iter().next().map(|to| to.status) {
        Some(RecipientStatus::Rejected(why)) => Ok(NoticeState::Refused(format!("{why:?}"))),
        Some(RecipientStatus::Unknown(error)) => Ok(NoticeState::Unknown(error.to_string())),
        Some(RecipientStatus::NotSent(error)) => Err(error),
        Some(RecipientStatus::Accepted) | None => Ok(NoticeState::Sent(id)),
    }
}
