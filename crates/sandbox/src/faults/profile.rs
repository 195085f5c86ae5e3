//! The mixes: which fault a draw means, for which vendor and call.

use std::str::FromStr;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::FaultKind;
use crate::vendors::Vendor;

/// A mix of faults for a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Profile {
    /// Nothing goes wrong by itself.
    #[default]
    None,
    /// About a quarter of the requests, at most two in a row for one logical request. Mail is only ever refused before
    /// work, because a mail whose outcome is unknown must not be repeated.
    Rough,
    /// As rough, and mail also gets answers lost after acting.
    Hostile,
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "rough" => Ok(Self::Rough),
            "hostile" => Ok(Self::Hostile),
            other => Err(format!(
                "unknown fault profile {other:?}: use none, rough or hostile"
            )),
        }
    }
}

/// The faults of a whole run: a profile, and how long its hangs last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultPlan {
    /// The mix.
    pub profile: Profile,
    /// How long a hang holds the connection; without a limit until the client leaves.
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
    pub fn rough() -> Self {
        Profile::Rough.into()
    }

    /// As rough, and the mail vendor also leaves outcomes unknown.
    #[must_use]
    pub fn hostile() -> Self {
        Profile::Hostile.into()
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

/// The fault that `draw` means, if any. Shares are in per mille of the requests.
pub(super) fn draw(
    plan: &FaultPlan,
    vendor: Vendor,
    method: &Method,
    path: &str,
    draw: u64,
) -> Option<FaultKind> {
    let mix = match (plan.profile, vendor) {
        (Profile::None, _) => return None,
        (_, Vendor::Stripe) if method == Method::POST => stripe_write(plan),
        (_, Vendor::Stripe) => read(plan),
        (_, Vendor::PayPal) if method == Method::POST => paypal_write(plan, path),
        (_, Vendor::PayPal) => read(plan),
        (_, Vendor::S3) => s3(plan),
        (Profile::Hostile, Vendor::SendGrid | Vendor::Twilio) => hostile_mail(plan),
        (_, Vendor::SendGrid) if method == Method::GET || path == "/v3/mail/batch" => read(plan),
        (_, Vendor::Twilio) if method == Method::GET => read(plan),
        (_, Vendor::SendGrid | Vendor::Twilio) => refused_mail(),
    };
    let mut at = draw % 1000;
    for (share, kind) in mix {
        if at < share {
            return Some(kind);
        }
        at -= share;
    }
    None
}

fn hang(plan: &FaultPlan) -> FaultKind {
    FaultKind::ActThenHang {
        milliseconds: plan
            .hang
            .map(|length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX)),
    }
}

fn limited(retry_after: Option<u64>) -> FaultKind {
    FaultKind::RateLimited { retry_after }
}

fn server_error(status: u16) -> FaultKind {
    FaultKind::ServerErrorAfterActing {
        status,
        should_retry: true,
    }
}

fn refused(status: u16, retry_after: u64) -> FaultKind {
    FaultKind::Status {
        status,
        headers: vec![("retry-after".to_owned(), retry_after.to_string())],
        body: None,
    }
}

fn stripe_write(plan: &FaultPlan) -> Vec<(u64, FaultKind)> {
    vec![
        (50, FaultKind::ActThenCut),
        (50, server_error(500)),
        (40, limited(None)),
        (30, FaultKind::TruncateBody),
        (25, FaultKind::KeyInUse),
        (20, hang(plan)),
        (15, FaultKind::LockTimeout),
        (10, FaultKind::CutBeforeRead),
        (10, FaultKind::CutAfterRead),
    ]
}

fn read(plan: &FaultPlan) -> Vec<(u64, FaultKind)> {
    vec![
        (70, FaultKind::status(500)),
        (60, FaultKind::CutAfterRead),
        (60, FaultKind::TruncateBody),
        (40, limited(Some(1))),
        (20, hang(plan)),
    ]
}

/// The payer's pages are GETs and act only when an outcome is asked for, which may be repeated. PATCH reads again as well.
fn paypal_write(plan: &FaultPlan, path: &str) -> Vec<(u64, FaultKind)> {
    if path == "/v1/oauth2/token" {
        return read(plan);
    }
    vec![
        (60, FaultKind::ActThenCut),
        (50, server_error(500)),
        (30, refused(503, 1)),
        (30, limited(Some(1))),
        (20, hang(plan)),
        (20, FaultKind::TruncateBody),
        (15, FaultKind::KeyInUse),
        (10, FaultKind::CutBeforeRead),
        (10, FaultKind::CutAfterRead),
    ]
}

fn s3(plan: &FaultPlan) -> Vec<(u64, FaultKind)> {
    vec![
        (60, limited(None)),
        (60, FaultKind::status(500)),
        (50, FaultKind::ActThenCut),
        (40, FaultKind::CutAfterRead),
        (25, FaultKind::TruncateBody),
        (15, hang(plan)),
    ]
}

/// No cuts: a client cannot tell a connection closed before the work from one closed after it.
fn refused_mail() -> Vec<(u64, FaultKind)> {
    vec![(130, limited(Some(1))), (120, refused(503, 1))]
}

fn hostile_mail(plan: &FaultPlan) -> Vec<(u64, FaultKind)> {
    vec![
        (60, limited(Some(1))),
        (60, refused(503, 1)),
        (40, FaultKind::ActThenCut),
        (30, server_error(500)),
        (20, FaultKind::CutAfterRead),
        (20, FaultKind::TruncateBody),
        (20, hang(plan)),
    ]
}
