//! Twilio as a messaging provider: neutral messages in Twilio's wire format.

mod compose;
mod look_up;
mod options;
mod read;
mod verification;

use std::{num::NonZeroU32, time::Duration};

use anyvendor_core::{
    Error,
    messaging::{
        CancelMessage, GetMessage, ListMessages, Message, MessageOutcome, MessageStatus,
        MessagingCapabilities, MessagingProvider, Rejection, ScheduleWindow, TextMessage,
    },
    resilience::{Operation, OperationClass},
    values::Page,
};
use async_trait::async_trait;
use http::Method;

pub use self::options::{AddressRetention, ContentRetention, TwilioOptions};
pub(crate) use self::read::{number, status};
use crate::{client::Twilio, config::VENDOR, error, wire::ErrorBody};

/// Twilio has no idempotency keys: a request that is sent twice sends two messages.
const SEND: Operation = Operation::new(
    error::SEND,
    &Method::POST,
    "/2010-04-01/Accounts/{account}/Messages.json",
    OperationClass::Unkeyed,
);

#[async_trait]
impl MessagingProvider for Twilio {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> MessagingCapabilities {
        let mut capabilities = MessagingCapabilities::default();
        capabilities.sms = true;
        capabilities.max_media = NonZeroU32::new(10);
        capabilities.whats_app = true;
        capabilities.templates = true;
        capabilities.max_text = NonZeroU32::new(1_600);
        // "Scheduling" in the Messages resource: more than 300 seconds and at most 35 days ahead.
        capabilities.schedule = Some(ScheduleWindow::new(
            Duration::from_secs(300),
            Duration::from_hours(35 * 24),
        ));
        capabilities.cancel_scheduled = true;
        capabilities.max_validity = Some(compose::MAX_VALIDITY);
        capabilities.status_callback = true;
        capabilities.list = true;
        capabilities
    }

    async fn send(&self, message: TextMessage) -> Result<MessageOutcome, Error> {
        message.check()?;
        let capabilities = self.capabilities();
        capabilities.check(VENDOR, &message, self.now())?;
        let form = compose::form(&message, &self.defaults)?;
        let response = self
            .post(&SEND, self.messages()?, form, &message.options)
            .await?;
        let code = ErrorBody::read(&response.body).number();
        if let Some(reason) = error::rejection(response.head.status, code) {
            let rejection = Rejection::new(reason).with_vendor_code(code.to_string());
            return Ok(MessageOutcome::Rejected(rejection));
        }
        let mut sent = response.decode(read::message)?;
        sent.reference = Some(message.reference);
        Ok(MessageOutcome::Accepted(sent))
    }

    async fn get(&self, request: GetMessage) -> Result<Message, Error> {
        self.look_up(&request.message, &request.options).await
    }

    async fn cancel_scheduled(&self, request: CancelMessage) -> Result<Message, Error> {
        let message = self.cancel(&request).await?;
        match message.status {
            MessageStatus::Cancelled => Ok(message),
            _ => Err(error::too_late(None)),
        }
    }

    async fn list(&self, request: ListMessages) -> Result<Page<Message>, Error> {
        self.list_page(&request).await
    }
}
