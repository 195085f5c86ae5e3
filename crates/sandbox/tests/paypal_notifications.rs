//! PayPal's webhooks API: signatures checked online, certificates, events listed and resent.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod support;

use anyvendor_sandbox::{Sandbox, Vendor, WebhookPlan};
use reqwest::Method;
use serde_json::{Value, json};
use support::TestResponse;
use support::paypal::{Pay, issue, wallet};
use support::receiver::{Received, Receiver};

const CHECK: &str = "/v1/notifications/verify-webhook-signature";
const EVENTS: &str = "/v1/notifications/webhooks-events";

/// One approved order, and the events that were posted about it.
async fn approved(plan: WebhookPlan) -> (Pay, Receiver, Vec<Received>) {
    let receiver = Receiver::new().await;
    let pay = Pay::with(Sandbox::builder().webhooks(plan)).await;
    pay.sandbox().send_all_webhooks(&receiver.url).unwrap();
    pay.approved("k1", &wallet("CAPTURE")).await;
    pay.sandbox().webhooks_settled().await;
    let seen = receiver.seen();
    (pay, receiver, seen)
}

/// The verification request for a delivery, without the event.
fn verification(pay: &Pay, received: &Received) -> Value {
    json!({
        "auth_algo": received.header("paypal-auth-algo"),
        "cert_url": received.header("paypal-cert-url"),
        "transmission_id": received.header("paypal-transmission-id"),
        "transmission_sig": received.header("paypal-transmission-sig"),
        "transmission_time": received.header("paypal-transmission-time"),
        "webhook_id": pay.sandbox().paypal().webhook_id(),
    })
}

/// Sends the verification request with exactly these bytes as the event.
async fn verify(pay: &Pay, verification: &Value, event: &str) -> TestResponse {
    let verification = verification.to_string();
    let verification = verification.strip_suffix('}').unwrap();
    let url = format!("{}{CHECK}", pay.sandbox().paypal().url());
    let request = pay.lab.client.post(url).bearer_auth(&pay.token);
    let request = request
        .header("content-type", "application/json")
        .body(format!("{verification}, \"webhook_event\" : {event} }}"));
    TestResponse::read(request.send().await.unwrap())
        .await
        .unwrap()
}

fn status(response: &TestResponse) -> &str {
    assert_eq!(response.status, 200, "{}", response.text);
    response.json["verification_status"].as_str().unwrap()
}

fn text(received: &Received) -> &str {
    std::str::from_utf8(&received.body).unwrap()
}

#[tokio::test]
async fn a_signature_is_checked_over_the_received_bytes() {
    let (pay, _receiver, seen) = approved(WebhookPlan::none()).await;
    let received = &seen[0];
    let good = verification(&pay, received);
    assert_eq!(
        status(&verify(&pay, &good, text(received)).await),
        "SUCCESS"
    );
    let rewritten = [
        format!("{:#}", received.json()),
        text(received).replacen("{\"", "{ \"", 1),
        text(received).replacen("APPROVED", "\\u0041PPROVED", 1),
        "{}".to_owned(),
    ];
    for event in rewritten {
        assert_eq!(status(&verify(&pay, &good, &event).await), "FAILURE");
    }
    let other = "2020-01-01T00:00:00Z";
    for (name, value) in [
        ("auth_algo", "SHA1withRSA"),
        (
            "cert_url",
            "https://api.paypal.com/v1/notifications/certs/CERT-1",
        ),
        ("transmission_id", "69cd13f0-d67a-11e5-baa3-778b53f4ae55"),
        ("transmission_sig", "no base64"),
        ("transmission_sig", "AAAA"),
        ("transmission_time", other),
        ("webhook_id", "1JE4291016473214C"),
        ("webhook_id", "WEBHOOK_ID"),
    ] {
        let mut bad = good.clone();
        bad[name] = json!(value);
        let response = verify(&pay, &bad, text(received)).await;
        assert_eq!(status(&response), "FAILURE", "{name}");
    }
}

#[tokio::test]
async fn only_genuine_deliveries_succeed() {
    let (pay, _receiver, seen) = approved(WebhookPlan::adversarial()).await;
    let mut good = 0;
    for received in &seen {
        let response = verify(&pay, &verification(&pay, received), text(received)).await;
        good += usize::from(status(&response) == "SUCCESS");
    }
    assert_eq!((good, seen.len()), (2, 4));
}

