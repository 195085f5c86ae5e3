//! What the suites need from an adapter: the provider, and what only its author can know about the vendor.

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
///
/// ```
/// # use std::sync::Arc;
/// # use anyvendor_conformance::{PaymentHarness, payment};
/// # use anyvendor_core::payment::PaymentProvider;
/// # use anyvendor_core::values::{Currency, Money, VendorId};
/// async fn keeps_the_contract(provider: Arc<dyn PaymentProvider>) {
///     let id = |id| VendorId::new("acme", id).unwrap();
///     let harness = PaymentHarness {
///         provider,
///         amount: Money::parse_decimal("100.00", Currency::EUR).unwrap(),
///         good_source: id("card_good"),
///         declined_sources: Vec::new(),
///         action: None,
///         payer: None,
///         unknown_payment: id("pay_unknown"),
///         return_url: "https://shop.example/back".parse().unwrap(),
///     };
///     payment::run(&harness).await.assert_passed(30);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct PaymentHarness {
    /// The provider under test.
    pub provider: Arc<dyn PaymentProvider>,
    /// An amount that the vendor accepts, at least ten units of the currency.
    pub amount: Money,
    /// A source that pays.
    pub good_source: VendorId,
    /// Sources that are declined, each with its code.
    pub declined_sources: Vec<DeclinedSource>,
    /// How a payment comes to require an action of the payer; without it those cases do not run.
    pub action: Option<PayerAction>,
    /// Acts for the payer on the vendor's pages; without it the cases after an action do not run.
    pub payer: Option<Arc<dyn Payer>>,
    /// A well-formed id that the vendor does not know.
    pub unknown_payment: VendorId,
    /// The URL that payers return to.
    pub return_url: Url,
}

/// How a payment comes to require an action of the payer.
#[derive(Debug, Clone)]
pub enum PayerAction {
    /// By a source that requires the payer to authenticate, on and off session.
    Source(VendorId),
    /// By having no source: the payer chooses one on the vendor's page.
    NoSource,
}

/// Acts for the payer on a vendor's page.
#[async_trait::async_trait]
pub trait Payer: std::fmt::Debug + Send + Sync {
    /// Opens the page and approves the payment, or rejects it.
    async fn act(&self, page: &Url, agrees: bool);
}

/// A payer for emulators whose pages read the decision from the query: `outcome=approve` or `outcome=refuse`.
#[derive(Debug, Clone)]
pub struct PagePayer(pub Arc<dyn Transport>);

#[async_trait::async_trait]
impl Payer for PagePayer {
    async fn act(&self, page: &Url, agrees: bool) {
        let mut page = page.clone();
        let outcome = if agrees { "approve" } else { "refuse" };
        page.query_pairs_mut().append_pair("outcome", outcome);
        // A page that does not load is opened again, as a person would do; the result shows when the payment is confirmed.
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

/// A source that is declined.
#[derive(Debug, Clone)]
pub struct DeclinedSource {
    /// The id of the source.
    pub source: VendorId,
    /// The neutral code that the outcome must have.
    pub code: DeclineCode,
}

/// An email vendor under test.
///
/// ```
/// # use std::sync::Arc;
/// # use anyvendor_conformance::{EmailHarness, email};
/// # use anyvendor_core::email::EmailProvider;
/// async fn keeps_the_contract(provider: Arc<dyn EmailProvider>) {
///     let harness = EmailHarness {
///         provider,
///         from: "shop@example.com".parse().unwrap(),
///         to: "ann@example.com".parse().unwrap(),
///         refused_recipient: None,
///         template: None,
///         now: jiff::Timestamp::now(),
///     };
///     email::run(&harness).await.assert_passed(12);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct EmailHarness {
    /// The provider under test.
    pub provider: Arc<dyn EmailProvider>,
    /// A sender that the vendor accepts.
    pub from: EmailAddress,
    /// A recipient that the vendor accepts.
    pub to: EmailAddress,
    /// An address that core accepts and the vendor rejects.
    pub refused_recipient: Option<EmailAddress>,
    /// The id of a template that exists at the vendor.
    pub template: Option<String>,
    /// The present moment, as the vendor sees it.
    pub now: jiff::Timestamp,
}

/// A messaging vendor under test.
///
/// ```
/// # use std::sync::Arc;
/// # use anyvendor_conformance::{MessagingHarness, messaging};
/// # use anyvendor_core::{messaging::MessagingProvider, values::VendorId};
/// async fn keeps_the_contract(provider: Arc<dyn MessagingProvider>) {
///     let harness = MessagingHarness {
///         provider,
///         to: "+12025550100".parse().unwrap(),
///         invalid_recipient: None,
///         opted_out: None,
///         template: None,
///         media: None,
///         unknown_message: VendorId::new("acme", "msg_unknown").unwrap(),
///         now: jiff::Timestamp::now(),
///     };
///     messaging::run(&harness).await.assert_passed(15);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct MessagingHarness {
    /// The provider; it has a sender for each channel that it supports.
    pub provider: Arc<dyn MessagingProvider>,
    /// A number that messages may be sent to.
    pub to: PhoneNumber,
    /// A number that core accepts and the vendor rejects.
    pub invalid_recipient: Option<PhoneNumber>,
    /// A number whose owner opted out.
    pub opted_out: Option<PhoneNumber>,
    /// The id of a template that exists at the vendor, with one variable named `1`.
    pub template: Option<String>,
    /// The URL of a file that the vendor can fetch.
    pub media: Option<Url>,
    /// A well-formed id that the vendor does not know.
    pub unknown_message: VendorId,
    /// The present moment, as the vendor sees it.
    pub now: jiff::Timestamp,
}

/// A storage vendor under test.
///
/// ```
/// # use std::sync::Arc;
/// # use anyvendor_conformance::{StorageHarness, storage};
/// # use anyvendor_core::storage::StorageProvider;
/// async fn keeps_the_contract(provider: Arc<dyn StorageProvider>) {
///     let harness = StorageHarness {
///         provider,
///         prefix: "suite/".to_owned(),
///         part_size: 5 * 1024 * 1024,
///         fetch: None,
///     };
///     storage::run(&harness).await.assert_passed(28);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct StorageHarness {
    /// The provider under test.
    pub provider: Arc<dyn StorageProvider>,
    /// A prefix of keys that the suite may fill and empty.
    pub prefix: String,
    /// From how many bytes a stream is uploaded in parts; the large stream of the suite is slightly longer than twice this.
    pub part_size: usize,
    /// Uses presigned links without credentials; without it those cases do not run.
    pub fetch: Option<Arc<dyn PresignedFetch>>,
}

/// Uses presigned links without credentials, with any HTTP client.
#[async_trait::async_trait]
pub trait PresignedFetch: std::fmt::Debug + Send + Sync {
    /// Reads from a link and returns the status and the body.
    async fn get(&self, url: &str, headers: &[(String, String)]) -> (u16, bytes::Bytes);
    /// Writes to a link and returns the status.
    async fn put(&self, url: &str, headers: &[(String, String)], body: bytes::Bytes) -> u16;
}
