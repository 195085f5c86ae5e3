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

use super::{acting::Acting, step::Found};
use crate::{
    client::Stripe,
    error::{is_state, not_now},
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
        let mut at = Acting::writing(
            self,
            CONFIRM.name,
            &request.extensions,
            &[],
            &request.options,
        )?;
        let source = at.source(request.source.as_ref())?;
        let target = match self.find(at, &request.payment).await? {
            Found::Payment(target) => target,
            Found::Page(at, _) if source.is_some() => {
                let message = "the payer chooses the source on the vendor's page";
                return Err(not_now(&at.scope, message).with_field("source"));
            }
            Found::Page(_, page) => return Ok(page.payment.into()),
        };
        let (payment, _) = self.look_up(&target.at, &target.intent).await?;
        if !awaits_confirmation(&payment, source.is_some()) {
            return Ok(target.named(payment).into());
        }
        let form = Form::default()
            .add_some("payment_method", source)
            .add_some("return_url", request.return_url.as_ref());
        let key = &request.idempotency_key;
        let response = self.step(&target, &CONFIRM, "confirm", form, key).await?;
        if !response.head.status.is_success() {
            let ErrorBody { error } = response.json()?;
            if is_state(&error) {
                // It was confirmed elsewhere in the meantime.
                let payment = self.current_payment(&target, &response, error).await?;
                return Ok(payment.into());
            }
        }
        let outcome = self
            .outcome(&target.at, &response, PayerPresence::OnSession)
            .await?;
        Ok(outcome.map_payment(|payment| target.named(payment)))
    }
}

/// Whether the payment is waiting for a confirmation; without a source it needs one first, after a decline another one, and
/// a payer who has to act may choose another in place of that.
fn awaits_confirmation(payment: &Payment, has_source: bool) -> bool {
    match payment.status {
        PaymentStatus::RequiresConfirmation => true,
        PaymentStatus::RequiresSource
        | PaymentStatus::RequiresAction(_)
        | PaymentStatus::Declined(_) => has_source,
        _ => false,
    }
}
