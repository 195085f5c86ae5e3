//! What is never there. Each check says the remedy, and each is shown to notice a bad file.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "tidy/behavior.rs"]
mod behavior;
#[path = "tidy/cycles.rs"]
mod cycles;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/text.rs"]
mod text;
#[path = "tidy/tokens.rs"]
mod tokens;

use files::{File, all};

#[track_caller]
fn none(check: fn(&[File]) -> Vec<String>) {
    let wrong = check(&all());
    assert!(wrong.is_empty(), "\n  {}\n", wrong.join("\n  "));
}

#[test]
fn no_file_without_its_purpose() {
    none(text::first_lines);
}

#[test]
fn no_file_too_long() {
    none(text::lengths);
}

#[test]
fn no_vendor_in_core() {
    none(text::vendors_in_core);
}

#[test]
fn no_http_client_outside_cores() {
    none(text::clients);
}

#[test]
fn no_float_near_money() {
    none(text::floats);
}

#[test]
fn no_test_ignored_without_its_need() {
    none(text::ignored);
}

#[test]
fn no_signature_compared_with_equals() {
    none(text::macs);
}

#[test]
fn nothing_of_one_machine() {
    none(text::machines);
}

#[test]
fn no_import_cycle() {
    none(cycles::cycles);
}

#[test]
fn no_arrow_up() {
    none(layers::arrows);
}

#[test]
fn no_adapter_outside_the_floor_plan() {
    none(layers::rooms);
}

#[test]
fn no_promise_without_its_case() {
    none(behavior::promises);
}
