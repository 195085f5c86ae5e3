//! Stripe as a payment provider: neutral requests in Stripe's wire format, its responses as neutral models.

mod cancel;
mod capture;
mod confirm;
mod create;
mod customer;
mod decline;
mod intent;
mod look_up;
mod metadata;
mod options;
mod refund;
mod source;

use anyvendor_core::{
    Error,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
        GetPayment, GetRefund, ListPayments, ListSources, Payment, PaymentCapabilities,
        PaymentOutcome, PaymentProvider, Refund, RefundPayment, RemoveSource, SaveSource,
        SaveSourceOutcome, SavedSource,
    },
    values::Page,
};
use async_trait::async_trait;

pub use self::options::StripeOptions;
pub(crate) use self::{decline::decline, metadata::REFERENCE, refund::status as refund_status};
use crate::{client::Stripe, config::VENDOR};

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
        capabilities.source.customers = true;
        capabilities.source.save = true;
        capabilities.source.save_with_payment = true;
        capabilities.source.list = true;
        capabilities.off_session = true;
        capabilities.list = true;
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
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        self.look_payment_up(id, &request.options).await
    }

    async fn list(&self, request: ListPayments) -> Result<Page<Payment>, Error> {
        self.list_payments(request).await
    }

    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error> {
        self.refund_payment(request).await
    }

    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error> {
        self.look_refund_up(request).await
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
