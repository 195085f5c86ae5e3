//! Tests of the circuit breaker with a stepped clock.

use super::*;
use crate::resilience::{
    backoff::NoJitter,
    clock::{Clock, TestClock},
};

fn breaker() -> (Arc<Breaker>, Instant) {
    let now = TestClock.monotonic();
    (
        Breaker::new(BreakerConfig::default(), Arc::new(NoJitter), now),
        now,
    )
}

fn fail(breaker: &Arc<Breaker>, times: u32, now: Instant) {
    for _ in 0..times {
        breaker.try_acquire(now).unwrap().verdict(true, now);
    }
}

/// Opens the breaker and returns the moment at which it lets probes through.
fn at_the_edge() -> (Arc<Breaker>, Instant) {
    let (breaker, now) = breaker();
    fail(&breaker, 20, now);
    assert_eq!(breaker.state(), BreakerState::Open);
    (breaker, now + Duration::from_secs(6))
}

#[test]
fn it_opens_by_share_and_volume() {
    let (breaker, now) = breaker();
    fail(&breaker, 19, now);
    assert_eq!(
        breaker.state(),
        BreakerState::Closed,
        "19 attempts are too few to judge"
    );
    fail(&breaker, 1, now);
    assert_eq!(breaker.state(), BreakerState::Open);
    let wait = breaker.try_acquire(now).unwrap_err();
    assert_eq!(
        wait,
        Duration::from_millis(5_500),
        "5 s and a tenth of jitter"
    );
}

#[test]
fn old_failures_leave_the_window() {
    let (breaker, now) = breaker();
    fail(&breaker, 19, now);
    let later = now + Duration::from_secs(31);
    for _ in 0..19 {
        breaker.try_acquire(later).unwrap().verdict(false, later);
    }
    fail(&breaker, 1, later);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn t10_half_open_admits_exactly_the_probes() {
    let (breaker, edge) = at_the_edge();
    let permits: Vec<_> = (0..500)
        .filter_map(|_| breaker.try_acquire(edge).ok())
        .collect();
    assert_eq!(permits.len(), 3);
    for permit in permits {
        permit.verdict(false, edge);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_dropped_probe_gives_its_place_back_and_decides_nothing() {
    let (breaker, edge) = at_the_edge();
    for _ in 0..10 {
        drop(breaker.try_acquire(edge).unwrap());
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
    }
    assert_eq!(
        (0..10)
            .filter_map(|_| breaker.try_acquire(edge).ok())
            .collect::<Vec<_>>()
            .len(),
        3
    );
}

#[test]
fn t11_answers_of_old_generations_are_ignored() {
    let (breaker, now) = breaker();
    let slow: Vec<_> = (0..5).map(|_| breaker.try_acquire(now).unwrap()).collect();
    fail(&breaker, 20, now);
    let edge = now + Duration::from_secs(6);
    let probe = breaker.try_acquire(edge).unwrap();
    for late in slow {
        late.verdict(false, edge);
    }
    assert_eq!(
        breaker.state(),
        BreakerState::HalfOpen,
        "a late success must not close it"
    );
    probe.verdict(true, edge);
    assert_eq!(breaker.state(), BreakerState::Open);
    assert!(
        breaker.try_acquire(edge).unwrap_err() >= Duration::from_secs(10),
        "the second time is longer"
    );
}

#[test]
fn isolated_means_isolated_until_reset() {
    let (breaker, now) = breaker();
    breaker.isolate();
    assert!(
        breaker
            .try_acquire(now + Duration::from_secs(3_600))
            .is_err()
    );
    breaker.reset();
    assert!(breaker.try_acquire(now).is_ok());
}
