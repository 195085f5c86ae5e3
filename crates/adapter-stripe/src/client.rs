//! The connection: builds requests, sends them through the call, decodes the answers.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    error::ProtocolReason,
    form::Form,
    resilience::{
        CallOptions, Health, Operation, Pipeline, Request, Response, VendorProfile, scrub,
    },
    values::{IdempotencyKey, VendorId},
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts, CredentialMode};
use http::{HeaderName, HeaderValue, header::CONTENT_LENGTH};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    VENDOR,
    auth::{self, ACCOUNT, ACCOUNT_REMEDY, account_header},
    config::{KeyMode, StripeConfig},
    error::{MalformedResponse, StripeClassifier},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A connection to Stripe. Cheap to clone; keep one per key.
#[derive(Clone)]
pub struct Stripe {
    pipeline: Pipeline,
    base: Url,
    mode: KeyMode,
    /// Part of keys that we derive, so that two accounts never share one.
    pub(crate) account: Option<String>,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// Puts a [`Stripe`] together with parts of the caller's own.
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
    /// `Config`, naming the setting that cannot work.
    pub fn new(config: StripeConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with parts of the caller's own.
    #[must_use]
    pub fn builder(config: StripeConfig) -> StripeBuilder {
        StripeBuilder::new(config)
    }

    /// Whether the key moves real money.
    #[must_use]
    pub fn mode(&self) -> KeyMode {
        self.mode
    }

    /// How the connection is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// Reads an object or a list.
    pub(crate) async fn get(
        &self,
        operation: &Operation,
        segments: &[&str],
        query: Form,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let mut url = self.url(segments)?;
        let query = query.finish();
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        self.send(operation, Request::new(url), options).await
    }

    /// Writes under a key, for another account than the connection's if one is named.
    pub(crate) async fn post(
        &self,
        operation: &Operation,
        segments: &[&str],
        form: Form,
        key: &IdempotencyKey,
        account: Option<&str>,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let form = form.finish();
        let length = HeaderValue::from(form.len());
        let mut request = Request::new(self.url(segments)?)
            .with_form(form)
            // Stripe wants it on every POST, and HTTP clients leave it out where there is no body.
            .with_header(CONTENT_LENGTH, length)
            .with_idempotency_key(IDEMPOTENCY_KEY, key.clone())?;
        if let Some(account) = account {
            let account =
                account_header(account).ok_or_else(|| Error::invalid("account", ACCOUNT_REMEDY))?;
            request = request.with_header(ACCOUNT, account);
        }
        self.send(operation, request, options).await
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

    /// An address below the API's. Segments are encoded, so that an id cannot change the path.
    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        address_below(&self.base, segments, "id")
    }

    /// Refuses a response from the other mode: somebody mixed up keys or endpoints.
    pub(crate) fn check_mode(&self, live: Option<bool>) -> Result<(), MalformedResponse> {
        match live {
            Some(live) if live != self.mode.is_live() => Err(MalformedResponse(
                ProtocolReason::Mismatch,
                "the response is of the other mode than the key (test or live)",
            )),
            _ => Ok(()),
        }
    }
}

/// Reads a response's body and says it in our words.
pub(crate) fn read<W: DeserializeOwned, T>(
    response: &Response,
    to_model: impl FnOnce(W) -> Result<T, MalformedResponse>,
) -> Result<T, Error> {
    to_model(response.json()?).map_err(|malformed| malformed.of(&response.head))
}

/// The vendor's id as ours.
pub(crate) fn vendor_id(id: &str) -> Result<VendorId, MalformedResponse> {
    VendorId::new(VENDOR, id).map_err(|_| {
        MalformedResponse(
            ProtocolReason::BadBody,
            "the response names an id that cannot be",
        )
    })
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
    fn steps_up_are_refused() {
        let stripe = Stripe::new(StripeConfig::new(Secret::new("sk_test_1"))).unwrap();
        for id in ["", ".", ".."] {
            assert!(stripe.url(&["v1", id]).is_err(), "{id:?}");
        }
    }
}
