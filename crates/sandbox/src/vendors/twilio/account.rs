//! The account, its secrets and their check.

use super::error::ApiError;
use crate::call::Call;
use crate::ids;

/// The account and its secrets, which are valid only in this emulator.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) sid: String,
    pub(super) auth_token: String,
    pub(super) api_key: String,
    pub(super) api_secret: String,
    pub(super) messaging_service: String,
    pub(super) verify_service: String,
}

impl Account {
    /// The account that follows from the seed.
    pub(super) fn new(seed: u64) -> Self {
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
    pub(super) fn authorize(&self, call: &Call) -> Result<(), ApiError> {
        let fits = match call.basic() {
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
