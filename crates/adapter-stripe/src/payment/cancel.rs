//! Cancelling a payment that was not captured; see <https://docs.stripe.com/api/payment_intents/cancel>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{CancelPayment, CancelReason, PayerPresence, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
};
use http::Method;

use crate::{
    client::{Post, Stripe},
    config::VENDOR,
    error::wrong_state,
    wire::ErrorBody,
};

const CANCEL: Operation = Operation::new(
    "payment.cancel",
    &Method::POST,
    "/v1/payment_intents/{id}/cancel",
    OperationClass::Keyed,
);

impl Stripe {
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
            .post(Post {
                operation: &CANCEL,
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
        let code = error.code.clone();
        let payment = self.current_payment(&response, error, id, options).await?;
        match payment.status {
            PaymentStatus::Cancelled | PaymentStatus::Expired => Ok(payment.into()),
            _ => Err(wrong_state(
                &response.head,
                code,
                "the payment can no longer be cancelled; refund it instead",
            )),
        }
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
