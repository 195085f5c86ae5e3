//! The options that only `PayPal`'s emulator has.

/// How long an access token is valid, in seconds, unless the builder says otherwise.
const TOKEN_SECONDS: u64 = 32_400;

/// The options, which the builder and the program's arguments set.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    /// How long an access token of `PayPal` is valid, in seconds.
    #[arg(id = "paypal_token_seconds", long = "paypal-token-seconds", default_value_t = TOKEN_SECONDS)]
    pub(super) token_seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token_seconds: TOKEN_SECONDS,
        }
    }
}
