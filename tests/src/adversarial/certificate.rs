//! Certificates from an attacker: only the one that the root signed is trusted.

use std::sync::LazyLock;

use anyvendor_conformance::webhook::Adversarial;
use anyvendor_http::CertificateTrust;
use base64::{Engine, prelude::BASE64_STANDARD};

use super::paypal;

const MESSAGE: &[u8] = b"signed with the key of the certificate";

static TRUST: LazyLock<CertificateTrust> =
    LazyLock::new(|| CertificateTrust::roots(paypal::ROOT).expect("a root"));
static SIGNATURE: LazyLock<Vec<u8>> = LazyLock::new(|| paypal::sign(MESSAGE));

/// PEM, or the DER inside of it.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let pem = if bytes.starts_with(b"-") {
        bytes.to_vec()
    } else {
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            BASE64_STANDARD.encode(bytes)
        )
        .into()
    };
    match TRUST.check(
        &pem,
        |name| name.ends_with(".paypal.com"),
        Adversarial::now(),
    ) {
        Some(certificate) if !certificate.verifies(MESSAGE, &SIGNATURE) => {
            Err("a certificate that the root did not issue is trusted".to_owned())
        }
        _ => Ok(()),
    }
}
