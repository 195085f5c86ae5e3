//! SendGrid's emulator, as a test uses it.

use super::emulator::SendGridEmulator;
use super::state::SendGridState;

/// The address, the keys and the state of the emulated `SendGrid`.
#[derive(Clone, Copy)]
pub struct SendGridHandle<'a>(&'a SendGridEmulator);

impl<'a> SendGridHandle<'a> {
    pub(crate) fn new(emulator: &'a SendGridEmulator) -> Self {
        Self(emulator)
    }

    /// The address of the API.
    #[must_use]
    pub fn url(self) -> &'a str {
        &self.0.0.access.url
    }

    /// A key that the emulator accepts. It accepts any `SG.` key.
    #[must_use]
    pub fn key(self) -> &'a str {
        &self.0.0.access.key
    }

    /// The public half of the key that events are signed with. It is drawn at each start: the seed does not decide it.
    #[must_use]
    pub fn webhook_key(self) -> &'a str {
        &self.0.0.access.webhook_key
    }

    /// The emails that the emulator accepted.
    #[must_use]
    pub fn state(self) -> SendGridState {
        SendGridState::new(self.0)
    }
}

impl std::fmt::Debug for SendGridHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("SendGridHandle");
        out.field("url", &self.url()).finish_non_exhaustive()
    }
}
