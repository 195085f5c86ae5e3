//! Capturing a reserved payment; see <https://docs.stripe.com/api/payment_intents/capture>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{CapturePayment, PayerPresence, Payment, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
    values::Money,
};
use http::Method;

use super::intent::same_amount;
use crate::{
    amount::to_wire,
    client::{Post, Stripe},
    config::VENDOR,
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
        if !request.final_capture {
            let what = "a capture that keeps the rest reserved";
            return Err(Error::unsupported(VENDOR, what).with_field("final_capture"));
        }
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        let amount = request
            .amount
            .map(|amount| to_wire(amount, "amount"))
            .transpose()?;
        // `final_capture` is true by default, and accepted only from multicapture accounts, so it is not sent.
        let form = Form::default()
            .add_some("amount_to_capture", amount)
            .add("expand[0]", "latest_charge");
        let (key, options) = (&request.idempotency_key, &request.options);
        let segments = ["v1", "payment_intents", id, "capture"];
        let response = self
            .post(Post {
                operation: &CAPTURE,
                segments: &segments,
                form,
                key,
                account: None,
                options,
            })
            .await?;
        if !response.head.status.is_success() {
            let ErrorBody { error } = response.json()?;
            if !is_state(&error) {
                return self.declined(&response, error, PayerPresence::OnSession);
            }
            let code = error.code.clone();
            let payment = self.current_payment(&response, error, id, options).await?;
            return if is_captured(&payment, request.amount) {
                Ok(payment.into())
            } else {
                Err(wrong_state(
                    &response.head,
                    code,
                    "the payment is not reserved, or was captured with another amount",
                ))
            };
        }
        let outcome = self.outcome(&response, PayerPresence::OnSession)?;
        if let (PaymentOutcome::Captured(payment), Some(wanted)) = (&outcome, request.amount) {
            same_amount(&response.head, payment.captured, wanted)?;
        }
        Ok(outcome)
    }
}

/// Whether the requested amount is already captured, which is the state that the caller wants.
fn is_captured(payment: &Payment, wanted: Option<Money>) -> bool {
    let done = matches!(
        payment.status,
        PaymentStatus::Captured | PaymentStatus::PartiallyCaptured
    );
    done && payment.captured == wanted.unwrap_or(payment.amount)
}
