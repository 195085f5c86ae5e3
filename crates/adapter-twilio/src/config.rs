//! The settings of a Twilio account.

use anyvendor_core::{
    Error,
    address::{api_address, leads_elsewhere},
    resilience::Policy,
    values::{PhoneNumber, SecretSource},
};
use anyvendor_http::Mode;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "twilio";

/// The name of the query parameter that carries our own id in status callbacks.
pub const REFERENCE_PARAMETER: &str = "reference";

/// What to do if nothing can sign a request.
pub(crate) const NO_CREDENTIALS: &str = "set it, or both api_key_sid and api_secret";

/// The settings of a Twilio account.
///
/// ```toml
/// account_sid = "AC00000000000000000000000000000000"
/// auth_token = "env:TWILIO_AUTH_TOKEN"
/// messaging_service_sid = "MG00000000000000000000000000000000"
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TwilioConfig {
    /// The account, `AC` and 32 hexadecimal digits; that of the subaccount if messages belong to one.
    pub account_sid: String,
    /// The account's primary token. Webhooks are signed with it, even if requests are signed with an API key.
    #[serde(default)]
    pub auth_token: Option<SecretSource>,
    /// The id of the API key (`SK` and 32 hexadecimal digits) that signs requests in place of the token.
    #[serde(default)]
    pub api_key_sid: Option<String>,
    /// The secret of the API key.
    #[serde(default)]
    pub api_secret: Option<SecretSource>,
    /// The sender of messages: a number like `+15550109999`, a name of up to 11 characters, or a short code.
    #[serde(default)]
    pub from: Option<String>,
    /// The messaging service that picks senders, `MG` and 32 hexadecimal digits. Together with `from` it is the pool that
    /// `from` belongs to. Scheduled messages need it.
    #[serde(default)]
    pub messaging_service_sid: Option<String>,
    /// The sender of messages over WhatsApp: a number like `+15550109999`.
    #[serde(default)]
    pub whats_app_from: Option<String>,
    /// The URL to which Twilio reports the status of messages. Our own id is added to its query as `reference`.
    #[serde(default)]
    pub status_callback: Option<String>,
    /// The region that processes requests, such as `au1`; needs `edge`, and credentials of that region.
    #[serde(default)]
    pub region: Option<String>,
    /// The location where requests enter Twilio's network, such as `sydney`. Without `region` it is an edge of `us1`.
    #[serde(default)]
    pub edge: Option<String>,
    /// The Verify service that sends codes, `VA` and 32 hexadecimal digits.
    #[serde(default)]
    pub verify_service_sid: Option<String>,
    /// The base URL of the API. Default: the region's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The base URL of the Verify API. Default: the region's.
    #[serde(default)]
    pub verify_base_url: Option<String>,
    /// Whether the address may be Twilio's own also if the application's mode is sandbox: for test credentials, which send
    /// nothing and look like all others. Default: `false`.
    #[serde(default)]
    pub real_vendor: bool,
    /// Whether plain HTTP, loopback and private addresses are allowed, for a local sandbox. Default: `false`.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and the other settings of the call pipeline.
    #[serde(default)]
    pub resilience: Policy,
}

anyvendor_core::debug_only!(TwilioConfig {
    account_sid,
    auth_token,
    api_key_sid,
    api_secret,
    real_vendor,
    allow_private_addresses
});

/// Setters that take a text for an optional setting.
macro_rules! text_setters {
    ($($(#[$doc:meta])* $name:ident($field:ident);)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $field: impl Into<String>) -> Self {
            self.$field = Some($field.into());
            self
        })*
    };
}

impl TwilioConfig {
    /// The default settings for an account and its token.
    #[must_use]
    pub fn new(account_sid: impl Into<String>, auth_token: impl Into<SecretSource>) -> Self {
        Self {
            account_sid: account_sid.into(),
            auth_token: Some(auth_token.into()),
            api_key_sid: None,
            api_secret: None,
            from: None,
            messaging_service_sid: None,
            whats_app_from: None,
            status_callback: None,
            region: None,
            edge: None,
            verify_service_sid: None,
            base_url: None,
            verify_base_url: None,
            real_vendor: false,
            allow_private_addresses: false,
            resilience: Policy::default(),
        }
    }

