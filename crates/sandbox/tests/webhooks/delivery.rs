//! When deliveries are retried, and the faults that a plan adds to them.

use std::time::Duration;

use anyvendor_sandbox::Vendor::{self, SendGrid, Stripe, Twilio};
use anyvendor_sandbox::{Sandbox, WebhookDelivery, WebhookKind, WebhookResponse, WebhookState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Lab;
use crate::support::receiver::{Received, Receiver};
use crate::support::twilio::TO;
use crate::{email, fast, is_sendgrids, is_stripes, is_twilios, posting};

fn of(all: &[WebhookDelivery], kind: WebhookKind) -> Vec<WebhookDelivery> {
    all.iter().filter(|d| d.kind == kind).cloned().collect()
}

#[tokio::test]
async fn a_failed_delivery_is_retried_as_often_as_the_vendor_documents() {
    for (vendor, tries) in [(Stripe, 4), (SendGrid, 10), (Twilio, 1)] {
        let receiver = Receiver::responding(|_| 503).await;
        let lab = posting(fast(), &receiver).await;
        act(&lab, vendor).await;
        lab.sandbox.webhooks_settled().await;
        let posted = lab.sandbox.webhooks();
        assert_eq!(posted.len(), 1);
        assert_eq!(posted[0].responses.len(), tries, "{vendor:?}");
        assert_eq!(posted[0].state, WebhookState::GivenUp);
        let seen = receiver.seen();
        assert_eq!(seen.len(), tries);
        assert!(
            seen.iter().all(|r| r.body == seen[0].body),
            "each attempt has the same body"
        );
    }
    // After an accepted attempt there are no more. Redirects are not followed.
    let receiver = Receiver::responding(|before| [302, 500, 204][before]).await;
    let lab = posting(fast(), &receiver).await;
    act(&lab, Stripe).await;
    lab.sandbox.webhooks_settled().await;
    let posted = lab.sandbox.webhooks();
    let responses = [302, 500, 204].map(WebhookResponse::Status);
    assert_eq!(
        (posted[0].state, &posted[0].responses[..]),
        (WebhookState::Taken, &responses[..])
    );
    // If no server listens, and only then, Twilio tries once more.
    let lab = Lab::with(Sandbox::builder().webhooks(fast())).await;
    let url = receiver.url.clone();
    drop(receiver);
    lab.sandbox.send_all_webhooks(&url).unwrap();
    act(&lab, Twilio).await;
    lab.sandbox.webhooks_settled().await;
    assert_eq!(
        lab.sandbox.webhooks()[0].responses,
        [WebhookResponse::NotConnected; 2]
    );
}

/// An action that causes one webhook of the vendor.
async fn act(lab: &Lab, vendor: Vendor) {
    let status = match vendor {
        Stripe => {
            lab.post("/v1/customers", &[("email", "ada@example.com")])
                .await
                .status
        }
        SendGrid => lab.send(&email("ada@example.com")).await.status,
        _ => {
            lab.inbound(json!({"from": TO, "body": "hello"}))
                .await
                .status
        }
    };
    assert!((200..300).contains(&status));
}

#[tokio::test]
async fn copies_forgeries_and_tampered_ones_come_with_the_genuine() {
    let receiver = Receiver::new().await;
    let plan = fast().duplicates(2).forge(true).tamper(true);
    let lab = posting(plan, &receiver).await;
    for vendor in [Stripe, SendGrid, Twilio] {
        act(&lab, vendor).await;
    }
    lab.sandbox.webhooks_settled().await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 3 * 5);
    for (path, good) in [
        (
            "/webhooks/stripe",
            is_stripes as fn(&Lab, &Received) -> bool,
        ),
        ("/webhooks/sendgrid", is_sendgrids),
    ] {
        let own: Vec<_> = seen.iter().filter(|r| r.target == path).collect();
        assert_eq!(own.iter().filter(|r| good(&lab, r)).count(), 3, "{path}");
    }
    let own: Vec<_> = seen
        .iter()
        .filter(|r| r.target == "/webhooks/twilio")
        .collect();
    let good = own.iter().filter(|r| is_twilios(&lab, &receiver.url, r));
    assert_eq!(good.count(), 3);
    let all = lab.sandbox.webhooks();
    for kind in [
        WebhookKind::Genuine,
        WebhookKind::Forged,
        WebhookKind::Tampered,
    ] {
        assert_eq!(of(&all, kind).len(), 3, "{kind:?}");
    }
    for copy in of(&all, WebhookKind::Duplicate) {
        let genuine = of(&all, WebhookKind::Genuine);
        assert!(
            genuine
                .iter()
                .any(|g| g.id == copy.id && g.body == copy.body)
        );
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the emulators run on the machine's time"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[tokio::test]
async fn deliveries_are_reordered_and_delayed() {
    let receiver = Receiver::new().await;
    let plan = fast().reorder(true).delay(Duration::from_millis(30));
    let lab = posting(plan, &receiver).await;
    let began = now();
    lab.pay("pm_card_visa", &[]).await;
    lab.sandbox.webhooks_settled().await;
    assert!(
        began.elapsed() >= Duration::from_millis(55),
        "held back and delayed"
    );
    let listed = lab.get("/v1/events", &[("limit", "100")]).await;
    let newest_first: Vec<_> = listed.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["id"].clone())
        .collect();
    let arrived: Vec<_> = receiver
        .seen()
        .iter()
        .map(|r| r.json()["id"].clone())
        .collect();
    assert!(arrived.len() > 2);
    assert_eq!(arrived, newest_first);
}

#[tokio::test]
async fn the_control_address_sets_and_shows() {
    let receiver = Receiver::new().await;
    let lab = Lab::new().await;
    let control = async |body: Value| {
        let path = "/_sandbox/webhooks";
        lab.control(Method::POST, path, Some(&body)).await
    };
    let set = control(json!({"all": receiver.url, "plan": "flaky"})).await;
    assert_eq!(set.json["plan"]["reorder"], true, "{}", set.text);
    assert_eq!(
        set.json["endpoints"]["twilio"],
        format!("{}/webhooks/twilio", receiver.url)
    );
    let none = json!({"endpoints": {"twilio": null}, "plan": {"speed": 1_000_000}});
    let set = control(none).await;
    assert_eq!(
        (
            &set.json["endpoints"]["twilio"],
            &set.json["plan"]["reorder"]
        ),
        (&Value::Null, &json!(false))
    );
    act(&lab, Stripe).await;
    act(&lab, Twilio).await;
    lab.sandbox.webhooks_settled().await;
    let shown = lab.control(Method::GET, "/_sandbox/webhooks", None).await;
    assert_eq!(shown.json.as_array().unwrap().len(), 1);
    let shown = &shown.json[0];
    assert_eq!(
        (
            &shown["event"],
            &shown["state"],
            &shown["kind"],
            &shown["responses"]
        ),
        (
            &json!("customer.created"),
            &json!("taken"),
            &json!("genuine"),
            &json!([{"status": 200}])
        )
    );
    for wrong in [
        json!({"all": "https://example.com"}),
        json!({"plan": "calm"}),
        json!({"plan": {"speeed": 1}}),
        json!({"endpoints": {"acme": null}}),
        json!("flaky"),
    ] {
        let refused = control(wrong).await;
        assert_eq!(refused.status, 400);
        assert!(refused.json["error"].as_str().unwrap().len() > 20);
    }
    lab.sandbox.reset();
    assert!(lab.sandbox.webhooks().is_empty());
    act(&lab, Stripe).await;
    lab.sandbox.webhooks_settled().await;
    assert_eq!(lab.sandbox.webhooks().len(), 1, "endpoints outlive a reset");
}
