//! An application's own reqwest works once the default crypto provider is installed.
//!
//! The default belongs to the process, so this test has its own binary.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anyvendor_http::{HttpTransport, TransportConfig, install_crypto_provider};

#[test]
fn an_applications_own_reqwest_works_after_installing() {
    HttpTransport::new(TransportConfig::default()).unwrap();
    assert!(
        install_crypto_provider(),
        "anyvendor's own transport installs no default"
    );
    reqwest::Client::builder().build().unwrap();
    assert!(!install_crypto_provider(), "there is a default already");
}
