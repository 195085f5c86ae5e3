//! What a suite asks of an adapter: the provider, and what nobody but its author can know of the vendor.

use std::sync::Arc;

use anyvendor_core::{
    email::EmailProvider,
    payment::{DeclineCode, PaymentProvider},
    storage::StorageProvider,
    values::{EmailAddress, Money, VendorId},
};
use url::Url;

/// A payment vendor under test.
#[derive(Debug, Clone)]
pub struct PaymentHarness {
    /// The provider.
    pub provider: Arc<dyn PaymentProvider>,
    /// An amount that the vendor takes, at least ten units of the currency.
    pub amount: Money,
    /// A source that pays.
    pub good_source: VendorId,
    /// Sources that are refused, and with which code.
    pub declined_sources: Vec<DeclinedSource>,
    /// A source that wants the payer to authenticate, on and off session.
    pub action_source: Option<VendorId>,
    /// An id of the right shape that the vendor does not know.
    pub unknown_payment: VendorId,
    /// Where payers return to.
    pub return_url: Url,
}

/// A source that is refused.
#[derive(Debug, Clone)]
pub struct DeclinedSource {
    /// The source.
    pub source: VendorId,
    /// The neutral code that must come out.
    pub code: DeclineCode,
}

/// An e-mail vendor under test.
#[derive(Debug, Clone)]
pub struct EmailHarness {
    /// The provider.
    pub provider: Arc<dyn EmailProvider>,
    /// Who may send.
    pub from: EmailAddress,
    /// Who may receive.
    pub to: EmailAddress,
    /// An address that core takes and the vendor refuses.
    pub refused_recipient: Option<EmailAddress>,
    /// The id of a template that the vendor keeps.
    pub template: Option<String>,
    /// The present moment, as the vendor sees it.
    pub now: jiff::Timestamp,
}

/// A storage vendor under test.
#[derive(Debug, Clone)]
pub struct StorageHarness {
    /// The provider.
    pub provider: Arc<dyn StorageProvider>,
    /// A prefix of keys that the suite may fill and empty.
    pub prefix: String,
    /// How many bytes make the vendor's multi-part upload begin; the large stream is a bit longer than twice this.
    pub part_size: usize,
    /// Fetches links as a stranger would: without credentials.
    pub fetch: Option<Arc<dyn PresignedFetch>>,
}

/// Uses presigned links as a stranger would, with whatever HTTP client the test has.
#[async_trait::async_trait]
pub trait PresignedFetch: std::fmt::Debug + Send + Sync {
    /// Reads a link: the status and the body.
    async fn get(&self, url: &str, headers: &[(String, String)]) -> (u16, bytes::Bytes);
    /// Writes to a link: the status.
    async fn put(&self, url: &str, headers: &[(String, String)], body: bytes::Bytes) -> u16;
}
