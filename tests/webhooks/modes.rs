//! The mode of a configuration holds for what comes in, and an endpoint for connected accounts lists them.

use std::sync::{Arc, Mutex};

use anyvendor::{
    Bytes, Config, Vendors,
    http::{Request, StatusCode},
    webhooks::{Receiver, WebhookEvent},
};
use http_body_util::Full;

use super::stripe;

const SECRET: &str = "whsec_one";

/// The statuses of these events at `[webhooks.stripe]` with these settings, and the ids of those that reach the handler.
async fn received(mode: &str, settings: &str, events: &[&str]) -> (Vec<StatusCode>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, SECRET).unwrap();
    let text = format!(
        "mode = \"{mode}\"\n[webhooks.stripe]\nsecrets = [\"file:{}\"]\n{settings}\n",
        path.display()
    );
    let vendors = Vendors::connect(&Config::from_toml(&text).unwrap()).unwrap();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let receiver = Receiver::new(&vendors, move |event: WebhookEvent| {
        kept.lock().unwrap().push(event.id.unwrap().id().to_owned());
        async { Ok(()) }
    });
    let mut statuses = Vec::new();
    for (number, fields) in events.iter().enumerate() {
        let body = format!(
            r#"{{"id":"evt_{number}","object":"event",{fields},"type":"payment_intent.succeeded","data":{{"object":{{"id":"pi_1","amount":1,"currency":"eur","metadata":{{"anyvendor_reference":"order-1"}}}}}}}}"#
        );
        let (name, signature) = stripe(SECRET, &body);
        let request = Request::post("/webhooks/stripe")
            .header("content-type", "application/json")
            .header(name, signature)
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        statuses.push(receiver.receive("stripe", request).await.status());
    }
    let seen = seen.lock().unwrap().clone();
    (statuses, seen)
}

const LIVE: &str = r#""livemode":true"#;
const TEST: &str = r#""livemode":false"#;

#[tokio::test]
async fn sf03_a_test_event_is_no_money_in_live_mode() {
    for (mode, settings, seen) in [
        ("live", "", &["evt_0"][..]),
        ("sandbox", "", &["evt_1"]),
        ("live", "any_mode = false", &["evt_0"]),
        ("live", "any_mode = true", &["evt_0", "evt_1"]),
        ("sandbox", "any_mode = true", &["evt_0", "evt_1"]),
    ] {
        let (statuses, handed_on) = received(mode, settings, &[LIVE, TEST]).await;
        assert_eq!(statuses, [200, 200], "{mode} {settings}");
        assert_eq!(handed_on, seen, "{mode} {settings}");
    }
}

#[tokio::test]
async fn sf03_somebody_elses_account_is_not_ours() {
    let events = [
        r#""livemode":true"#,
        r#""livemode":true,"account":"acct_ours""#,
        r#""livemode":true,"account":"acct_theirs""#,
        r#""livemode":false,"account":"acct_ours""#,
    ];
    let (statuses, seen) = received("live", "accounts = [\"acct_ours\"]", &events).await;
    assert_eq!(statuses, [200; 4]);
    assert_eq!(seen, ["evt_0", "evt_1"]);
}

#[test]
fn sf03_the_settings_are_checked() {
    let schema = Config::json_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (vendor, settings, good) in [
        ("stripe", "any_mode = true", true),
        ("stripe", "any_mode = \"yes\"", false),
        ("stripe", "accounts = [\"acct_1\"]", true),
        ("stripe", "accounts = \"acct_1\"", false),
        ("other", "any_mode = true", true),
    ] {
        let secrets = if vendor == "stripe" {
            "secrets = [\"env:PATH\"]"
        } else {
            ""
        };
        let text = format!("mode = \"live\"\n[webhooks.{vendor}]\n{secrets}\n{settings}\n");
        let value: serde_json::Value = toml::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&value), good, "{text}");
    }
    let text = "mode = \"live\"\n[webhooks.stripe]\nany_mode = 1\n";
    let error = Config::from_toml(text).unwrap_err().to_string();
    assert!(error.contains("any_mode"), "{error}");
    let variable = |value: &str| {
        let text = "mode = \"live\"\n[webhooks.stripe]\nsecrets = [\"env:PATH\"]\n";
        let name = "ANYVENDOR_WEBHOOKS__STRIPE__ANY_MODE".to_owned();
        Config::from_toml_and(text, [(name, value.to_owned())])
    };
    let config = variable("true").unwrap();
    assert!(config.webhooks["stripe"].any_mode);
    assert!(variable("yes").is_err());
}

/// The receiver knows the path of a request alone: without the rest of the URL, every delivery would be rejected, and lost.
#[test]
fn sf05_twilios_public_url_is_asked_for_before_a_delivery_is_lost() {
    let text = "mode = \"live\"\n[webhooks.twilio]\nauth_tokens = [\"env:PATH\"]\n";
    let error = Vendors::connect(&Config::from_toml(text).unwrap()).unwrap_err();
    assert_eq!(error.field(), Some("public_url"), "{error}");
}
