//! Webhooks of SendGrid: batches of events, and inbound email. See <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>
//! and <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks>.

mod charset;
mod config;
mod events;
mod form;
mod inbound;
mod proof;

use anyvendor_core::{
    Error,
    webhook::{
        DEFAULT_MAX_BODY, Prefetched, Verified, WebhookError, WebhookEvent, WebhookHead,
        WebhookRequest, WebhookVerifier,
    },
};
use anyvendor_http::{Connect, ConnectionParts};
use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;

pub use self::config::{SendGridWebhookConfig, SendGridWebhookKind};
use self::proof::Proof;
use crate::config::VENDOR;

/// An email with its attachments has at most 30 MB ("Inbound Email Parse Webhook"); the form repeats its headers.
const MAX_EMAIL: usize = 32 * 1024 * 1024;

/// Verifies the deliveries that SendGrid posts to an endpoint.
#[derive(Debug)]
pub struct SendGridWebhook {
    kind: SendGridWebhookKind,
    proof: Proof,
}

impl Connect for SendGridWebhook {
    type Config = SendGridWebhookConfig;

    fn connect(config: SendGridWebhookConfig, _: ConnectionParts) -> Result<Self, Error> {
        Self::new(&config)
    }
}

impl SendGridWebhook {
    /// Reads the keys or secrets. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &SendGridWebhookConfig) -> Result<Self, Error> {
        config.check()?;
        Ok(Self {
            kind: config.kind,
            proof: Proof::read(config)?,
        })
    }
}

#[async_trait]
impl WebhookVerifier for SendGridWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn max_body(&self) -> usize {
        match self.kind {
            SendGridWebhookKind::Events => DEFAULT_MAX_BODY,
            SendGridWebhookKind::Inbound => MAX_EMAIL,
        }
    }

    fn precheck(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        head.check_method(&Method::POST)?;
        head.check_content_type(match self.kind {
            SendGridWebhookKind::Events => "application/json",
            SendGridWebhookKind::Inbound => "multipart/form-data",
        })?;
        self.proof.check_head(head)
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.check_body_length(self.max_body())?;
        self.precheck(&request.head())?;
        self.proof.check(request, now)
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        let events = match self.kind {
            SendGridWebhookKind::Events => events::events(verified),
            SendGridWebhookKind::Inbound => inbound::event(verified).map(|event| vec![event]),
        };
        events.unwrap_or_else(|| vec![WebhookEvent::unreadable(verified)])
    }
}
