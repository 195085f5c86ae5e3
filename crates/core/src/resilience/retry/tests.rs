//! The retry table, row by row, for all four classes.

use super::*;
use crate::{
    error::TimeoutPhase,
    resilience::{
        backoff::NoJitter,
        budget::BudgetConfig,
        classify::Hint,
        clock::{Clock, TestClock},
    },
};

const CLASSES: [OperationClass; 4] = [
    OperationClass::Safe,
    OperationClass::Idempotent,
    OperationClass::Keyed,
    OperationClass::Unkeyed,
];

fn network(phase: TransportPhase, delivery: Delivery) -> AttemptFailure {
    AttemptFailure::new(Failure::new(Kind::Transport { phase }, "network"), delivery)
}

fn answered(
    class: OperationClass,
    status: u16,
    hint: Hint,
    server_delay: Option<Duration>,
) -> AttemptFailure {
    let status = StatusCode::from_u16(status).unwrap();
    let failure = Failure::from_status(status).unwrap().with_hint(hint);
    let profile = VendorProfile::default();
    let delivery = delivery_of_response(class, profile, status, &failure, server_delay.is_some());
    AttemptFailure {
        status: Some(status),
        server_delay,
        ..AttemptFailure::new(failure, delivery)
    }
}

/// One letter per class: y for a retry, n for none.
fn row(failed: impl Fn(OperationClass) -> AttemptFailure) -> String {
    CLASSES
        .iter()
        .map(|class| {
            match table(
                *class,
                Duplicates::Forbidden,
                VendorProfile::default(),
                &failed(*class),
            ) {
                Ok(_) => 'y',
                Err(_) => 'n',
            }
        })
        .collect()
}

#[test]
fn the_table_row_by_row() {
    let soon = Some(Duration::from_secs(1));
    let silent = Hint::NONE;
    assert_eq!(
        row(|_| network(TransportPhase::Dns, Delivery::NotSent)),
        "yyyy"
    );
    assert_eq!(
        row(|_| network(TransportPhase::Send, Delivery::NotSent)),
        "yyyy"
    );
    assert_eq!(
        row(|_| network(TransportPhase::Receive, Delivery::Unknown)),
        "yyyn"
    );
    let late = |_| {
        let kind = Kind::Timeout {
            phase: TimeoutPhase::FirstByte,
        };
        AttemptFailure::new(Failure::new(kind, "late"), Delivery::Unknown)
    };
    assert_eq!(row(late), "yyyn");
    assert_eq!(row(|class| answered(class, 408, silent, None)), "yyyn");
    assert_eq!(row(|class| answered(class, 425, silent, None)), "yyyn");
    assert_eq!(row(|class| answered(class, 429, silent, None)), "yyyy");
    assert_eq!(row(|class| answered(class, 503, silent, soon)), "yyyn");
    assert_eq!(
        row(|class| answered(class, 503, Hint::BEFORE_WORK, soon)),
        "yyyy"
    );
    for status in [500, 502, 503, 504] {
        assert_eq!(
            row(|class| answered(class, status, silent, None)),
            "yyyn",
            "{status}"
        );
    }
    for status in [301, 307, 400, 401, 402, 403, 404, 409, 410, 412, 413, 422] {
        assert_eq!(
            row(|class| answered(class, status, silent, None)),
            "nnnn",
            "{status}"
        );
    }
    let own_word = Hint {
        authentic: true,
        ..Hint::RETRY
    };
    assert_eq!(
        row(|class| answered(class, 409, own_word, None)),
        "yyyy",
        "the vendor says so"
    );
    assert_eq!(
        row(|class| answered(class, 409, Hint::RETRY, None)),
        "yyyn",
        "nothing shows that it is the vendor who says so"
    );
    assert_eq!(
        row(|class| answered(class, 500, Hint::RETRY, None)),
        "yyyn",
        "never a doubled write"
    );
    assert_eq!(row(|class| answered(class, 500, Hint::NEVER, None)), "nnnn");
    assert_eq!(row(|class| answered(class, 429, Hint::NEVER, None)), "nnnn");
    let running = |_| {
        AttemptFailure::new(
            Failure::new(Kind::IdempotencyInFlight, "running"),
            Delivery::Unknown,
        )
    };
    assert_eq!(row(running), "nnnn", "it is asked for, not repeated");
}

#[test]
fn a_stored_500_is_repeated_only_when_told() {
    let profile = VendorProfile::default().keyed_500_requires_directive();
    let ask = |hint| {
        let failed = answered(OperationClass::Keyed, 500, hint, None);
        table(
            OperationClass::Keyed,
            Duplicates::Forbidden,
            profile,
            &failed,
        )
    };
    assert_eq!(ask(Hint::NONE), Err(RetryStop::NotRetryable));
    assert_eq!(ask(Hint::RETRY), Ok(Tempo::Transient));
}

#[test]
fn tolerated_duplicates_repeat_an_unknown_write() {
    let failed = network(TransportPhase::Receive, Delivery::Unknown);
    let ask = |duplicates| {
        table(
            OperationClass::Unkeyed,
            duplicates,
            VendorProfile::default(),
            &failed,
        )
    };
    assert_eq!(ask(Duplicates::Forbidden), Err(RetryStop::NotIdempotent));
    assert_eq!(ask(Duplicates::Tolerated), Ok(Tempo::Transient));
}

#[test]
fn the_order_of_the_questions() {
    let now = TestClock.monotonic();
    let budget = Budget::new(
        BudgetConfig {
            capacity: 20,
            ..BudgetConfig::default()
        },
        now,
    );
    let policy = Policy::default();
    let options = CallOptions::default();
    let off = CallOptions::default().without_retries();
    let context = RetryContext {
        policy: &policy,
        profile: VendorProfile::default(),
        options: &options,
        class: OperationClass::Safe,
        replayable: true,
        attempts: 1,
        remaining: Some(Duration::from_secs(30)),
        now,
    };
    let stop = |context: &RetryContext<'_>, failed: &AttemptFailure| match decide(
        context, failed, &budget, &NoJitter,
    ) {
        Decision::Stop(stop) => stop,
        Decision::Retry { .. } => RetryStop::Succeeded,
    };
    let cut = network(TransportPhase::Receive, Delivery::Unknown);
    assert_eq!(
        stop(
            &RetryContext {
                options: &off,
                ..context
            },
            &cut
        ),
        RetryStop::Disabled
    );
    assert_eq!(
        stop(
            &RetryContext {
                replayable: false,
                ..context
            },
            &cut
        ),
        RetryStop::BodyNotReplayable
    );
    assert_eq!(
        stop(
            &RetryContext {
                attempts: 3,
                ..context
            },
            &cut
        ),
        RetryStop::AttemptsExhausted
    );
    let long = answered(
        OperationClass::Safe,
        429,
        Hint::NONE,
        Some(Duration::from_secs(61)),
    );
    assert_eq!(stop(&context, &long), RetryStop::RetryAfterTooLong);
    let near = answered(
        OperationClass::Safe,
        429,
        Hint::NONE,
        Some(Duration::from_secs(29)),
    );
    assert_eq!(
        stop(&context, &near),
        RetryStop::DeadlineTooShort,
        "29 s and a second of jitter"
    );
    assert_eq!(budget.level(now), 20, "refused retries cost nothing");
    assert_eq!(stop(&context, &cut), RetryStop::Succeeded);
    assert_eq!(stop(&context, &cut), RetryStop::BudgetEmpty);
}
