//! Webhooks of Twilio: the `X-Twilio-Signature` header, then events. See <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.

mod config;
mod events;
mod url;

use std::{borrow::Cow, fmt};

use ::url::{Url, form_urlencoded};
use anyvendor_core::{
    Error,
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

pub use self::config::TwilioWebhookConfig;
use crate::config::VENDOR;

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const FORM: &str = "application/x-www-form-urlencoded";
/// More fields than any documented delivery has: they are sorted before the sender is known. Our default, without a vendor
/// source.
const MAX_FIELDS: usize = 1_000;

/// Verifies the deliveries that Twilio posts to an endpoint.
pub struct TwilioWebhook {
    keys: Vec<Keys>,
    public_url: Option<String>,
}

/// The keys of one token, for both algorithms.
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
    /// Reads the tokens. Sends nothing.
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
                let remedy = "must be the URL that Twilio calls without its path, such as https://hooks.example.com";
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
            // The path follows it unchanged.
            public_url: config
                .public_url
                .as_deref()
                .map(|url| url.trim_end_matches('/').to_owned()),
        })
    }

    /// The URL as Twilio called it.
    fn called<'a>(&self, url: &'a str) -> Result<Cow<'a, str>, WebhookError> {
        match (&self.public_url, url.starts_with('/')) {
            (_, false) => Ok(Cow::Borrowed(url)),
            (Some(public), true) => Ok(Cow::Owned([public, url].concat())),
            (None, true) => Err(WebhookError::Malformed(
                "the public URL is not known; set public_url",
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
        // A value that is not base64 is as wrong as another's signature.
        let signature = BASE64_STANDARD.decode(request.header(SIGNATURE)?);
        let signature = signature.map_err(|_| WebhookError::BadSignature)?;
        let signed = |key: &MacKey, [scheme_and_host, port, path]: [&str; 3]| {
            let parts = [scheme_and_host, port, path, &fields];
            key.mac(parts.map(str::as_bytes)).is(&signature)
        };
        // Twilio's systems disagree on whether the signed URL includes the port.
        let variants = url::with_and_without_port(&url).ok_or(WebhookError::Malformed(
            "the URL is not one that Twilio calls",
        ))?;
        let good = self.keys.iter().any(|keys| {
            let key = match hash {
                MacHash::Sha256 => &keys.sha256,
                MacHash::Sha1 => &keys.sha1,
            };
            variants.iter().any(|address| signed(key, *address))
        });
        if good {
            Ok(Verified::new_unchecked(VENDOR, request, now))
        } else {
            Err(WebhookError::BadSignature)
        }
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        vec![events::event(verified)]
    }
}

/// The fields as they are signed: sorted, without duplicates and separators. Empty for a GET, whose fields are in the URL,
/// and for JSON, whose hash is in the URL.
fn signed_fields(request: &WebhookRequest<'_>, url: &str) -> Result<String, WebhookError> {
    if request.method() == Method::GET {
        return if request.body().is_empty() {
            Ok(String::new())
        } else {
            Err(WebhookError::Malformed("a GET has a body"))
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
        // Joined once, and hashed for each URL and token.
        let mut joined = String::with_capacity(request.body().len());
        joined.extend(fields.into_iter().flat_map(|(name, value)| [name, value]));
        return Ok(joined);
    }
    request.check_content_type("application/json")?;
    let expected = url::query_value(url, "bodySHA256").ok_or(WebhookError::Malformed(
        "the URL does not contain the body's hash exactly once",
    ))?;
    let hash = sha256(request.body());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    if equal(hex.as_bytes(), expected.to_ascii_lowercase().as_bytes()) {
        Ok(String::new())
    } else {
        Err(WebhookError::BadSignature)
    }
}

/// The algorithm in a header like `key=..,algorithm=HMAC_SHA256`; without the header it is SHA-1.
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
            "the signature settings name an unknown algorithm",
        )),
    }
}
