//! PayPal as a payment provider: neutral requests in PayPal's wire format, its responses as neutral models.

mod authentication;
mod authorization;
mod cancel;
mod capture;
mod confirm;
mod create;
mod customer;
mod decline;
mod find;
mod id;
mod list;
mod look_up;
mod options;
mod order;
mod pay_with;
mod reauthorize;
mod refund;
mod refusal;
mod source;

use anyvendor_core::{
    Error, extension,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
        FindPayments, GetPayment, GetRefund, ListPayments, ListRefunds, ListSources, Payment,
        PaymentCapabilities, PaymentOutcome, PaymentProvider, Refund, RefundPayment, RemoveSource,
        SaveSource, SaveSourceOutcome, SavedSource,
    },
    values::Page,
};
use async_trait::async_trait;

pub(crate) use self::{
    decline::decline_of_processor,
    id::{AUTHORIZATION, CAPTURE},
    refund::{capture_of, status as refund_status},
};
pub use self::{
    options::{
        CardVerification, PayPalCaptureOptions, PayPalOptions, PayPalRefundOptions,
        ShippingPreference,
    },
    reauthorize::Reauthorize,
};
use crate::{amount::CURRENCIES, client::PayPal, config::VENDOR};

#[async_trait]
impl PaymentProvider for PayPal {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> PaymentCapabilities {
        let mut capabilities = PaymentCapabilities::default();
        capabilities.capture.manual = true;
        capabilities.capture.partial = true;
        capabilities.capture.multiple = true;
        capabilities.refund.full = true;
        capabilities.refund.partial = true;
        capabilities.refund.list = true;
        capabilities.source.customers = true;
        capabilities.source.save = true;
        capabilities.source.save_with_payment = true;
        capabilities.source.list = true;
        capabilities.source.on_vendor_page = true;
        capabilities.off_session = true;
        capabilities.find_by_reference = Some(find::CAPABILITY);
        capabilities.reference_chars = Some(127);
        capabilities.unique_reference_chars = Some(127);
        capabilities.currencies = Some(CURRENCIES);
        // For orders; payments have 45 days and the vault 3 hours.
        capabilities.idempotency_hours = Some(6);
        capabilities
    }

    async fn create(&self, request: CreatePayment) -> Result<PaymentOutcome, Error> {
        self.create_order(request).await
    }

    async fn confirm(&self, request: ConfirmPayment) -> Result<PaymentOutcome, Error> {
        self.confirm_order(request).await
    }

    async fn capture(&self, request: CapturePayment) -> Result<PaymentOutcome, Error> {
        self.capture_authorization(request).await
    }

    async fn cancel(&self, request: CancelPayment) -> Result<PaymentOutcome, Error> {
        self.void_authorization(request).await
    }

    async fn get(&self, request: GetPayment) -> Result<Payment, Error> {
        extension::none(VENDOR, &request.extensions)?;
        let scope = self.pipeline.reading(&request.options);
        self.look_payment_up(&request.payment, &scope).await
    }

    async fn list(&self, _: ListPayments) -> Result<Page<Payment>, Error> {
        Err(Error::unsupported(VENDOR, "listing payments"))
    }

    async fn find_by_reference(&self, request: FindPayments) -> Result<Vec<Payment>, Error> {
        self.find(request).await
    }

    async fn list_refunds(&self, request: ListRefunds) -> Result<Page<Refund>, Error> {
        self.refunds_of(request).await
    }

    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error> {
        self.refund_capture(request).await
    }

    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error> {
        self.look_refund_up(request).await
    }

    async fn get_or_create_customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        customer::customer(&request)
    }

    async fn save_source(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        self.save(request).await
    }

    async fn list_sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        self.sources(request).await
    }

    async fn remove_source(&self, request: RemoveSource) -> Result<(), Error> {
        self.remove(request).await
    }
}
