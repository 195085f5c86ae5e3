//! `EmailProvider` in SendGrid's words.

mod attachment;
mod bulk;
mod check;
mod compose;
mod options;
mod recipients;
mod schedule;

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
use self::{compose::Draft, recipients::Recipients};
use crate::{
    client::{SendGrid, Sent, VENDOR},
    error::RefusedAddress,
    wire,
};

/// The vendor says "30 MB"; this is the smaller reading of it.
const MAX_REQUEST: usize = 30_000_000;

/// What a request has beside the shared part and the personalizations: a batch id, brackets and a name.
const FRAME: usize = 512;

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
        let size = check::json_len(&draft.shared) + personalization.get().len() + FRAME;
        if size > MAX_REQUEST {
            return Err(too_large(&message, size));
        }
        let time_left = self.time_left(&message.options);
        let schedule = self
            .schedule(&mut draft.shared, message.send_at, &time_left())
            .await?;
        let mail = wire::MailSend {
            personalizations: &[&personalization],
            shared: &draft.shared,
        };
        let sent = self.send_mail(&SEND, &mail, size, &time_left()).await?;
        let outcome = |to: &anyvendor_core::values::EmailAddress, status| {
            RecipientOutcome::new(message.reference.clone(), to.clone(), status)
        };
        Ok(match sent {
            Sent::Accepted(id) => {
                let accepted = recipients.asked().map(|(to, _)| {
                    let mut accepted = outcome(to, RecipientStatus::Accepted);
                    accepted.id.clone_from(&id);
                    accepted
                });
                let accepted = accepted.collect();
                SendOutcome::new(id, schedule, accepted)
            }
            Sent::Refused(refused, error) => {
                let statuses = recipients.asked().map(|(to, place)| {
                    let is_refused = |address: &RefusedAddress| address.is(place.list, place.index);
                    outcome(
                        to,
                        match refused.iter().any(is_refused) {
                            true => RecipientStatus::Rejected(RejectReason::InvalidAddress),
                            false => RecipientStatus::NotSent(error.clone()),
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

fn too_large(message: &EmailMessage, size: usize) -> Error {
    let field = match message.attachments.is_empty() {
        true => "content",
        false => "attachments",
    };
    let megabytes = size.div_ceil(1_000_000);
    Error::invalid(
        field,
        format_args!("make a request of {megabytes} MB, encoded; the vendor takes less than 30 MB"),
    )
}