    text_setters! {
        /// Sets the sender of messages.
        with_from(from);
        /// Sets the messaging service that picks senders.
        with_messaging_service_sid(messaging_service_sid);
        /// Sets the sender of messages over WhatsApp.
        with_whats_app_from(whats_app_from);
        /// Sets the URL to which Twilio reports the status of messages.
        with_status_callback(status_callback);
        /// Sets the region that processes requests.
        with_region(region);
        /// Sets the location where requests enter Twilio's network.
        with_edge(edge);
        /// Sets the Verify service that sends codes.
        with_verify_service_sid(verify_service_sid);
        /// Sets the base URL of the API.
        with_base_url(base_url);
        /// Sets the base URL of the Verify API.
        with_verify_base_url(verify_base_url);
    }

    /// Signs requests with an API key in place of the token.
    #[must_use]
    pub fn with_api_key(
        mut self,
        api_key_sid: impl Into<String>,
        api_secret: impl Into<SecretSource>,
    ) -> Self {
        self.api_key_sid = Some(api_key_sid.into());
        self.api_secret = Some(api_secret.into());
        self
    }

    /// Talks to an emulator on this machine, without TLS, for messages and for codes.
    #[must_use]
    pub fn with_local_base_url(mut self, base_url: impl Into<String>) -> Self {
        let base_url = base_url.into();
        self.verify_base_url = Some(base_url.clone());
        self.base_url = Some(base_url);
        self.allow_private_addresses = true;
        self
    }

    /// Sets time limits, retries and the other settings of the call pipeline.
    #[must_use]
    pub fn with_resilience(mut self, resilience: Policy) -> Self {
        self.resilience = resilience;
        self
    }

    /// Checks every setting except the secrets, which are read when the connection is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        sid("account_sid", "AC", Some(&self.account_sid))?;
        sid("api_key_sid", "SK", self.api_key_sid.as_deref())?;
        sid(
            "messaging_service_sid",
            "MG",
            self.messaging_service_sid.as_deref(),
        )?;
        sid(
            "verify_service_sid",
            "VA",
            self.verify_service_sid.as_deref(),
        )?;
        match (&self.api_key_sid, &self.api_secret, &self.auth_token) {
            (Some(_), None, _) => {
                return Err(Error::config("api_secret", "must be set with api_key_sid"));
            }
            (None, Some(_), _) => {
                return Err(Error::config("api_key_sid", "must be set with api_secret"));
            }
            (None, None, None) => return Err(Error::config("auth_token", NO_CREDENTIALS)),
            _ => {}
        }
        if self.from.as_deref().is_some_and(|from| !is_sender(from)) {
            return Err(Error::config(
                "from",
                "must be a number like +15550109999, a short code of 3 to 8 digits, or a name of up to 11 letters, digits and spaces",
            ));
        }
        let is_number = |text: &str| PhoneNumber::new(text).is_ok();
        if self
            .whats_app_from
            .as_deref()
            .is_some_and(|from| !is_number(from))
        {
            return Err(Error::config(
                "whats_app_from",
                "must be a number like +15550109999, without whatsapp:",
            ));
        }
        self.callback()?;
        self.base()?;
        self.verify_base().map(drop)
    }

    /// In sandbox mode the addresses must be those of an emulator, unless the settings say otherwise: credentials do not show
    /// whether messages reach real people. One address serves both APIs if it is the only one.
    pub(crate) fn apply_mode(&mut self, mode: Mode) -> Result<(), Error> {
        if mode == Mode::Live || self.real_vendor {
            return Ok(());
        }
        if self.verify_base_url.is_none() {
            self.verify_base_url.clone_from(&self.base_url);
        }
        if self.base_url.is_none() {
            self.base_url.clone_from(&self.verify_base_url);
        }
        for (field, address) in [
            ("base_url", &self.base_url),
            ("verify_base_url", &self.verify_base_url),
        ] {
            if !leads_elsewhere(address.as_deref(), &["twilio.com"]) {
                let remedy = "mode is sandbox, and messages would go to real people; set it to the address of an emulator, or \
                              set real_vendor = true";
                return Err(Error::config(field, remedy));
            }
        }
        Ok(())
    }

    /// The base URL of the API.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        self.address("base_url", self.base_url.as_deref(), "api")
    }

    /// The base URL of the Verify API.
    pub(crate) fn verify_base(&self) -> Result<Url, Error> {
        self.address("verify_base_url", self.verify_base_url.as_deref(), "verify")
    }

    /// The URL to which Twilio reports the status of messages.
    pub(crate) fn callback(&self) -> Result<Option<Url>, Error> {
        let Some(text) = &self.status_callback else {
            return Ok(None);
        };
        let refuse = |remedy| Error::config("status_callback", remedy);
        let url = Url::parse(text).map_err(|_| refuse("is not a valid URL"))?;
        // Settings are printed, so they must not hold credentials; callbacks are authenticated by their signature.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("must not hold a user or a password"));
        }
        match callback_problem(&url) {
            Some(remedy) => Err(refuse(remedy)),
            None => Ok(Some(url)),
        }
    }

    fn address(&self, field: &'static str, set: Option<&str>, product: &str) -> Result<Url, Error> {
        let edge = label("edge", self.edge.as_deref())?;
        let region = label("region", self.region.as_deref())?;
        let host = match (edge, region) {
            (None, None) => [product, ".twilio.com"].concat(),
            (Some(edge), region) => [
                product,
                ".",
                edge,
                ".",
                region.unwrap_or("us1"),
                ".twilio.com",
            ]
            .concat(),
            (None, Some(_)) => {
                return Err(Error::config(
                    "edge",
                    "must be set with region, such as sydney for au1",
                ));
            }
        };
        let text = match set {
            Some(text) => text.to_owned(),
            None => ["https://", &host].concat(),
        };
        api_address(field, &text, self.allow_private_addresses)
    }
}

