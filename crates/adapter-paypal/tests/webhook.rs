//! The settings of a webhook endpoint.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anyvendor_adapter_paypal::{
    Environment, PayPalVerification, PayPalWebhook, PayPalWebhookConfig,
};
use anyvendor_core::values::Secret;

const ROOT: &str = include_str!("fixtures/webhook_root.pem");
const LISTENER: &str = "1JE4291016473214C";

fn online() -> PayPalWebhookConfig {
    let (id, secret) = (Secret::new("id"), Secret::new("canary"));
    PayPalWebhookConfig::new([LISTENER]).with_online_verification(id, secret, Environment::Sandbox)
}

#[test]
fn invalid_settings_are_named() {
    let offline = || PayPalWebhookConfig::new([LISTENER]);
    let without = |change: fn(&mut PayPalWebhookConfig)| {
        let mut config = online();
        change(&mut config);
        config
    };
    for (config, field) in [
        (PayPalWebhookConfig::new([""; 0]), "webhook_ids"),
        (PayPalWebhookConfig::new(["a|b"]), "webhook_ids"),
        (PayPalWebhookConfig::new(["A".repeat(51)]), "webhook_ids"),
        (without(|config| config.client_id = None), "client_id"),
        (
            without(|config| config.client_secret = None),
            "client_secret",
        ),
        (without(|config| config.environment = None), "environment"),
        (
            without(|config| config.verification = PayPalVerification::Offline),
            "client_id",
        ),
        (
            without(|config| {
                config.verification = PayPalVerification::Offline;
                config.client_id = None;
            }),
            "client_secret",
        ),
        (offline().with_root_certificates(ROOT), "root_certificates"),
        (
            offline()
                .with_base_url("https://emulator.example")
                .with_root_certificates("canary"),
            "root_certificates",
        ),
        (
            online()
                .with_base_url("https://emulator.example")
                .with_root_certificates(ROOT),
            "root_certificates",
        ),
        (offline().with_base_url("http://127.0.0.1:1"), "base_url"),
        (
            offline().with_base_url("https://emulator.example/a"),
            "base_url",
        ),
        (
            online().with_base_url("https://emulator.example/a"),
            "base_url",
        ),
    ] {
        let error = PayPalWebhook::new(&config).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let missing = without(|config| {
        config.client_secret = Some("env:ANYVENDOR_TEST_NO_SUCH".parse().unwrap());
    });
    let error = PayPalWebhook::new(&missing).unwrap_err();
    assert_eq!(error.field(), Some("client_secret"), "{error}");
    let good = PayPalWebhook::new(&online()).unwrap();
    assert_eq!(good.environment(), Some(Environment::Sandbox));
    assert!(!format!("{good:?} {:?}", online()).contains("canary"));
}

#[test]
fn a_configuration_file_is_read() {
    let read = |more: &str| {
        serde_json::from_str::<PayPalWebhookConfig>(&format!("{{\"webhook_ids\":[\"8AB\"]{more}}}"))
    };
    let default = read("").unwrap();
    assert_eq!(default.verification, PayPalVerification::Offline);
    assert_eq!(default.environment, None);
    let online = read(
        ",\"verification\":\"online\",\"environment\":\"live\",\"client_id\":\"env:A\",\"client_secret\":\"env:B\"",
    );
    let online = online.unwrap();
    assert_eq!(online.verification, PayPalVerification::Online);
    assert!(online.check().is_ok());
    for bad in [
        ",\"verification\":\"none\"",
        ",\"environment\":\"test\"",
        ",\"client_secret\":\"canary\"",
        ",\"clientid\":\"env:A\"",
    ] {
        let error = read(bad).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}
