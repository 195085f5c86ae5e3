//! Twilio's emulator, as a test uses it.

use super::address::NUMBER;
use super::emulator::TwilioEmulator;
use super::state::TwilioState;

/// The address, the account and the state of the emulated Twilio.
#[derive(Clone, Copy)]
pub struct TwilioHandle<'a>(&'a TwilioEmulator);

impl<'a> TwilioHandle<'a> {
    pub(crate) fn new(emulator: &'a TwilioEmulator) -> Self {
        Self(emulator)
    }

    /// The address of both hosts, `api` and `verify`.
    #[must_use]
    pub fn url(self) -> &'a str {
        &self.0.0.access.url
    }

    /// The one account that the emulator knows.
    #[must_use]
    pub fn account_sid(self) -> &'a str {
        &self.0.0.access.account.sid
    }

    /// The account's token.
    #[must_use]
    pub fn auth_token(self) -> &'a str {
        &self.0.0.access.account.auth_token
    }

    /// An API key of the account, to use instead of the token.
    #[must_use]
    pub fn api_key(self) -> &'a str {
        &self.0.0.access.account.api_key
    }

    /// The secret of the API key.
    #[must_use]
    pub fn api_secret(self) -> &'a str {
        &self.0.0.access.account.api_secret
    }

    /// The one messaging service; it sends from `number`.
    #[must_use]
    pub fn messaging_service(self) -> &'a str {
        &self.0.0.access.account.messaging_service
    }

    /// The one verification service.
    #[must_use]
    pub fn verify_service(self) -> &'a str {
        &self.0.0.access.account.verify_service
    }

    /// The number to send from: Twilio's own valid test number, `+15005550006`.
    #[must_use]
    pub fn number(self) -> &'static str {
        NUMBER
    }

    /// The messages and verifications that the emulator holds.
    #[must_use]
    pub fn state(self) -> TwilioState {
        TwilioState::new(self.0)
    }
}

impl std::fmt::Debug for TwilioHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("TwilioHandle");
        out.field("url", &self.url()).finish_non_exhaustive()
    }
}
