//! `PayPal`'s emulator, as a test uses it.

use super::emulator::PayPalEmulator;
use super::state::PayPalState;
use super::webhooks::ROOT;

/// The address, the credentials and the state of the emulated `PayPal`.
#[derive(Clone, Copy)]
pub struct PayPalHandle<'a>(&'a PayPalEmulator);

impl<'a> PayPalHandle<'a> {
    pub(crate) fn new(emulator: &'a PayPalEmulator) -> Self {
        Self(emulator)
    }

    /// The address of the API and of the payer's pages.
    #[must_use]
    pub fn url(self) -> &'a str {
        &self.0.0.access.url
    }

    /// The id of the one client that the emulator knows.
    #[must_use]
    pub fn client_id(self) -> &'a str {
        &self.0.0.access.client_id
    }

    /// The secret of that client.
    #[must_use]
    pub fn client_secret(self) -> &'a str {
        &self.0.0.access.client_secret
    }

    /// The id of the listener that events are signed for.
    #[must_use]
    pub fn webhook_id(self) -> &'a str {
        &self.0.0.access.webhook_id
    }

    /// The root of the certificate that events are signed with, as PEM. Only tests trust it.
    #[must_use]
    pub fn root_certificate(self) -> &'static str {
        ROOT
    }

    /// The objects that the emulator holds.
    #[must_use]
    pub fn state(self) -> PayPalState {
        PayPalState::new(self.0)
    }
}

impl std::fmt::Debug for PayPalHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("PayPalHandle");
        out.field("url", &self.url()).finish_non_exhaustive()
    }
}
