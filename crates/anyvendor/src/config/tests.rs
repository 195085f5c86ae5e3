//! Tests that errors name what is wrong with a configuration, and never repeat a value.

use super::*;

const GOOD: &str = r#"
mode = "sandbox"
[payment]
vendor = "acme"
api_key = "env:ACME_KEY"
"#;

fn message(text: &str) -> String {
    Config::from_toml(text)
        .expect_err("this configuration is invalid")
        .to_string()
}

#[test]
fn a_valid_file_is_read() {
    let config = Config::from_toml(GOOD).unwrap();
    assert_eq!(config.mode, Mode::Sandbox);
    let payment = config.payment.unwrap();
    assert_eq!(payment.vendor, "acme");
    assert!(payment.has("api_key"));
    assert!(config.email.is_none());
}

#[test]
fn invalid_toml_is_reported_by_line_and_column() {
    let message = message("mode = \"sandbox\"\n[payment\nvendor = \"acme\"");
    assert!(message.contains("at line 2 column"), "{message}");
}

#[test]
fn an_unknown_table_gets_a_suggestion() {
    let message = message("mode = \"sandbox\"\n[paymnt]\nvendor = \"acme\"");
    assert!(
        message.contains("unknown setting `paymnt`; did you mean `payment`?"),
        "{message}"
    );
}

#[test]
fn an_unknown_setting_gets_a_suggestion() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Acme {
        #[expect(dead_code, reason = "only the names matter")]
        api_key: String,
    }
    let config = Config::from_toml(&GOOD.replace("api_key", "api_kye")).unwrap();
    let error = config.payment.unwrap().read::<Acme>().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("unknown setting `api_kye`; did you mean `api_key`?"),
        "{error}"
    );
}

#[test]
fn a_missing_mode_is_named() {
    assert!(message("[payment]\nvendor = \"acme\"").contains("missing field `mode`"));
}

#[test]
fn a_missing_vendor_is_named() {
    assert!(message("mode = \"live\"\n[payment]\n").contains("is missing in [payment]"));
}

#[test]
fn values_are_never_repeated() {
    for text in [
        "mode = \"sk_live_canary\"",
        "mode = \"live\"\npayment = \"sk_live_canary\"",
        "mode = \"live\"\n[payment]\nvendor = \"acme\"\nkey = sk_live_canary",
        "mode = \"live\"\nkey = \"sk_live_canary",
    ] {
        let error = Config::from_toml(text).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("canary"),
            "{error:?}"
        );
    }
    let section = Config::from_toml(&GOOD.replace("env:ACME_KEY", "canary"))
        .unwrap()
        .payment
        .unwrap();
    assert!(!format!("{section:?}").contains("canary"));
}

#[test]
fn variables_override_the_file() {
    let variables = [
        ("ANYVENDOR_MODE", "live"),
        ("ANYVENDOR_PAYMENT__VENDOR", "other"),
        ("ANYVENDOR_PAYMENT__RESILIENCE__ATTEMPTS", "5"),
        ("ANYVENDOR_EMAIL__VENDOR", "post"),
        ("ANYVENDOR_SPECS", "/somewhere"),
        ("PATH", "/bin"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::from_toml_and(GOOD, variables).unwrap();
    assert_eq!(config.mode, Mode::Live);
    assert_eq!(config.email.unwrap().vendor, "post");
    #[derive(serde::Deserialize)]
    struct Other {
        api_key: String,
        resilience: Resilience,
    }
    #[derive(serde::Deserialize)]
    struct Resilience {
        attempts: u32,
    }
    let payment = config.payment.unwrap();
    assert_eq!(payment.vendor, "other");
    let other: Other = payment.read().unwrap();
    assert_eq!(
        (other.api_key.as_str(), other.resilience.attempts),
        ("env:ACME_KEY", 5)
    );
}

#[test]
fn a_variable_below_a_plain_setting_is_rejected() {
    let variables = [("ANYVENDOR_MODE__DEEPER".to_owned(), "x".to_owned())];
    let error = Config::from_toml_and(GOOD, variables).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("ANYVENDOR_MODE__DEEPER: goes below"),
        "{error}"
    );
}
