//! The public types of core, the network and the adapters that can hold text, read from their sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Types of fields that hold text, or something that contains text.
const TEXTS: [&str; 15] = [
    "String",
    "Url",
    "Bytes",
    "ByteStream",
    "HeaderMap",
    "Metadata",
    "EmailAddress",
    "PhoneNumber",
    "Secret",
    "SecretSource",
    "TemplateData",
    "Extensions",
    "SensitiveUrl",
    "MessageText",
    "Attachment",
];

/// Types whose texts are no values of a person, and why.
const EXEMPT: [(&str, &[&str]); 5] = [
    (
        "ids and keys, which logs need",
        &[
            "Customer",
            "CustomerEvent",
            "Disposition",
            "ETag",
            "IdempotencyKey",
            "KeyPrefix",
            "MessageReference",
            "ObjectKey",
            "ObjectPage",
            "ObjectSummary",
            "StoredObject",
            "UnsubscribeGroup",
            "DedupeKey",
        ],
    ),
    (
        "the vendor's codes and names of states",
        &[
            "Decline",
            "DisputeStatus",
            "Failure",
            "MessageStatus",
            "PaymentStatus",
            "RefundFailure",
            "RefundStatus",
            "RejectReason",
            "Rejection",
            "RejectionReason",
            "VerificationStatus",
        ],
    ),
    (
        "durations, which are text in a schema only",
        &["BreakerConfig", "Policy", "RateWindow", "Window"],
    ),
    (
        "made by the pipeline alone; the canary test of `anyvendor-http` prints them",
        &["Response", "ResponseHead", "StreamingResponse"],
    ),
    ("texts of our own", &["TransportError"]),
];

pub(crate) fn is_exempt(name: &str) -> bool {
    EXEMPT.iter().any(|(_, names)| names.contains(&name))
}

/// Whether there is such a type.
pub(crate) fn exists(name: &str) -> bool {
    files().iter().any(|text| {
        declarations(text)
            .iter()
            .any(|(declared, _)| declared == name)
    })
}

/// The names of all public structs and enums with a field that can hold text.
pub(crate) fn holders() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in files() {
        for (name, body) in declarations(&text) {
            let code = body
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let words = code.flat_map(|line| line.split(|letter: char| !letter.is_alphanumeric()));
            if words.into_iter().any(|word| TEXTS.contains(&word)) {
                found.insert(name);
            }
        }
    }
    found
}

/// The sources without tests.
fn files() -> Vec<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut folders: Vec<PathBuf> = fs::read_dir(&crates)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            matches!(name, "core" | "http") || name.starts_with("adapter-")
        })
        .map(|path| path.join("src"))
        .collect();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().unwrap() != "tests" {
                    folders.push(path);
                }
            } else if path.file_name().unwrap() != "tests.rs" {
                let text = fs::read_to_string(path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                texts.push(code.to_owned());
            }
        }
    }
    texts
}

/// Each `pub struct` and `pub enum` at the margin, with its body.
fn declarations(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let rest = line
            .strip_prefix("pub struct ")
            .or_else(|| line.strip_prefix("pub enum "));
        let Some(rest) = rest else {
            continue;
        };
        let name: String = rest
            .chars()
            .take_while(|letter| letter.is_alphanumeric())
            .collect();
        let mut body = rest[name.len()..].to_owned();
        if !line.ends_with(';') && !line.ends_with('}') {
            for line in lines.by_ref().take_while(|line| *line != "}") {
                body.push('\n');
                body.push_str(line);
            }
        }
        found.push((name, body));
    }
    found
}

#[test]
fn declarations_are_found_with_their_fields() {
    let text = "/// A.\npub struct A(String);\npub struct B;\n\npub struct C<'a> {\n    /// String\n    x: u8,\n}\npub enum D {\n    E(Url),\n}\n";
    let found = declarations(text);
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["A", "B", "C", "D"]);
    assert!(found[3].1.contains("Url") && !found[1].1.contains("String"));
}
