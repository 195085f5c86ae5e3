//! Settings: which host they lead to, and which ones are refused.

use anyvendor_core::{Kind, values::Secret};

use super::*;

const ACCOUNT: &str = "AC00000000000000000000000000000001";

fn config() -> TwilioConfig {
    TwilioConfig::new(ACCOUNT, Secret::new("canary"))
}

fn hosts(config: &TwilioConfig) -> (String, String) {
    let host = |url: Url| url.host_str().unwrap().to_owned();
    (
        host(config.base().unwrap()),
        host(config.verify_base().unwrap()),
    )
}

#[test]
fn region_and_edge_decide_the_host() {
    let named = |api: &str, verify: &str| (api.to_owned(), verify.to_owned());
    assert_eq!(
        hosts(&config()),
        named("api.twilio.com", "verify.twilio.com")
    );
    let sydney = config().with_edge("sydney");
    assert_eq!(
        hosts(&sydney),
        named("api.sydney.us1.twilio.com", "verify.sydney.us1.twilio.com")
    );
    assert_eq!(
        hosts(&sydney.with_region("au1")),
        named("api.sydney.au1.twilio.com", "verify.sydney.au1.twilio.com")
    );
    assert_eq!(
        hosts(&config().with_local_base_url("http://127.0.0.1:1")),
        named("127.0.0.1", "127.0.0.1")
    );
}

#[test]
fn invalid_settings_are_named() {
    let mut keyless = config();
    keyless.auth_token = None;
    let mut half = keyless.clone();
    half.api_secret = Some(Secret::new("canary").into());
    let mut other_half = keyless.clone();
    other_half.api_key_sid = Some("SK00000000000000000000000000000001".to_owned());
    let cases = [
        (
            TwilioConfig::new("AC1", Secret::new("canary")),
            "account_sid",
        ),
        (
            TwilioConfig::new(format!("{ACCOUNT}/../x"), Secret::new("canary")),
            "account_sid",
        ),
        (keyless, "auth_token"),
        (half, "api_key_sid"),
        (other_half, "api_secret"),
        (
            config().with_api_key("canary", Secret::new("canary")),
            "api_key_sid",
        ),
        (config().with_from("123456789"), "from"),
        (config().with_from("+0155501"), "from"),
        (config().with_from("my very long name"), "from"),
        (config().with_from(""), "from"),
        (
            config().with_messaging_service_sid("MG1"),
            "messaging_service_sid",
        ),
        (
            config().with_whats_app_from("whatsapp:+15550109999"),
            "whats_app_from",
        ),
        (config().with_verify_service_sid("VA"), "verify_service_sid"),
        (config().with_status_callback("nonsense"), "status_callback"),
        (
            config().with_status_callback("mailto:a@example.com"),
            "status_callback",
        ),
        (
            config().with_status_callback("https://my_host.example.com/x"),
            "status_callback",
        ),
        (
            config().with_status_callback("https://example.com/x?reference=1"),
            "status_callback",
        ),
        (
            config().with_status_callback("https://me:canary@example.com/x"),
            "status_callback",
        ),
        (config().with_region("au1"), "edge"),
        (config().with_edge("evil.example.com/"), "edge"),
        (config().with_edge("sydney").with_region("AU1#"), "region"),
        (config().with_base_url("http://127.0.0.1:1"), "base_url"),
        (config().with_verify_base_url("nonsense"), "verify_base_url"),
    ];
    for (config, field) in cases {
        let error = config.check().unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::Config, Some(field)),
            "{error}"
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    for good in [
        config().with_from("+15550109999"),
        config().with_from("12345"),
        config().with_from("My Shop"),
        config().with_status_callback("https://example.com/x?a=1#rc=2"),
        config().with_local_base_url("http://127.0.0.1:1"),
    ] {
        good.check().unwrap();
    }
}

#[test]
fn unknown_settings_and_literal_secrets_are_rejected() {
    let read = |rest: &str| {
        let json = format!(r#"{{"account_sid": "{ACCOUNT}", {rest}}}"#);
        serde_json::from_str::<TwilioConfig>(&json)
    };
    let good = read(r#""auth_token": "env:TOKEN", "from": "12345", "edge": "sydney""#).unwrap();
    assert!(good.check().is_ok());
    assert!(read(r#""auth_token": "env:TOKEN", "form": "12345""#).is_err());
    let error = read(r#""auth_token": "canary""#).unwrap_err().to_string();
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn debug_shows_no_secret() {
    let config = config().with_api_key("SK00000000000000000000000000000001", Secret::new("canary"));
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn sf11_in_sandbox_mode_the_address_is_an_emulators() {
    let config = || TwilioConfig::new(ACCOUNT, Secret::new("token"));
    let local = "http://127.0.0.1:1";
    let own = "https://api.twilio.com";
    let set = |base: Option<&str>, verify: Option<&str>| {
        let mut config = config();
        config.base_url = base.map(str::to_owned);
        config.verify_base_url = verify.map(str::to_owned);
        config
    };
    for (base, verify, refused) in [
        (None, None, Some("base_url")),
        (Some(own), None, Some("base_url")),
        (None, Some("https://verify.twilio.com"), Some("base_url")),
        (
            Some(local),
            Some("https://verify.twilio.com"),
            Some("verify_base_url"),
        ),
        (Some(own), Some(local), Some("base_url")),
        (Some(local), None, None),
        (None, Some(local), None),
        (Some(local), Some(local), None),
    ] {
        let mut config = set(base, verify);
        let mut real = config.clone();
        real.real_vendor = true;
        assert!(real.apply_mode(Mode::Sandbox).is_ok());
        assert!(config.clone().apply_mode(Mode::Live).is_ok());
        let result = config.apply_mode(Mode::Sandbox);
        let field = result.as_ref().err().and_then(Error::field);
        assert_eq!(field, refused, "{base:?} {verify:?}");
        if let Err(error) = result {
            assert!(error.message().contains("real_vendor = true"), "{error}");
        } else {
            assert_eq!(
                (
                    config.base_url.as_deref(),
                    config.verify_base_url.as_deref()
                ),
                (Some(local), Some(local))
            );
        }
    }
}
