//! Guarantees by type: labels are never data, and secrets are never plain text.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyvendor_core::resilience::{AttemptReport, CallReport, OperationClass};
use anyvendor_testkit::{RecordingObserver, Server, Step, observer::Report};

use super::bench::Bench;

/// The labels of an attempt. A `String` among them would not compile.
fn attempt_labels(report: &AttemptReport) -> [Option<&'static str>; 3] {
    [Some(report.vendor), Some(report.operation), report.error]
}

fn call_labels(report: &CallReport) -> [Option<&'static str>; 3] {
    [Some(report.vendor), Some(report.operation), report.error]
}

fn labels(report: &Report) -> [Option<&'static str>; 3] {
    match report {
        Report::Attempt(report) => attempt_labels(report),
        Report::Call(report) => call_labels(report),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn t28_labels_are_static() {
    let kept = Arc::new(RecordingObserver::default());
    let server = Server::start([Step::response(503, ""), Step::response(404, "")]).await;
    let observer = kept.clone();
    let bench = Bench::at(server, |builder| builder.observer(observer));
    bench.call(OperationClass::Safe).await.unwrap_err();
    let expected = ["unavailable", "not_found", "not_found"]
        .map(|error| [Some("acme"), Some("thing.make"), Some(error)]);
    let found: Vec<_> = kept.reports().iter().map(labels).collect();
    assert_eq!(found, expected, "two attempts and the call");
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// In the settings of every adapter, a field with a secret's name has a type that hides its value.
#[test]
fn t24_secret_fields_are_secret_types() {
    let mut secrets = 0;
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let path = entry.unwrap().path().join("src/config.rs");
        let is_adapter = path.to_string_lossy().contains("/adapter-");
        let Some(text) = fs::read_to_string(&path).ok().filter(|_| is_adapter) else {
            continue;
        };
        for line in text.lines() {
            let Some((name, kind)) = field(line) else {
                continue;
            };
            let words = ["key", "secret", "token", "password", "credential"];
            // Nested settings have their own fields; the place or the name of a secret is not a secret.
            let harmless = kind.trim_end_matches('>').ends_with("Config")
                || name.ends_with("_file")
                || name.ends_with("_sid");
            if !harmless && words.iter().any(|word| name.contains(word)) {
                assert!(kind.contains("Secret"), "{}: {line}", path.display());
                secrets += 1;
            }
        }
    }
    assert!(secrets > 0, "the names are not found any more");
}

/// The name and type of a struct's or variant's field with its own line, such as `api_key: SecretSource,`.
fn field(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches("pub ");
    let (name, kind) = line.strip_suffix(',')?.split_once(": ")?;
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    // Types begin with a capital; a value in a literal or a pattern has a call or a small letter.
    let is_type =
        kind.starts_with(char::is_uppercase) && !kind.contains(['(', '.']) && !kind.contains("::");
    (is_name && is_type && kind != "None").then_some((name, kind))
}
