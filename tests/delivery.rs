//! What errors say about delivery, over all adapters: every request of every operation fails in every way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "delivery/faulty.rs"]
mod faulty;
#[path = "delivery/operations.rs"]
mod operations;

use anyvendor::{Delivery, Error};
use anyvendor_sandbox::Sandbox;

use faulty::{Fault, Faulty};
use operations::{Operation, operations};

/// More than any of the operations needs.
const MOST_REQUESTS: usize = 12;

/// What the requests of one operation show about its error.
fn check(operation: &Operation, error: &Error, network: &Faulty) -> Result<(), String> {
    let counts =
        |request: &&faulty::Request| request.arrived && (!operation.writes || request.writes);
    let arrived = network.requests().iter().filter(counts).count();
    let says_unsent = error.delivery() == Delivery::NotSent;
    match (arrived, says_unsent) {
        (0, false) => Err(format!(
            "nothing was sent, and it says {:?}",
            error.delivery()
        )),
        (0, true) | (1.., false) => Ok(()),
        (_, true) => Err(format!("{arrived} requests arrived, and it says NotSent")),
    }
}

/// No error after a sent request says `NotSent`, and no error of an unsent one says anything else. A look-up before a write,
/// a token and a preparation are no writes.
#[tokio::test]
async fn f06_errors_say_what_was_sent() {
    let mut problems = Vec::new();
    let mut failed = 0;
    for operation in operations() {
        for fault in Fault::ALL {
            for hit in 1..=MOST_REQUESTS {
                let sandbox = Sandbox::start().await.unwrap();
                let network = Faulty::new(hit, fault);
                let result = (operation.run)(&sandbox, &network).await;
                if !network.was_hit() {
                    assert!(result.is_ok(), "{}: {result:?}", operation.name);
                    break;
                }
                let Err(error) = result else { continue };
                failed += 1;
                if let Err(problem) = check(&operation, &error, &network) {
                    let (name, trail) = (operation.name, network.requests());
                    problems.push(format!(
                        "{name}, request {hit}, {fault:?}: {problem}\n  {error}\n  {trail:?}"
                    ));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(failed > 200, "only {failed} operations failed");
}
