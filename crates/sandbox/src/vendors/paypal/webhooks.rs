//! Signs webhook deliveries as `PayPal` does: <https://developer.paypal.com/api/rest/webhooks/rest/#verify-messages>.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crc_fast::CrcAlgorithm;
use http::Method;
use ring::rand::SystemRandom;
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};

use super::call::PayPalCall;
use crate::clock;
use crate::ids::{self, Ids};
use crate::webhooks::{Sign, ToSign};

/// The root certificate of the chain, which only tests trust. `certificates/README.md` says how the certificates were
/// made.
pub(super) const ROOT: &str = include_str!("certificates/root.pem");

/// The certificate chain that is served, the leaf first.
const CHAIN: &str = concat!(
    include_str!("certificates/leaf.pem"),
    include_str!("certificates/root.pem")
);

/// The private key of the leaf certificate.
const KEY: &str = include_str!("certificates/leaf-key.base64");

const NAME: &str = "CERT-17dc636c-bea387b0-974498ca";
const CERTIFICATES: &str = "/v1/notifications/certs";
const ALGORITHM: &str = "SHA256withRSA";

/// The key, the certificate and the listener id that deliveries are signed with.
pub(super) struct Seal {
    key: RsaKeyPair,
    webhook_id: String,
    cert_url: String,
    transmissions: Ids,
}

/// The headers of a delivery, as a client sends them back to be verified.
pub(super) struct Transmission {
    pub(super) algorithm: String,
    pub(super) cert_url: String,
    pub(super) id: String,
    pub(super) signature: String,
    pub(super) time: String,
    pub(super) webhook_id: String,
}

impl Seal {
    /// `base` is the emulator's own base URL, where the certificates are served. `None` if the key cannot be loaded.
    pub(super) fn new(base: &str, webhook_id: &str, seed: u64) -> Option<Self> {
        let text: String = KEY.split_ascii_whitespace().collect();
        let key = BASE64_STANDARD.decode(text).ok()?;
        Some(Self {
            key: RsaKeyPair::from_pkcs8(&key).ok()?,
            webhook_id: webhook_id.to_owned(),
            cert_url: format!("{base}{CERTIFICATES}/{NAME}"),
            transmissions: Ids::new(seed, "paypal transmissions"),
        })
    }

    pub(super) fn webhook_id(&self) -> &str {
        &self.webhook_id
    }

    /// Whether these bytes were signed by this emulator for this listener.
    pub(super) fn verifies(&self, sent: &Transmission, event: &[u8]) -> bool {
        let headers_match = sent.algorithm == ALGORITHM
            && sent.cert_url == self.cert_url
            && sent.webhook_id == self.webhook_id;
        let text = signed_text(&sent.id, &sent.time, &sent.webhook_id, event);
        let public = self.key.public_key();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        let bytes = BASE64_STANDARD.decode(&sent.signature);
        headers_match && bytes.is_ok_and(|bytes| public.verify(text.as_bytes(), &bytes).is_ok())
    }

    /// The headers of one transmission. Each attempt to deliver an event is a transmission with its own id.
    fn headers(
        &self,
        request: &ToSign<'_>,
        sign: impl FnOnce(&str) -> Vec<u8>,
    ) -> Vec<(&'static str, String)> {
        let id = uuid(&self.transmissions.hex(32));
        let time = clock::rfc3339(request.at.as_second());
        let text = signed_text(&id, &time, &self.webhook_id, request.body);
        vec![
            ("PAYPAL-AUTH-ALGO", ALGORITHM.to_owned()),
            ("PAYPAL-AUTH-VERSION", "v2".to_owned()),
            ("PAYPAL-CERT-URL", self.cert_url.clone()),
            ("PAYPAL-TRANSMISSION-ID", id),
            (
                "PAYPAL-TRANSMISSION-SIG",
                BASE64_STANDARD.encode(sign(&text)),
            ),
            ("PAYPAL-TRANSMISSION-TIME", time),
        ]
    }
}

/// Signs with RSA over the transmission's id and time, the listener id and the body's checksum.
pub(super) struct PayPalSigner(pub(super) Arc<Seal>);

impl Sign for PayPalSigner {
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)> {
        self.0.headers(request, |text| {
            let key = &self.0.key;
            let mut bytes = vec![0; key.public().modulus_len()];
            let random = SystemRandom::new();
            let done = key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut bytes);
            done.map_or_else(|_| Vec::new(), |()| bytes)
        })
    }
}

/// Makes deliveries that are correct except for the signature, which has the right length but was made with no key.
pub(super) struct PayPalForger(pub(super) Arc<Seal>);

impl Sign for PayPalForger {
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)> {
        self.0.headers(request, |text| {
            let drawn = ids::hash(0, &[text.as_bytes()]);
            ids::letters(drawn, self.0.key.public().modulus_len()).into_bytes()
        })
    }
}

/// The name of the certificate chain that a call asks for.
pub(super) fn certificate_of(call: &PayPalCall) -> Option<&str> {
    let rest = call.head.path.strip_prefix(CERTIFICATES)?;
    rest.strip_prefix('/')
        .filter(|_| call.head.method == Method::GET)
}

/// The certificate chain of that name.
pub(super) fn chain(name: &str) -> Option<&'static str> {
    (name == NAME).then_some(CHAIN)
}

/// The text that is signed; the body is represented by its CRC-32 in decimal.
fn signed_text(id: &str, time: &str, webhook_id: &str, body: &[u8]) -> String {
    let crc = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, body);
    format!("{id}|{time}|{webhook_id}|{crc}")
}

/// Writes 32 hexadecimal digits as a random UUID (version 4).
fn uuid(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let (first, second) = (part(0, 8), part(8, 12));
    let (third, fourth, last) = (part(13, 16), part(17, 20), part(20, 32));
    format!("{first}-{second}-4{third}-a{fourth}-{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_matches_a_known_transmission() {
        // From the tests of PayPal's Python SDK.
        let body = include_bytes!("known-event.json");
        let text = signed_text(
            "dfb3be50-fd74-11e4-8bf3-77339302725b",
            "2015-05-18T15:45:13Z",
            "4JH86294D6297924G",
            body.trim_ascii_end(),
        );
        assert_eq!(
            text,
            "dfb3be50-fd74-11e4-8bf3-77339302725b|2015-05-18T15:45:13Z|4JH86294D6297924G|2771810304"
        );
    }

    #[test]
    fn a_transmission_has_a_uuid() {
        let id = uuid(&"0123456789abcdef".repeat(2));
        assert_eq!(id, "01234567-89ab-4def-a123-456789abcdef");
    }
}
