//! Releasing reserved money: voiding an authorization.

use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{CancelPayment, Payment, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
};
use http::{HeaderMap, Method};

use super::{capture::open_authorization, id};
use crate::{
    client::{PayPal, Post},
    config::VENDOR,
    wire::Order,
};

/// Voiding twice voids once, so it can be repeated even if PayPal ignores the request id here.
const VOID: Operation = Operation::new(
    "payment.cancel",
    &Method::POST,
    "/v2/payments/authorizations/{id}/void",
    OperationClass::Idempotent,
);

impl PayPal {
    pub(super) async fn void_authorization(
        &self,
        request: CancelPayment,
    ) -> Result<PaymentOutcome, Error> {
        let options = &request.options;
        let named = id::payment(&request.payment)?;
        let order_id = self.order_id(&request.payment, options).await?;
        let response = self.order(&order_id, options).await?;
        let (mut order, payment) = response.decode(|order: Order| {
            let payment = self.payment(&order)?;
            Ok((order, payment))
        })?;
        let Some(id) = open_authorization(&order, named) else {
            return nothing_to_void(payment);
        };
        let segments = ["v2", "payments", "authorizations", &id, "void"];
        let response = self
            .post(Post {
                operation: &VOID,
                segments: &segments,
                body: None,
                key: &request.idempotency_key,
                step: "void",
                headers: HeaderMap::new(),
                options,
            })
            .await?;
        if !response.head.status.is_success() {
            // It was voided or captured elsewhere in the meantime.
            let now = self.look_payment_up(&request.payment, options).await?;
            return nothing_to_void(now);
        }
        let units = order.purchase_units.iter_mut();
        for authorization in units.flat_map(|unit| &mut unit.payments.authorizations) {
            if authorization.id == id {
                "VOIDED".clone_into(&mut authorization.status);
            }
        }
        let payment = self
            .payment(&order)
            .map_err(|malformed| malformed.into_error(&response.head))?;
        Ok(payment.into())
    }
}

/// The outcome if nothing is reserved: already voided, too late, or never paid.
fn nothing_to_void(payment: Payment) -> Result<PaymentOutcome, Error> {
    match payment.status {
        PaymentStatus::Cancelled | PaymentStatus::Expired => Ok(payment.into()),
        PaymentStatus::RequiresSource
        | PaymentStatus::RequiresConfirmation
        | PaymentStatus::RequiresAction(_) => {
            let what = "cancelling an unpaid order: it expires by itself, and takes no money unless it is confirmed";
            Err(Error::unsupported(VENDOR, what))
        }
        _ => {
            let message = "the payment can no longer be cancelled; refund it instead";
            Err(Error::new(Kind::Conflict, Delivery::Refused, message).with_vendor(VENDOR))
        }
    }
}
