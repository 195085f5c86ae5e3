//! `EmailProvider` for Acme: our models to Acme's bodies and back.

use anyvendor_core::{
    Error,
    email::{
        BulkEmail, BulkOutcome, BulkRecipient, CancelScheduled, EmailCapabilities, EmailContent,
        EmailMessage, EmailProvider, RecipientOutcome, RecipientStatus, RejectReason, SendOutcome,
    },
    values::{EmailAddress, IdempotencyKey},
};
use async_trait::async_trait;

use super::{
    client::{Acme, Sent},
    config::VENDOR,
    wire::{Mailbox, NewMessage},
};

#[async_trait]
impl EmailProvider for Acme {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> EmailCapabilities {
        let mut capabilities = EmailCapabilities::default();
        capabilities.idempotent_send = true;
        capabilities
    }

    async fn send(&self, message: EmailMessage) -> Result<SendOutcome, Error> {
        message.check()?;
        let body = compose(&self.capabilities(), &message)?;
        let key = IdempotencyKey::new(message.reference.as_str())?;
        let sent = self.create_message(&body, key, &message.options).await?;
        let outcome = |(position, to): (usize, &EmailAddress)| {
            let (id, status) = match &sent {
                Sent::Accepted(id) => (Some(id.clone()), RecipientStatus::Accepted),
                Sent::Rejected(rejected, _) if *rejected == position => {
                    let reason = RejectReason::InvalidAddress;
                    (None, RecipientStatus::Rejected(reason))
                }
                Sent::Rejected(_, others) => (None, RecipientStatus::NotSent(others.clone())),
            };
            let outcome = RecipientOutcome::new(message.reference.clone(), to.clone(), status);
            match id {
                Some(id) => outcome.with_id(id),
                None => outcome,
            }
        };
        let recipients = message.recipients().enumerate().map(outcome).collect();
        let id = match &sent {
            Sent::Accepted(id) => Some(id.clone()),
            Sent::Rejected(..) => None,
        };
        Ok(SendOutcome::new(id, None, recipients))
    }

    /// One request per recipient: Acme has no bulk request.
    async fn send_bulk(&self, bulk: BulkEmail) -> Result<BulkOutcome, Error> {
        let capabilities = self.capabilities();
        let messages = bulk.recipients.iter().map(|to| single(&bulk.shared, to));
        let messages: Vec<EmailMessage> = messages.collect();
        // Everything is checked before the first email goes out.
        for message in &messages {
            message.check()?;
            compose(&capabilities, message)?;
        }
        let mut recipients = Vec::with_capacity(messages.len());
        for message in messages {
            let (reference, to) = (message.reference.clone(), message.to.clone());
            match self.send(message).await {
                Ok(sent) => recipients.extend(sent.recipients),
                Err(error) => recipients.extend(to.into_iter().map(|to| {
                    let status = if error.is_unknown() {
                        RecipientStatus::Unknown(error.clone())
                    } else {
                        RecipientStatus::NotSent(error.clone())
                    };
                    RecipientOutcome::new(reference.clone(), to, status)
                })),
            }
        }
        Ok(BulkOutcome::new(recipients, Vec::new()))
    }

    async fn cancel_scheduled(&self, _: CancelScheduled) -> Result<(), Error> {
        Err(Error::unsupported(VENDOR, "cancelling"))
    }
}

/// The message to one recipient of a bulk. Acme has no templates, so there is nothing that the data could fill.
fn single(shared: &EmailMessage, recipient: &BulkRecipient) -> EmailMessage {
    let mut message = shared
        .clone()
        .with_to([recipient.to.clone()])
        .with_cc([])
        .with_bcc([])
        .with_reference(recipient.reference.clone());
    if !recipient.metadata.is_empty() {
        message = message.with_metadata(recipient.metadata.clone());
    }
    if let (Some(own), EmailContent::Written { subject, .. }) =
        (&recipient.subject, &mut message.content)
    {
        subject.clone_from(own);
    }
    message
}

/// The message as Acme takes it. What cannot be said in Acme's body is refused: nothing is dropped silently.
fn compose<'a>(
    capabilities: &EmailCapabilities,
    message: &'a EmailMessage,
) -> Result<NewMessage<'a>, Error> {
    capabilities.check(VENDOR, message)?;
    let refuse = |field, what| Err(Error::unsupported(VENDOR, what).with_field(field));
    if !message.headers.is_empty() {
        return refuse("headers", "custom headers");
    }
    if !message.metadata.is_empty() {
        return refuse("metadata", "metadata");
    }
    let EmailContent::Written {
        subject,
        text,
        html,
    } = &message.content
    else {
        return refuse("content", "templates");
    };
    Ok(NewMessage {
        from: mailbox(&message.from),
        to: message.to.iter().map(mailbox).collect(),
        cc: message.cc.iter().map(mailbox).collect(),
        bcc: message.bcc.iter().map(mailbox).collect(),
        reply_to: message.reply_to.iter().map(mailbox).collect(),
        subject,
        text: text.as_deref(),
        html: html.as_deref(),
    })
}

fn mailbox(address: &EmailAddress) -> Mailbox<'_> {
    Mailbox {
        email: address.address(),
        name: address.name(),
    }
}
