//! Whether an application works with test accounts or with real ones.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// Whether real money moves and real people receive messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Test credentials only; an emulator on this machine may be reached without TLS.
    Sandbox,
    /// Live credentials only.
    Live,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sandbox => "sandbox",
            Self::Live => "live",
        })
    }
}

/// The mode that a connection's credentials belong to, and the setting that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialMode {
    /// The setting, such as `api_key`.
    pub setting: &'static str,
    /// The mode that it belongs to.
    pub mode: Mode,
}

impl CredentialMode {
    /// The mode of credentials that are live or not.
    #[must_use]
    pub const fn new(setting: &'static str, is_live: bool) -> Self {
        let mode = if is_live { Mode::Live } else { Mode::Sandbox };
        Self { setting, mode }
    }
}
