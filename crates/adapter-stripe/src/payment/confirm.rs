//! Continuing a payment that is waiting. Stripe moves the money itself once the payer has authenticated, so a payment is
//! looked up first and confirmed only if it is waiting for that; see
//! <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{ConfirmPayment, PayerPresence, Payment, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
};
use http::Method;

use super::create::source_of;
use crate::{
    client::{Post, Stripe},
    config::VENDOR,
    error::is_state,
    wire::ErrorBody,
};

const CONFIRM: Operation = Operation::new(
    "payment.confirm",
    &Method::POST,
    "/v1/payment_intents/{id}/confirm",
    OperationClass::Keyed,
);

impl Stripe {
    pub(super) async fn confirm_payment(
        &self,
        request: ConfirmPayment,
    ) -> Result<PaymentOutcome, Error> {
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        let source = source_of(request.source.as_ref())?;
        let options = &request.options;
        let payment = self.look_payment_up(id, options).await?;
        if !awaits_confirmation(&payment, source.is_some()) {
            return Ok(payment.into());
        }
        let form = Form::default()
            .add_some("payment_method", source)
            .add_some("return_url", request.return_url.as_ref())
            .add("expand[0]", "latest_charge");
        let segments = ["v1", "payment_intents", id, "confirm"];
        let key = &request.idempotency_key;
        let response = self
            .post(Post {
                operation: &CONFIRM,
                segments: &segments,
                form,
                key,
                account: None,
                options,
            })
            .await?;
        if response.head.status.is_success() {
            return self.outcome(&response, PayerPresence::OnSession);
        }
        let ErrorBody { error } = response.json()?;
        if is_state(&error) {
            // It was confirmed elsewhere in the meantime.
            Ok(self
                .current_payment(&response, error, id, options)
                .await?
                .into())
        } else {
            self.declined(&response, error, PayerPresence::OnSession)
        }
    }
}

/// Whether the payment is waiting for a confirmation; without a source it needs one first, and after a decline another one.
fn awaits_confirmation(payment: &Payment, has_source: bool) -> bool {
    match payment.status {
        PaymentStatus::RequiresConfirmation => true,
        PaymentStatus::RequiresSource | PaymentStatus::Declined(_) => has_source,
        _ => false,
    }
}