#[tokio::test]
async fn a_verification_request_has_limits() {
    let (pay, _receiver, seen) = approved(WebhookPlan::none()).await;
    let good = verification(&pay, &seen[0]);
    let event = text(&seen[0]);
    for (name, most) in [
        ("auth_algo", 100),
        ("cert_url", 500),
        ("transmission_id", 50),
        ("transmission_sig", 500),
        ("transmission_time", 100),
        ("webhook_id", 50),
    ] {
        let mut changed = good.clone();
        changed[name] = json!("A".repeat(most));
        assert_eq!(
            status(&verify(&pay, &changed, event).await),
            "FAILURE",
            "{name}"
        );
        for (value, expected) in [
            (json!("A".repeat(most + 1)), "INVALID_STRING_LENGTH"),
            (json!(1), "INVALID_PARAMETER_SYNTAX"),
            (json!(null), "MISSING_REQUIRED_PARAMETER"),
        ] {
            changed[name] = value;
            let response = verify(&pay, &changed, event).await;
            assert_eq!(issue(&response), (400, expected), "{name}");
            assert_eq!(response.json["details"][0]["field"], format!("/{name}"));
        }
    }
    for (event, expected) in [
        ("null", "MISSING_REQUIRED_PARAMETER"),
        ("\"{}\"", "INVALID_PARAMETER_SYNTAX"),
        ("{", "MALFORMED_REQUEST_JSON"),
    ] {
        assert_eq!(issue(&verify(&pay, &good, event).await), (400, expected));
    }
    pay.sandbox().paypal().state().revoke_token();
    assert_eq!(verify(&pay, &good, event).await.status, 401);
}

