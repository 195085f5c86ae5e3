//! What PayPal's emulator posts: an event for each thing that happens, signed as PayPal signs.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use anyvendor_sandbox::{Sandbox, Vendor, WebhookDelivery, WebhookPlan};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use reqwest::Method;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use serde_json::{Value, json};
use support::paypal::{DAY, Pay, card, money, wallet};
use support::receiver::{Received, Receiver};

/// A sandbox that posts PayPal's events to a receiver.
async fn posting(plan: WebhookPlan) -> (Receiver, Pay) {
    let receiver = Receiver::new().await;
    let pay = Pay::with(Sandbox::builder().webhooks(plan)).await;
    pay.sandbox().send_all_webhooks(&receiver.url).unwrap();
    (receiver, pay)
}

/// Whether the signature is valid: a chain to the sandbox's root, and RSA by its leaf over the transmission.
async fn is_paypals(pay: &Pay, received: &Received) -> bool {
    let header = |name| received.header(name);
    assert_eq!(header("paypal-auth-algo"), "SHA256withRSA");
    let url = header("paypal-cert-url");
    assert!(url.starts_with(pay.sandbox().paypal().url()), "{url}");
    let chain = pay.lab.client.get(url).send().await.unwrap();
    let chain = chain.bytes().await.unwrap();
    let chain = CertificateDer::pem_slice_iter(&chain).map(Result::unwrap);
    let chain: Vec<_> = chain.collect();
    let root = pay.sandbox().paypal().root_certificate();
    let root = CertificateDer::from_pem_slice(root.as_bytes()).unwrap();
    let (leaf, others) = chain.split_first().unwrap();
    let leaf = webpki::EndEntityCert::try_from(leaf).unwrap();
    let sent: Timestamp = header("paypal-transmission-time").parse().unwrap();
    let seconds = sent.as_second().try_into().unwrap();
    leaf.verify_for_usage(
        &[webpki::ring::RSA_PKCS1_2048_8192_SHA256],
        &[webpki::anchor_from_trusted_cert(&root).unwrap()],
        others,
        UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
        webpki::KeyUsage::server_auth(),
        None,
        None,
    )
    .unwrap();
    let name = "messageverificationcerts.sandbox.paypal.com";
    let name = ServerName::try_from(name).unwrap();
    leaf.verify_is_valid_for_subject_name(&name).unwrap();
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &received.body);
    let text = [
        header("paypal-transmission-id"),
        header("paypal-transmission-time"),
        pay.sandbox().paypal().webhook_id(),
        &crc.to_string(),
    ]
    .join("|");
    let bytes = BASE64_STANDARD.decode(header("paypal-transmission-sig"));
    let algorithm = webpki::ring::RSA_PKCS1_2048_8192_SHA256;
    leaf.verify_signature(algorithm, text.as_bytes(), &bytes.unwrap())
        .is_ok()
}

/// The deliveries since the previous call, in the order of their events.
fn delivered(pay: &Pay, already: &mut usize) -> Vec<WebhookDelivery> {
    let all = pay.sandbox().webhooks();
    let new = all[*already..].to_vec();
    *already = all.len();
    new
}

fn names(deliveries: &[WebhookDelivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| &*delivery.event).collect()
}

fn resource(delivery: &WebhookDelivery) -> Value {
    let event: Value = serde_json::from_slice(&delivery.body).unwrap();
    assert_eq!(event["event_type"], *delivery.event);
    event["resource"].clone()
}

