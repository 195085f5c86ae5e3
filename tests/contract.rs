//! The contract tests: every request of the adapters is validated against the vendor's own API description.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and says what it counted"
)]

#[path = "contract/form.rs"]
mod form;
#[path = "contract/judge.rs"]
mod judge;
#[path = "contract/paypal.rs"]
mod paypal;
#[path = "contract/record.rs"]
mod record;
#[path = "contract/schema.rs"]
mod schema;
#[path = "contract/sendgrid.rs"]
mod sendgrid;
#[path = "contract/spoil.rs"]
mod spoil;
#[path = "contract/stripe.rs"]
mod stripe;
#[path = "contract/twilio.rs"]
mod twilio;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use judge::{Description, normal};
use record::Recorded;
use serde_json::json;
use spoil::spoiled;

#[tokio::test]
#[ignore = "needs ANYVENDOR_SPECS"]
async fn stripe_takes_every_request() {
    let mut requests = stripe::suite().await;
    requests.extend(stripe::everything().await);
    for request in &requests {
        let version = request.headers.get("stripe-version");
        assert_eq!(version.unwrap(), anyvendor_adapter_stripe::API_VERSION);
        let keyed = request.headers.contains_key("idempotency-key");
        assert_eq!(
            keyed,
            request.method == "POST",
            "{} {}",
            request.method,
            request.path
        );
    }
    assert!(
        requests
            .iter()
            .any(|request| request.headers.contains_key("stripe-account"))
    );
    // The version that the adapter names, and the newest, so that a move is no surprise.
    for version in [anyvendor_adapter_stripe::API_VERSION, "2026-10-28.endive"] {
        // Headers that docs.stripe.com/api describes for all operations: versioning, idempotent_requests, connected-accounts.
        let description = Description::default()
            .with_file(&format!("stripe/spec.{version}.requests-only.json"))
            .with_common_headers(&["idempotency-key", "stripe-account", "stripe-version"]);
        check("adapter-stripe", &description, &requests, 22);
    }
}

#[tokio::test]
#[ignore = "needs ANYVENDOR_SPECS"]
async fn sendgrid_takes_every_request() {
    // This is in none of the published files; the vendor describes it on the page "Retrieve your credit balance" of its Users API
    // (twilio.com/docs/sendgrid/api-reference/users-api/retrieve-your-credit-balance).
    let credits = json!({"paths": {"/v3/user/credits": {"get": {"parameters": [
        {"name": "on-behalf-of", "in": "header", "schema": {"type": "string"}},
    ]}}}});
    let description = Description::default()
        .with_file("sendgrid/validator-ready/tsg_mail_v3.json")
        .with_file("sendgrid/tsg_scheduled_sends_v3.json")
        .with(&credits);
    let mut requests = sendgrid::suite().await;
    requests.extend(sendgrid::everything().await);
    check("adapter-sendgrid", &description, &requests, 6);
}

#[tokio::test]
#[ignore = "needs ANYVENDOR_SPECS"]
async fn paypal_takes_every_request() {
    // The token endpoint is described only on "Get an access token" (developer.paypal.com/api/rest/authentication).
    let token = json!({"paths": {"/v1/oauth2/token": {"post": {"requestBody": {"required": true, "content": {
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["grant_type"], "properties": {
            "grant_type": {"type": "string", "enum": ["client_credentials"]},
        }}},
    }}}}}});
    // Newer than the published files of 2024: our id of a customer (the customer of PayPal's server SDKs, and "Save
    // payment methods" of its guides), and the type of token that makes a payment token of a setup token ("Create payment
    // token", developer.paypal.com/docs/api/payment-tokens/v3).
    let own_id = json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9a-zA-Z-_.^*$@#]+$"});
    let customer = "/components/schemas/customer/properties/merchant_customer_id";
    // Newer too: 3-D Secure of a card (developer.paypal.com/api/orders-v2/expanded/3d-secure, and PayPal's server SDKs).
    let verification = json!({"type": "object", "properties": {"method": {"type": "string",
        "enum": ["SCA_ALWAYS", "SCA_WHEN_REQUIRED", "3D_SECURE", "AVS_CVV"]}}});
    let token_types = "/components/schemas/token_id_request/properties/type/enum";
    let description = Description::default()
        .with_newer_file(
            "paypal/checkout_orders_v2.json",
            &[
                (customer, own_id.clone()),
                (
                    "/components/schemas/card_attributes/properties/verification",
                    verification,
                ),
            ],
        )
        .with_file("paypal/payments_payment_v2.json")
        .with_newer_file(
            "paypal/vault_payment_tokens_v3.json",
            &[
                (customer, own_id),
                (token_types, json!(["BILLING_AGREEMENT", "SETUP_TOKEN"])),
                // Not newer: the file names its fields but does not say that the type is an object.
                (
                    "/components/schemas/setup_token_request/properties/payment_source/type",
                    json!("object"),
                ),
            ],
        )
        .with_file("paypal/notifications_webhooks_v1.json")
        .with_file("paypal/validator-ready/reporting_transactions_v1.json")
        .with(&token)
        .with_basic_below(&["/v1/oauth2/token"])
        .with_common_headers(&[
            "paypal-request-id",
            "prefer",
            "paypal-partner-attribution-id",
            "paypal-client-metadata-id",
        ]);
    let mut requests = paypal::suite().await;
    requests.extend(paypal::everything().await);
    requests.extend(paypal::verification().await);
    // Tokens are requested by `anyvendor-http`, for any vendor.
    let is_token = |request: &Recorded| request.path == "/v1/oauth2/token";
    let (tokens, requests): (Vec<_>, Vec<_>) = requests.into_iter().partition(is_token);
    assert!(!tokens.is_empty());
    for token in tokens {
        description.judge(&token).unwrap();
    }
    check("adapter-paypal", &description, &requests, 18);
}