/// The values of the configuration that apply if a message does not set them.
#[derive(Clone)]
pub(crate) struct Defaults {
    pub(crate) from: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) whats_app_from: Option<String>,
    pub(crate) status_callback: Option<Url>,
}

impl Defaults {
    pub(crate) fn of(config: &TwilioConfig) -> Result<Self, Error> {
        Ok(Self {
            from: config.from.clone(),
            service: config.messaging_service_sid.clone(),
            whats_app_from: config.whats_app_from.clone(),
            status_callback: config.callback()?,
        })
    }

    /// Whether the account can send messages over WhatsApp from its own number.
    pub(crate) fn uses_whats_app(&self) -> bool {
        self.whats_app_from.is_some()
    }
}

/// The reason why Twilio cannot call this URL, if there is one.
pub(crate) fn callback_problem(url: &Url) -> Option<&'static str> {
    let Some(host) = url
        .host_str()
        .filter(|_| matches!(url.scheme(), "https" | "http"))
    else {
        return Some("must be a URL with http or https");
    };
    if host.contains('_') {
        return Some("must have a host without underscores; the vendor refuses those");
    }
    url.query_pairs()
        .any(|(name, _)| name == REFERENCE_PARAMETER)
        .then_some("must not have `reference` in its query, which is added")
}

/// Whether a text is an id of Twilio's: two letters and 32 hexadecimal digits.
pub(crate) fn is_sid(text: &str, kinds: &[&str]) -> bool {
    let rest = kinds.iter().find_map(|kind| text.strip_prefix(kind));
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn sid(field: &'static str, kind: &str, text: Option<&str>) -> Result<(), Error> {
    if text.is_none_or(|text| is_sid(text, &[kind])) {
        Ok(())
    } else {
        let remedy = format_args!("must be {kind} and 32 hexadecimal digits");
        Err(Error::config(field, remedy))
    }
}

/// A setting that is one label of a host's name.
fn label<'a>(field: &'static str, text: Option<&'a str>) -> Result<Option<&'a str>, Error> {
    let is_label = |text: &str| {
        (1..=63).contains(&text.len())
            && text
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    if text.is_none_or(is_label) {
        Ok(text)
    } else {
        Err(Error::config(field, "must be a name like sydney or au1"))
    }
}

fn is_sender(text: &str) -> bool {
    if text.starts_with('+') {
        return PhoneNumber::new(text).is_ok();
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return (3..=8).contains(&text.len());
    }
    text.len() <= 11
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
