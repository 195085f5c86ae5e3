//! The faults of a whole run: a profile, and how long its hangs last.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A mix of faults for a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Profile {
    /// Nothing goes wrong by itself.
    #[default]
    None,
    /// About a quarter of the requests, at most two in a row for one logical request. Writes without an idempotency key,
    /// such as sending an email, are only ever refused before the work, because a client must not repeat them when their
    /// outcome is unknown.
    Flaky,
    /// As `Flaky`, and responses to writes without an idempotency key are also lost after the work.
    Adversarial,
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "flaky" => Ok(Self::Flaky),
            "adversarial" => Ok(Self::Adversarial),
            other => Err(format!(
                "unknown fault profile {other:?}: use none, flaky or adversarial"
            )),
        }
    }
}

/// The faults of a whole run: a profile, and how long its hangs last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultPlan {
    /// The mix of faults.
    pub profile: Profile,
    /// How long a hang holds the connection; without a limit it lasts until the client leaves.
    pub hang: Option<Duration>,
}

impl FaultPlan {
    /// Nothing goes wrong by itself.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// About a quarter of the requests fail, in ways that a good client survives with the same totals.
    #[must_use]
    pub fn flaky() -> Self {
        Profile::Flaky.into()
    }

    /// As `flaky`, and the outcome of writes without an idempotency key may also stay unknown.
    #[must_use]
    pub fn adversarial() -> Self {
        Profile::Adversarial.into()
    }

    /// Ends hangs after this long.
    #[must_use]
    pub fn hang(mut self, length: Duration) -> Self {
        self.hang = Some(length);
        self
    }
}

impl From<Profile> for FaultPlan {
    fn from(profile: Profile) -> Self {
        Self {
            profile,
            hang: None,
        }
    }
}
