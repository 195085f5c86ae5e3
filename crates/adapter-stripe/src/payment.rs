//! Stripe as a payment provider: our requests in its words, its answers in ours.

mod confirm;
mod create;
mod customer;
mod intent;
mod look_up;
mod metadata;
mod refund;
mod settle;
mod source;

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
        FutureUse, GetPayment, GetRefund, ListPayments, ListSources, Payment, PaymentCapabilities,
        PaymentOutcome, PaymentProvider, Refund, RefundPayment, RemoveSource, SaveSource,
        SaveSourceOutcome, SavedSource,
    },
    resilience::ResponseHead,
    values::{Money, Page},
};
use async_trait::async_trait;

pub(crate) use self::{metadata::REFERENCE, refund::status as refund_status};
use crate::{VENDOR, client::Stripe};

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

fn future_use(future: FutureUse) -> &'static str {
    match future {
        FutureUse::OnSession => "on_session",
        FutureUse::OffSession => "off_session",
    }
}

/// Compares the amount answered with the amount sent: a difference is an alarm, never a success.
fn same_amount(head: &ResponseHead, answered: Money, sent: Money) -> Result<(), Error> {
    if answered == sent {
        return Ok(());
    }
    let message = format!(
        "{sent} was sent and {answered} was answered; look the payment up before anything else"
    );
    Err(head.malformed(ProtocolReason::Mismatch, message))
}
