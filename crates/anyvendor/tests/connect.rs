//! What connecting refuses: real vendors in sandbox mode, wrong tables, and secrets that are missing.
#![cfg(feature = "full")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::PathBuf, sync::Arc};

use anyvendor::{
    Config, Error, Kind, Registry, Vendors, email::EmailProvider, messaging::MessagingProvider,
    sendgrid::SendGrid, twilio::Twilio,
};

/// A file with a secret, which the process needs no variable for.
struct File(PathBuf);

impl File {
    fn new(secret: &str) -> Self {
        let name = format!("anyvendor-connect-{}-{}", std::process::id(), secret.len());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, secret).unwrap();
        Self(path)
    }

    /// The reference to it.
    fn reference(&self) -> String {
        format!("file:{}", self.0.display())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn connect(text: &str) -> Result<Vendors, Error> {
    Vendors::connect(&Config::from_toml(text)?)
}

#[track_caller]
fn refused(text: &str, words: &[&str]) {
    let error = connect(text).unwrap_err();
    assert_eq!(error.kind(), &Kind::Config, "{error}");
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
}

/// Tables with everything but the address.
fn tables(secret: &str) -> [(&'static str, &'static str, String, &'static str); 3] {
    let account = "account_sid = \"AC00000000000000000000000000000001\"";
    [
        (
            "messaging",
            "base_url",
            format!("vendor = \"twilio\"\n{account}\nauth_token = \"{secret}\""),
            "https://api.twilio.com",
        ),
        (
            "verification",
            "base_url",
            format!("vendor = \"twilio\"\n{account}\nauth_token = \"{secret}\""),
            "https://api.dublin.ie1.twilio.com",
        ),
        (
            "storage",
            "endpoint",
            format!(
                "vendor = \"s3\"\nbucket = \"receipts\"\nregion = \"eu-central-1\"\n[storage.credentials]\nkind = \"static\"\naccess_key_id = \"{secret}\"\nsecret_access_key = \"{secret}\""
            ),
            "https://s3.eu-central-1.amazonaws.com",
        ),
    ]
}

/// The table in this mode, with another line of settings.
fn with(mode: &str, table: &str, line: &str, settings: &str) -> String {
    format!("mode = \"{mode}\"\n[{table}]\n{line}\n{settings}\n")
}

#[tokio::test]
async fn sf11_a_real_vendor_in_sandbox_mode_must_be_asked_for() {
    let file = File::new("secret");
    for (table, setting, settings, own) in tables(&file.reference()) {
        let place = format!("[{table}] {setting}: mode is sandbox");
        let own = format!("{setting} = \"{own}\"");
        for line in ["", own.as_str(), "real_vendor = false"] {
            refused(
                &with("sandbox", table, line, &settings),
                &[&place, "set real_vendor = true", "emulator"],
            );
        }
        let local = format!("{setting} = \"http://127.0.0.1:1\"");
        for line in [local.as_str(), "real_vendor = true"] {
            assert!(
                connect(&with("sandbox", table, line, &settings)).is_ok(),
                "{table} {line}"
            );
        }
        for line in ["", "real_vendor = false", "real_vendor = true"] {
            assert!(
                connect(&with("live", table, line, &settings)).is_ok(),
                "{table} {line}"
            );
        }
    }
}

#[tokio::test]
async fn sf11_the_guard_holds_for_a_vendor_of_a_route_and_by_variable() {
    let file = File::new("secret!");
    let twilio = |line: &str| {
        let account = "account_sid = \"AC00000000000000000000000000000001\"";
        format!("{account}\nauth_token = \"{}\"\n{line}", file.reference())
    };
    let unused = format!(
        "mode = \"sandbox\"\n[messaging]\nvendor = \"twilio\"\nbase_url = \"http://127.0.0.1:1\"\n{}\n",
        twilio("")
    );
    assert!(connect(&unused).is_ok());
    let live = format!(
        "mode = \"live\"\n[messaging]\nvendor = \"twilio\"\n{}",
        twilio("")
    );
    let mode = [("ANYVENDOR_MODE".to_owned(), "sandbox".to_owned())];
    let error = Vendors::connect(&Config::from_toml_and(&live, mode).unwrap()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("[messaging] base_url: mode is sandbox"),
        "{error}"
    );
}

#[tokio::test]
async fn sf11_an_outside_adapter_is_guarded_as_those_compiled_in() {
    let file = File::new("SG.secret");
    let registry = Registry::default()
        .with_messaging("acme", |settings| {
            let twilio: Arc<dyn MessagingProvider> = Arc::new(settings.connect::<Twilio>()?);
            Ok(twilio)
        })
        .with_email("acme", |settings| {
            let sendgrid: Arc<dyn EmailProvider> = Arc::new(settings.connect::<SendGrid>()?);
            Ok(sendgrid)
        });
    let connect = |text: &str| {
        let config = Config::from_toml(text).unwrap();
        Vendors::builder()
            .registry(registry.clone())
            .connect(&config)
    };
    let [(table, _, settings, _), ..] = tables(&file.reference());
    let settings = settings.replace("twilio", "acme");
    let error = connect(&with("sandbox", table, "", &settings)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("[messaging] base_url: mode is sandbox"),
        "{error}"
    );
    let local = "base_url = \"http://127.0.0.1:1\"";
    assert!(
        connect(&with("sandbox", table, local, &settings)).is_ok(),
        "plain HTTP on this machine"
    );
    let error = connect(&with("live", table, local, &settings)).unwrap_err();
    assert!(error.to_string().contains("must be https"), "{error}");
    let email = format!("vendor = \"acme\"\napi_key = \"{}\"", file.reference());
    assert!(connect(&with("sandbox", "email", local, &email)).is_ok());
}

#[tokio::test]
async fn n11_a_vendor_in_the_wrong_table_is_told_its_own() {
    let text =
        |table: &str, vendor: &str| format!("mode = \"live\"\n[{table}]\nvendor = \"{vendor}\"");
    refused(
        &text("payment", "sendgrid"),
        &[
            "[payment]",
            "sendgrid serves [email] and [webhooks.sendgrid]",
        ],
    );
    refused(&text("email", "s3"), &["[email]", "s3 serves [storage]"]);
    refused(
        "mode = \"live\"\n[webhooks.pay]",
        &["pay is not known", "add vendor = \"..\" to [webhooks.pay]"],
    );
}

#[tokio::test]
async fn n11_tables_of_vendors_not_in_use_are_checked() {
    let file = File::new("sk_test_1");
    let text = |more: &str| {
        format!(
            "mode = \"sandbox\"\n[payment]\nvendor = \"stripe\"\napi_key = \"{}\"\n{more}",
            file.reference()
        )
    };
    assert!(connect(&text("")).is_ok());
    let paypal = "[payment.vendors.paypal]\nclient_id = \"env:ANYVENDOR_TEST_NONE\"\nclient_secret = \"env:ANYVENDOR_TEST_NONE\"";
    assert!(
        connect(&text(paypal)).is_ok(),
        "its secrets are not needed yet"
    );
    refused(
        &text(&format!("{paypal}\nbrand_nam = \"x\"")),
        &["[payment.vendors.paypal]", "did you mean `brand_name`?"],
    );
    refused(
        &text("[payment.vendors.paypal]"),
        &["[payment.vendors.paypal]", "missing field `client_id`"],
    );
    refused(
        &text("[payment.vendors.strpe]"),
        &["[payment.vendors.strpe]", "did you mean stripe?"],
    );
}

#[tokio::test]
async fn n11_missing_secrets_are_reported_with_their_tables_and_together() {
    let stripe = "[payment]\nvendor = \"stripe\"\napi_key = \"env:ANYVENDOR_TEST_A\"";
    let sendgrid = "[email]\nvendor = \"sendgrid\"\napi_key = \"env:ANYVENDOR_TEST_B\"";
    let events = "[webhooks.stripe]\nsecrets = [\"env:ANYVENDOR_TEST_C\"]";
    refused(
        &format!("mode = \"sandbox\"\n{stripe}"),
        &["config: [payment] api_key: environment variable ANYVENDOR_TEST_A is not set; set it"],
    );
    refused(
        &format!("mode = \"sandbox\"\n{stripe}\n{sendgrid}\n{events}"),
        &[
            "ANYVENDOR_TEST_A ([payment] api_key)",
            "ANYVENDOR_TEST_B ([email] api_key)",
            "ANYVENDOR_TEST_C ([webhooks.stripe] secrets)",
            "set them",
        ],
    );
    refused(
        "mode = \"sandbox\"\n[payment]\nvendor = \"stripe\"",
        &["[payment]: missing field `api_key`; write api_key = \"env:STRIPE_API_KEY\""],
    );
    refused(
        &format!("mode = \"sandbox\"\n{stripe}\nbase_url = \"localhost:8080\""),
        &["[payment] base_url", "must begin with http:// or https://"],
    );
}
