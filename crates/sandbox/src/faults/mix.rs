//! What a vendor's fault mix is made of: shares of faults, and the mixes that several vendors have in common.

use super::kind::FaultKind;
use super::plan::{FaultPlan, Profile};

/// Faults with their shares, in per mille of the requests.
pub(crate) type Mix = Vec<(u64, FaultKind)>;

/// The fault that a number stands for, if any; what exceeds the shares is no fault.
pub(super) fn pick(mix: Mix, draw: u64) -> Option<FaultKind> {
    let mut at = draw % 1000;
    for (share, kind) in mix {
        if at < share {
            return Some(kind);
        }
        at -= share;
    }
    None
}

/// A hang after the work, as long as the plan says.
pub(crate) fn hang(plan: &FaultPlan) -> FaultKind {
    FaultKind::ActThenHang {
        milliseconds: plan
            .hang
            .map(|length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// The vendor's rate limit error.
pub(crate) fn limited(retry_after: Option<u64>) -> FaultKind {
    FaultKind::RateLimited { retry_after }
}

/// A server error after the work.
pub(crate) fn server_error(status: u16) -> FaultKind {
    FaultKind::ServerErrorAfterActing {
        status,
        should_retry: true,
    }
}

/// An error before the work, with a `Retry-After` header in seconds.
pub(crate) fn refused(status: u16, retry_after: u64) -> FaultKind {
    FaultKind::Status {
        status,
        headers: vec![("retry-after".to_owned(), retry_after.to_string())],
        body: None,
    }
}

/// The mix of requests that change nothing.
pub(crate) fn read(plan: &FaultPlan) -> Mix {
    vec![
        (70, FaultKind::status(500)),
        (60, FaultKind::CutAfterRead),
        (60, FaultKind::TruncateBody),
        (40, limited(Some(1))),
        (20, hang(plan)),
    ]
}

/// The mix of writes that have no idempotency key.
pub(crate) fn unkeyed_write(plan: &FaultPlan) -> Mix {
    match plan.profile {
        Profile::Adversarial => vec![
            (60, limited(Some(1))),
            (60, refused(503, 1)),
            (40, FaultKind::ActThenCut),
            (30, server_error(500)),
            (20, FaultKind::CutAfterRead),
            (20, FaultKind::TruncateBody),
            (20, hang(plan)),
        ],
        // No cuts: a client cannot tell a connection closed before the work from one closed after it.
        Profile::Flaky | Profile::None => vec![(130, limited(Some(1))), (120, refused(503, 1))],
    }
}
