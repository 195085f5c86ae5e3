//! The connection to SendGrid: builds requests, sends them through the call pipeline and reads the responses.

use std::{fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    Error, Kind,
    address::address_below,
    resilience::{
        CallOptions, CallScope, Health, Operation, OperationClass, Pipeline, QuotaHeaders, Request,
        ResetUnit, VendorProfile,
    },
    values::VendorId,
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts, Mode};
use http::{HeaderValue, Method, header::CONTENT_LENGTH};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use url::Url;

use crate::{
    auth,
    config::{SendGridConfig, VENDOR},
    error::{self, RefusedAddress, SendGridClassifier},
    wire,
};

/// From this size on an email is an upload: its attempts have no separate time limit.
const LARGE: usize = 1024 * 1024;

/// How long fetching the next reset of the credits may delay the error.
const CREDITS_TIMEOUT: Duration = Duration::from_secs(2);

/// Optional: in 2017 the responses to sending did not have these headers.
const LIMIT: QuotaHeaders = QuotaHeaders {
    window: "requests",
    limit: "x-ratelimit-limit",
    remaining: "x-ratelimit-remaining",
    reset: "x-ratelimit-reset",
    reset_unit: ResetUnit::EpochSeconds,
};

/// An unused batch id costs nothing, so creating another is harmless.
const CREATE_BATCH: Operation = Operation::new(
    "email.create_batch",
    &Method::POST,
    "/v3/mail/batch",
    OperationClass::Idempotent,
)
.preparing();
const CANCEL: Operation = Operation::new(
    "email.cancel_scheduled",
    &Method::POST,
    "/v3/user/scheduled_sends",
    OperationClass::Idempotent,
);
const GET_SCHEDULED: Operation = Operation::new(
    "email.get_scheduled",
    &Method::GET,
    "/v3/user/scheduled_sends/{batch_id}",
    OperationClass::Safe,
);
const UPDATE_SCHEDULED: Operation = Operation::new(
    "email.update_scheduled",
    &Method::PATCH,
    "/v3/user/scheduled_sends/{batch_id}",
    OperationClass::Idempotent,
);
const GET_CREDITS: Operation = Operation::new(
    "email.get_credits",
    &Method::GET,
    "/v3/user/credits",
    OperationClass::Safe,
);

/// A connection to SendGrid. Cheap to clone; clones share the circuit breaker, the retry budget and the connections.
#[derive(Clone)]
pub struct SendGrid {
    pipeline: Pipeline,
    base: Url,
    sandbox_mode: bool,
}

/// A builder of [`SendGrid`] that takes custom parts, such as a transport or a clock.
pub type SendGridBuilder = ConnectionBuilder<SendGrid>;

impl Connect for SendGrid {
    type Config = SendGridConfig;

    fn connect(config: SendGridConfig, parts: ConnectionParts) -> Result<Self, Error> {
        config.check()?;
        let base = config.base()?;
        let auth = auth::of(&config)?;
        let pipeline = parts
            .pipeline(
                VENDOR,
                config.resilience,
                config.allow_private_addresses,
                auth,
                Arc::new(SendGridClassifier),
            )?
            .profile(VendorProfile::default().unavailable_with_retry_after_before_work())
            .quota(vec![LIMIT]);
        Ok(Self {
            pipeline: pipeline.build()?,
            base,
            sandbox_mode: config.sandbox_mode.unwrap_or_default(),
        })
    }

    fn apply_mode(config: &mut SendGridConfig, mode: Mode) -> Result<(), Error> {
        config.apply_mode(mode);
        Ok(())
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        Some(&self.pipeline)
    }

    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }
}

impl SendGrid {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the invalid setting.
    pub fn new(config: SendGridConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: SendGridConfig) -> SendGridBuilder {
        SendGridBuilder::new(config)
    }

