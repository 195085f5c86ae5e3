//! Signs the posts of events:
//! <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::webhooks::{Sign, ToSign};

/// The bytes before the point of a P-256 public key in SubjectPublicKeyInfo form (RFC 5480).
const PUBLIC_KEY_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The signing key. It is random and does not follow from the seed, because ring generates it.
pub(super) struct SigningKey(EcdsaKeyPair);

impl SigningKey {
    /// Generates a key; `None` if the machine has no random numbers.
    pub(super) fn new() -> Option<Self> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).ok()?;
        Some(Self(pair))
    }

    /// The public key in the form that SendGrid shows.
    pub(super) fn public(&self) -> String {
        BASE64_STANDARD.encode([&PUBLIC_KEY_PREFIX, self.0.public_key().as_ref()].concat())
    }
}

/// Signs with ECDSA over the time and the body.
pub(super) struct SendGridSigner(pub(super) SigningKey);

impl Sign for SendGridSigner {
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)> {
        let time = request.at.as_second().to_string();
        let signed = [time.as_bytes(), request.body].concat();
        let signature = self.0.0.sign(&SystemRandom::new(), &signed);
        let signature = signature.map_or_else(|_| String::new(), |s| BASE64_STANDARD.encode(s));
        vec![
            ("X-Twilio-Email-Event-Webhook-Signature", signature),
            ("X-Twilio-Email-Event-Webhook-Timestamp", time),
        ]
    }
}
