//! Cancelling a payment that was not captured; see <https://docs.stripe.com/api/payment_intents/cancel> and
//! <https://docs.stripe.com/api/checkout/sessions/expire>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{CancelPayment, CancelReason, PayerPresence, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
};
use http::Method;

use super::{acting::Acting, step::Found};
use crate::{client::Stripe, config::VENDOR, error::wrong_state, wire::ErrorBody};

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
        let at = Acting::writing(
            self,
            CANCEL.name,
            &request.extensions,
            &[],
            &request.options,
        )?;
        let reason = request.reason.map(cancel_reason).transpose()?;
        let key = &request.idempotency_key;
        let target = match self.find(at, &request.payment).await? {
            Found::Payment(target) => target,
            Found::Page(_, page) if !page.is_open => return Ok(page.payment.into()),
            Found::Page(..) if reason.is_some() => {
                let what = "a reason for closing a page on which nobody has paid yet";
                return Err(Error::unsupported(VENDOR, what).with_field("reason"));
            }
            Found::Page(at, page) => {
                let payment = self.close_page(&at, &page, key).await?;
                return Ok(payment.into());
            }
        };
        let form = Form::default().add_some("cancellation_reason", reason);
        let response = self.step(&target, &CANCEL, "cancel", form, key).await?;
        if response.head.status.is_success() {
            let outcome = self
                .outcome(&target.at, &response, PayerPresence::OnSession)
                .await?;
            return Ok(outcome.map_payment(|payment| target.named(payment)));
        }
        let ErrorBody { error } = response.json()?;
        let code = error.code.clone();
        let payment = self.current_payment(&target, &response, error).await?;
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
