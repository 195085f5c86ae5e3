//! Stripe as a payment provider: neutral requests in Stripe's wire format, its responses as neutral models.

mod acting;
mod cancel;
mod capture;
mod checkout;
mod confirm;
mod create;
mod current;
mod customer;
mod decline;
mod fields;
mod intent;
mod look_up;
mod metadata;
mod options;
mod refund;
mod setup;
mod source;
mod step;

use std::time::Duration;

use anyvendor_core::{
    Error,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
        FindCapability, FindPayments, GetPayment, GetRefund, ListPayments, ListRefunds,
        ListSources, Payment, PaymentCapabilities, PaymentOutcome, PaymentProvider, Refund,
        RefundPayment, RemoveSource, SaveSource, SaveSourceOutcome, SavedSource,
    },
    values::Page,
};
use async_trait::async_trait;

pub use self::options::StripeOptions;
pub(crate) use self::{decline::decline, metadata::REFERENCE, refund::status as refund_status};
use crate::{client::Stripe, config::VENDOR};

/// How long Stripe's search may lag: usually below a minute, up to an hour in an outage.
const SEARCH_LAG: Duration = Duration::from_secs(3_600);

#[async_trait]
impl PaymentProvider for Stripe {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> PaymentCapabilities {
        let mut capabilities = PaymentCapabilities::default();
        capabilities.capture.manual = true;
        capabilities.capture.partial = true;
        capabilities.refund.full = true;
        capabilities.refund.partial = true;
        capabilities.refund.list = true;
        capabilities.source.customers = true;
        capabilities.source.save = true;
        capabilities.source.save_with_payment = true;
        capabilities.source.list = true;
        capabilities.source.on_vendor_page = true;
        capabilities.off_session = true;
        capabilities.list = true;
        let find = FindCapability::new(SEARCH_LAG).with_lag_from_start(Duration::ZERO);
        capabilities.find_by_reference = Some(find);
        capabilities.reference_chars = Some(metadata::MAX_VALUE);
        capabilities.metadata = true;
        capabilities.idempotency_hours = Some(24);
        capabilities
    }

    async fn create(&self, request: CreatePayment) -> Result<PaymentOutcome, Error> {
        self.create_payment(request).await
    }

    async fn confirm(&self, request: ConfirmPayment) -> Result<PaymentOutcome, Error> {
        self.confirm_payment(request).await
    }

    async fn capture(&self, request: CapturePayment) -> Result<PaymentOutcome, Error> {
        self.capture_payment(request).await
    }

    async fn cancel(&self, request: CancelPayment) -> Result<PaymentOutcome, Error> {
        self.cancel_payment(request).await
    }

    async fn get(&self, request: GetPayment) -> Result<Payment, Error> {
        self.get_payment(request).await
    }

    async fn list(&self, request: ListPayments) -> Result<Page<Payment>, Error> {
        self.list_payments(request).await
    }

    async fn find_by_reference(&self, request: FindPayments) -> Result<Vec<Payment>, Error> {
        self.find_payments(request).await
    }

    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error> {
        self.refund_payment(request).await
    }

    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error> {
        self.refund_by_id(request).await
    }

    async fn list_refunds(&self, request: ListRefunds) -> Result<Page<Refund>, Error> {
        self.refunds_of(request).await
    }

    async fn get_or_create_customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        self.customer(request).await
    }

    async fn save_source(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        self.save(request).await
    }

    async fn list_sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        self.sources(request).await
    }

    async fn remove_source(&self, request: RemoveSource) -> Result<(), Error> {
        self.detach(request).await
    }
}
