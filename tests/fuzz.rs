//! The fuzz targets without a fuzzer: every seed, and a few thousand alterations of the seeds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyvendor_conformance::webhook::Adversarial;
use anyvendor_tests::adversarial::{TARGETS, run, vendors};

/// The number of alterations per target. A fuzzer tries more.
const ALTERATIONS: usize = 3_000;

fn fuzz(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "fuzz", path]
        .iter()
        .collect()
}

/// The seeds of a target, by name.
fn seeds(target: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = fuzz("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

/// If these were rejected, edits of them would test nothing.
#[test]
fn genuine_deliveries_are_accepted() {
    for vendor in vendors() {
        for delivery in &vendor.genuine {
            let request = delivery.request();
            let taken = vendor
                .verifier
                .verify(request, &vendor.prefetched, Adversarial::now());
            taken.unwrap_or_else(|error| panic!("{delivery:?}: {error}"));
        }
    }
}

#[test]
fn every_seed_passes() {
    for (target, try_one) in TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() > 4, "{target} has {} seeds", seeds.len());
        for (name, seed) in seeds {
            let tried = try_one(&seed);
            assert_eq!(tried, Ok(()), "fuzz/corpus/{target}/{name}");
        }
    }
}

#[test]
fn every_alteration_passes() {
    for (target, try_one) in TARGETS {
        let seeds: Vec<_> = seeds(target).into_values().collect();
        // A fixed seed, so that a failure can be repeated.
        let mut draws = fastrand::Rng::with_seed(7);
        for _ in 0..ALTERATIONS {
            let mut input = draws.choice(&seeds).unwrap().clone();
            for _ in 0..draws.usize(1..4) {
                let at = draws.usize(..=input.len());
                let other = draws.choice(&seeds).unwrap();
                let end = draws.usize(..=other.len());
                match draws.u8(..4) {
                    0 if at < input.len() => input[at] ^= 1 << draws.u8(..8),
                    1 => input.truncate(at),
                    2 => input.insert(at, draws.u8(..)),
                    _ => drop(input.splice(at..at, other[..end].iter().copied())),
                }
            }
            let tried = try_one(&input);
            assert_eq!(
                tried,
                Ok(()),
                "{target}: {:?}",
                input.escape_ascii().to_string()
            );
        }
    }
}

/// Every target is built by `fuzz/` and tried here; any other would find nothing.
#[test]
fn every_target_is_built() {
    let manifest = fs::read_to_string(fuzz("Cargo.toml")).unwrap();
    let built = manifest.matches("[[bin]]").count();
    assert_eq!(built, TARGETS.len());
    for (target, _) in TARGETS {
        let path = format!("path = \"fuzz_targets/{target}.rs\"");
        assert!(manifest.contains(&path), "fuzz/Cargo.toml: no {path}");
        assert!(fuzz(&format!("fuzz_targets/{target}.rs")).exists());
    }
}

#[test]
#[should_panic(expected = "a target of this name")]
fn an_unknown_target_panics() {
    run("novel", b"");
}
