//! Signatures, compared with those of AWS's own libraries and documents.

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
        serde_json::from_str(include_str!("../../../tests/vectors/aws_sigv4.json")).unwrap();
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

#[derive(Deserialize)]
struct Suite {
    suite: std::collections::BTreeMap<String, Official>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Official {
    context: Context,
    header_signed_request: String,
    header_canonical_request: String,
    header_string_to_sign: String,
    header_signature: String,
}

#[derive(Deserialize)]
struct Context {
    credentials: OfficialCredentials,
    region: String,
    service: String,
    #[serde(default)]
    omit_session_token: bool,
}

#[derive(Deserialize)]
struct OfficialCredentials {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

/// Paths that S3's rules leave as they are and the general ones do not, and dot segments that `Url` cannot hold.
const OTHER_RULES: [&str; 6] = [
    "get-relative-relative-unnormalized",
    "get-relative-unnormalized",
    "get-slash-dot-slash-unnormalized",
    "get-slash-normalized",
    "get-slash-pointless-dot-unnormalized",
    "get-slashes-normalized",
];

/// AWS's own suite for all its services. Its links sign a hash of the payload, which S3's never do: headers alone.
#[test]
#[ignore = "needs ANYVENDOR_VECTORS"]
fn equal_to_the_official_suite() {
    let folder = std::env::var("ANYVENDOR_VECTORS").unwrap();
    let file = std::path::Path::new(&folder).join("aws_sigv4_suite.json");
    let suite: Suite = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut checked = 0;
    for (id, case) in &suite.suite {
        if OTHER_RULES.contains(&id.as_str()) {
            continue;
        }
        let context = &case.context;
        // The request as sent holds what the signer added; folded lines begin with a space.
        let text = case.header_signed_request.replace("\n ", " ");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
        let path = rest.strip_suffix(" HTTP/1.1").unwrap();
        let url = Url::parse(&["https://example.amazonaws.com", path].concat()).unwrap();
        let skipped = |name: &str| {
            name == "host"
                || name == "authorization"
                || (name == "x-amz-security-token" && context.omit_session_token)
        };
        let headers: Vec<_> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .filter(|(name, _)| !skipped(name))
            .collect();
        let date = |(name, value): &(String, String)| (name == "x-amz-date").then(|| value.clone());
        let scope = Scope {
            region: &context.region,
            service: &context.service,
            date: headers.iter().find_map(date).unwrap(),
        };
        let payload = sha256_hex(body.trim_end_matches('\n').as_bytes());
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
        let credentials = Credentials {
            access_key_id: context.credentials.access_key_id.clone(),
            secret_access_key: Secret::new(context.credentials.secret_access_key.clone()),
            session_token: context.credentials.token.clone().map(Secret::new),
        };
        let signed = authorization(&signable, &scope, &credentials);
        assert!(signed.ends_with(&case.header_signature), "{id}: {signed}");
        checked += 1;
    }
    assert_eq!(checked, 32, "of 38: six are not by S3's rules");
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
