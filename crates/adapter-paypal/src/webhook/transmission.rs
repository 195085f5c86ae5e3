//! The headers of a delivery, which are not verified yet.

use anyvendor_core::webhook::{WebhookError, WebhookHead};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

/// The path of certificates on every host.
pub(super) const CERTIFICATES: &str = "/v1/notifications/certs/";

/// The headers of a delivery.
pub(super) struct Transmission<'a> {
    pub(super) id: &'a str,
    pub(super) time: &'a str,
    pub(super) at: Timestamp,
    pub(super) algorithm: &'a str,
    /// The signature as it was received.
    pub(super) encoded: &'a str,
    /// The decoded signature.
    pub(super) signature: Vec<u8>,
    pub(super) certificate: &'a str,
}

impl<'a> Transmission<'a> {
    pub(super) fn read(head: &WebhookHead<'a>) -> Result<Self, WebhookError> {
        let id = head.header("paypal-transmission-id")?;
        let time = head.header("paypal-transmission-time")?;
        let encoded = head.header("paypal-transmission-sig")?;
        let certificate = head.header("paypal-cert-url")?;
        let algorithm = head.header("paypal-auth-algo")?;
        if algorithm != "SHA256withRSA" {
            return Err(WebhookError::UnknownScheme(
                "the algorithm is not SHA256withRSA",
            ));
        }
        // The separator of the signed parts must not occur in any of them.
        if id.is_empty() || id.contains('|') || time.contains('|') {
            return Err(WebhookError::Malformed(
                "the transmission's id or time is not in PayPal's format",
            ));
        }
        Ok(Self {
            id,
            time,
            at: time
                .parse()
                .map_err(|_| WebhookError::Malformed("the transmission's time is invalid"))?,
            algorithm,
            encoded,
            // A value that is not base64 is as wrong as another's signature.
            signature: BASE64_STANDARD
                .decode(encoded)
                .map_err(|_| WebhookError::BadSignature)?,
            certificate,
        })
    }

    /// The host of the certificate and its name there; `None` unless the host is one of these and the path is a certificate's.
    pub(super) fn certificate_at<'h>(&self, hosts: &'h [String]) -> Option<(&'h str, &'a str)> {
        pinned(self.certificate, hosts)
    }
}

/// The host, one of `hosts`, and the name of a certificate at this URL, as for [`Transmission::certificate_at`].
pub(super) fn pinned<'h, 'a>(url: &'a str, hosts: &'h [String]) -> Option<(&'h str, &'a str)> {
    let (host, name) = url.split_once(CERTIFICATES)?;
    let host = hosts.iter().find(|own| *own == host)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ((1..=128).contains(&name.len()) && name.bytes().all(plain)).then_some((host, name))
}
