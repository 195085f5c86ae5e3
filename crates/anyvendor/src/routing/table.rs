//! The failover table: when the next vendor may be tried.
//!
//! | what is known of the failed call | payment | email, message |
//! |---|---|---|
//! | nothing was sent (circuit open, our own limit, rejected locally) | yes | yes |
//! | rejected before any work: throttled, quota exhausted, credentials rejected or not renewed, unavailable | yes, unless the vendor may have acted on this key before | yes |
//! | any other response: declined, invalid, not found | no | no |
//! | accepted, but the response cannot be used | no | no |
//! | unknown | no | only if duplicates are tolerated |
//!
//! The [`RouteStore`](anyvendor_core::routing::RouteStore) remembers which vendor may have acted on a key.

use anyvendor_core::{Delivery, Error, Kind};

/// The kind of work that is routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// Work that moves money.
    Payment,
    /// Work that writes to people.
    Message,
}

/// Whether the next vendor may be tried after this failure.
pub(crate) fn may_go_on(domain: Domain, error: &Error, tolerated: bool) -> bool {
    match error.delivery() {
        Delivery::NotSent => true,
        Delivery::Refused => is_before_work(error.kind()),
        Delivery::Accepted => false,
        Delivery::Unknown => domain == Domain::Message && tolerated,
    }
}

/// Whether a rejection of this kind says nothing about the request itself, so that another vendor may take it, and nothing
/// about an earlier call with its key either.
pub(crate) fn is_before_work(kind: &Kind) -> bool {
    is_passing(kind) || matches!(kind, Kind::Unauthenticated | Kind::PermissionDenied)
}

/// Whether a failure of this kind may be over when the same request is sent again later.
pub(crate) fn is_passing(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::RateLimited { .. }
            | Kind::QuotaExhausted { .. }
            | Kind::CircuitOpen { .. }
            | Kind::Overloaded
            | Kind::Unavailable
            | Kind::Timeout { .. }
            | Kind::Transport { .. }
            | Kind::DeadlineExceeded
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use anyvendor_core::error::{ProtocolReason, RateLimitScope, TimeoutPhase};

    use super::*;

    #[test]
    fn t30_failover_follows_the_table() {
        let throttled = || Kind::RateLimited {
            scope: RateLimitScope::Vendor,
            retry_after: Some(Duration::from_secs(90)),
        };
        let rejected_before_work = || {
            [
                throttled(),
                Kind::QuotaExhausted { resets_at: None },
                Kind::Unauthenticated,
                Kind::PermissionDenied,
                // The credentials could not be renewed after a 401.
                Kind::Timeout {
                    phase: TimeoutPhase::Total,
                },
                Kind::Unavailable,
            ]
        };
        let settled = || {
            [
                Kind::Declined,
                Kind::InvalidRequest,
                Kind::NotFound,
                Kind::Conflict,
                Kind::IdempotencyMismatch,
                Kind::IdempotencyInFlight,
                Kind::Protocol(ProtocolReason::BadBody),
                Kind::Other,
            ]
        };
        let failures = || {
            let mut all = vec![
                Kind::Overloaded,
                Kind::DeadlineExceeded,
                Kind::Timeout {
                    phase: TimeoutPhase::FirstByte,
                },
            ];
            all.extend(rejected_before_work());
            all.extend(settled());
            all
        };
        for domain in [Domain::Payment, Domain::Message] {
            for tolerated in [false, true] {
                let goes = |kind: Kind, delivery| {
                    let error = Error::new(kind, delivery, "x");
                    may_go_on(domain, &error, tolerated)
                };
                for kind in failures() {
                    assert!(goes(kind.clone(), Delivery::NotSent), "{kind:?}");
                    let may = domain == Domain::Message && tolerated;
                    assert_eq!(goes(kind.clone(), Delivery::Unknown), may, "{kind:?}");
                    assert!(!goes(kind.clone(), Delivery::Accepted), "{kind:?}");
                }
                for kind in rejected_before_work() {
                    assert!(goes(kind, Delivery::Refused));
                }
                for kind in settled() {
                    assert!(!goes(kind.clone(), Delivery::Refused), "{kind:?}");
                }
            }
        }
    }
}