/// The URL of the link with this relation.
fn link(resource: &Value, rel: &str) -> String {
    let links = resource["links"].as_array().unwrap();
    let found = links.iter().find(|link| link["rel"] == rel).unwrap();
    found["href"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_event_is_signed_and_in_its_envelope() {
    let (receiver, pay) = posting(WebhookPlan::none()).await;
    let (order, capture) = pay.captured("k1", &wallet("CAPTURE")).await;
    pay.sandbox().webhooks_settled().await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 3);
    for received in &seen {
        assert_eq!(received.target, "/webhooks/paypal");
        assert_eq!(received.header("content-type"), "application/json");
        assert_eq!(received.header("paypal-auth-version"), "v2");
        assert!(is_paypals(&pay, received).await);
        let id = received.header("paypal-transmission-id");
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
    }
    let id = pay.sandbox().paypal().webhook_id();
    let is_of_an_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    assert!(id.len() == 17 && id.chars().all(is_of_an_id), "{id}");

    let mut events = seen.iter().map(Received::json);
    let event = events.find(|event| event["event_type"] == "PAYMENT.CAPTURE.COMPLETED");
    let event = event.unwrap();
    let id = event["id"].as_str().unwrap();
    assert!(id.starts_with("WH-") && id.len() == 38, "{id}");
    assert_eq!(event["resource_type"], "capture");
    assert_eq!(event["resource_version"], "2.0");
    assert_eq!(event["event_version"], "1.0");
    assert_eq!(event["summary"], "Payment completed for $ 10.0 USD");
    let made: Timestamp = event["create_time"].as_str().unwrap().parse().unwrap();
    assert_eq!(made.subsec_nanosecond() % 1_000_000, 0);
    let base = pay.sandbox().paypal().url();
    let own = format!("{base}/v1/notifications/webhooks-events/{id}");
    assert_eq!(link(&event, "self"), own);
    assert_eq!(link(&event, "resend"), format!("{own}/resend"));

    let resource = &event["resource"];
    let read = pay.get(&format!("/v2/payments/captures/{capture}")).await;
    assert_eq!(*resource, read.json);
    assert_eq!(
        resource["supplementary_data"]["related_ids"]["order_id"],
        *order
    );
    assert_eq!(
        (&resource["invoice_id"], &resource["custom_id"]),
        (&json!("inv-1"), &json!("pay_1"))
    );
}

#[tokio::test]
async fn an_approved_order_is_reported_and_paid() {
    let (_receiver, pay) = posting(WebhookPlan::none()).await;
    let mut seen = 0;
    let order = pay.order("k1", &wallet("CAPTURE")).await.id();
    assert_eq!(names(&delivered(&pay, &mut seen)), Vec::<&str>::new());
    pay.payer(&order, "approve").await;
    let approved = delivered(&pay, &mut seen);
    assert_eq!(names(&approved), ["CHECKOUT.ORDER.APPROVED"]);
    let told_of = resource(&approved[0]);
    assert_eq!(told_of["id"], *order);
    assert_eq!(told_of["status"], "APPROVED");
    let path = format!("/v2/checkout/orders/{order}/capture");
    for _ in 0..3 {
        pay.post("k2", &path, &json!({})).await;
    }
    let paid = delivered(&pay, &mut seen);
    assert_eq!(
        names(&paid),
        ["PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.COMPLETED"]
    );
    assert_eq!(resource(&paid[1])["status"], "COMPLETED");

    // An e-check settles when the capture is read.
    let mut waits = wallet("CAPTURE");
    waits["purchase_units"][0]["invoice_id"] = json!("inv-2");
    let order = pay.order("k3", &waits).await.id();
    pay.payer(&order, "pending").await;
    let path = format!("/v2/checkout/orders/{order}/capture");
    let paid = pay.post("k4", &path, &json!({})).await;
    let capture = &paid.json["purchase_units"][0]["payments"]["captures"][0]["id"];
    let path = format!("/v2/payments/captures/{}", capture.as_str().unwrap());
    pay.get(&path).await;
    pay.get(&path).await;
    let all = delivered(&pay, &mut seen);
    let expected = [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.PENDING",
        "CHECKOUT.ORDER.COMPLETED",
        "PAYMENT.CAPTURE.COMPLETED",
    ];
    assert_eq!(names(&all), expected);
    assert_eq!(resource(&all[1])["status_details"]["reason"], "ECHECK");
}

#[tokio::test]
async fn declines_are_reported() {
    let (_receiver, pay) = posting(WebhookPlan::none()).await;
    let mut seen = 0;
    let declined = pay.order("k1", &card("CAPTURE", "CCREJECT-EC")).await;
    assert_eq!(declined.status, 201);
    let all = delivered(&pay, &mut seen);
    assert_eq!(
        names(&all),
        ["PAYMENT.CAPTURE.DECLINED", "CHECKOUT.ORDER.COMPLETED"]
    );
    let capture = resource(&all[0]);
    assert_eq!(capture["status"], "DECLINED");
    assert_eq!(capture["processor_response"]["response_code"], "5400");

    // There is no event for a declined authorization.
    pay.order("k2", &card("AUTHORIZE", "CCREJECT-EC")).await;
    let all = delivered(&pay, &mut seen);
    assert_eq!(names(&all), ["CHECKOUT.ORDER.COMPLETED"]);

    // An order whose payment fails causes no event.
    let order = pay.order("k3", &wallet("CAPTURE")).await.id();
    pay.payer(&order, "decline_funding").await;
    let path = format!("/v2/checkout/orders/{order}/capture");
    assert_eq!(pay.post("k4", &path, &json!({})).await.status, 422);
    let all = delivered(&pay, &mut seen);
    assert_eq!(names(&all), ["CHECKOUT.ORDER.APPROVED"]);
}

#[tokio::test]
async fn an_authorization_is_reported_until_it_ends() {
    let (_receiver, mut pay) = posting(WebhookPlan::none()).await;
    let mut seen = 0;
    let (order, auth) = pay.authorized("k1", &wallet("AUTHORIZE")).await;
    let all = delivered(&pay, &mut seen);
    let expected = [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.AUTHORIZATION.CREATED",
        "CHECKOUT.ORDER.COMPLETED",
    ];
    assert_eq!(names(&all), expected);
    assert_eq!(resource(&all[1])["id"], *auth);

    let path = format!("/v2/payments/authorizations/{auth}");
    for (key, value) in [("k2", "4.00"), ("k3", "5.00")] {
        let part = json!({"amount": money("USD", value)});
        pay.post(key, &format!("{path}/capture"), &part).await;
    }
    pay.post("k4", &format!("{path}/void"), &json!({})).await;
    pay.post("k4", &format!("{path}/void"), &json!({})).await;
    let all = delivered(&pay, &mut seen);
    let expected = [
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.AUTHORIZATION.VOIDED",
    ];
    assert_eq!(names(&all), expected);
    let second = resource(&all[1]);
    assert_eq!(second["amount"], money("USD", "5.00"));
    assert_eq!(
        second["supplementary_data"]["related_ids"],
        json!({"order_id": order, "authorization_id": auth})
    );
    let voided = resource(&all[2]);
    assert_eq!(voided["id"], *auth);
    assert_eq!(voided["status"], "VOIDED");

    // A new authorization is made of the older one. Each ends by itself.
    let mut again = wallet("AUTHORIZE");
    again["purchase_units"][0]["invoice_id"] = json!("inv-2");
    let (_, old) = pay.authorized("k5", &again).await;
    delivered(&pay, &mut seen);
    let path = format!("/v2/payments/authorizations/{old}/reauthorize");
    pay.later(3 * DAY).await;
    let new = pay.post("k6", &path, &json!({})).await.id();
    assert!(pay.sandbox().paypal().state().expire(&old));
    for _ in 0..2 {
        assert!(pay.sandbox().paypal().state().expire(&new));
    }
    let all = delivered(&pay, &mut seen);
    let expected = [
        ("PAYMENT.AUTHORIZATION.CREATED", &new, "CREATED"),
        ("PAYMENT.AUTHORIZATION.VOIDED", &old, "VOIDED"),
        ("PAYMENT.AUTHORIZATION.VOIDED", &new, "VOIDED"),
    ];
    assert_eq!(all.len(), expected.len());
    for (delivery, (name, id, status)) in all.iter().zip(expected) {
        let resource = resource(delivery);
        assert_eq!(
            (&*delivery.event, &resource["id"], &resource["status"]),
            (name, &json!(id), &json!(status))
        );
    }
}

#[tokio::test]
async fn refunds_are_reported_one_by_one() {
    let (_receiver, pay) = posting(WebhookPlan::none()).await;
    let (_, capture) = pay.captured("k1", &wallet("CAPTURE")).await;
    let mut seen = pay.sandbox().webhooks().len();
    let path = format!("/v2/payments/captures/{capture}/refund");
    let part = json!({"amount": money("USD", "2.50")});
    let first = pay.post("k2", &path, &part).await.id();
    let rest = pay.post("k3", &path, &json!({})).await.id();
    assert_eq!(pay.post("k4", &path, &json!({})).await.status, 422);
    let all = delivered(&pay, &mut seen);
    assert_eq!(names(&all), ["PAYMENT.CAPTURE.REFUNDED"; 2]);
    for (delivery, id, value) in [(&all[0], first, "2.50"), (&all[1], rest, "7.50")] {
        let refund = resource(delivery);
        assert_eq!(
            (&refund["id"], &refund["amount"]),
            (&json!(id), &money("USD", value))
        );
        assert!(link(&refund, "up").ends_with(&format!("/v2/payments/captures/{capture}")));
    }
}

#[tokio::test]
async fn an_unused_approval_is_reported() {
    let (_receiver, pay) = posting(WebhookPlan::none()).await;
    let open = pay.order("k1", &wallet("CAPTURE")).await.id();
    let order = pay.approved("k2", &wallet("CAPTURE")).await;
    let mut seen = pay.sandbox().webhooks().len();
    for id in [&open, &order, &order] {
        let path = format!("/_sandbox/paypal/expire/{id}");
        let response = pay.lab.control(Method::POST, &path, None).await;
        assert_eq!(response.status, 200);
    }
    let all = delivered(&pay, &mut seen);
    assert_eq!(names(&all), ["CHECKOUT.PAYMENT-APPROVAL.REVERSED"]);
    let reversed = resource(&all[0]);
    assert_eq!(reversed["order_id"], *order);
    assert_eq!(
        reversed["purchase_units"],
        json!([{"reference_id": "default", "custom_id": "pay_1", "invoice_id": "inv-1"}])
    );
    assert!(reversed["payment_source"]["paypal"].is_object());
}

#[tokio::test]
async fn saved_sources_are_reported() {
    let (_receiver, pay) = posting(WebhookPlan::none()).await;
    let mut seen = 0;
    let source =
        json!({"payment_source": {"card": {"number": "4012888888881881", "expiry": "2035-01"}}});
    let token = pay.post("k1", "/v3/vault/payment-tokens", &source).await;
    let mut keeping = wallet("CAPTURE");
    keeping["payment_source"]["paypal"]["attributes"] =
        json!({"vault": {"store_in_vault": "ON_SUCCESS"}});
    pay.captured("k2", &keeping).await;
    let path = format!("/v3/vault/payment-tokens/{}", token.id());
    pay.call(Method::DELETE, &path, &[], None).await;
    pay.call(Method::DELETE, &path, &[], None).await;
    let all = delivered(&pay, &mut seen);
    let expected = [
        "VAULT.PAYMENT-TOKEN.CREATED",
        "CHECKOUT.ORDER.APPROVED",
        "VAULT.PAYMENT-TOKEN.CREATED",
        "PAYMENT.CAPTURE.COMPLETED",
        "CHECKOUT.ORDER.COMPLETED",
        "VAULT.PAYMENT-TOKEN.DELETED",
    ];
    assert_eq!(names(&all), expected);
    assert_eq!(resource(&all[0]), token.json);
    assert_eq!(resource(&all[5])["id"], *token.id());
    let event: Value = serde_json::from_slice(&all[0].body).unwrap();
    assert_eq!(event["resource_type"], "payment_token");
    assert_eq!(event["resource_version"], "3.0");
}

#[tokio::test]
async fn copies_share_their_event_and_others_do_not_verify() {
    let (receiver, pay) = posting(WebhookPlan::adversarial()).await;
    pay.approved("k1", &wallet("CAPTURE")).await;
    pay.sandbox().webhooks_settled().await;
    let all = pay.sandbox().webhooks();
    assert_eq!(all.len(), 4);
    let ids: BTreeSet<&str> = all.iter().map(|delivery| &*delivery.id).collect();
    assert_eq!(ids.len(), 1);
    let (mut good, mut transmissions) = (0, BTreeSet::new());
    for received in receiver.seen() {
        transmissions.insert(received.header("paypal-transmission-id").to_owned());
        assert_eq!(received.header("paypal-transmission-sig").len(), 344);
        good += usize::from(is_paypals(&pay, &received).await);
    }
    assert_eq!((good, transmissions.len()), (2, 4));
}

#[tokio::test]
async fn an_event_keeps_its_id_until_it_is_accepted() {
    let receiver = Receiver::responding(|before| if before < 3 { 503 } else { 200 }).await;
    let plan = WebhookPlan::none().speed(10_000_000);
    let pay = Pay::with(Sandbox::builder().webhooks(plan)).await;
    let url = format!("{}/here", receiver.url);
    pay.sandbox().send_webhooks(Vendor::PayPal, url).unwrap();
    pay.approved("k1", &wallet("CAPTURE")).await;
    pay.sandbox().webhooks_settled().await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 4);
    let mut transmissions = BTreeSet::new();
    for received in &seen {
        assert_eq!(received.body, seen[0].body);
        assert!(is_paypals(&pay, received).await);
        transmissions.insert(received.header("paypal-transmission-id"));
    }
    assert_eq!(transmissions.len(), 4);
}
