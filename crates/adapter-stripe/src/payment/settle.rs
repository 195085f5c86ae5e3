//! Capturing and cancelling what was reserved.

use anyvendor_core::{
    Error, Kind,
    form::Form,
    payment::{
        CancelPayment, CancelReason, CapturePayment, PayerPresence, Payment, PaymentOutcome,
        PaymentStatus,
    },
    resilience::{CallOptions, Operation, OperationClass, Response},
    values::Money,
};
use http::Method;

use super::same_amount;
use crate::{
    VENDOR,
    amount::to_wire,
    client::Stripe,
    error::is_state,
    wire::{ApiError, ErrorBody},
};

const CAPTURE: Operation = Operation::new(
    "payment.capture",
    &Method::POST,
    "/v1/payment_intents/{id}/capture",
    OperationClass::Keyed,
);
const CANCEL: Operation = Operation::new(
    "payment.cancel",
    &Method::POST,
    "/v1/payment_intents/{id}/cancel",
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
        // `final_capture` is true by Stripe's default and taken from multicapture accounts only, so it is not sent.
        let form = Form::default()
            .add_some("amount_to_capture", amount)
            .add("expand[0]", "latest_charge");
        let (key, options) = (&request.idempotency_key, &request.options);
        let segments = ["v1", "payment_intents", id, "capture"];
        let response = self
            .post(&CAPTURE, &segments, form, key, None, options)
            .await?;
        if !response.head.status.is_success() {
            let ErrorBody { error } = response.json()?;
            if !is_state(&error) {
                return self.declined(&response, error, PayerPresence::OnSession);
            }
            let code = error.code.clone();
            let payment = self.as_it_stands(&response, error, id, options).await?;
            return match is_captured(&payment, request.amount) {
                true => Ok(payment.into()),
                false => Err(conflict(
                    &response,
                    code,
                    "the payment is not reserved, or was captured with another amount",
                )),
            };
        }
        let outcome = self.outcome(&response, PayerPresence::OnSession)?;
        if let (PaymentOutcome::Captured(payment), Some(wanted)) = (&outcome, request.amount) {
            same_amount(&response.head, payment.captured, wanted)?;
        }
        Ok(outcome)
    }

    pub(super) async fn cancel_payment(
        &self,
        request: CancelPayment,
    ) -> Result<PaymentOutcome, Error> {
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        let reason = request.reason.map(cancel_reason).transpose()?;
        let form = Form::default()
            .add_some("cancellation_reason", reason)
            .add("expand[0]", "latest_charge");
        let (key, options) = (&request.idempotency_key, &request.options);
        let segments = ["v1", "payment_intents", id, "cancel"];
        let response = self
            .post(&CANCEL, &segments, form, key, None, options)
            .await?;
        if response.head.status.is_success() {
            return self.outcome(&response, PayerPresence::OnSession);
        }
        let ErrorBody { error } = response.json()?;
        let code = error.code.clone();
        let payment = self.as_it_stands(&response, error, id, options).await?;
        match payment.status {
            PaymentStatus::Cancelled | PaymentStatus::Expired => Ok(payment.into()),
            _ => Err(conflict(
                &response,
                code,
                "the payment can no longer be cancelled; refund it instead",
            )),
        }
    }

    /// How the payment stands that a refusal because of its state is about: the error shows it, or it is looked up.
    pub(super) async fn as_it_stands(
        &self,
        response: &Response,
        error: ApiError,
        id: &str,
        options: &CallOptions,
    ) -> Result<Payment, Error> {
        match error.payment_intent {
            Some(intent) => self
                .payment(*intent)
                .map_err(|malformed| malformed.of(&response.head)),
            None => self.look_payment_up(id, options).await,
        }
    }
}

/// Whether as much was captured before as is asked for now: the state that the caller wants is there.
fn is_captured(payment: &Payment, wanted: Option<Money>) -> bool {
    let done = matches!(
        payment.status,
        PaymentStatus::Captured | PaymentStatus::PartiallyCaptured
    );
    done && payment.captured == wanted.unwrap_or(payment.amount)
}

fn conflict(response: &Response, code: Option<String>, message: &str) -> Error {
    let error = response.head.refused(Kind::Conflict, message);
    match code {
        Some(code) => error.with_vendor_code(code),
        None => error,
    }
}

fn cancel_reason(reason: CancelReason) -> Result<&'static str, Error> {
    Ok(match reason {
        CancelReason::Duplicate => "duplicate",
        CancelReason::Fraudulent => "fraudulent",
        CancelReason::RequestedByCustomer => "requested_by_customer",
        CancelReason::Abandoned => "abandoned",
        _ => return Err(Error::unsupported(VENDOR, "this reason").with_field("reason")),
    })
}