#[tokio::test]
async fn certificates_need_no_token() {
    let (pay, _receiver, seen) = approved(WebhookPlan::none()).await;
    let get = async |url: &str| {
        let response = pay.lab.client.get(url).send().await.unwrap();
        TestResponse::read(response).await.unwrap()
    };
    let url = seen[0].header("paypal-cert-url");
    let chain = get(url).await;
    assert_eq!(chain.status, 200);
    assert_eq!(chain.text.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(
        chain
            .text
            .ends_with(pay.sandbox().paypal().root_certificate())
    );
    let other = get(&format!("{url}0")).await;
    assert_eq!(
        (other.status, &other.json["name"]),
        (404, &json!("RESOURCE_NOT_FOUND"))
    );
}

#[tokio::test]
async fn events_are_listed_and_filtered() {
    // No receiver listens, but the account still keeps its events.
    let pay = Pay::new().await;
    let (_, capture) = pay.captured("k0", &wallet("CAPTURE")).await;
    for number in 1..=8 {
        pay.approved(&format!("k{number}"), &wallet("CAPTURE"))
            .await;
    }
    let list = async |query: &str| {
        let response = pay.get(&format!("{EVENTS}{query}")).await;
        assert_eq!(response.status, 200, "{}", response.text);
        let events = response.json["events"].as_array().unwrap().clone();
        assert_eq!(response.json["count"], events.len());
        events
    };
    let all = list("?page_size=100").await;
    assert_eq!(all.len(), 11);
    let times: Vec<&str> = all
        .iter()
        .map(|e| e["create_time"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|later, sooner| later >= sooner));
    assert_eq!(list("").await, all[..10]);
    assert_eq!(list("?page_size=3").await, all[..3]);
    let about = list(&format!("?transaction_id={capture}")).await;
    assert_eq!(about.len(), 1);
    assert_eq!(about[0]["event_type"], "PAYMENT.CAPTURE.COMPLETED");
    let approved = list("?event_type=CHECKOUT.ORDER.APPROVED&page_size=50").await;
    assert_eq!(approved.len(), 9);
    let path = "?start_time=2000-01-01T00:00:00Z&end_time=2001-01-01T00:00:00Z";
    assert_eq!(list(path).await, Vec::<Value>::new());
    let time = all[4]["create_time"].as_str().unwrap();
    let until = list(&format!("?end_time={time}&page_size=50")).await;
    assert!(until.contains(&all[4]));
    let since = list("?start_time=2000-01-01T00:00:00Z&page_size=50").await;
    assert_eq!(since, all);

    let id = all[4]["id"].as_str().unwrap().to_owned();
    let one = pay.get(&format!("{EVENTS}/{id}")).await;
    assert_eq!((one.status, &one.json), (200, &all[4]));
    for query in ["?page_size=0", "?page_size=x", "?start_time=yesterday"] {
        assert_eq!(pay.get(&format!("{EVENTS}{query}")).await.status, 400);
    }
    let none = pay.get(&format!("{EVENTS}/WH-1")).await;
    assert_eq!(issue(&none), (404, "INVALID_RESOURCE_ID"));

    let shown = pay
        .lab
        .control(Method::GET, "/_sandbox/paypal/events", None);
    let oldest_first: Vec<Value> = all.into_iter().rev().collect();
    assert_eq!(shown.await.json, Value::Array(oldest_first));
    pay.sandbox().reset();
    assert_eq!(pay.get(&format!("{EVENTS}/{id}")).await.status, 401);
    let shown = pay
        .lab
        .control(Method::GET, "/_sandbox/paypal/events", None);
    assert_eq!(shown.await.json, json!([]));
}

#[tokio::test]
async fn an_event_is_sent_again() {
    let (pay, receiver, seen) = approved(WebhookPlan::none()).await;
    let id = seen[0].json()["id"].as_str().unwrap().to_owned();
    let path = format!("{EVENTS}/{id}/resend");
    let own = pay.sandbox().paypal().webhook_id();
    for (body, expected) in [
        (json!({}), 2),
        (json!({"webhook_ids": [own]}), 3),
        (json!({"webhook_ids": ["1JE4291016473214C"]}), 3),
        (json!({"webhook_ids": []}), 4),
    ] {
        // A request id makes no difference.
        let response = pay.post("k9", &path, &body).await;
        assert_eq!((response.status, &response.json["id"]), (202, &json!(id)));
        pay.sandbox().webhooks_settled().await;
        assert_eq!(receiver.seen().len(), expected);
    }
    let again = receiver.seen();
    assert_eq!(again[3].body, seen[0].body);
    let response = verify(&pay, &verification(&pay, &again[3]), text(&again[3])).await;
    assert_eq!(status(&response), "SUCCESS");

    let many = json!({"webhook_ids": vec![own; 501]});
    for (path, body, expected) in [
        (path.clone(), many, (400, "INVALID_ARRAY_MAX_ITEMS")),
        (
            path,
            json!({"webhook_ids": own}),
            (400, "INVALID_PARAMETER_SYNTAX"),
        ),
        (
            format!("{EVENTS}/WH-1/resend"),
            json!({}),
            (404, "INVALID_RESOURCE_ID"),
        ),
    ] {
        assert_eq!(issue(&pay.post("k10", &path, &body).await), expected);
    }
}

#[tokio::test]
async fn an_event_in_flight_is_not_sent_again() {
    let receiver = Receiver::responding(|_| 500).await;
    let pay = Pay::with(Sandbox::builder().webhooks(WebhookPlan::none().speed(1))).await;
    let url = receiver.url.clone();
    pay.sandbox().send_webhooks(Vendor::PayPal, url).unwrap();
    pay.approved("k1", &wallet("CAPTURE")).await;
    let id = pay.sandbox().webhooks()[0].id.clone();
    let response = pay
        .post("k2", &format!("{EVENTS}/{id}/resend"), &json!({}))
        .await;
    assert_eq!(response.status, 202);
    assert_eq!(pay.sandbox().webhooks().len(), 1);
}

#[tokio::test]
async fn the_sandbox_shows_the_keys_that_verify_signatures() {
    let pay = Pay::with(Sandbox::builder().seed(7)).await;
    let about = pay.lab.control(Method::GET, "/_sandbox", None).await;
    let shown = &about.json["paypal"];
    assert_eq!(shown["webhook_id"], pay.sandbox().paypal().webhook_id());
    let root = pay.sandbox().paypal().root_certificate();
    assert_eq!(shown["root_certificate"], root);
    let (same, other) = (Sandbox::builder().seed(7), Sandbox::builder());
    let (same, other) = (same.start().await.unwrap(), other.start().await.unwrap());
    assert_eq!(
        same.paypal().webhook_id(),
        pay.sandbox().paypal().webhook_id()
    );
    assert_ne!(other.paypal().webhook_id(), same.paypal().webhook_id());
}
