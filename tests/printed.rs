//! No value of a person and no secret is printed: a canary goes into every field of every public request, result and setting that
//! can hold one, and must not come out of `Debug`. A type that is missing here fails the second test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "printed/canary.rs"]
mod canary;
#[path = "printed/configs.rs"]
mod configs;
#[path = "printed/messages.rs"]
mod messages;
#[path = "printed/network.rs"]
mod network;
#[path = "printed/payments.rs"]
mod payments;
#[path = "printed/sources.rs"]
mod sources;
#[path = "printed/storage.rs"]
mod storage;

use std::collections::BTreeSet;

use canary::{Canary, Prints};
use proptest::{prop_assert, proptest, test_runner::Config};

fn all(canary: &Canary) -> Prints {
    let mut prints = Prints::default();
    payments::add(canary, &mut prints);
    messages::add(canary, &mut prints);
    storage::add(canary, &mut prints);
    network::add(canary, &mut prints);
    configs::add(canary, &mut prints);
    prints
}

proptest! {
    #![proptest_config(Config::with_cases(8))]

    #[test]
    fn sf10_no_canary_is_printed(word in "[b-df-hj-np-tv-z]{12}", digits in "[2-9][0-9]{6}") {
        let canary = Canary { word, digits };
        for (name, shown) in all(&canary).0 {
            prop_assert!(!canary.is_in(&shown), "{}: {}", name, shown);
        }
    }
}

#[test]
fn sf10_every_type_that_can_hold_a_value_is_printed_here() {
    let canary = Canary {
        word: "canary".to_owned(),
        digits: "5550987".to_owned(),
    };
    let printed: BTreeSet<&str> = all(&canary).0.iter().map(|(name, _)| *name).collect();
    let holders = sources::holders();
    let missing: Vec<_> = holders
        .iter()
        .filter(|name| !printed.contains(name.as_str()) && !sources::is_exempt(name))
        .collect();
    assert!(
        missing.is_empty(),
        "add them to tests/printed with a canary in each field: {missing:#?}"
    );
    let stale: Vec<_> = printed
        .iter()
        .filter(|name| !sources::exists(name))
        .collect();
    assert!(stale.is_empty(), "{stale:?}");
    assert!(holders.len() > 80, "the sources were not found");
}
