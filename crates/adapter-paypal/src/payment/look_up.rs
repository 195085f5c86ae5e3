//! Looking up payments: by the order, or by an authorization or capture that leads to it.

use anyvendor_core::{
    Error, Kind,
    payment::Payment,
    resilience::{CallScope, MalformedResponse, Operation, OperationClass, Response},
    values::VendorId,
};
use http::Method;

use super::id::{self, Named};
use crate::{client::PayPal, wire::Booking};

const GET_ORDER: Operation = Operation::new(
    "payment.get",
    &Method::GET,
    "/v2/checkout/orders/{id}",
    OperationClass::Safe,
);
const GET_AUTHORIZATION: Operation = Operation::new(
    "payment.get",
    &Method::GET,
    "/v2/payments/authorizations/{id}",
    OperationClass::Safe,
);
const GET_CAPTURE: Operation = Operation::new(
    "payment.get",
    &Method::GET,
    "/v2/payments/captures/{id}",
    OperationClass::Safe,
);

impl PayPal {
    pub(super) async fn look_payment_up(
        &self,
        payment: &VendorId,
        scope: &CallScope,
    ) -> Result<Payment, Error> {
        let id = self.order_id(payment, scope).await?;
        self.read_order(&self.order(&id, scope).await?)
    }

    /// The payment after a write that PayPal rejected because of its state. The write did nothing, whatever becomes of this.
    pub(super) async fn state_after(
        &self,
        refused: &Response,
        payment: &VendorId,
        scope: &CallScope,
    ) -> Result<Payment, Error> {
        let now = self.look_payment_up(payment, scope).await;
        now.map_err(|error| {
            let message =
                "the payment was already in another state, which could not be read; look it up";
            refused
                .head
                .refused(Kind::Conflict, message)
                .with_source(error)
        })
    }

    pub(super) async fn order(&self, id: &str, scope: &CallScope) -> Result<Response, Error> {
        let segments = ["v2", "checkout", "orders", id];
        self.get(scope, &GET_ORDER, &segments, &[]).await
    }

    /// The order of a payment, whichever object its id names.
    pub(super) async fn order_id(
        &self,
        payment: &VendorId,
        scope: &CallScope,
    ) -> Result<String, Error> {
        let (operation, list, id) = match id::payment(payment)? {
            Named::Order(id) => return Ok(id.to_owned()),
            Named::Authorization(id) => (&GET_AUTHORIZATION, "authorizations", id),
            Named::Capture(id) => (&GET_CAPTURE, "captures", id),
        };
        let segments = ["v2", "payments", list, id];
        let response = self.get(scope, operation, &segments, &[]).await?;
        response.decode(|booking: Booking| order_of(&booking))
    }

    pub(super) async fn capture_by_id(
        &self,
        id: &str,
        scope: &CallScope,
    ) -> Result<Response, Error> {
        let segments = ["v2", "payments", "captures", id];
        self.get(scope, &GET_CAPTURE, &segments, &[]).await
    }
}

/// The order that an authorization or a capture belongs to.
pub(super) fn order_of(booking: &Booking) -> Result<String, MalformedResponse> {
    let related = booking.supplementary_data.as_ref();
    related
        .and_then(|data| data.related_ids.order_id.clone())
        .ok_or(MalformedResponse::bad_body(
            "the response does not contain the order's id; use the payment's own id",
        ))
}
