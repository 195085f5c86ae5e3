//! The connection to Twilio: builds requests, sends them through the call pipeline and reads what came of them.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    form::Form,
    resilience::{CallOptions, Health, Operation, Pipeline, Request, Response, VendorProfile},
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts};
use jiff::Timestamp;
use url::Url;

use crate::{auth, config::TwilioConfig, error::TwilioClassifier, messaging::Defaults};

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "twilio";

/// The version of the API of messages.
const VERSION: &str = "2010-04-01";

/// Twilio, as a messaging vendor and as one that checks phone numbers. Cheap to clone; clones share breaker, budget and
/// connections.
#[derive(Clone)]
pub struct Twilio {
    pipeline: Pipeline,
    base: Url,
    verify_base: Url,
    account: String,
    verify_service: Option<String>,
    pub(crate) defaults: Defaults,
}

impl Twilio {
    /// Connects to nothing yet, but reads the secrets at once.
    ///
    /// # Errors
    /// `Config` for settings that cannot work or a secret that cannot be read.
    pub fn new(config: TwilioConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Like [`new`](Self::new), with parts of one's own.
    #[must_use]
    pub fn builder(config: TwilioConfig) -> TwilioBuilder {
        TwilioBuilder::new(config)
    }

    /// How the connection fares: breaker, limits, last errors.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
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

    /// The address of all messages of the account.
    pub(crate) fn messages(&self) -> Result<Url, Error> {
        let account = self.account.as_str();
        address_below(
            &self.base,
            &[VERSION, "Accounts", account, "Messages.json"],
            "message",
        )
    }

    /// The address of one message.
    pub(crate) fn message(&self, sid: &str) -> Result<Url, Error> {
        let account = self.account.as_str();
        let file = [sid, ".json"].concat();
        let segments = [VERSION, "Accounts", account, "Messages", &file];
        address_below(&self.base, &segments, "message")
    }

    /// The query of an address that the vendor gave, if it leads to the account's messages: host and path are ours, so
    /// that a response cannot send our credentials elsewhere.
    pub(crate) fn query_of<'a>(&self, next_page_uri: &'a str) -> Option<&'a str> {
        let (path, query) = next_page_uri.split_once('?')?;
        let ours = [VERSION, "Accounts", &self.account, "Messages.json"].join("/");
        (path.strip_prefix('/') == Some(&ours) && !query.is_empty()).then_some(query)
    }

    /// The address of a resource of the service that sends codes.
    pub(crate) fn verify(&self, resource: &str) -> Result<Url, Error> {
        let service = self.verify_service.as_deref().ok_or_else(|| {
            Error::config("verify_service_sid", "must be set to send and check codes")
        })?;
        address_below(
            &self.verify_base,
            &["v2", "Services", service, resource],
            "verification",
        )
    }

    /// Reads.
    pub(crate) async fn get(
        &self,
        operation: &Operation,
        url: Url,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        self.pipeline
            .call(operation, Request::new(url), options)
            .await
    }

    /// Writes.
    pub(crate) async fn post(
        &self,
        operation: &Operation,
        url: Url,
        form: Form,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let request = Request::new(url).with_form(form.finish());
        self.pipeline.call(operation, request, options).await
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twilio")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Twilio`] with parts of one's own.
pub type TwilioBuilder = ConnectionBuilder<Twilio>;

impl Connect for Twilio {
    type Config = TwilioConfig;

    fn connect(config: TwilioConfig, parts: ConnectionParts) -> Result<Self, Error> {
        config.check()?;
        let (base, verify_base) = (config.base()?, config.verify_base()?);
        let defaults = Defaults::of(&config)?;
        let auth = auth::of(&config)?;
        let pipeline = parts
            .pipeline(
                VENDOR,
                config.resilience,
                config.allow_private_addresses,
                auth,
                Arc::new(TwilioClassifier),
            )?
            .profile(VendorProfile::default().unavailable_with_retry_after_before_work());
        Ok(Self {
            pipeline: pipeline.build()?,
            base,
            verify_base,
            account: config.account_sid,
            verify_service: config.verify_service_sid,
            defaults,
        })
    }
}

#[cfg(test)]
mod tests {
    use anyvendor_core::values::Secret;

    use super::*;

    #[test]
    fn only_pages_of_our_own_account_are_followed() {
        let account = "AC00000000000000000000000000000001";
        let twilio = Twilio::new(TwilioConfig::new(account, Secret::new("token"))).unwrap();
        let ours = format!("/2010-04-01/Accounts/{account}/Messages.json");
        let page = format!("{ours}?PageSize=2&Page=1&PageToken=x");
        assert_eq!(
            twilio.query_of(&page),
            Some("PageSize=2&Page=1&PageToken=x")
        );
        for other in [
            ours.clone(),
            format!("{ours}?"),
            format!("https://evil.example.com{ours}?a=b"),
            format!("//evil.example.com{ours}?a=b"),
            format!("{ours}/../../x?a=b"),
            "/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages.json?a=b".to_owned(),
            String::new(),
        ] {
            assert_eq!(twilio.query_of(&other), None, "{other}");
        }
        assert_eq!(
            twilio.message("SM1").unwrap().as_str(),
            format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/SM1.json")
        );
    }
}
