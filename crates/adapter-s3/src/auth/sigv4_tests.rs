//! Signatures beside those of AWS's own libraries and documents.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    method: String,
    region: String,
    service: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    amz_date: String,
    input_url: String,
    input_params: std::collections::BTreeMap<String, String>,
    input_headers: std::collections::BTreeMap<String, String>,
    body_b64: String,
    payload: String,
    expires: Option<u64>,
    canonical_request: String,
    string_to_sign: String,
    signed_headers: Option<std::collections::BTreeMap<String, String>>,
    signed_url: Option<String>,
}

/// The pairs of a query, in any order: that of ours is not botocore's, and no server minds.
fn sorted_query(url: &str) -> (String, Vec<String>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
    pairs.sort();
    (path.to_owned(), pairs)
}

/// Keeps dot segments, which `Url` would collapse; such keys are refused by the adapter before they get here.
fn is_collapsed_by_url(case: &Case) -> bool {
    case.id == "key-with-dot-segments"
}

#[test]
fn equal_to_botocore_byte_for_byte() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../tests/vectors/aws_sigv4.json")).unwrap();
    let mut checked = 0;
    for case in &vectors.cases {
        if is_collapsed_by_url(case) {
            continue;
        }
        let credentials = Credentials {
            access_key_id: case.access_key_id.clone(),
            secret_access_key: Secret::new(case.secret_access_key.clone()),
            session_token: case.session_token.clone().map(Secret::new),
        };
        let scope = Scope {
            region: &case.region,
            service: &case.service,
            date: case.amz_date.clone(),
        };
        let mut url = Url::parse(&case.input_url).unwrap();
        let given: Vec<(&str, &str)> = case
            .input_params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        if !given.is_empty() {
            let query = [
                url.query().unwrap_or_default(),
                &crate::encode::query(&given),
            ]
            .join("&");
            url.set_query(Some(query.trim_start_matches('&')));
        }
        let mut headers: Vec<(String, String)> = case
            .input_headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.clone()))
            .collect();
        if let Some(expected) = &case.signed_url {
            presign(
                &case.method,
                &mut url,
                headers,
                case.expires.unwrap(),
                &scope,
                &credentials,
            );
            assert_eq!(
                sorted_query(url.as_str()),
                sorted_query(expected),
                "{}",
                case.id
            );
        } else {
            let body = STANDARD.decode(&case.body_b64).unwrap();
            let payload = match case.payload.as_str() {
                "sha256" => sha256_hex(&body),
                other => other.to_owned(),
            };
            headers.push(("x-amz-date".to_owned(), case.amz_date.clone()));
            headers.push(("x-amz-content-sha256".to_owned(), payload.clone()));
            if let Some(token) = &case.session_token {
                headers.push(("x-amz-security-token".to_owned(), token.clone()));
            }
            let signable = Signable {
                method: &case.method,
                url: &url,
                headers,
                payload: &payload,
            };
            let (canonical, _) = signable.canonical();
            assert_eq!(canonical, case.canonical_request, "{}", case.id);
            assert_eq!(
                string_to_sign(&canonical, &scope),
                case.string_to_sign,
                "{}",
                case.id
            );
            let expected = case
                .signed_headers
                .as_ref()
                .unwrap()
                .get("Authorization")
                .unwrap();
            assert_eq!(
                &authorization(&signable, &scope, &credentials),
                expected,
                "{}",
                case.id
            );
        }
        checked += 1;
    }
    assert_eq!(checked, 28, "of 29: one has a key that the adapter refuses");
}

/// The examples of the S3 API reference, "Signature Calculations for the Authorization Header".
#[test]
fn equal_to_the_published_examples() {
    let credentials = Credentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        session_token: None,
    };
    let scope = Scope {
        region: "us-east-1",
        service: "s3",
        date: "20130524T000000Z".to_owned(),
    };
    let empty = sha256_hex(b"");
    let sign = |method: &str, path: &str, extra: &[(&str, &str)], payload: &str| {
        let url = Url::parse(&["https://examplebucket.s3.amazonaws.com", path].concat()).unwrap();
        let mut headers: Vec<(String, String)> = extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        headers.push(("x-amz-content-sha256".to_owned(), payload.to_owned()));
        headers.push(("x-amz-date".to_owned(), scope.date.clone()));
        let signable = Signable {
            method,
            url: &url,
            headers,
            payload,
        };
        authorization(&signable, &scope, &credentials)
            .rsplit('=')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        sign("GET", "/test.txt", &[("range", "bytes=0-9")], &empty),
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
    let put = [
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ];
    assert_eq!(
        sign(
            "PUT",
            "/test%24file.text",
            &put,
            &sha256_hex(b"Welcome to Amazon S3.")
        ),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    );
    assert_eq!(
        sign("GET", "/?lifecycle", &[], &empty),
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    );
    assert_eq!(
        sign("GET", "/?max-keys=2&prefix=J", &[], &empty),
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    );
    let mut url = Url::parse("https://examplebucket.s3.amazonaws.com/test.txt").unwrap();
    presign("GET", &mut url, Vec::new(), 86_400, &scope, &credentials);
    assert!(
        url.as_str()
            .ends_with("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
        "{url}"
    );
}
