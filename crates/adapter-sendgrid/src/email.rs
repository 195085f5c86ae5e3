//! SendGrid as an email provider: neutral emails in SendGrid's wire format.

mod attachment;
mod bulk;
mod check;
mod compose;
mod options;
mod recipients;
mod schedule;
mod size;

use std::num::NonZeroU32;

use anyvendor_core::{
    Error,
    email::{
        BulkEmail, BulkOutcome, CancelScheduled, EmailCapabilities, EmailMessage, EmailProvider,
        RecipientOutcome, RecipientStatus, RejectReason, SendOutcome,
    },
    resilience::{Operation, OperationClass},
};
use async_trait::async_trait;
use http::Method;

pub use self::{
    check::REFERENCE_ARG,
    options::{GoogleAnalytics, SendGridOptions},
};
use self::{
    compose::Draft,
    recipients::Recipients,
    size::{FRAME, MAX_REQUEST, json_len, too_large},
};
use crate::{
    client::{SendGrid, Sent},
    config::VENDOR,
    error::RefusedAddress,
    wire,
};

const SEND: Operation = Operation::new(
    "email.send",
    &Method::POST,
    "/v3/mail/send",
    OperationClass::Unkeyed,
);

#[async_trait]
impl EmailProvider for SendGrid {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> EmailCapabilities {
        let mut capabilities = EmailCapabilities::default();
        capabilities.templates = true;
        capabilities.attachments = true;
        capabilities.schedule_hours = NonZeroU32::new(schedule::MAX_HOURS);
        capabilities.cancel_scheduled = true;
        capabilities.tracking = true;
        capabilities.unsubscribe_groups = true;
        capabilities.max_tags = NonZeroU32::new(10);
        capabilities.recipients_per_request = NonZeroU32::new(1_000);
        capabilities
    }

    async fn send(&self, message: EmailMessage) -> Result<SendOutcome, Error> {
        let mut draft = Draft::new(&message, self.sandbox_mode())?;
        let recipients = Recipients::of(&message)?;
        let personalization = draft.to_all(&message.reference, &recipients)?;
        let size = json_len(&draft.shared) + personalization.get().len() + FRAME;
        if size > MAX_REQUEST {
            return Err(too_large(&message, size));
        }
        let scope = self.writing(&message.options);
        let schedule = self
            .schedule(&mut draft.shared, message.send_at, &scope)
            .await?;
        let mail = wire::MailSend {
            personalizations: &[&personalization],
            shared: &draft.shared,
        };
        let sent = self.send_mail(&SEND, &mail, size, &scope).await?;
        let outcome = |to: &anyvendor_core::values::EmailAddress, status| {
            RecipientOutcome::new(message.reference.clone(), to.clone(), status)
        };
        Ok(match sent {
            Sent::Accepted(id) => {
                let accepted = recipients.requested().map(|(to, _)| {
                    let mut accepted = outcome(to, RecipientStatus::Accepted);
                    accepted.id.clone_from(&id);
                    accepted
                });
                let accepted = accepted.collect();
                SendOutcome::new(id, schedule, accepted)
            }
            Sent::Refused(refused, error) => {
                let statuses = recipients.requested().map(|(to, position)| {
                    let is_refused =
                        |address: &RefusedAddress| address.is(position.list, position.index);
                    outcome(
                        to,
                        if refused.iter().any(is_refused) {
                            RecipientStatus::Rejected(RejectReason::InvalidAddress)
                        } else {
                            RecipientStatus::NotSent(error.clone())
                        },
                    )
                });
                SendOutcome::new(None, None, statuses.collect())
            }
        })
    }

    async fn send_bulk(&self, bulk: BulkEmail) -> Result<BulkOutcome, Error> {
        self.send_chunks(&bulk).await
    }

    async fn cancel_scheduled(&self, request: CancelScheduled) -> Result<(), Error> {
        self.cancel_batch(&request).await
    }
}
