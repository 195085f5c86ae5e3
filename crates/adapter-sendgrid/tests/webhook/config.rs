//! Invalid settings are named, and unsigned email proves its sender or is rejected.

use anyvendor_adapter_sendgrid::{SendGridWebhook, SendGridWebhookConfig, SendGridWebhookKind};
use anyvendor_conformance::SignedDelivery;
use anyvendor_core::{
    values::Secret,
    webhook::{Prefetched, WebhookError, WebhookVerifier, Window},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use super::{inbound, key};

const PAIR: &str = "sendgrid:canary-0123456789";

fn unsigned(pairs: &[&str]) -> SendGridWebhookConfig {
    SendGridWebhookConfig::new([""; 0])
        .with_kind(SendGridWebhookKind::Inbound)
        .with_basic_auth(pairs.iter().copied().map(Secret::new))
}

/// Keys of other kinds in the same encoding: P-384, Ed25519, and P-256 with a compressed point.
const OTHER_KEYS: [&str; 3] = [
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE97/aumiS69MsVSVkYz7NVTJlHHkMbUCOJTwTWpEbaCmBNOnzxiAEpTORfcEsKKWEQ9IBocUvPK6YEmKvAwTK/lZ4/IJkcVQ9uo5/2aydCLWI/KKxZUZvWTMrDMRTBsqK",
    "MCowBQYDK2VwAyEAYCmA1OCSafY8gmRZHrdqaNpwd1hRNGlPPenGapdZFsw=",
    "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACrNANfcgyjTPVNMJZ1Wx+soCcGCZz2L4/jfQn869BVuU=",
];

#[test]
fn invalid_settings_are_named() {
    let (_, public) = key();
    for bad in [&[][..], &["canary"], &["MFkw"], &[""]] {
        for kind in [SendGridWebhookKind::Events, SendGridWebhookKind::Inbound] {
            let config = SendGridWebhookConfig::new(bad.iter().copied()).with_kind(kind);
            let error = SendGridWebhook::new(&config).unwrap_err();
            assert_eq!(error.field(), Some("public_keys"));
            assert!(!error.to_string().contains("canary"));
        }
    }
    for key in OTHER_KEYS {
        let error = SendGridWebhook::new(&SendGridWebhookConfig::new([key])).unwrap_err();
        assert_eq!(error.field(), Some("public_keys"), "{key}");
    }
    let events = SendGridWebhookConfig::new([&public]);
    let mut both = unsigned(&[PAIR]);
    both.public_keys.push(public);
    for (config, field) in [
        (
            unsigned(&[PAIR]).with_kind(SendGridWebhookKind::Events),
            "basic_auth",
        ),
        (
            events.clone().with_basic_auth([Secret::new(PAIR)]),
            "basic_auth",
        ),
        (both, "basic_auth"),
        (unsigned(&[PAIR]).with_window(Window::default()), "window"),
        (unsigned(&["canary"]), "basic_auth"),
        (unsigned(&["canary:short"]), "basic_auth"),
        (unsigned(&[":canary-0123456789"]), "basic_auth"),
        (unsigned(&["user:canary-01234567/9"]), "basic_auth"),
        (unsigned(&["user:canary:0123456789"]), "basic_auth"),
        (unsigned(&[PAIR, "user:canary%20123456789"]), "basic_auth"),
        (
            events.clone().with_window(Window::new(
                std::time::Duration::ZERO,
                std::time::Duration::ZERO,
            )),
            "window.past",
        ),
    ] {
        let error = SendGridWebhook::new(&config).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let hours = |config: &SendGridWebhookConfig| config.window().past.as_secs() / 3600;
    assert_eq!(hours(&events), 25);
    let inbound = events.with_kind(SendGridWebhookKind::Inbound);
    assert_eq!(hours(&inbound), 73);
    assert!(SendGridWebhook::new(&inbound).is_ok());
}

#[test]
fn a_configuration_file_is_read() {
    let (_, public) = key();
    let read = |text: &str| serde_json::from_str::<SendGridWebhookConfig>(text);
    let events = read(&format!("{{\"public_keys\":[\"{public}\"]}}")).unwrap();
    assert_eq!(events.kind, SendGridWebhookKind::Events);
    let mail = read("{\"kind\":\"inbound\",\"basic_auth\":[\"env:A\"]}").unwrap();
    assert!(mail.kind == SendGridWebhookKind::Inbound && mail.check().is_ok());
    for bad in [
        "{\"kind\":\"mail\"}",
        "{\"kind\":\"inbound\",\"basic_auth\":[\"user:canary-0123456789\"]}",
        "{\"kind\":\"inbound\",\"verify\":false}",
    ] {
        assert!(
            !read(bad).unwrap_err().to_string().contains("canary"),
            "{bad}"
        );
    }
}

#[test]
fn unsigned_email_needs_the_credentials_of_the_url() {
    let webhook = SendGridWebhook::new(&unsigned(&["old:abcdefghijklmnop", PAIR])).unwrap();
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let plain = || SignedDelivery::post("/webhooks/mail", inbound::TYPE, inbound::mail(&[]));
    let verify = |delivery: &SignedDelivery| {
        webhook
            .verify(delivery.request(), &Prefetched::none(), now)
            .map(|verified| assert!(!verified.is_late() && verified.signed_at().is_none()))
    };
    let with = |scheme: &str, pair: &str| {
        let pair = BASE64_STANDARD.encode(pair);
        plain().with_header("authorization", format!("{scheme} {pair}"))
    };
    for good in [with("Basic", PAIR), with("basic", "old:abcdefghijklmnop")] {
        verify(&good).unwrap();
    }
    let none = verify(&plain());
    assert!(
        matches!(none, Err(WebhookError::MissingHeader(_))),
        "{none:?}"
    );
    for pair in [
        "",
        ":",
        "sendgrid:",
        "sendgrid:canary-012345678",
        "old:canary-0123456789",
        "SENDGRID:canary-0123456789",
    ] {
        let reported = verify(&with("Basic", pair));
        assert!(
            matches!(reported, Err(WebhookError::BadSignature)),
            "{pair}: {reported:?}"
        );
    }
    for malformed in ["Bearer x", "Basic", "Basic ???", ""] {
        assert!(
            verify(&plain().with_header("authorization", malformed)).is_err(),
            "{malformed}"
        );
    }
    let mut twice = with("Basic", PAIR);
    twice
        .headers
        .append("authorization", "Basic x".parse().unwrap());
    assert!(verify(&twice).is_err());
    assert!(!format!("{webhook:?}").contains("canary"));
    // And it is the kind of delivery that mail is.
    let json = with("Basic", PAIR).with_header("content-type", "application/json");
    assert!(matches!(verify(&json), Err(WebhookError::ContentType)));
}

#[test]
fn sf01_credentials_are_judged_by_the_head() {
    let webhook = SendGridWebhook::new(&unsigned(&[PAIR])).unwrap();
    let judge = |pair: &str| {
        let pair = BASE64_STANDARD.encode(pair);
        let delivery = SignedDelivery::post("/webhooks/mail", inbound::TYPE, "")
            .with_header("authorization", format!("Basic {pair}"));
        webhook.precheck(&delivery.request().head())
    };
    assert!(judge(PAIR).is_ok());
    let stranger = judge("sendgrid:canary-012345678");
    assert!(
        matches!(stranger, Err(WebhookError::BadSignature)),
        "{stranger:?}"
    );
}
