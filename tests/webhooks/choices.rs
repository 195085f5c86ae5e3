//! Choices of a configuration: how PayPal's deliveries are verified, and inbound email instead of events.

use anyvendor::{
    Config, Vendors,
    webhooks::{DEFAULT_MAX_BODY, Event, WebhookError},
};
use anyvendor_conformance::SignedDelivery;
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{EMAIL, LONGEST, PAIR, post, server};

fn connect(mode: &str, table: &str) -> Result<(), String> {
    let text = format!("mode = \"{mode}\"\n{table}\n");
    let connected = Config::from_toml(&text).and_then(|config| Vendors::connect(&config).map(drop));
    connected.map_err(|error| error.to_string())
}

/// PayPal's table. Two variables that are set wherever tests run serve as the credentials.
fn paypal(more: &str) -> String {
    let credentials = "client_id = \"env:PATH\"\nclient_secret = \"env:CARGO_MANIFEST_DIR\"";
    let online = format!("verification = \"online\"\n{credentials}");
    format!(
        "[webhooks.paypal]\nwebhook_ids = [\"8AB\"]\n{}",
        more.replace("ONLINE", &online)
    )
}

#[test]
fn paypal_is_asked_if_the_file_says_so() {
    let emulator = "base_url = \"http://127.0.0.1:9\"";
    for (mode, more) in [
        ("sandbox", "ONLINE"),
        ("live", "ONLINE"),
        ("sandbox", "ONLINE\nenvironment = \"sandbox\""),
        ("live", "ONLINE\nenvironment = \"live\""),
        ("live", "verification = \"offline\"\nenvironment = \"live\""),
        ("sandbox", &format!("ONLINE\n{emulator}")),
        ("sandbox", emulator),
        (
            "live",
            &format!("{emulator}\nallow_private_addresses = true"),
        ),
    ] {
        connect(mode, &paypal(more)).unwrap_or_else(|error| panic!("{mode} {more}: {error}"));
    }
}

#[test]
fn invalid_choices_are_named() {
    let roots = "base_url = \"https://emulator.example\"\nroot_certificates = \"canary\"";
    for (mode, more, words) in [
        (
            "sandbox",
            "verification = \"online\"",
            "client_id: is needed",
        ),
        (
            "sandbox",
            "verification = \"online\"\nclient_id = \"env:PATH\"",
            "client_secret: is needed",
        ),
        ("sandbox", "verification = \"none\"", "verification"),
        (
            "sandbox",
            "client_id = \"env:PATH\"",
            "client_id: is used only if",
        ),
        (
            "sandbox",
            "verificaton = \"online\"",
            "did you mean `verification`?",
        ),
        (
            "sandbox",
            "ONLINE\nenvironment = \"live\"",
            "[webhooks.paypal] environment: a live key while mode is sandbox",
        ),
        (
            "live",
            "ONLINE\nenvironment = \"sandbox\"",
            "[webhooks.paypal] environment: a test key while mode is live",
        ),
        ("live", "environment = \"sandbox\"", "while mode is live"),
        ("live", "base_url = \"http://127.0.0.1:9\"", "base_url"),
        ("live", roots, "[webhooks.paypal] root_certificates"),
        ("sandbox", roots, "root_certificates: must be certificates"),
        (
            "sandbox",
            "root_certificates = \"canary\"",
            "base_url names",
        ),
        (
            "sandbox",
            "client_secret = \"canary\"",
            "not a reference to a secret",
        ),
    ] {
        let error = connect(mode, &paypal(more)).unwrap_err();
        assert!(
            error.contains(words) && !error.contains("canary"),
            "{mode} {more}: {error}"
        );
    }
    for (settings, words) in [
        ("", "must name at least one"),
        ("kind = \"inbound\"", "needs basic_auth"),
        ("kind = \"mail\"", "kind"),
        (
            "basic_auth = [\"env:PATH\"]",
            "is only for kind = \"inbound\"",
        ),
        (
            "kind = \"inbound\"\nbasic_auth = [\"env:PATH\"]",
            "basic_auth: must be user:password",
        ),
        (
            "kind = \"inbound\"\nbasic_auth = [\"user:canary\"]",
            "not a reference to a secret",
        ),
        (
            "kind = \"inbound\"\npublic_keys = [\"canary\"]",
            "public_keys",
        ),
    ] {
        let error = connect("live", &format!("[webhooks.sendgrid]\n{settings}")).unwrap_err();
        assert!(
            error.contains(words) && !error.contains("canary"),
            "{settings}: {error}"
        );
    }
}

