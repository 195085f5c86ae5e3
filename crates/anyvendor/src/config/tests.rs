//! Tests that errors name what is wrong with a configuration, and never repeat a value.

use super::*;

mod variables;

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
    for text in ["", "[payment]\nvendor = \"acme\""] {
        let message = message(text);
        let words = "missing field `mode`; write mode = \"sandbox\" or mode = \"live\"";
        assert!(message.contains(words), "{message}");
    }
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

#[derive(Debug, serde::Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Acme {
    api_key: String,
    #[serde(default)]
    bucket: String,
    #[serde(default)]
    attempts: u32,
    #[serde(default)]
    share: f64,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    names: Vec<String>,
}

#[test]
fn sf10_no_value_of_the_file_is_in_an_error() {
    for (settings, words) in [
        ("api_key = 4242424242424242", "expected a string"),
        ("api_key = 42.42", "expected a string"),
        ("api_key = [4242]", "expected a string"),
        (
            "api_key = \"a\"\nattempts = \"canary, expected\"",
            "expected u32",
        ),
        ("api_key = \"a\"\nattempts = 424242424242", "expected u32"),
        ("api_key = \"a\"\nnames = 4242", "expected a sequence"),
        ("api_key = \"a\"\nnames = [4242]", "expected a string"),
        ("api_key = \"a\"\nactive = 4242-04-24", "expected a boolean"),
    ] {
        let text = format!("mode = \"live\"\n[payment]\nvendor = \"acme\"\n{settings}");
        let payment = Config::from_toml(&text).unwrap().payment.unwrap();
        let error = payment.read::<Acme>().unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(shown.contains(words), "{shown}");
        assert!(
            !shown.contains("42") && !shown.contains("canary"),
            "{shown}"
        );
    }
    for text in [
        "payment = 4242",
        "mode = 4242",
        "mode = \"live\"\nwebhooks = 42.42",
        "mode = \"live\"\nwebhooks = { a = 42 }",
    ] {
        let message = message(text);
        assert!(!message.contains("42"), "{message}");
    }
}

#[test]
fn n11_errors_say_where_and_say_it_once() {
    let message = message("mode = \"live\"\n[payment]\nvendor = \"acme\"\nsticky = \"x\"");
    assert!(
        message.starts_with("config: [payment] sticky: "),
        "{message}"
    );
    let folder = std::env::temp_dir().join(format!("anyvendor-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("vendors.toml");
    for (text, words) in [
        ("mode = \"live\"\n[payment", "invalid TOML at line 2 column"),
        ("mode = \"live\"\n[paymnt]", "unknown setting `paymnt`"),
        ("mode = \"live\"\n[payment]", "is missing in [payment]"),
    ] {
        std::fs::write(&file, text).unwrap();
        let error = Config::load(&file).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("config: {}: ", file.display())),
            "{error}"
        );
        assert!(error.contains(words), "{error}");
    }
    std::fs::remove_file(&file).unwrap();
    let error = Config::load(&file).unwrap_err().to_string();
    assert!(
        error.contains(&format!("cannot read {}", file.display())),
        "{error}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn n11_a_table_that_cannot_be_routed_says_so_first() {
    for (table, vendor) in [("storage", "s3"), ("verification", "twilio")] {
        let text =
            format!("mode = \"live\"\n[{table}]\nvendor = \"{vendor}\"\nfailover = [\"gcs\"]");
        let message = message(&text);
        assert!(message.contains("this table cannot be routed"), "{message}");
    }
}

#[test]
fn sf11_an_emulators_address_is_allowed_to_any_adapter() {
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Plain {
        #[expect(dead_code, reason = "only the names matter")]
        base_url: String,
    }
    let section = |settings: &str| {
        let text = format!("mode = \"sandbox\"\n[payment]\nvendor = \"acme\"\n{settings}");
        let section = Config::from_toml(&text).unwrap().payment.unwrap();
        section.with_local_address()
    };
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Local {
        #[serde(default)]
        #[expect(dead_code, reason = "only the names matter")]
        base_url: Option<String>,
        #[serde(default)]
        allow_private_addresses: bool,
    }
    let address = "base_url = \"http://127.0.0.1:1\"";
    let allowed = |settings: &str| {
        section(settings)
            .read::<Local>()
            .unwrap()
            .allow_private_addresses
    };
    assert!(allowed(address));
    assert!(!allowed(""), "there is no address");
    assert!(!allowed(&format!(
        "{address}\nallow_private_addresses = false"
    )));
    assert!(
        section(address).read::<Plain>().is_ok(),
        "the setting is not known there"
    );
    let error = section(&format!("{address}\nodd = 1"))
        .read::<Plain>()
        .unwrap_err();
    assert!(
        error.to_string().contains("unknown setting `odd`"),
        "{error}"
    );
}
