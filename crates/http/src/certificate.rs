//! Certificates that vendors sign with: checks the chain, the name and the dates, then a signature.

use std::{fmt, sync::Arc, time::Duration};

use anyvendor_core::Error;
use jiff::Timestamp;
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use webpki::EndEntityCert;

/// The root certificates that a chain may end at.
///
/// ```no_run
/// use anyvendor_http::{CertificateTrust, SystemClock};
/// use anyvendor_core::resilience::Clock;
///
/// # fn example(chain: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, anyvendor_core::Error> {
/// let trust = CertificateTrust::platform()?;
/// let is_vendor = |name: &str| name == "messageverificationcerts.acme.example";
/// let certificate = trust.check(chain, is_vendor, SystemClock.wall());
/// let genuine = certificate.is_some_and(|certificate| certificate.verifies(message, signature));
/// # Ok(genuine) }
/// ```
#[derive(Clone)]
pub struct CertificateTrust(Arc<dyn ServerCertVerifier>);

impl CertificateTrust {
    /// Trusts the roots of this machine, as TLS does. Reads them, which blocks.
    ///
    /// # Errors
    /// `Config` if they cannot be read.
    pub fn platform() -> Result<Self, Error> {
        let verifier = rustls_platform_verifier::Verifier::new(provider());
        let verifier = verifier.map_err(|error| {
            cannot("the root certificates of this machine cannot be read").with_source(error)
        })?;
        Ok(Self(Arc::new(verifier)))
    }

    /// Trusts only these roots, in PEM form.
    ///
    /// # Errors
    /// `Config` if there is no root, or one cannot be read.
    pub fn roots(pem: &str) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let root = root.map_err(|_| cannot("a root is not valid PEM"))?;
            roots
                .add(root)
                .map_err(|error| cannot("a root is not a valid certificate").with_source(error))?;
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let verifier =
            verifier.map_err(|error| cannot("there is no root certificate").with_source(error))?;
        Ok(Self(verifier))
    }

    /// The first certificate of a chain in PEM form, if it is valid now, leads to a trusted root and is for a name that
    /// `is_name` accepts. As in TLS, only the names in the subject alternative name extension count; a common name must be
    /// there too (CA/Browser Forum Baseline Requirements, 7.1.4.3).
    #[must_use]
    pub fn check(
        &self,
        chain: &[u8],
        is_name: impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Option<SigningCertificate> {
        let mut chain = CertificateDer::pem_slice_iter(chain);
        let leaf = chain.next()?.ok()?;
        let others = chain.collect::<Result<Vec<_>, _>>().ok()?;
        let name = EndEntityCert::try_from(&leaf)
            .ok()?
            .valid_dns_names()
            .find(|name| is_name(name))?
            .to_owned();
        let now = Duration::from_secs(u64::try_from(now.as_second()).ok()?);
        let (name, now) = (
            ServerName::try_from(name).ok()?,
            UnixTime::since_unix_epoch(now),
        );
        let trusted = self.0.verify_server_cert(&leaf, &others, &name, &[], now);
        trusted.ok().map(|_| SigningCertificate(leaf.into_owned()))
    }
}

impl fmt::Debug for CertificateTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateTrust(..)")
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn cannot(why: &str) -> Error {
    Error::config("certificates", why)
}

/// A certificate that is trusted for signatures.
#[derive(Debug, Clone)]
pub struct SigningCertificate(CertificateDer<'static>);

impl SigningCertificate {
    /// Whether the certificate's key made this signature (RSA PKCS#1 v1.5, SHA-256) of the message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        EndEntityCert::try_from(&self.0).is_ok_and(|certificate| {
            let algorithm = webpki::ring::RSA_PKCS1_2048_8192_SHA256;
            certificate
                .verify_signature(algorithm, message, signature)
                .is_ok()
        })
    }
}
