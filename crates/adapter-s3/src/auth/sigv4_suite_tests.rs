//! Signatures beside AWS's general suite, as far as S3's rules allow.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Suite {
    suite: BTreeMap<String, Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Case {
    context: Context,
    request: String,
    header_canonical_request: String,
    header_string_to_sign: String,
    header_signature: String,
}

#[derive(Deserialize)]
struct Context {
    credentials: Keys,
    region: String,
    service: String,
    sign_body: bool,
    timestamp: Timestamp,
    #[serde(default)]
    omit_session_token: bool,
}

#[derive(Deserialize)]
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

/// S3 keeps doubled slashes, which the suite's general rule folds.
const FOLDED: [&str; 2] = ["get-slash-normalized", "get-slashes-normalized"];
/// `Url` collapses dot segments; `ObjectKey` refuses such keys before they get here.
const COLLAPSED: [&str; 4] = [
    "get-relative-relative-unnormalized",
    "get-relative-unnormalized",
    "get-slash-dot-slash-unnormalized",
    "get-slash-pointless-dot-unnormalized",
];

/// Headers (lower case, in order; a continued line belongs to the one before) and body.
fn read(request: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.lines().skip(1) {
        match line.split_once(':') {
            Some((name, value)) if !line.starts_with(' ') => {
                headers.push((name.to_lowercase(), value.to_owned()));
            }
            _ => {
                let (_, value) = headers.last_mut().unwrap();
                value.push('\n');
                value.push_str(line);
            }
        }
    }
    (headers, body)
}

fn check(id: &str, case: &Case) {
    let context = &case.context;
    let (mut headers, body) = read(&case.request);
    let line = case.request.lines().next().unwrap();
    let (method, target) = line
        .strip_suffix(" HTTP/1.1")
        .unwrap()
        .split_once(' ')
        .unwrap();
    let at = headers.iter().position(|(name, _)| name == "host").unwrap();
    let (_, host) = headers.remove(at);
    let url = Url::parse(&["https://", host.trim(), target].concat()).unwrap();
    let scope = Scope {
        service: &context.service,
        ..Scope::s3(&context.region, context.timestamp)
    };
    let payload = sha256_hex(body.as_bytes());
    headers.push(("x-amz-date".to_owned(), scope.date.clone()));
    if context.sign_body {
        headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
    }
    let token = context.credentials.token.clone();
    if let Some(token) = token.filter(|_| !context.omit_session_token) {
        headers.push(("x-amz-security-token".to_owned(), token));
    }
    let credentials = Credentials {
        access_key_id: context.credentials.access_key_id.clone(),
        secret_access_key: Secret::new(context.credentials.secret_access_key.clone()),
        session_token: None,
    };
    let signable = Signable {
        method,
        url: &url,
        headers,
        payload: &payload,
    };
    let (canonical, _) = signable.canonical();
    assert_eq!(canonical, case.header_canonical_request, "{id}");
    let to_sign = string_to_sign(&canonical, &scope);
    assert_eq!(to_sign, case.header_string_to_sign, "{id}");
    let authorization = authorization(&signable, &scope, &credentials);
    let signature = authorization.rsplit('=').next().unwrap();
    assert_eq!(signature, case.header_signature.trim(), "{id}");
}

/// The suite's presigned half does not apply: it hashes the payload, where S3 has `UNSIGNED-PAYLOAD`.
#[test]
#[ignore = "needs ANYVENDOR_VECTORS"]
fn equal_to_the_general_suite() {
    let folder = std::env::var("ANYVENDOR_VECTORS").expect("ANYVENDOR_VECTORS names the folder");
    let file = std::path::Path::new(&folder).join("aws_sigv4_suite.json");
    let suite: Suite = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(suite.suite.len(), 38);
    let mut checked = 0;
    for (id, case) in &suite.suite {
        if FOLDED.contains(&id.as_str()) || COLLAPSED.contains(&id.as_str()) {
            let differs = std::panic::catch_unwind(|| check(id, case)).is_err();
            assert!(differs, "{id} holds and need not be left out");
        } else {
            check(id, case);
            checked += 1;
        }
    }
    assert_eq!(
        checked, 32,
        "of 38: six have paths that S3 treats otherwise"
    );
}

#[test]
fn a_header_that_stands_twice_is_signed_once_with_both_values() {
    let url = Url::parse("https://example.com/").unwrap();
    let pair = |value: &str| ("x-twice".to_owned(), value.to_owned());
    let signable = Signable {
        method: "GET",
        url: &url,
        headers: vec![pair("b"), pair("a")],
        payload: UNSIGNED,
    };
    let (canonical, names) = signable.canonical();
    assert_eq!(names, "host;x-twice");
    assert!(canonical.contains("\nx-twice:b,a\n"), "{canonical}");
}
