//! Webhooks of Twilio: the `X-Twilio-Signature` header, then events. See <https://www.twilio.com/docs/usage/webhooks/webhooks-security>.

mod config;
mod events;
mod form;
mod url;

use std::{borrow::Cow, fmt};

use ::url::Url;
use anyvendor_core::{
    Error,
    webhook::{
        DedupeKey, Prefetched, SignedContent, Verified, WebhookError, WebhookEvent, WebhookHead,
        WebhookRequest, WebhookVerifier, signing_secrets,
    },
};
use anyvendor_http::{
    Connect, ConnectionParts, Mode,
    signature::{MacHash, MacKey, equal, sha256},
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use jiff::Timestamp;

pub use self::config::{TwilioWebhookConfig, TwilioWebhookMethod};
use self::form::{FORM, Form, JSON};
use crate::config::VENDOR;

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// Verifies the deliveries that Twilio posts to an endpoint.
pub struct TwilioWebhook {
    keys: Vec<Keys>,
    public_url: Option<String>,
    method: Method,
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

    fn apply_mode(config: &mut TwilioWebhookConfig, mode: Mode) -> Result<(), Error> {
        if mode == Mode::Live && config.public_url.is_none() {
            // A receiver knows the path of a request alone: every delivery would be rejected, and lost.
            let remedy = "is needed if mode is live: the URL that Twilio calls without its path, such as https://hooks.example.com";
            return Err(Error::config("public_url", remedy));
        }
        Ok(())
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
            method: match config.method {
                TwilioWebhookMethod::Post => Method::POST,
                TwilioWebhookMethod::Get => Method::GET,
            },
        })
    }

    /// Reads the head: the same for `precheck` and `verify`.
    fn read<'a>(&'a self, head: &WebhookHead<'a>) -> Result<Head<'a>, WebhookError> {
        // The signature does not cover the method: the joined fields of a POST are also the end of a URL.
        head.check_method(&self.method)?;
        let url = self.called(head.url())?;
        if url::with_and_without_port(&url).is_none() {
            return Err(WebhookError::Malformed(
                "the URL is not one that Twilio calls",
            ));
        }
        let content = if self.method == Method::GET {
            Content::Nothing
        } else if head.check_content_type(FORM).is_ok() {
            Content::Form
        } else {
            head.check_content_type(JSON)?;
            let hash = url::query_value(&url, "bodySHA256").ok_or(WebhookError::Malformed(
                "the URL does not contain the body's hash exactly once",
            ))?;
            Content::Json(hash.to_ascii_lowercase())
        };
        let hash = algorithm(head.optional_header(SETTINGS)?)?;
        // A value that is not base64 of a hash is as wrong as another's signature.
        let signature = BASE64_STANDARD.decode(head.header(SIGNATURE)?).ok();
        let length = match hash {
            MacHash::Sha256 => 32,
            MacHash::Sha1 => 20,
        };
        let signature = signature.filter(|signature| signature.len() == length);
        Ok(Head {
            url,
            content,
            hash,
            signature: signature.ok_or(WebhookError::BadSignature)?,
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
            .field("method", &self.method)
            .finish()
    }
}

/// The head of a delivery that may be Twilio's.
struct Head<'a> {
    url: Cow<'a, str>,
    content: Content,
    hash: MacHash,
    signature: Vec<u8>,
}

/// What the body is.
enum Content {
    /// The fields are in the URL.
    Nothing,
    /// The fields are signed behind the URL.
    Form,
    /// The URL contains the hash of the body, in lower case.
    Json(String),
}

impl Content {
    /// The fields as they are signed, if the body is what the head says.
    fn signed_fields(&self, body: &[u8]) -> Result<String, WebhookError> {
        match self {
            Self::Form => Ok(Form::read(body)?.joined()),
            Self::Nothing if body.is_empty() => Ok(String::new()),
            Self::Nothing => Err(WebhookError::Malformed("a GET has a body")),
            Self::Json(expected) => {
                let hash = sha256(body);
                let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                if equal(hex.as_bytes(), expected.as_bytes()) {
                    Ok(String::new())
                } else {
                    Err(WebhookError::BadSignature)
                }
            }
        }
    }
}

#[async_trait]
impl WebhookVerifier for TwilioWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn precheck(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        self.read(head).map(drop)
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.check_body_length(self.max_body())?;
        let head = self.read(&request.head())?;
        let fields = head.content.signed_fields(request.body())?;
        let signed = |key: &MacKey, [scheme_and_host, port, path]: [&str; 3]| {
            let parts = [scheme_and_host, port, path, &fields];
            key.mac(parts.map(str::as_bytes)).is(&head.signature)
        };
        // Twilio's systems disagree on whether the signed URL includes the port.
        let variants = url::with_and_without_port(&head.url);
        let good = self.keys.iter().any(|keys| {
            let key = match head.hash {
                MacHash::Sha256 => &keys.sha256,
                MacHash::Sha1 => &keys.sha1,
            };
            let mut addresses = variants.iter().flatten();
            addresses.any(|address| signed(key, *address))
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

    /// The fields are signed without anything between them, so they can be divided in other ways. Of a GET every byte is
    /// signed.
    fn signed_content(&self, verified: &Verified<'_>) -> Option<SignedContent> {
        let request = verified.request();
        if request.method() == Method::GET {
            return None;
        }
        let content_type = request.content_type().unwrap_or_default();
        let form = Form::new(events::fields(&request));
        let parts = [content_type, request.url()]
            .into_iter()
            .chain(form.parts());
        let content = DedupeKey::digest(parts.map(str::as_bytes));
        Some(SignedContent::new(events::signature(request), content))
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
