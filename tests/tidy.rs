//! What the repository must never contain. Each check states the remedy, and a test shows that it notices a bad file.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "tidy/behavior.rs"]
mod behavior;
#[path = "tidy/cycles.rs"]
mod cycles;
#[path = "tidy/docs.rs"]
mod docs;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/map.rs"]
mod map;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/sandbox.rs"]
mod sandbox;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/text.rs"]
mod text;
#[path = "tidy/tokens.rs"]
mod tokens;
#[path = "tidy/vendors.rs"]
mod vendors;

use files::{File, all};

#[track_caller]
fn none(check: impl Fn(&[File]) -> Vec<String>) {
    let wrong = check(&all());
    assert!(wrong.is_empty(), "\n  {}\n", wrong.join("\n  "));
}

/// No line breaks the rule of this name in `tidy/sources.rs`.
#[track_caller]
fn no_line_breaks(name: &str) {
    let rule = sources::RULES.iter().find(|rule| rule.name == name);
    let rule = rule.unwrap();
    let wrong = rule.broken(&all());
    let remedy = format!(
        "{}, or excuse the line with `// tidy: {name}: <why>`",
        rule.remedy
    );
    assert!(wrong.is_empty(), "\n{remedy}\n  {}\n", wrong.join("\n  "));
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
fn no_doc_comment_of_two_words() {
    none(docs::short);
}

#[test]
fn no_vendor_in_core() {
    no_line_breaks("vendor-in-core");
}

#[test]
fn no_vendor_in_the_facade_outside_its_table() {
    no_line_breaks("vendor-in-facade");
}

#[test]
fn no_vendor_in_the_sandboxs_shell() {
    none(sandbox::vendors_in_shell);
}

#[test]
fn no_http_client_outside_http() {
    no_line_breaks("client");
}

#[test]
fn no_runtime_in_core() {
    no_line_breaks("runtime");
}

#[test]
fn no_http_client_among_cores_dependencies() {
    none(layers::core_dependencies);
}

#[test]
fn no_float_near_money() {
    no_line_breaks("float");
}

#[test]
fn no_test_ignored_without_its_need() {
    none(text::ignored);
}

#[test]
fn no_signature_compared_with_equals() {
    no_line_breaks("mac");
}

#[test]
fn no_glob_import() {
    no_line_breaks("glob");
    no_line_breaks("glob-in-test");
}

#[test]
fn no_test_that_sleeps() {
    no_line_breaks("sleep");
}

#[test]
fn no_feature_below_the_facade() {
    no_line_breaks("feature");
}

#[test]
fn no_sibling_imported_by_config_or_wire() {
    no_line_breaks("leaf");
}

#[test]
fn no_idle_excuse() {
    none(|files| rules::idle_excuses(files, &sources::RULES));
}

#[test]
fn no_second_spelling() {
    none(text::spellings);
}

#[test]
fn no_link_to_a_missing_file() {
    none(text::links);
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
fn no_import_between_crates_that_points_up() {
    none(layers::arrows);
}

#[test]
fn no_adapter_outside_the_module_layout() {
    none(layers::layout);
}

#[test]
fn no_difference_between_map_and_tree() {
    none(map::differences);
}

#[test]
fn no_promise_without_its_case() {
    none(behavior::promises);
}
