//! Webhooks of Twilio: the `X-Twilio-Signature` header, then events. See <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.

mod events;
mod url;

use std::{borrow::Cow, fmt};

use ::url::{Url, form_urlencoded};
use anyvendor_core::{
    Error,
    values::SecretSource,
    webhook::{
        Prefetched, Verified, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier,
        signing_secrets,
    },
};
use anyvendor_http::{
    Connect, ConnectionParts,
    signature::{MacHash, MacKey, equal, sha256},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::VENDOR;

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const FORM: &str = "application/x-www-form-urlencoded";
/// More fields than any documented delivery has. Own choice: they are sorted before anything is known of the sender.
const MAX_FIELDS: usize = 1_000;

/// Settings of an endpoint.
///
/// ```toml
/// auth_tokens = ["env:TWILIO_AUTH_TOKEN"]
/// public_url = "https://hooks.example.com"
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TwilioWebhookConfig {
    /// The account's primary tokens; any of them is good. Webhooks are signed with it also where requests are signed with a key.
    pub auth_tokens: Vec<SecretSource>,
    /// What Twilio calls, before the path: scheme, host, and the part of the path that a proxy cuts. Never taken from the
    /// request, which says what anybody wants.
    #[serde(default)]
    pub public_url: Option<String>,
}

impl TwilioWebhookConfig {
    /// The usual settings with these tokens.
    #[must_use]
    pub fn new(auth_tokens: impl IntoIterator<Item = impl Into<SecretSource>>) -> Self {
        Self {
            auth_tokens: auth_tokens.into_iter().map(Into::into).collect(),
            public_url: None,
        }
    }

    /// Sets what Twilio calls, before the path.
    #[must_use]
    pub fn with_public_url(mut self, public_url: impl Into<String>) -> Self {
        self.public_url = Some(public_url.into());
        self
    }
}

/// Verifies what is posted to an endpoint of Twilio's.
pub struct TwilioWebhook {
    keys: Vec<Keys>,
    public_url: Option<String>,
}

/// One token, for both algorithms.
struct Keys {
    sha1: MacKey,
    sha256: MacKey,
}

impl Connect for TwilioWebhook {
    type Config = TwilioWebhookConfig;

    fn connect(config: TwilioWebhookConfig, _: ConnectionParts) -> Result<Self, Error> {
        Self::new(&config)
    }
}

impl TwilioWebhook {
    /// Reads the tokens.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &TwilioWebhookConfig) -> Result<Self, Error> {
        if let Some(public) = &config.public_url {
            let is_address = Url::parse(public).is_ok_and(|url| {
                matches!(url.scheme(), "https" | "http")
                    && url.has_host()
                    && url.query().is_none()
                    && url.fragment().is_none()
            });
            if !is_address {
                let remedy =
                    "must be what Twilio calls, before the path, such as https://hooks.example.com";
                return Err(Error::config("public_url", remedy));
            }
        }
        let tokens = signing_secrets(&config.auth_tokens, "auth_tokens")?;
        let keys = tokens.iter().map(|token| {
            let key = |hash| MacKey::new(hash, token.expose().as_bytes());
            Keys {
                sha1: key(MacHash::Sha1),
                sha256: key(MacHash::Sha256),
            }
        });
        Ok(Self {
            keys: keys.collect(),
            // Put before the path as it stands.
            public_url: config
                .public_url
                .as_deref()
                .map(|url| url.trim_end_matches('/').to_owned()),
        })
    }

    /// The address as Twilio called it.
    fn called<'a>(&self, url: &'a str) -> Result<Cow<'a, str>, WebhookError> {
        match (&self.public_url, url.starts_with('/')) {
            (_, false) => Ok(Cow::Borrowed(url)),
            (Some(public), true) => Ok(Cow::Owned([public, url].concat())),
            (None, true) => Err(WebhookError::Malformed(
                "the public address is not known; set public_url",
            )),
        }
    }
}

impl fmt::Debug for TwilioWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioWebhook")
            .field("auth_tokens", &self.keys.len())
            .field("public_url", &self.public_url)
            .finish()
    }
}

#[async_trait]
impl WebhookVerifier for TwilioWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn accepts_method(&self, method: &Method) -> bool {
        method == Method::POST || method == Method::GET
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.check_body_length(self.max_body())?;
        let url = self.called(request.url())?;
        let fields = signed_fields(&request, &url)?;
        let hash = algorithm(request.optional_header(SETTINGS)?)?;
        // What is no base64 matches no more than what is another's.
        let signature = BASE64_STANDARD.decode(request.header(SIGNATURE)?);
        let signature = signature.map_err(|_| WebhookError::BadSignature)?;
        let signed = |key: &MacKey, [scheme_and_host, port, path]: [&str; 3]| {
            let parts = [scheme_and_host, port, path, &fields];
            key.mac(parts.map(str::as_bytes)).is(&signature)
        };
        // Twilio's own back ends disagree on whether the port belongs to it.
        let variants = url::with_and_without_port(&url).ok_or(WebhookError::Malformed(
            "the address is not one that Twilio calls",
        ))?;
        let good = self.keys.iter().any(|keys| {
            let key = match hash {
                MacHash::Sha256 => &keys.sha256,
                MacHash::Sha1 => &keys.sha1,
            };
            variants.iter().any(|address| signed(key, *address))
        });
        match good {
            true => Ok(Verified::new_unchecked(VENDOR, request, now)),
            false => Err(WebhookError::BadSignature),
        }
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        vec![events::event(verified)]
    }
}

/// The fields as they are signed: sorted, each value of a name once, nothing between them. None for a GET, whose fields stand
/// in the address, and for JSON, whose hash stands there.
fn signed_fields(request: &WebhookRequest<'_>, url: &str) -> Result<String, WebhookError> {
    if request.method() == Method::GET {
        return match request.body().is_empty() {
            true => Ok(String::new()),
            false => Err(WebhookError::Malformed("a GET has a body")),
        };
    }
    if request.check_content_type(FORM).is_ok() {
        let mut fields: Vec<_> = form_urlencoded::parse(request.body())
            .take(MAX_FIELDS + 1)
            .collect();
        if fields.len() > MAX_FIELDS {
            return Err(WebhookError::Malformed("the form has too many fields"));
        }
        fields.sort_unstable();
        fields.dedup();
        // Joined once, and hashed for each address and token.
        let mut joined = String::with_capacity(request.body().len());
        joined.extend(fields.into_iter().flat_map(|(name, value)| [name, value]));
        return Ok(joined);
    }
    request.check_content_type("application/json")?;
    let told = url::query_value(url, "bodySHA256").ok_or(WebhookError::Malformed(
        "the address does not name the body's hash once",
    ))?;
    let hash = sha256(request.body());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    match equal(hex.as_bytes(), told.to_ascii_lowercase().as_bytes()) {
        true => Ok(String::new()),
        false => Err(WebhookError::BadSignature),
    }
}

/// `key=..,algorithm=HMAC_SHA256`; without the header it is SHA-1.
fn algorithm(settings: Option<&str>) -> Result<MacHash, WebhookError> {
    let Some(settings) = settings else {
        return Ok(MacHash::Sha1);
    };
    let named = settings
        .split(',')
        .filter_map(|setting| setting.trim().split_once('='))
        .find(|(name, _)| *name == "algorithm");
    match named {
        None | Some((_, "HMAC_SHA1")) => Ok(MacHash::Sha1),
        Some((_, "HMAC_SHA256")) => Ok(MacHash::Sha256),
        Some(_) => Err(WebhookError::UnknownScheme(
            "the settings name an algorithm that we do not know",
        )),
    }
}
