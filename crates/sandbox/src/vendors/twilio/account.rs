//! The account, its secrets and their check.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{self, HeaderMap};

use super::error::ApiError;
use crate::ids;

/// The account and its secrets, which are valid only in this emulator.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) sid: String,
    pub(crate) auth_token: String,
    pub(crate) api_key: String,
    pub(crate) api_secret: String,
    pub(crate) messaging_service: String,
    pub(crate) verify_service: String,
}

impl Account {
    /// The account that follows from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        let state = |name: &str| ids::hash(seed, &[b"twilio", name.as_bytes()]);
        let sid = |kind: &str| format!("{kind}{}", ids::hex(state(kind), 32));
        Self {
            sid: sid("AC"),
            auth_token: ids::hex(state("auth token"), 32),
            api_key: sid("SK"),
            api_secret: ids::letters(state("api secret"), 32),
            messaging_service: sid("MG"),
            verify_service: sid("VA"),
        }
    }

    /// Checks Basic credentials: the account's id with its token, or the API key with its secret:
    /// <https://www.twilio.com/docs/usage/requests-to-twilio>.
    pub(super) fn authorize(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let value = headers.get(header::AUTHORIZATION);
        let pair = value
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Basic "))
            .and_then(|v| BASE64_STANDARD.decode(v).ok())
            .and_then(|v| String::from_utf8(v).ok());
        let fits = match pair.as_deref().and_then(|p| p.split_once(':')) {
            Some((user, secret)) if user == self.sid => secret == self.auth_token,
            Some((user, secret)) if user == self.api_key => secret == self.api_secret,
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(ApiError::unauthorized())
        }
    }
}
