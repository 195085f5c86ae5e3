//! The builder's methods for `PayPal`.

use crate::builder::SandboxBuilder;

/// Options of `PayPal`.
impl SandboxBuilder {
    /// How many seconds an access token of `PayPal` is valid; with 0 it has expired when it is issued. Default 32400.
    pub fn paypal_token_seconds(mut self, seconds: u64) -> Self {
        self.options.paypal.token_seconds = seconds;
        self
    }
}
