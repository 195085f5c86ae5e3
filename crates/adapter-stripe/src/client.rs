//! The connection to Stripe: builds requests and sends them through the call pipeline.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    error::ProtocolReason,
    form::Form,
    resilience::{
        CallOptions, Health, MalformedResponse, Operation, Pipeline, Request, Response,
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

    /// Fetches an object or a list.
    pub(crate) async fn get(&self, get: Get<'_>) -> Result<Response, Error> {
        let mut url = self.url(get.segments)?;
        let query = get.query.finish();
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let request = for_account(Request::new(url), get.account)?;
        self.send(get.operation, request, get.options).await
    }

    /// Sends a write.
    pub(crate) async fn post(&self, post: Post<'_>) -> Result<Response, Error> {
        let form = post.form.finish();
        let length = HeaderValue::from(form.len());
        let request = Request::new(self.url(post.segments)?)
            .with_form(form)
            // Stripe requires it on every POST, and HTTP clients omit it if there is no body.
            .with_header(CONTENT_LENGTH, length)
            .with_idempotency_key(IDEMPOTENCY_KEY, post.key)?;
        let request = for_account(request, post.account)?;
        self.send(post.operation, request, post.options).await
    }

    async fn send(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let response = self.pipeline.call(operation, request, options).await?;
        if let Some(notice) = response.head.header("stripe-notice") {
            let notice = scrub(notice, 200);
            tracing::warn!(vendor = VENDOR, operation = operation.name, notice);
        }
        Ok(response)
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

/// One read: what is fetched, from which path.
pub(crate) struct Get<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) segments: &'a [&'a str],
    pub(crate) query: Form,
    /// The connected account to act for, in place of the connection's.
    pub(crate) account: Option<&'a str>,
    pub(crate) options: &'a CallOptions,
}

/// One write: what is sent, to which path, and under which key.
pub(crate) struct Post<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) segments: &'a [&'a str],
    pub(crate) form: Form,
    pub(crate) key: IdempotencyKey,
    /// The connected account to act for, in place of the connection's.
    pub(crate) account: Option<&'a str>,
    pub(crate) options: &'a CallOptions,
}

fn for_account(request: Request, account: Option<&str>) -> Result<Request, Error> {
    let Some(account) = account else {
        return Ok(request);
    };
    let header =
        account_header(account).ok_or_else(|| Error::invalid("account", ACCOUNT_REMEDY))?;
    Ok(request.with_header(ACCOUNT, header))
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
