//! Stripe's emulator, as a test uses it.

use super::emulator::StripeEmulator;
use super::state::StripeState;

/// The address, the secrets and the state of the emulated Stripe.
#[derive(Clone, Copy)]
pub struct StripeHandle<'a>(&'a StripeEmulator);

impl<'a> StripeHandle<'a> {
    pub(crate) fn new(emulator: &'a StripeEmulator) -> Self {
        Self(emulator)
    }

    /// The address of the API.
    #[must_use]
    pub fn url(self) -> &'a str {
        &self.0.0.access.url
    }

    /// A key that the emulator accepts. It accepts any `sk_test_` or `rk_test_` key.
    #[must_use]
    pub fn key(self) -> &'a str {
        &self.0.0.access.key
    }

    /// The secret that events are signed with.
    #[must_use]
    pub fn webhook_secret(self) -> &'a str {
        &self.0.0.access.webhook_secret
    }

    /// The objects that the emulator holds.
    #[must_use]
    pub fn state(self) -> StripeState {
        StripeState::new(self.0)
    }
}

impl std::fmt::Debug for StripeHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("StripeHandle");
        out.field("url", &self.url()).finish_non_exhaustive()
    }
}