    /// The state of the connection: circuit breaker, retry budget, quota.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    pub(crate) fn sandbox_mode(&self) -> bool {
        self.sandbox_mode
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.pipeline.clock().wall()
    }

    /// The scope of a call that writes, over all its requests.
    pub(crate) fn writing(&self, options: &CallOptions) -> CallScope {
        self.pipeline.writing(options)
    }

    /// Sends an email; `size` is the size of its JSON.
    pub(crate) async fn send_mail(
        &self,
        operation: &Operation,
        mail: &wire::MailSend<'_>,
        size: usize,
        scope: &CallScope,
    ) -> Result<Sent, Error> {
        let operation = if size > LARGE {
            operation.unbounded()
        } else {
            *operation
        };
        let request = Request::new(self.url(&["v3", "mail", "send"])?).with_json(mail)?;
        match scope.call(&operation, request).await {
            Ok(response) => {
                let refused = error::refused_addresses(response.head.status, &response.body);
                if refused.is_empty() {
                    return Ok(Sent::Accepted(message_id(
                        response.head.request_id.as_deref(),
                    )));
                }
                Ok(Sent::Refused(
                    refused,
                    error::refused_with_another(&response.head),
                ))
            }
            // Any 2xx is a success, even with a truncated or malformed body: the body holds nothing that matters.
            Err(error) if error.status().is_some_and(|status| status.is_success()) => {
                Ok(Sent::Accepted(message_id(error.request_id())))
            }
            Err(error) if *error.kind() == (Kind::QuotaExhausted { resets_at: None }) => {
                Err(self.with_reset(error, scope).await)
            }
            Err(error) => Err(error),
        }
    }

    /// Creates a batch id, by which scheduled emails can be cancelled.
    pub(crate) async fn create_batch(&self, scope: &CallScope) -> Result<String, Error> {
        // The API expects no body; some proxies reject a POST without a length (411).
        let request = Request::new(self.url(&["v3", "mail", "batch"])?)
            .with_header(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let batch: wire::Batch = scope.call(&CREATE_BATCH, request).await?.json()?;
        Ok(batch.batch_id)
    }

    /// Cancels a scheduled batch; rejected if it is already cancelled or paused.
    pub(crate) async fn cancel(&self, batch_id: &str, scope: &CallScope) -> Result<(), Error> {
        let body = wire::ScheduledSend {
            batch_id,
            status: "cancel",
        };
        let request =
            Request::new(self.url(&["v3", "user", "scheduled_sends"])?).with_json(&body)?;
        scope.call(&CANCEL, request).await.map(drop)
    }

    /// The cancellation or pause of a scheduled batch, if there is one.
    pub(crate) async fn scheduled(
        &self,
        batch_id: &str,
        scope: &CallScope,
    ) -> Result<Option<wire::SendStatus>, Error> {
        let request = Request::new(self.url(&["v3", "user", "scheduled_sends", batch_id])?);
        let response = scope.call(&GET_SCHEDULED, request).await?;
        let entries: Vec<wire::ScheduledSendStatus> = response.json()?;
        Ok(entries
            .into_iter()
            .find(|entry| entry.batch_id == batch_id)
            .map(|entry| entry.status))
    }

    /// Turns a pause into a cancellation.
    pub(crate) async fn cancel_paused(
        &self,
        batch_id: &str,
        scope: &CallScope,
    ) -> Result<(), Error> {
        let body = wire::ScheduledSendUpdate { status: "cancel" };
        let url = self.url(&["v3", "user", "scheduled_sends", batch_id])?;
        let request = Request::new(url).with_json(&body)?;
        scope.call(&UPDATE_SCHEDULED, request).await.map(drop)
    }

    /// Adds the time of the next credits to the error, if the vendor responds quickly.
    async fn with_reset(&self, error: Error, scope: &CallScope) -> Error {
        let remaining = scope.remaining_options().timeout;
        let left = remaining.unwrap_or(CREDITS_TIMEOUT);
        if left.is_zero() {
            return error;
        }
        let quickly = CallOptions::default()
            .with_timeout(left.min(CREDITS_TIMEOUT))
            .without_retries();
        match self.next_reset(&quickly).await {
            Ok(Some(resets_at)) => error::with_reset(&error, resets_at),
            Ok(None) | Err(_) => error,
        }
    }

    async fn next_reset(&self, options: &CallOptions) -> Result<Option<Timestamp>, Error> {
        let request = Request::new(self.url(&["v3", "user", "credits"])?);
        let response = self.pipeline.call(&GET_CREDITS, request, options).await?;
        let credits: wire::Credits = response.json()?;
        // The date has no time zone; we read it as UTC.
        let day = credits.next_reset.and_then(|day| day.parse::<Date>().ok());
        Ok(day.and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()))
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        address_below(&self.base, segments, "id")
    }
}

impl fmt::Debug for SendGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGrid")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// The result of `POST /v3/mail/send`.
pub(crate) enum Sent {
    /// The vendor accepted the request.
    Accepted(Option<VendorId>),
    /// The vendor rejected the whole request because of these addresses; the error is for all other recipients.
    Refused(Vec<RefusedAddress>, Error),
}

fn message_id(request_id: Option<&str>) -> Option<VendorId> {
    VendorId::new(VENDOR, request_id?).ok()
}
