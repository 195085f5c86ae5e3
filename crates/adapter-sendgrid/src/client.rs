//! The connection to SendGrid: builds requests, sends them through the call pipeline and reads what came of them.

use std::{fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    Error, Kind,
    address::address_below,
    resilience::{
        CallOptions, Health, Operation, OperationClass, Pipeline, QuotaHeaders, Request, ResetUnit,
        VendorProfile,
    },
    values::VendorId,
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts};
use http::{HeaderValue, Method, header::CONTENT_LENGTH};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use url::Url;

use crate::{
    auth,
    config::SendGridConfig,
    error::{self, RefusedAddress, SendGridClassifier},
    wire,
};

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "sendgrid";

/// From this size on a mail is an upload: its attempt has no time limit of its own.
const LARGE: usize = 1024 * 1024;

/// The longest that looking for the next reset of the credits may hold up the error.
const CREDITS_TIMEOUT: Duration = Duration::from_secs(2);

/// Optional at this vendor: sending did not answer with these headers in 2017.
const LIMIT: QuotaHeaders = QuotaHeaders {
    window: "requests",
    limit: "x-ratelimit-limit",
    remaining: "x-ratelimit-remaining",
    reset: "x-ratelimit-reset",
    reset_unit: ResetUnit::EpochSeconds,
};

/// A batch id that is asked for in vain costs nothing, so asking again is harmless.
const CREATE_BATCH: Operation = operation(
    "email.create_batch",
    &Method::POST,
    "/v3/mail/batch",
    OperationClass::Idempotent,
);
const CANCEL: Operation = operation(
    "email.cancel_scheduled",
    &Method::POST,
    "/v3/user/scheduled_sends",
    OperationClass::Idempotent,
);
const GET_SCHEDULED: Operation = operation(
    "email.get_scheduled",
    &Method::GET,
    "/v3/user/scheduled_sends/{batch_id}",
    OperationClass::Safe,
);
const UPDATE_SCHEDULED: Operation = operation(
    "email.update_scheduled",
    &Method::PATCH,
    "/v3/user/scheduled_sends/{batch_id}",
    OperationClass::Idempotent,
);
const GET_CREDITS: Operation = operation(
    "email.get_credits",
    &Method::GET,
    "/v3/user/credits",
    OperationClass::Safe,
);

const fn operation(
    name: &'static str,
    method: &'static Method,
    template: &'static str,
    class: OperationClass,
) -> Operation {
    Operation::new(name, method, template, class)
}

/// SendGrid, as an e-mail vendor. Cheap to clone; clones share breaker, budget and connections.
#[derive(Clone)]
pub struct SendGrid {
    pipeline: Pipeline,
    base: Url,
    sandbox_mode: bool,
}

/// What came of `POST /v3/mail/send`.
pub(crate) enum Sent {
    /// The vendor took all of it.
    Accepted(Option<VendorId>),
    /// The vendor took nothing because of these addresses; the error is for all others.
    Refused(Vec<RefusedAddress>, Error),
}

impl SendGrid {
    /// Connects to nothing yet, but reads the key at once.
    ///
    /// # Errors
    /// `Config` for settings that cannot work or a key that cannot be read.
    pub fn new(config: SendGridConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Like [`new`](Self::new), with parts of one's own.
    #[must_use]
    pub fn builder(config: SendGridConfig) -> SendGridBuilder {
        SendGridBuilder::new(config)
    }

    /// How the connection fares: breaker, limits, last errors.
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

    /// Counts down the caller's time over several requests.
    pub(crate) fn time_left(
        &self,
        options: &CallOptions,
    ) -> impl Fn() -> CallOptions + Send + Sync + use<> {
        let (clock, options) = (Arc::clone(self.pipeline.clock()), options.clone());
        let start = clock.monotonic();
        move || match options.timeout {
            Some(timeout) => {
                let spent = clock.monotonic().saturating_duration_since(start);
                options.clone().with_timeout(timeout.saturating_sub(spent))
            }
            None => options.clone(),
        }
    }

    /// Sends a mail; `size` is that of its JSON.
    pub(crate) async fn send_mail(
        &self,
        operation: &Operation,
        mail: &wire::MailSend<'_>,
        size: usize,
        options: &CallOptions,
    ) -> Result<Sent, Error> {
        let operation = match size > LARGE {
            true => operation.unbounded(),
            false => *operation,
        };
        let request = Request::new(self.url(&["v3", "mail", "send"])?).with_json(mail)?;
        match self.pipeline.call(&operation, request, options).await {
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
            // Any 2xx is a yes, also one whose body was cut or odd: there is nothing in it that matters.
            Err(error) if error.status().is_some_and(|status| status.is_success()) => {
                Ok(Sent::Accepted(message_id(error.request_id())))
            }
            Err(error) if *error.kind() == (Kind::QuotaExhausted { resets_at: None }) => {
                Err(self.with_reset(error, options).await)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for an id under which what is scheduled can be cancelled.
    pub(crate) async fn create_batch(&self, options: &CallOptions) -> Result<String, Error> {
        // The API describes no body; a POST that does not say so is refused by some proxies (411).
        let request = Request::new(self.url(&["v3", "mail", "batch"])?)
            .with_header(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let batch: wire::Batch = self
            .pipeline
            .call(&CREATE_BATCH, request, options)
            .await?
            .json()?;
        Ok(batch.batch_id)
    }

    /// Asks to cancel what is scheduled; refused where it is cancelled or paused already.
    pub(crate) async fn cancel(&self, batch_id: &str, options: &CallOptions) -> Result<(), Error> {
        let body = wire::ScheduledSend {
            batch_id,
            status: "cancel",
        };
        let request =
            Request::new(self.url(&["v3", "user", "scheduled_sends"])?).with_json(&body)?;
        self.pipeline
            .call(&CANCEL, request, options)
            .await
            .map(drop)
    }

    /// What stands in the way of what is scheduled.
    pub(crate) async fn scheduled(
        &self,
        batch_id: &str,
        options: &CallOptions,
    ) -> Result<Option<wire::SendStatus>, Error> {
        let request = Request::new(self.url(&["v3", "user", "scheduled_sends", batch_id])?);
        let response = self.pipeline.call(&GET_SCHEDULED, request, options).await?;
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
        options: &CallOptions,
    ) -> Result<(), Error> {
        let body = wire::ScheduledSendUpdate { status: "cancel" };
        let url = self.url(&["v3", "user", "scheduled_sends", batch_id])?;
        let request = Request::new(url).with_json(&body)?;
        self.pipeline
            .call(&UPDATE_SCHEDULED, request, options)
            .await
            .map(drop)
    }

    /// Says in the error when there are credits again, if the vendor tells quickly.
    async fn with_reset(&self, error: Error, options: &CallOptions) -> Error {
        let left = options.timeout.map_or(CREDITS_TIMEOUT, |timeout| {
            timeout.saturating_sub(error.elapsed())
        });
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
        // A date without a zone; the vendor's clocks are read as UTC.
        let day = credits.next_reset.and_then(|day| day.parse::<Date>().ok());
        Ok(day.and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()))
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        address_below(&self.base, segments, "id")
    }
}

fn message_id(request_id: Option<&str>) -> Option<VendorId> {
    VendorId::new(VENDOR, request_id?).ok()
}

impl fmt::Debug for SendGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendGrid")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// Builds a [`SendGrid`] with parts of one's own.
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
            sandbox_mode: config.sandbox_mode,
        })
    }
}