#[test]
fn the_schema_knows_the_choices() {
    let schema = Config::json_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |table: &str| {
        let text = format!("mode = \"live\"\n{table}");
        validator.is_valid(&toml::from_str::<serde_json::Value>(&text).unwrap())
    };
    let email = "[webhooks.mail]\nvendor = \"sendgrid\"\n";
    assert!(valid(&paypal("ONLINE\nenvironment = \"live\"")));
    assert!(valid(&format!(
        "{email}kind = \"inbound\"\nbasic_auth = [\"env:A\"]"
    )));
    for bad in [
        paypal("verification = \"none\""),
        paypal("environment = \"test\""),
        paypal("client_secret = \"literal\""),
        format!("{email}kind = \"mail\""),
        format!("{email}basic_auth = [\"user:literal\"]"),
    ] {
        assert!(!valid(&bad), "{bad}");
    }
}

#[tokio::test]
async fn inbound_email_is_received() {
    let (address, seen, _folder) = server().await;
    let multipart = "multipart/form-data; boundary=xYzZY";
    let authorization = |pair: &str| {
        let pair = BASE64_STANDARD.encode(pair);
        ("authorization", format!("Basic {pair}"))
    };
    let email = |text: &str| {
        let field = |name: &str, value: &str| {
            format!("--xYzZY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = field("headers", "Message-ID: <a@b.example>\n");
        format!(
            "{head}{}{}--xYzZY--\r\n",
            field("envelope", "{}"),
            field("text", text)
        )
    };
    // Longer than the limit for a batch of events.
    let long = "x".repeat(2 * DEFAULT_MAX_BODY);
    let json = "application/json";
    for (content_type, pair, body, status) in [
        (multipart, PAIR, email(&long), 200),
        (multipart, PAIR, email("a copy"), 200),
        (multipart, "sendgrid:0123456789abcdee", email("x"), 400),
        (json, PAIR, email("x"), 415),
        (multipart, PAIR, "x".repeat(LONGEST + 1), 413),
    ] {
        let status_code = post(&address, EMAIL, content_type, authorization(pair), body).await;
        assert_eq!(status_code, status, "{content_type} {pair}");
    }
    let seen = seen.lock().unwrap();
    let [event] = &seen[..] else {
        panic!("{seen:?}");
    };
    let Event::InboundEmail(email) = &event.event else {
        panic!("{event:?}");
    };
    assert_eq!(event.endpoint.as_deref(), Some("mail"));
    assert_eq!(email.text.as_deref(), Some(long.as_str()));
}

#[tokio::test]
async fn the_vendors_sandbox_is_not_trusted_in_live_mode() {
    let connect = |mode: &str| {
        let text = format!("mode = \"{mode}\"\n[webhooks.paypal]\nwebhook_ids = [\"8AB\"]\n");
        Vendors::connect(&Config::from_toml(&text).unwrap()).unwrap()
    };
    let url = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1";
    let delivery = SignedDelivery::post("/", "application/json", "{}")
        .with_header("paypal-transmission-id", "1")
        .with_header("paypal-transmission-time", "2026-11-27T10:00:00Z")
        .with_header("paypal-transmission-sig", "AAAA")
        .with_header("paypal-auth-algo", "SHA256withRSA")
        .with_header("paypal-cert-url", url);
    let live = connect("live");
    let refused = live.webhooks()["paypal"]
        .prefetch(&delivery.request(), "2026-11-27T10:00:00Z".parse().unwrap())
        .await;
    // It is rejected before the certificate is requested.
    assert!(
        matches!(refused, Err(WebhookError::Malformed(_))),
        "{refused:?}"
    );
}
