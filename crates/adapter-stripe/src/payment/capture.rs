//! Capturing a reserved payment; see <https://docs.stripe.com/api/payment_intents/capture>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{CapturePayment, PayerPresence, Payment, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
    values::Money,
};
use http::Method;

use super::{acting::Acting, fields, intent::same_amount};
use crate::{
    amount::to_wire,
    client::Stripe,
    error::{is_state, wrong_state},
    wire::ErrorBody,
};

const CAPTURE: Operation = Operation::new(
    "payment.capture",
    &Method::POST,
    "/v1/payment_intents/{id}/capture",
    OperationClass::Keyed,
);

impl Stripe {
    pub(super) async fn capture_payment(
        &self,
        request: CapturePayment,
    ) -> Result<PaymentOutcome, Error> {
        fields::of_capture(&request)?;
        let at = Acting::writing(
            self,
            CAPTURE.name,
            &request.extensions,
            &[],
            &request.options,
        )?;
        let amount = request
            .amount
            .map(|amount| to_wire(amount, "amount"))
            .transpose()?;
        let target = self.target(at, &request.payment).await?;
        let at = &target.at;
        if let Some(amount) = request.amount {
            // Stripe reads a bare number in the payment's currency, whatever the caller meant.
            let (payment, _) = self.look_up(at, &target.intent).await?;
            same_currency(amount, &payment)?;
        }
        // `final_capture` is true by default, and accepted only from multicapture accounts, so it is not sent.
        let form = Form::default().add_some("amount_to_capture", amount);
        let key = &request.idempotency_key;
        let response = self.step(&target, &CAPTURE, "capture", form, key).await?;
        if !response.head.status.is_success() {
            let ErrorBody { error } = response.json()?;
            if is_state(&error) {
                let code = error.code.clone();
                let payment = self.current_payment(&target, &response, error).await?;
                return if is_captured(&payment, request.amount) {
                    Ok(payment.into())
                } else {
                    let state = format!(
                        "the payment cannot be captured so: {} of {} is captured, {} can be",
                        payment.captured, payment.amount, payment.capturable
                    );
                    Err(wrong_state(&response.head, code, state))
                };
            }
        }
        let outcome = self
            .outcome(at, &response, PayerPresence::OnSession)
            .await?;
        if let (PaymentOutcome::Captured(payment), Some(wanted)) = (&outcome, request.amount) {
            same_amount(&response.head, payment.captured, wanted)?;
        }
        Ok(outcome.map_payment(|payment| target.named(payment)))
    }
}

/// Rejects an amount in another currency than the payment's, before anything is sent that moves money.
pub(super) fn same_currency(amount: Money, payment: &Payment) -> Result<(), Error> {
    let (ours, theirs) = (amount.currency(), payment.amount.currency());
    if ours == theirs {
        return Ok(());
    }
    let remedy = format_args!("is in {ours}, but the payment is in {theirs}");
    Err(Error::invalid("amount", remedy))
}

/// Whether a rejected capture asked for what is already done: the whole amount is captured. A part is not: the books may
/// hold another part of the same size, and the same key would have been replayed.
fn is_captured(payment: &Payment, wanted: Option<Money>) -> bool {
    payment.status == PaymentStatus::Captured
        && wanted.is_none_or(|wanted| wanted == payment.amount)
}
