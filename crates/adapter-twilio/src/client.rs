//! The connection to Twilio: builds requests and sends them through the call pipeline.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    form::Form,
    resilience::{
        CallOptions, CallScope, Health, Operation, Pipeline, Request, Response, VendorProfile,
    },
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts, Mode};
use jiff::Timestamp;
use url::Url;

use crate::{
    auth,
    config::{Defaults, TwilioConfig, VENDOR},
    error::TwilioClassifier,
};

/// The version of the Messages API.
const VERSION: &str = "2010-04-01";

/// A connection to Twilio, for messages and for the verification of phone numbers. Cheap to clone; clones share the circuit
/// breaker, the retry budget and the connections.
#[derive(Clone)]
pub struct Twilio {
    pipeline: Pipeline,
    base: Url,
    verify_base: Url,
    account: String,
    verify_service: Option<String>,
    pub(crate) defaults: Defaults,
}

/// A builder of [`Twilio`] that takes custom parts, such as a transport or a clock.
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

    fn apply_mode(config: &mut TwilioConfig, mode: Mode) -> Result<(), Error> {
        config.apply_mode(mode)
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        Some(&self.pipeline)
    }

    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }
}

impl Twilio {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the invalid setting.
    pub fn new(config: TwilioConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: TwilioConfig) -> TwilioBuilder {
        TwilioBuilder::new(config)
    }

    /// The state of the connection: circuit breaker, retry budget, quota.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.pipeline.clock().wall()
    }

    /// The scope of a call that writes, over all its requests.
    pub(crate) fn writing(&self, options: &CallOptions) -> CallScope {
        self.pipeline.writing(options)
    }

    /// The URL of the account's messages.
    pub(crate) fn messages(&self) -> Result<Url, Error> {
        let account = self.account.as_str();
        address_below(
            &self.base,
            &[VERSION, "Accounts", account, "Messages.json"],
            "message",
        )
    }

    /// The URL of one message.
    pub(crate) fn message(&self, sid: &str) -> Result<Url, Error> {
        let account = self.account.as_str();
        let file = [sid, ".json"].concat();
        let segments = [VERSION, "Accounts", account, "Messages", &file];
        address_below(&self.base, &segments, "message")
    }

    /// The query of a URL from a response, if the URL is one of the account's messages. Host and path are always ours, so
    /// that a response cannot send our credentials elsewhere.
    pub(crate) fn query_of<'a>(&self, next_page_uri: &'a str) -> Option<&'a str> {
        let (path, query) = next_page_uri.split_once('?')?;
        let ours = [VERSION, "Accounts", &self.account, "Messages.json"].join("/");
        (path.strip_prefix('/') == Some(&ours) && !query.is_empty()).then_some(query)
    }

    /// The URL of a resource of the Verify service.
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

    /// Sends the only request of a call that reads.
    pub(crate) async fn get(
        &self,
        operation: &Operation,
        url: Url,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let scope = self.pipeline.reading(options);
        scope.call(operation, Request::new(url)).await
    }

    /// Sends the only request of a call that writes.
    pub(crate) async fn post(
        &self,
        operation: &Operation,
        url: Url,
        form: Form,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let request = Request::new(url).with_form(form.finish());
        self.writing(options).call(operation, request).await
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

#[cfg(test)]
mod tests {
    use anyvendor_core::values::Secret;

    use super::*;

    #[test]
    fn only_pages_of_the_account_itself_are_followed() {
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
