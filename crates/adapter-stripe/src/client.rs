//! The connection to Stripe: builds requests and sends them through the call pipeline.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    error::ProtocolReason,
    form::Form,
    resilience::{
        CallOptions, CallScope, Health, MalformedResponse, Operation, Pipeline, Request, Response,
        VendorProfile, scrub,
    },
    values::IdempotencyKey,
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts, CredentialMode};
use http::{HeaderName, HeaderValue, header::CONTENT_LENGTH};
use url::Url;

use crate::{
    auth::{self, ACCOUNT},
    config::{ACCOUNT_REMEDY, KeyMode, StripeConfig, VENDOR, account_header},
    error::StripeClassifier,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A connection to Stripe. Cheap to clone; keep one per key.
#[derive(Clone)]
pub struct Stripe {
    pipeline: Pipeline,
    base: Url,
    mode: KeyMode,
    /// The connected account of all requests that name no other.
    pub(crate) account: Option<String>,
}

/// A builder of [`Stripe`] that takes custom parts, such as a transport or a clock.
pub type StripeBuilder = ConnectionBuilder<Stripe>;

impl Connect for Stripe {
    type Config = StripeConfig;

    fn connect(config: StripeConfig, parts: ConnectionParts) -> Result<Self, Error> {
        config.check()?;
        let (key, mode) = config.key()?;
        let base = config.base()?;
        let pipeline = parts
            .pipeline(
                VENDOR,
                config.resilience,
                config.allow_private_addresses,
                auth::of(key, config.account.as_deref())?,
                Arc::new(StripeClassifier),
            )?
            // A 500 is stored under the key and replayed; see "Idempotent requests" in Stripe's reference.
            .profile(VendorProfile::default().keyed_500_requires_directive());
        Ok(Self {
            pipeline: pipeline.build()?,
            base,
            mode,
            account: config.account,
        })
    }

    fn credential_mode(&self) -> Option<CredentialMode> {
        Some(CredentialMode::new("api_key", self.mode.is_live()))
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        Some(&self.pipeline)
    }

    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }
}

impl Stripe {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the invalid setting.
    pub fn new(config: StripeConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: StripeConfig) -> StripeBuilder {
        StripeBuilder::new(config)
    }

    /// Whether the key moves real money.
    #[must_use]
    pub fn mode(&self) -> KeyMode {
        self.mode
    }

    /// The state of the connection: circuit breaker, retry budget, quota.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// Begins a call that only reads.
    pub(crate) fn reading(&self, options: &CallOptions) -> CallScope {
        self.pipeline.reading(options)
    }

    /// Begins a call that writes; the reads that it needs are a part of it.
    pub(crate) fn writing(&self, options: &CallOptions) -> CallScope {
        self.pipeline.writing(options)
    }

    /// Fetches an object or a list.
    pub(crate) async fn get(&self, by: Sender<'_>, get: Get<'_>) -> Result<Response, Error> {
        let mut url = self.url(get.segments)?;
        let query = get.query.finish();
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        send(by, get.operation, Request::new(url)).await
    }

    /// Sends a write.
    pub(crate) async fn post(&self, by: Sender<'_>, post: Post<'_>) -> Result<Response, Error> {
        let form = post.form.finish();
        let length = HeaderValue::from(form.len());
        let request = Request::new(self.url(post.segments)?)
            .with_form(form)
            // Stripe requires it on every POST, and HTTP clients omit it if there is no body.
            .with_header(CONTENT_LENGTH, length)
            .with_idempotency_key(IDEMPOTENCY_KEY, post.key)?;
        send(by, post.operation, request).await
    }

    /// A URL below the base URL. Segments are encoded, so that an id cannot change the path.
    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        address_below(&self.base, segments, "id")
    }

    /// Rejects a response from the other mode: keys or endpoints were mixed up.
    pub(crate) fn check_mode(&self, live: Option<bool>) -> Result<(), MalformedResponse> {
        match live {
            Some(live) if live != self.mode.is_live() => Err(MalformedResponse::new(
                ProtocolReason::Mismatch,
                "the response and the key are of different modes (test and live)",
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// The call that a request belongs to, and the connected account that it acts for, in place of the connection's.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    /// The name of the call: an error of a look-up that it needs is an error of the call.
    pub(crate) call: &'static str,
    pub(crate) scope: &'a CallScope,
    pub(crate) account: Option<&'a str>,
}

/// One read: what is fetched, from which path.
pub(crate) struct Get<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) segments: &'a [&'a str],
    pub(crate) query: Form,
}

/// One write: what is sent, to which path, and under which key.
pub(crate) struct Post<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) segments: &'a [&'a str],
    pub(crate) form: Form,
    pub(crate) key: IdempotencyKey,
}

async fn send(
    by: Sender<'_>,
    operation: &Operation,
    mut request: Request,
) -> Result<Response, Error> {
    if let Some(account) = by.account {
        let header =
            account_header(account).ok_or_else(|| Error::invalid("account", ACCOUNT_REMEDY))?;
        request = request.with_header(ACCOUNT, header);
    }
    let sent = by.scope.call(operation, request).await;
    let mut response = sent.map_err(|error| error.with_operation(by.call))?;
    response.head.operation = by.call;
    if let Some(notice) = response.head.header("stripe-notice") {
        let notice = scrub(notice, 200);
        tracing::warn!(vendor = VENDOR, operation = operation.name, notice);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use anyvendor_core::values::Secret;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #[test]
        fn t21_ids_cannot_change_host_or_path(id in any::<String>()) {
            let stripe = Stripe::new(StripeConfig::new(Secret::new("sk_test_1"))).unwrap();
            if let Ok(url) = stripe.url(&["v1", "refunds", &id, "x"]) {
                prop_assert_eq!(url.host_str(), Some("api.stripe.com"));
                let steps: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!(steps.len(), 4);
                prop_assert_eq!((steps[0], steps[1], steps[3]), ("v1", "refunds", "x"));
                prop_assert_eq!((url.query(), url.fragment()), (None, None));
            }
        }
    }

    #[test]
    fn path_traversal_is_rejected() {
        let stripe = Stripe::new(StripeConfig::new(Secret::new("sk_test_1"))).unwrap();
        for id in ["", ".", ".."] {
            assert!(stripe.url(&["v1", id]).is_err(), "{id:?}");
        }
    }
}
