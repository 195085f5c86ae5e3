//! The signature checks that vendors use. All compare in constant time; they use ring, as TLS does.

use ring::{
    digest, hmac,
    signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey},
};
use subtle::ConstantTimeEq;

/// The hash function of a MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacHash {
    /// HMAC with SHA-256.
    Sha256,
    /// HMAC with SHA-1, which is still secure in a MAC.
    Sha1,
}

/// A MAC key, prepared once.
///
/// ```
/// use anyvendor_http::signature::{MacHash, MacKey};
///
/// let key = MacKey::new(MacHash::Sha256, b"secret");
/// let mac = key.mac([&b"1760000000"[..], b".", b"{}"]);
/// // Compares in constant time with the MAC in a webhook's header.
/// assert!(!mac.is(b"forged"));
/// ```
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// A key for this hash, from its bytes.
    #[must_use]
    pub fn new(hash: MacHash, key: &[u8]) -> Self {
        let algorithm = match hash {
            MacHash::Sha256 => hmac::HMAC_SHA256,
            MacHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        };
        Self(hmac::Key::new(algorithm, key))
    }

    /// The MAC of a message given in parts.
    #[must_use]
    pub fn mac<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Mac {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        Mac(context.sign())
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(REDACTED)")
    }
}

/// A computed MAC. It can be compared but not read, because reading it would allow a forgery.
pub struct Mac(hmac::Tag);

impl Mac {
    /// Whether these bytes are the MAC. Compares in constant time.
    #[must_use]
    pub fn is(&self, mac: &[u8]) -> bool {
        equal(self.0.as_ref(), mac)
    }
}

impl std::fmt::Debug for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mac(REDACTED)")
    }
}

/// Whether both are equal. The time that it takes depends only on the lengths.
#[must_use]
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// The SHA-256 digest of the bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let digest = digest::digest(&digest::SHA256, bytes);
    for (to, from) in out.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    out
}

/// A public key on the curve P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct P256Key([u8; 65]);

impl P256Key {
    /// Reads the DER of a `SubjectPublicKeyInfo` with an uncompressed point; `None` for any other kind of key.
    #[must_use]
    pub fn from_spki_der(der: &[u8]) -> Option<Self> {
        // The head is always the same: the sequence, the two algorithms' ids, and a bit string of 65 bytes (RFC 5480).
        const HEAD: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let point = der.strip_prefix(&HEAD)?;
        let point: [u8; 65] = point.try_into().ok()?;
        (point.first() == Some(&4)).then_some(Self(point))
    }

    /// Whether the key made this DER signature (ECDSA, SHA-256) of the message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.0)
            .verify(message, signature)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::*;

    #[test]
    fn t07_mac_compare_is_constant_time() {
        // RFC 4231, case 2, and RFC 2202, case 2: the key is "Jefe".
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let sha256 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        let sha1 = "7/zfauXrL6LSdBbV8YTfnCWafHk=";
        for (hash, mac) in [(MacHash::Sha256, sha256), (MacHash::Sha1, sha1)] {
            let mac = BASE64_STANDARD.decode(mac).unwrap();
            let ours = MacKey::new(hash, b"Jefe").mac(parts);
            assert!(ours.is(&mac), "{hash:?}");
            assert!(!ours.is(&mac[1..]) && !ours.is(b""));
            assert!(!MacKey::new(hash, b"jefe").mac(parts).is(&mac));
        }
        // Every comparison is `subtle`'s, and a MAC cannot be read to be compared otherwise; `tests/tidy.rs` looks for `==`.
        assert!(equal(b"", b"") && !equal(b"a", b"b") && !equal(b"a", b"aa"));
    }

    #[test]
    fn a_key_is_a_point_of_the_right_curve() {
        let der = |text| BASE64_STANDARD.decode(text).unwrap();
        // The adapters test signatures with their vendors' own; this tests only the shape.
        let good = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
        let key = P256Key::from_spki_der(&der(good)).unwrap();
        assert!(!key.verifies(b"", b"") && !key.verifies(b"a", &[0x30, 6, 2, 1, 0, 2, 1, 0]));
        for bad in [&b""[..], b"MFkw", &der(good)[..90], &[0; 91]] {
            assert!(P256Key::from_spki_der(bad).is_none());
        }
    }
}
