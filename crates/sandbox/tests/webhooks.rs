//! What the emulators post: signed as the vendors sign, tried again as they do, and wrong on demand.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

#[path = "webhooks/delivery.rs"]
mod delivery;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use anyvendor_sandbox::Vendor::Stripe;
use anyvendor_sandbox::{Sandbox, WebhookPlan, WebhookResponse, WebhookState};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use ring::hmac;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::{Value, json};
use support::Lab;
use support::receiver::{Received, Receiver};
use support::twilio::{TO, with};

/// A sandbox that posts everything to a receiver.
async fn posting(plan: WebhookPlan, receiver: &Receiver) -> Lab {
    let lab = Lab::with(Sandbox::builder().webhooks(plan)).await;
    lab.sandbox.send_all_webhooks(&receiver.url).unwrap();
    lab
}

/// A plan with time so fast that no test waits.
fn fast() -> WebhookPlan {
    WebhookPlan::none().speed(1_000_000)
}

/// Whether Stripe's signature over this body is valid.
fn is_stripes(lab: &Lab, received: &Received) -> bool {
    let header = received.header("stripe-signature");
    let parts: BTreeMap<_, _> = header
        .split(',')
        .map(|part| part.split_once('=').unwrap())
        .collect();
    let secret = lab.sandbox.stripe().webhook_secret();
    assert!(secret.starts_with("whsec_"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = [parts["t"].as_bytes(), b".", &received.body].concat();
    let mac = hmac::sign(&key, &signed);
    let hex: String = mac.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    parts["v1"] == hex
}

fn is_sendgrids(lab: &Lab, received: &Received) -> bool {
    let der = BASE64_STANDARD
        .decode(lab.sandbox.sendgrid().webhook_key())
        .unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &der[26..]);
    let header = |name| received.header(name);
    let time = header("x-twilio-email-event-webhook-timestamp");
    let signature = header("x-twilio-email-event-webhook-signature");
    let signed = [time.as_bytes(), &received.body].concat();
    key.verify(&signed, &BASE64_STANDARD.decode(signature).unwrap())
        .is_ok()
}

fn is_twilios(lab: &Lab, address: &str, received: &Received) -> bool {
    let mut fields: Vec<_> = url::form_urlencoded::parse(&received.body).collect();
    fields.sort();
    let mut text = format!("{address}{}", received.target);
    for (name, value) in fields {
        text += &name;
        text += &value;
    }
    let token = lab.sandbox.twilio().auth_token();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let mac = BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    received.header("x-twilio-signature") == mac
}

/// An email to this address; sender, subject and text are always the same.
fn email(to: &str) -> Value {
    json!({
        "personalizations": [{"to": [{"email": to}], "custom_args": {"ours": "r-1", "event": "no"}}],
        "from": {"email": "shop@example.com"}, "subject": "Hello", "categories": ["receipts"],
        "content": [{"type": "text/plain", "value": "Hello"}],
    })
}

#[tokio::test]
async fn every_event_of_stripe_is_posted_as_it_is_listed() {
    let receiver = Receiver::new().await;
    let lab = posting(fast(), &receiver).await;
    let paid = lab.pay("pm_card_visa", &[]).await;
    let intent = paid.id();
    lab.post(
        "/v1/refunds",
        &[("payment_intent", &intent), ("amount", "100")],
    )
    .await;
    lab.pay("pm_card_chargeDeclined", &[]).await;
    let account = [("stripe-account", "acct_other")];
    let form = [("email", "ada@example.com")];
    let connected = lab.stripe(Method::POST, "/v1/customers", &form, &account);
    assert_eq!(connected.await.unwrap().status, 200);
    lab.sandbox.webhooks_settled().await;
    let seen = receiver.seen();
    let posted: BTreeMap<String, Value> = seen
        .iter()
        .map(|received| {
            assert_eq!(received.target, "/webhooks/stripe");
            assert_eq!(
                received.header("content-type"),
                "application/json; charset=utf-8"
            );
            assert!(is_stripes(&lab, received));
            let event = received.json();
            (event["id"].as_str().unwrap().to_owned(), event)
        })
        .collect();
    assert_eq!(posted.len(), seen.len(), "each event is posted once");
    let listed = lab.get("/v1/events", &[("limit", "100")]).await;
    let listed = listed.json["data"].as_array().unwrap();
    assert!(listed.len() >= 7);
    for event in listed {
        let posted = &posted[event["id"].as_str().unwrap()];
        for field in ["type", "data", "created", "request", "api_version"] {
            assert_eq!(posted[field], event[field], "{field}");
        }
        assert_eq!(posted["account"], Value::Null);
    }
    let others: Vec<&Value> = posted
        .values()
        .filter(|e| e["account"].is_string())
        .collect();
    assert_eq!(others.len(), 1);
    assert_eq!(others[0]["account"], "acct_other");
    assert_eq!(others[0]["type"], "customer.created");
    for delivery in lab.sandbox.webhooks() {
        assert_eq!(delivery.state, WebhookState::Taken);
        assert_eq!(delivery.responses, [WebhookResponse::Status(200)]);
    }
}

#[tokio::test]
async fn email_events_come_in_signed_batches() {
    let receiver = Receiver::new().await;
    let lab = posting(WebhookPlan::none(), &receiver).await;
    for to in [
        "ada@example.com",
        "bounced@example.com",
        "clicked+1@example.com",
    ] {
        assert_eq!(lab.send(&email(to)).await.status, 202);
    }
    lab.sandbox.webhooks_settled().await;
    let mut events: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for received in receiver.seen() {
        assert!(is_sendgrids(&lab, &received));
        assert!(received.body.ends_with(b"\r\n"), "the line break is signed");
        for event in received.json().as_array().unwrap() {
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            assert_eq!(
                (event["ours"].as_str(), text("category")),
                (Some("r-1"), "receipts".into())
            );
            assert!(ids.insert(text("sg_event_id")));
            events.entry(text("email")).or_default().push(text("event"));
        }
    }
    assert_eq!(events["ada@example.com"], ["processed", "delivered"]);
    assert_eq!(events["bounced@example.com"], ["processed", "bounce"]);
    assert_eq!(
        events["clicked+1@example.com"],
        ["processed", "delivered", "open", "click"]
    );
}

#[tokio::test]
async fn a_full_batch_does_not_wait() {
    let receiver = Receiver::new().await;
    // At the vendor's speed the timer fires after 30 seconds.
    let lab = posting(WebhookPlan::none().speed(1), &receiver).await;
    let long = "x".repeat(9_000);
    for _ in 0..50 {
        let mut email = email("ada@example.com");
        email["personalizations"][0]["custom_args"]["ours"] = long.as_str().into();
        assert_eq!(lab.send(&email).await.status, 202);
    }
    while receiver.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    let first = receiver.seen().remove(0);
    assert!((700 * 1024..=768 * 1024 + 8).contains(&first.body.len()));
}

#[tokio::test]
async fn a_cancelled_email_causes_no_event() {
    let receiver = Receiver::new().await;
    let lab = posting(fast(), &receiver).await;
    let batch = lab
        .sendgrid(Method::POST, "/v3/mail/batch", Some(&json!({})))
        .await;
    let batch = batch.json["batch_id"].as_str().unwrap().to_owned();
    let body = json!({"batch_id": batch, "status": "cancel"});
    let held = lab
        .sendgrid(Method::POST, "/v3/user/scheduled_sends", Some(&body))
        .await;
    assert_eq!(held.status, 201);
    let mut email = email("ada@example.com");
    email["batch_id"] = batch.into();
    assert_eq!(lab.send(&email).await.status, 202);
    lab.sandbox.webhooks_settled().await;
    assert!(receiver.seen().is_empty());
}

#[tokio::test]
async fn a_message_with_a_callback_reports_its_progress() {
    let receiver = Receiver::new().await;
    let lab = posting(fast(), &receiver).await;
    let callback = format!("{}/hook?ours=a%27b&x='y'#rc=2&rp=all", receiver.url);
    let sent = lab.text(&with(&[("StatusCallback", &callback)])).await;
    let sid = support::twilio::sid(&sent);
    // This message cannot be delivered, and its callback reports that.
    let lost = [
        ("StatusCallback", callback.as_str()),
        ("To", "+15005553005"),
    ];
    let lost = support::twilio::sid(&lab.text(&with(&lost)).await);
    let inbound = lab.inbound(json!({"from": TO, "body": "STOP"})).await;
    assert_eq!(inbound.status, 200);
    lab.sandbox.webhooks_settled().await;
    let seen = receiver.seen();
    // Each callback has its own connection, so they can overtake each other.
    let statuses = |sid: &str| -> BTreeSet<String> {
        let own = seen
            .iter()
            .filter(|r| r.field("MessageSid").as_deref() == Some(sid));
        own.filter_map(|r| r.field("MessageStatus")).collect()
    };
    let words = |words: [&str; 3]| words.map(str::to_owned).into();
    assert_eq!(statuses(&sid), words(["sending", "sent", "delivered"]));
    assert_eq!(statuses(&lost), words(["sending", "sent", "undelivered"]));
    for received in &seen {
        assert!(is_twilios(&lab, &receiver.url, received), "{received:?}");
        assert_eq!(
            received.field("AccountSid").as_deref(),
            Some(lab.sandbox.twilio().account_sid())
        );
    }
    let inbound: Vec<_> = seen
        .iter()
        .filter(|r| r.target == "/webhooks/twilio")
        .collect();
    assert_eq!(inbound.len(), 1);
    assert_eq!(inbound[0].field("Body").as_deref(), Some("STOP"));
    assert_eq!(inbound[0].field("SmsStatus").as_deref(), Some("received"));
    let failed: Vec<_> = seen
        .iter()
        .filter(|r| r.field("ErrorCode").is_some())
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].field("ErrorCode").as_deref(), Some("30005"));
    assert_eq!(
        failed[0].target, "/hook?ours=a%27b&x='y'",
        "the callback URL is used as given"
    );
}

#[tokio::test]
async fn a_callback_elsewhere_is_not_called() {
    let lab = Lab::new().await;
    let callback = [("StatusCallback", "https://example.com/hook")];
    let sid = support::twilio::sid(&lab.text(&with(&callback)).await);
    lab.sandbox.webhooks_settled().await;
    assert!(lab.sandbox.webhooks().is_empty());
    assert_eq!(
        lab.read(&sid).await.json["status"],
        "sending",
        "the message advanced one step"
    );
    for url in ["https://127.0.0.1/", "http://example.com/"] {
        let refused = lab
            .sandbox
            .send_webhooks(Stripe, url.to_owned())
            .unwrap_err();
        assert!(
            refused.to_string().contains("this machine only"),
            "{refused}"
        );
    }
}
