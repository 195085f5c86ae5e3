//! What an error says about delivery: only positive evidence settles what was lost, and a look-up is not the write.

use anyvendor_core::{
    Delivery, Kind,
    error::ProtocolReason,
    resilience::{CallOptions, OperationClass, Policy},
};

use crate::script::{Step, VENDORS, bench, bench_with, operation, request};

/// A lost attempt, and then this answer to the same key.
async fn after_a_lost_attempt(answer: Step) -> Delivery {
    let bench = bench(&[Step::LostAfterSending, answer]);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    assert!(error.idempotency_key().is_some());
    error.delivery()
}

#[tokio::test(start_paused = true)]
async fn f04_a_lost_attempt_is_settled_by_positive_evidence_alone() {
    // A gateway's page, an empty body, or JSON that is not the vendor's: whatever the status, it is not its word.
    for status in 300..=499 {
        if matches!(status, 304 | 401 | 408 | 425 | 429) {
            // These are repeated or end otherwise; they have their own cases below.
            continue;
        }
        for body in ["", "<html>", "{}"] {
            let delivery = after_a_lost_attempt(Step::Response(status, body)).await;
            assert_eq!(delivery, Delivery::Unknown, "{status} {body}");
        }
    }
    // The vendor's own body, with a status that is decided before the key is looked at.
    for status in [301, 302, 307, 403, 405, 407, 421, 423, 451] {
        let delivery = after_a_lost_attempt(Step::Response(status, VENDORS)).await;
        assert_eq!(delivery, Delivery::Unknown, "{status}");
    }
    // The vendor's own answer to this key.
    for status in [400, 402, 404, 409, 410, 412, 422] {
        let delivery = after_a_lost_attempt(Step::Response(status, VENDORS)).await;
        assert_eq!(delivery, Delivery::Refused, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn f04_what_is_repeated_settles_nothing_either() {
    for status in [401, 408, 425, 429, 500, 502, 503, 504, 520, 599] {
        let steps = [
            Step::LostAfterSending,
            Step::Response(status, VENDORS),
            Step::Response(status, VENDORS),
            Step::Response(status, VENDORS),
        ];
        let bench = bench(&steps);
        let error = bench.call(OperationClass::Keyed).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{status}: {error}");
    }
}

/// The first attempt alone: refused by the vendor's own word, otherwise unknown.
#[tokio::test(start_paused = true)]
async fn f04_only_the_vendors_own_word_refuses() {
    for status in [400, 402, 403, 404, 409, 422] {
        for (body, delivery) in [(VENDORS, Delivery::Refused), ("<html>", Delivery::Unknown)] {
            for class in [OperationClass::Keyed, OperationClass::Unkeyed] {
                let bench = bench(&[Step::Response(status, body)]);
                let error = bench.call(class).await.unwrap_err();
                assert_eq!(error.delivery(), delivery, "{status} {body} {class:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn f05_accepted_and_refused_are_told_apart() {
    let mut policy = Policy::default();
    policy.max_response_bytes = 4;
    for class in [OperationClass::Keyed, OperationClass::Unkeyed] {
        let bench = bench_with(&[Step::Response(201, "12345")], policy.clone());
        let error = bench.call(class).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Accepted, "too large: {error}");
        let bench = bench_with(&[Step::Response(201, "<h>")], policy.clone());
        let response = bench.call(class).await.unwrap();
        let error = response.json::<serde_json::Value>().unwrap_err();
        assert_eq!(error.delivery(), Delivery::Accepted, "unreadable: {error}");
        let mismatch = response
            .head
            .malformed(ProtocolReason::Mismatch, "another amount");
        assert_eq!(mismatch.delivery(), Delivery::Accepted);
        assert!(mismatch.to_string().contains("accepted"), "{mismatch}");
    }
}

/// Whatever happens to the look-up before a write, the write was not sent.
#[tokio::test(start_paused = true)]
async fn f06_a_look_up_that_fails_is_an_unsent_write() {
    let (safe, keyed) = (OperationClass::Safe, OperationClass::Keyed);
    let fails = [
        vec![Step::LostAfterSending; 3],
        vec![Step::Response(404, VENDORS)],
        vec![Step::Response(503, ""); 3],
        vec![Step::HeadThenCut; 3],
        vec![Step::NotSent; 3],
    ];
    for steps in fails {
        let bench = bench(&steps);
        let options = CallOptions::default();
        let scope = bench.pipeline.writing(&options);
        let error = scope
            .call(&operation(safe), request(safe))
            .await
            .unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "{steps:?}: {error}");
        // The same request alone is a read, and says what became of the read.
        let alone = crate::script::bench(&steps);
        let error = alone.call(safe).await.unwrap_err();
        let unsent = matches!(steps[0], Step::NotSent);
        assert_eq!(
            error.delivery() == Delivery::NotSent,
            unsent,
            "{steps:?}: {error}"
        );
    }
    // A look-up that can be read, but says that the write makes no sense.
    let bench = bench(&[]);
    let options = CallOptions::default();
    let scope = bench.pipeline.writing(&options);
    let found = scope.call(&operation(safe), request(safe)).await.unwrap();
    assert_eq!(
        found.head.refused(Kind::Conflict, "is refunded").delivery(),
        Delivery::NotSent
    );
    assert_eq!(
        found.json::<Vec<u8>>().unwrap_err().delivery(),
        Delivery::NotSent
    );
    // After an accepted write nothing is unsent any more.
    let written = scope.call(&operation(keyed), request(keyed)).await.unwrap();
    assert_eq!(
        written.json::<Vec<u8>>().unwrap_err().delivery(),
        Delivery::Accepted
    );
    let found = scope.call(&operation(safe), request(safe)).await.unwrap();
    assert_eq!(
        found.json::<Vec<u8>>().unwrap_err().delivery(),
        Delivery::Unknown
    );
}

/// What prepares a write has no effect of its own, and the parts of a bulk are independent.
#[tokio::test(start_paused = true)]
async fn f06_preparations_and_parts() {
    let keyed = OperationClass::Keyed;
    let bench = bench(&[
        Step::Response(200, "{}"),
        Step::NotSent,
        Step::NotSent,
        Step::NotSent,
        Step::LostAfterSending,
        Step::LostAfterSending,
        Step::LostAfterSending,
        Step::NotSent,
        Step::NotSent,
        Step::NotSent,
        Step::NotSent,
        Step::NotSent,
        Step::NotSent,
    ]);
    let options = CallOptions::default();
    let scope = bench.pipeline.writing(&options);
    let prepare = operation(keyed).preparing();
    scope.call(&prepare, request(keyed)).await.unwrap();
    let main = operation(keyed);
    let send = || scope.call(&main, request(keyed));
    assert_eq!(send().await.unwrap_err().delivery(), Delivery::NotSent);
    assert_eq!(send().await.unwrap_err().delivery(), Delivery::Unknown);
    assert_eq!(send().await.unwrap_err().delivery(), Delivery::Unknown);
    let part = scope.part();
    let error = part.call(&main, request(keyed)).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
}
