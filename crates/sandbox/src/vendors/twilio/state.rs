//! The messages and verifications, as tests read them.

use serde_json::json;

use super::emulator::TwilioEmulator;
use super::message::Message;
use super::verification::Verification;
use crate::error::SandboxError;

/// A view of the emulator's state. Each call reads the current state; the oldest objects come first.
#[derive(Clone)]
pub struct TwilioState(TwilioEmulator);

impl TwilioState {
    pub(super) fn new(emulator: &TwilioEmulator) -> Self {
        Self(emulator.clone())
    }

    /// All outbound and inbound messages.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.state().messages.clone()
    }

    /// Receives a message that a person writes to the account's number. `from` is a number in E.164, or `whatsapp:` and such a
    /// number.
    ///
    /// # Errors
    /// Returns an error if `from` is not a number.
    pub fn write_in(&self, from: &str, text: &str) -> Result<(), SandboxError> {
        let message = json!({"from": from, "body": text}).to_string();
        let received = self.0.receive(message.as_bytes()).map(drop);
        received.map_err(SandboxError::Options)
    }

    /// All verifications with their codes.
    #[must_use]
    pub fn verifications(&self) -> Vec<Verification> {
        self.0.state().verifications.clone()
    }
}

impl std::fmt::Debug for TwilioState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwilioState").finish_non_exhaustive()
    }
}
