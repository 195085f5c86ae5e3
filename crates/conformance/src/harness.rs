//! What a suite asks of an adapter: the provider, and what nobody but its author can know of the vendor.

use std::sync::Arc;

use anyvendor_core::{
    email::EmailProvider,
    messaging::MessagingProvider,
    payment::{DeclineCode, PaymentProvider},
    storage::StorageProvider,
    transport::{Outgoing, OutgoingBody, Transport},
    values::{EmailAddress, Money, PhoneNumber, VendorId},
};
use http::{HeaderMap, Method};
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
    /// How a payment comes to want an action of the payer.
    pub action: Option<PayerAction>,
    /// Somebody who acts for the payer on the vendor's pages; without one the cases after an action do not run.
    pub payer: Option<Arc<dyn Payer>>,
    /// An id of the right shape that the vendor does not know.
    pub unknown_payment: VendorId,
    /// Where payers return to.
    pub return_url: Url,
}

/// How a payment comes to want an action of the payer.
#[derive(Debug, Clone)]
pub enum PayerAction {
    /// By a source that wants the payer to authenticate, on and off session.
    Source(VendorId),
    /// By having no source: the payer chooses one on the vendor's page.
    NoSource,
}

/// Acts for the payer on a vendor's page.
#[async_trait::async_trait]
pub trait Payer: std::fmt::Debug + Send + Sync {
    /// Opens the page and agrees, or refuses to.
    async fn act(&self, page: &Url, agrees: bool);
}

/// A payer for doubles whose pages take the response in the query, `outcome=approve` or `outcome=refuse`.
#[derive(Debug, Clone)]
pub struct PagePayer(pub Arc<dyn Transport>);

#[async_trait::async_trait]
impl Payer for PagePayer {
    async fn act(&self, page: &Url, agrees: bool) {
        let mut page = page.clone();
        let outcome = if agrees { "approve" } else { "refuse" };
        page.query_pairs_mut().append_pair("outcome", outcome);
        // A page that does not come is opened again, as a person does; what came of it is seen when the payment is confirmed.
        for _ in 0..5 {
            let nothing = OutgoingBody::from(bytes::Bytes::new());
            let request = Outgoing::new(Method::GET, page.clone(), HeaderMap::new(), nothing);
            match self.0.send(request).await {
                Ok(response) if response.status.as_u16() < 400 => return,
                _ => {}
            }
        }
    }
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

/// A messaging vendor under test.
#[derive(Debug, Clone)]
pub struct MessagingHarness {
    /// The provider; it has a sender of its own for each channel that it can use.
    pub provider: Arc<dyn MessagingProvider>,
    /// A phone that may receive.
    pub to: PhoneNumber,
    /// A number that core takes and the vendor refuses.
    pub invalid_recipient: Option<PhoneNumber>,
    /// A phone whose owner asked for no more.
    pub opted_out: Option<PhoneNumber>,
    /// The id of a template that the vendor keeps, with one variable named `1`.
    pub template: Option<String>,
    /// The address of a file that the vendor can fetch.
    pub media: Option<Url>,
    /// An id of the right shape that the vendor does not know.
    pub unknown_message: VendorId,
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