#[tokio::test]
#[ignore = "needs ANYVENDOR_SPECS"]
async fn twilio_takes_every_request() {
    let description = Description::default()
        .with_file("twilio/validator-ready/twilio_api_v2010.messages.json")
        .with_file("twilio/twilio_verify_v2.json")
        // The file says `date-time`, but its own text and the vendor's pages say `YYYY-MM-DD`.
        .with_dates(&["DateSent", "DateSent<", "DateSent>"])
        .with_basic_below(&["/"])
        .with_repeated_names();
    let mut requests = twilio::suite().await;
    requests.extend(twilio::everything().await);
    check("adapter-twilio", &description, &requests, 6);
}

/// Checks that no request is invalid, that every operation of the adapter was used, and that every spoiled copy is rejected.
fn check(adapter: &str, description: &Description, requests: &[Recorded], operations: usize) {
    let mut good: BTreeMap<String, Vec<&Recorded>> = BTreeMap::new();
    let mut invalid = BTreeSet::new();
    for request in requests {
        match description.judge(request) {
            Ok(operation) => good.entry(operation).or_default().push(request),
            Err(wrong) => invalid.extend(wrong),
        }
    }
    assert!(
        invalid.is_empty(),
        "{adapter} sends what the vendor does not describe: {invalid:#?}"
    );
    let exercised: BTreeSet<String> = good.keys().cloned().collect();
    let used = operations_of(adapter);
    let never: Vec<_> = used.difference(&exercised).collect();
    assert!(
        never.is_empty(),
        "operations of {adapter} that no test exercises: {never:?}"
    );
    assert_eq!(
        exercised, used,
        "{adapter} sends what none of its operations names"
    );
    assert_eq!(exercised.len(), operations, "{exercised:?}");
    let mut controls = 0;
    for (operation, requests) in &good {
        // One request per set of fields would be enough, but validating each distinct request is fast enough.
        let distinct: BTreeMap<_, _> = requests
            .iter()
            .map(|one| ((&one.query, &one.body), *one))
            .collect();
        let largest = distinct
            .values()
            .max_by_key(|one| one.query.len() + one.body.len())
            .unwrap();
        for (what, bad) in spoiled(largest) {
            assert!(
                description.judge(&bad).is_err(),
                "{operation}: {what} is not noticed"
            );
            controls += 1;
        }
    }
    println!(
        "{adapter}: {} requests of {} operations judged, 0 invalid, 0 operations never exercised, {controls} spoiled \
         requests refused",
        requests.len(),
        exercised.len()
    );
}

/// The operations in an adapter's source: a method, followed by a path.
fn operations_of(adapter: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates")
        .join(adapter)
        .join("src");
    let mut found = BTreeSet::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                // Tests contain requests that the adapter does not send.
                false if path.ends_with("tests.rs") => {}
                false => found.extend(operations_in(&std::fs::read_to_string(path).unwrap())),
            }
        }
    }
    found
}

fn operations_in(source: &str) -> Vec<String> {
    let after = source.split("&Method::").skip(1);
    after
        .filter_map(|rest| {
            let (method, rest) = rest.split_once(',')?;
            let path = rest.trim_start().strip_prefix('"')?.split('"').next()?;
            Some(format!("{method} {}", normal(path)))
        })
        .collect()
}

#[test]
fn operations_are_read_from_the_source() {
    let source = "operation(\n \"a.b\",\n &Method::PATCH,\n \"/v1/{id}/x\",\n Class::Safe)";
    assert_eq!(operations_in(source), ["PATCH /v1/{}/x"]);
    assert!(operations_in("method == &Method::GET").is_empty());
}

#[test]
fn the_judge_rejects_wrong_requests() {
    let description = Description::default().with(&json!({"paths": {
        "/v1/things": {"post": {"requestBody": {"required": true, "content": {
            "application/json": {"schema": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
            }}},
        }}}},
        "/v1/things/{id}": {"get": {"parameters": [
            {"name": "id", "in": "path", "schema": {"type": "string", "maxLength": 4}},
            {"name": "limit", "in": "query", "required": true, "schema": {"type": "integer"}},
        ]}},
    }}));
    let request = |method: &str, path: &str, query: &str, body: &'static str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("authorization", "Bearer x".parse().unwrap());
        if !body.is_empty() {
            headers.insert("content-type", "application/json".parse().unwrap());
        }
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        Recorded {
            method,
            path,
            query,
            headers,
            body: body.as_bytes().into(),
        }
    };
    let good = [
        request("POST", "/v1/things", "", r#"{"name": "a", "tags": ["b"]}"#),
        request("GET", "/v1/things/7", "limit=5", ""),
    ];
    for good in &good {
        description.judge(good).unwrap();
        let spoiled = spoiled(good);
        assert!(spoiled.len() >= 6);
        for (what, bad) in spoiled {
            assert!(description.judge(&bad).is_err(), "{what}");
        }
    }
    let mut header = good[1].clone();
    header
        .headers
        .insert("on-behalf-of", "sub".parse().unwrap());
    for bad in [
        request("GET", "/v1/things/7", "", ""),
        request("GET", "/v1/things/12345", "limit=5", ""),
        request("GET", "/v1/things/7/8", "limit=5", ""),
        request("POST", "/v1/things", "", ""),
        header,
    ] {
        assert!(description.judge(&bad).is_err(), "{bad:?}");
    }
}
