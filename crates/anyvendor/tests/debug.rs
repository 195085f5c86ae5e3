//! `Debug` of the connected vendors is short and contains no secret.
#![cfg(feature = "full")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use anyvendor::{Config, Vendors};
use anyvendor_sandbox::{Sandbox, secrets_in_files};

/// At most this many bytes for each provider and each webhook verifier.
const PER_VENDOR: usize = 200;

#[tokio::test]
async fn vendors_print_briefly_and_without_secrets() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = std::env::temp_dir().join(format!("anyvendor-debug-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let one = secrets_in_files(&sandbox.config_toml(), sandbox.variables(), &folder).unwrap();
    let routed = one.replacen(
        "[payment]\n",
        "[payment]\nfailover = [\"paypal\"]\nroutes = \"memory\"\n",
        1,
    );
    assert_ne!(one, routed, "two vendors of payments");
    for (text, payment_vendors) in [(one, 1), (routed, 2)] {
        let vendors = Vendors::connect(&Config::from_toml(&text).unwrap()).unwrap();
        let count = payment_vendors + 4 + vendors.webhooks().len();
        let shown = format!("{vendors:?}");
        assert!(shown.len() < PER_VENDOR * count, "{}: {shown}", shown.len());
        for part in [
            "127.0.0.1",
            "breaker: Closed",
            "stripe",
            "sendgrid",
            "twilio",
            "s3",
        ] {
            assert!(shown.contains(part), "`{part}` is not in: {shown}");
        }
        for (name, value) in sandbox.variables() {
            assert!(!shown.contains(&value), "{name} is in: {shown}");
        }
        for provider in [
            format!("{:?}", vendors.email().unwrap()),
            format!("{:?}", vendors.messaging().unwrap()),
            format!("{:?}", vendors.storage().unwrap()),
        ] {
            assert!(provider.len() < PER_VENDOR, "{provider}");
        }
    }
    fs::remove_dir_all(folder).unwrap();
    sandbox.shutdown().await;
}
