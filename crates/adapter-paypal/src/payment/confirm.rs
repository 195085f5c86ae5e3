//! Confirming an order: PayPal does not take the money by itself once the payer has approved.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    payment::{ConfirmPayment, PayerPresence, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
};
use http::{HeaderMap, Method};
use serde_json::json;

use super::{
    create::{pay_with, saved_source},
    id::{self, Named},
};
use crate::{
    client::{PayPal, Post},
    error::gravest,
    issue::Group,
    wire::{ErrorBody, Order},
};

const CAPTURE: Operation = Operation::new(
    "payment.confirm",
    &Method::POST,
    "/v2/checkout/orders/{id}/capture",
    OperationClass::Keyed,
);
const AUTHORIZE: Operation = Operation::new(
    "payment.confirm",
    &Method::POST,
    "/v2/checkout/orders/{id}/authorize",
    OperationClass::Keyed,
);

impl PayPal {
    pub(super) async fn confirm_order(
        &self,
        request: ConfirmPayment,
    ) -> Result<PaymentOutcome, Error> {
        let source = saved_source(request.source.as_ref())?;
        let options = &request.options;
        let id = match id::payment(&request.payment)? {
            Named::Order(id) => id,
            // Money was already reserved or taken, so there is nothing left to confirm.
            _ => {
                let payment = self.look_payment_up(&request.payment, options).await?;
                return Ok(payment.into());
            }
        };
        let response = self.order(id, options).await?;
        let (order, payment) = response.decode(|order: Order| {
            let payment = self.payment(&order)?;
            Ok((order, payment))
        })?;
        let ready = match payment.status {
            PaymentStatus::RequiresConfirmation => true,
            PaymentStatus::RequiresSource | PaymentStatus::RequiresAction(_) => source.is_some(),
            _ => false,
        };
        if !ready {
            return Ok(payment.into());
        }
        let body = match source {
            Some(source) => json!({"payment_source": pay_with(source, PayerPresence::OnSession)}),
            None => json!({}),
        };
        let (operation, last) = match order.intent.as_str() {
            "AUTHORIZE" => (&AUTHORIZE, "authorize"),
            _ => (&CAPTURE, "capture"),
        };
        let segments = ["v2", "checkout", "orders", id, last];
        let response = self
            .post(Post {
                operation,
                segments: &segments,
                body: Some(&body),
                key: &request.idempotency_key,
                step: "confirm",
                headers: HeaderMap::new(),
                options,
            })
            .await?;
        if response.head.status.is_success() {
            let paid = self.read_order(&response)?;
            let taken = paid.captured.minor().max(paid.capturable.minor());
            if paid.amount != payment.amount || taken > payment.amount.minor() {
                let message = format!(
                    "{} was expected and {} of {} was received; look the payment up before anything else",
                    payment.amount, paid.captured, paid.amount
                );
                return Err(response.head.malformed(ProtocolReason::Mismatch, message));
            }
            return Ok(paid.into());
        }
        let refusal: ErrorBody = response.json()?;
        if let Some((Group::AlreadyDone, _)) = gravest(&refusal) {
            // It was confirmed elsewhere in the meantime: its current state counts.
            let now = self.order(id, options).await?;
            return self.read_order(&now).map(PaymentOutcome::from);
        }
        self.refused(&response, Some(payment))
    }
}
