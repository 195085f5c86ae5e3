//! The facade as an application uses it: valid configurations connect, and errors about others name the setting and a remedy.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{fs, path::PathBuf, sync::Arc};

use anyvendor::{
    Config, Error, Kind, Mode, Registry, Vendors,
    email::{EmailContent, EmailMessage, EmailProvider},
    payment::{CreatePayment, PaymentOutcome, PaymentProvider},
    sendgrid::{SendGrid, SendGridConfig},
    storage::{PutObject, StorageProvider, StorageProviderExt},
    stripe::{Stripe, StripeConfig},
    values::{Currency, IdempotencyKey, Money, ObjectKey, Secret, VendorId},
};
use anyvendor_sandbox::{Sandbox, secrets_in_files};
use bytes::Bytes;
use serde_json::{Value, json};

/// A temporary folder of secrets in files, so that the environment of this process stays unchanged.
struct Secrets(PathBuf);

impl Secrets {
    fn new() -> Self {
        let name = format!("anyvendor-facade-{}", IdempotencyKey::random().as_str());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Writes a secret and returns the reference to it.
    fn put(&self, name: &str, value: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, value).unwrap();
        format!("file:{}", path.display())
    }

    /// The sandbox's configuration, with its variables in files.
    fn config_of(&self, sandbox: &Sandbox) -> String {
        secrets_in_files(&sandbox.config_toml(), sandbox.variables(), &self.0).unwrap()
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn connect(text: &str) -> Result<Vendors, Error> {
    Vendors::connect(&Config::from_toml(text)?)
}

/// Asserts that the configuration is refused as `Config` with a message that contains all of these words.
#[track_caller]
fn refused(text: &str, words: &[&str]) -> String {
    let error = connect(text).unwrap_err();
    assert_eq!(error.kind(), &Kind::Config, "{error}");
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
    format!("{error} {error:?}")
}

fn stripe(mode: &str, settings: &str) -> String {
    format!("mode = \"{mode}\"\n[payment]\nvendor = \"stripe\"\n{settings}\n")
}

#[tokio::test]
async fn the_sandboxs_own_configuration_works_for_all_traits() {
    let (sandbox, secrets) = (Sandbox::start().await.unwrap(), Secrets::new());
    let vendors = connect(&secrets.config_of(&sandbox)).unwrap();
    assert_eq!(vendors.mode(), Mode::Sandbox);
    let amount = Money::parse_decimal("12.50", Currency::from_code("EUR").unwrap()).unwrap();
    let request = CreatePayment::new(amount, IdempotencyKey::random())
        .with_source(VendorId::new("stripe", "pm_card_visa").unwrap());
    let outcome = vendors.payment().unwrap().create(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    let content = EmailContent::text("Receipt", "12.50 EUR");
    let (from, to) = (
        "shop@example.com".parse().unwrap(),
        "ann@example.com".parse().unwrap(),
    );
    let email = vendors.email().unwrap();
    let sent = email
        .send(EmailMessage::new(from, to, content))
        .await
        .unwrap();
    assert!(sent.all_accepted());
    let storage = vendors.storage().unwrap();
    let key = ObjectKey::new("receipts/1.txt").unwrap();
    let put = PutObject::new(key.clone(), Bytes::from_static(b"12.50 EUR"));
    storage.put(put).await.unwrap().into_stored().unwrap();
    assert_eq!(storage.get_bytes(&key, 1024).await.unwrap(), "12.50 EUR");
    assert_eq!(sandbox.s3().objects().len(), 1);
    sandbox.shutdown().await;
}

#[test]
fn an_unknown_setting_gets_a_suggestion() {
    let text = stripe("sandbox", "api_kye = \"env:X\"");
    refused(
        &text,
        &[
            "[payment]",
            "unknown setting `api_kye`; did you mean `api_key`?",
        ],
    );
    refused(
        "mode = \"sandbox\"\n[emial]\nvendor = \"sendgrid\"",
        &["did you mean `email`?"],
    );
}

#[test]
fn a_literal_secret_is_refused_and_never_repeated() {
    for settings in [
        "api_key = \"sk_test_canary\"",
        "api_key = [\"sk_test_canary\"]",
        "api_key = { canary = 1 }",
    ] {
        let shown = refused(&stripe("sandbox", settings), &["api_key"]);
        assert!(!shown.contains("canary"), "{shown}");
    }
    refused(
        &stripe("sandbox", "api_key = \"sk_test_x\""),
        &["write env:NAME or file:PATH"],
    );
    let config = Config::from_toml(&stripe("sandbox", "api_key = \"sk_test_canary\"")).unwrap();
    assert!(!format!("{config:?}").contains("canary"));
}

#[test]
fn a_key_of_the_other_mode_is_refused() {
    let secrets = Secrets::new();
    let live = secrets.put("live", "sk_live_canary1");
    let test = secrets.put("test", "sk_test_canary1");
    let key = |reference: &str| format!("api_key = \"{reference}\"");
    let sandbox = refused(
        &stripe("sandbox", &key(&live)),
        &["a live key while mode is sandbox", "use the test key"],
    );
    let mixed = refused(
        &stripe("live", &key(&test)),
        &["a test key while mode is live", "use the live key"],
    );
    assert!(!sandbox.contains("canary") && !mixed.contains("canary"));
    assert_eq!(
        connect(&stripe("sandbox", &key(&test))).unwrap().mode(),
        Mode::Sandbox
    );
    assert_eq!(
        connect(&stripe("live", &key(&live))).unwrap().mode(),
        Mode::Live
    );
}

#[test]
fn an_unknown_vendor_lists_those_compiled_in() {
    let text =
        |table: &str, vendor: &str| format!("mode = \"live\"\n[{table}]\nvendor = \"{vendor}\"");
    refused(
        &text("payment", "stirpe"),
        &[
            "stirpe is not known",
            "registered: paypal, stripe",
            "did you mean stripe?",
        ],
    );
    refused(
        &text("email", "pigeon"),
        &["pigeon is not known", "registered: sendgrid"],
    );
    refused(
        &text("storage", "sendgrid"),
        &["sendgrid is not known", "registered: s3"],
    );
    refused(
        "mode = \"live\"\n[payment]\n",
        &["vendor", "is missing in [payment]"],
    );
}

#[test]
fn a_missing_secret_names_where_it_was_looked_for() {
    let text = stripe("sandbox", "api_key = \"env:ANYVENDOR_TEST_NOT_SET\"");
    refused(
        &text,
        &["environment variable ANYVENDOR_TEST_NOT_SET is not set; set it"],
    );
    let text = stripe("sandbox", "api_key = \"file:not/there.key\"");
    refused(
        &text,
        &["file not/there.key", "not found", "check the path"],
    );
    refused(
        &stripe("sandbox", ""),
        &["[payment]", "missing field `api_key`"],
    );
}

#[test]
fn wrong_types_and_values_are_named_and_not_shown() {
    for (text, words) in [
        (
            stripe("sandbox", "api_key = \"env:X\"\nbase_url = 7"),
            &["[payment] base_url", "expected a string"][..],
        ),
        (stripe("canary", ""), &["mode"]),
        (
            "mode = \"live\"\npayment = \"canary\"".to_owned(),
            &["payment"],
        ),
        (
            "mode = \"live\"\n[payment\ncanary".to_owned(),
            &["invalid TOML at line 2"],
        ),
    ] {
        let shown = refused(&text, words);
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn a_missing_table_is_named() {
    let vendors = connect("mode = \"sandbox\"").unwrap();
    for (error, table) in [
        (vendors.payment().unwrap_err(), "[payment]"),
        (vendors.email().unwrap_err(), "[email]"),
        (vendors.storage().unwrap_err(), "[storage]"),
    ] {
        assert_eq!(error.kind(), &Kind::Config);
        assert!(error.to_string().contains(table), "{error}");
    }
}

#[tokio::test]
async fn variables_override_the_file() {
    let (sandbox, secrets) = (Sandbox::start().await.unwrap(), Secrets::new());
    let key = secrets.put("key", sandbox.stripe().key());
    let file = stripe("live", "api_key = \"env:ANYVENDOR_TEST_NOT_SET\"");
    let variables = [
        ("ANYVENDOR_MODE", "sandbox"),
        ("ANYVENDOR_PAYMENT__API_KEY", &key),
        ("ANYVENDOR_PAYMENT__BASE_URL", sandbox.stripe().url()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let vendors = Vendors::connect(&Config::from_toml_and(&file, variables).unwrap()).unwrap();
    assert_eq!(vendors.mode(), Mode::Sandbox);
    let unknown =
        anyvendor::payment::GetPayment::new(VendorId::new("stripe", "pi_unknown").unwrap());
    let error = vendors.payment().unwrap().get(unknown).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::NotFound, "the sandbox answered");
    let typo = [("ANYVENDOR_PAYMENT__BASE_ULR".to_owned(), "x".to_owned())];
    let error = Vendors::connect(&Config::from_toml_and(&file, typo).unwrap()).unwrap_err();
    assert!(
        error.to_string().contains("did you mean `base_url`?"),
        "{error}"
    );
    sandbox.shutdown().await;
}

#[test]
fn outside_adapters_are_chosen_by_name() {
    let text = "mode = \"sandbox\"\n[payment]\nvendor = \"acme\"\n[email]\nvendor = \"acme\"";
    let registry = Registry::default()
        .with_payment("acme", |given| {
            assert_eq!((given.mode, given.section.name), (Mode::Sandbox, "payment"));
            let stripe = Stripe::new(StripeConfig::new(Secret::new("sk_test_acme1")))?;
            Ok(Arc::new(stripe) as Arc<dyn PaymentProvider>)
        })
        .with_email("acme", |given| {
            assert_eq!(given.section.vendor, "acme");
            let sendgrid = SendGrid::new(SendGridConfig::new(Secret::new("SG.a.b")))?;
            Ok(Arc::new(sendgrid) as Arc<dyn EmailProvider>)
        })
        .with_storage("acme", |_| {
            Err::<Arc<dyn StorageProvider>, _>(Error::config("bucket", "is closed"))
        });
    let builder = Vendors::builder().registry(registry);
    let vendors = builder
        .clone()
        .connect(&Config::from_toml(text).unwrap())
        .unwrap();
    assert!(vendors.payment().is_ok() && vendors.email().is_ok());
    let storage = Config::from_toml("mode = \"live\"\n[storage]\nvendor = \"acme\"").unwrap();
    let error = builder.connect(&storage).unwrap_err();
    assert!(error.to_string().contains("is closed"), "{error}");
    let error = Vendors::connect(&storage).unwrap_err();
    assert!(error.to_string().contains("acme is not known"), "{error}");
}

#[tokio::test]
async fn the_schema_accepts_what_connects_and_rejects_what_does_not() {
    let schema = Config::json_schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let good = toml::from_str::<Value>(&sandbox.config_toml()).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&good)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let acme = json!({"mode": "live", "payment": {"vendor": "acme", "anything": 1}});
    assert!(
        validator.is_valid(&acme),
        "tables of outside adapters are let through"
    );
    let changed = |pointer: &str, name: &str, value: Value| {
        let mut bad = good.clone();
        bad.pointer_mut(pointer).unwrap()[name] = value;
        bad
    };
    for bad in [
        changed("", "mode", json!("test")),
        changed("", "paymnt", json!({"vendor": "stripe"})),
        changed("/payment", "api_kye", json!("env:X")),
        changed("/payment", "api_key", json!("sk_test_literal")),
        changed("/payment", "base_url", json!(7)),
        changed("/email", "api_key", json!(null)),
        changed("/email", "sandbox_mode", json!("yes")),
        changed("/storage", "bucket", json!(["a"])),
        changed("/storage", "addressing", json!("sideways")),
        changed("/storage/credentials", "kind", json!("magic")),
        json!({"payment": {"vendor": "stripe", "api_key": "env:X"}}),
        json!({"mode": "live", "payment": {"vendor": "stripe"}}),
        json!({"mode": "live", "payment": {"api_key": "env:X"}}),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
    }
    sandbox.shutdown().await;
}
