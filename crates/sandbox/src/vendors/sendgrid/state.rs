//! The accepted messages, as tests read them.

use super::emulator::SendGridEmulator;
use super::message::Message;

/// A view of the accepted messages. Each call reads the current state; the oldest messages come first.
#[derive(Clone)]
pub struct SendGridState(SendGridEmulator);

impl SendGridState {
    pub(super) fn new(emulator: &SendGridEmulator) -> Self {
        Self(emulator.clone())
    }

    /// All messages, one per recipient.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.state().messages.clone()
    }

    /// The remaining credits, if they are limited.
    #[must_use]
    pub fn credits(&self) -> Option<u64> {
        self.0.state().credits
    }
}

impl std::fmt::Debug for SendGridState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SendGridState").finish_non_exhaustive()
    }
}
