//! Refunding captured money. A refund belongs to one capture.

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    payment::{GetRefund, Refund, RefundFailure, RefundPayment, RefundStatus},
    resilience::{CallOptions, MalformedResponse, Operation, OperationClass, response_id},
    values::VendorId,
};
use http::{HeaderMap, Method};
use serde_json::json;

use super::{
    id::{self, Named},
    order::{is_taken, time},
};
use crate::{
    amount::{from_wire, to_wire},
    client::{PayPal, Post},
    config::VENDOR,
    wire::{Booking, Order},
};

const REFUND: Operation = Operation::new(
    "payment.refund",
    &Method::POST,
    "/v2/payments/captures/{id}/refund",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.refund.get",
    &Method::GET,
    "/v2/payments/refunds/{id}",
    OperationClass::Safe,
);

impl PayPal {
    pub(super) async fn refund_capture(&self, request: RefundPayment) -> Result<Refund, Error> {
        if !request.metadata.is_empty() {
            return Err(Error::unsupported(VENDOR, "metadata").with_field("metadata"));
        }
        let amount = request.amount.map(|amount| to_wire(amount, "amount"));
        let amount = amount.transpose()?;
        let options = &request.options;
        let capture = match id::payment(&request.payment)? {
            Named::Capture(id) => id.to_owned(),
            _ => self.only_capture(&request.payment, options).await?,
        };
        // An empty body refunds all that is left. The reason is not sent: PayPal's only field for it is a note to the payer.
        let body = match &amount {
            Some(amount) => json!({ "amount": amount }),
            None => json!({}),
        };
        let segments = ["v2", "payments", "captures", &capture, "refund"];
        let response = self
            .post(Post {
                operation: &REFUND,
                segments: &segments,
                body: Some(&body),
                key: &request.idempotency_key,
                step: "refund",
                headers: HeaderMap::new(),
                options,
            })
            .await?;
        let mut refund = response.decode(|booking: Booking| to_model(&booking))?;
        if let Some(sent) = request.amount
            && sent != refund.amount
        {
            let received = refund.amount;
            // The request id returns the refund that it made first.
            let message = format!(
                "the key was used before for {received}, or {sent} was sent and {received} was received; look the payment up"
            );
            return Err(match response.head.status.as_u16() {
                200 => response.head.refused(Kind::IdempotencyMismatch, message),
                _ => response.head.malformed(ProtocolReason::Mismatch, message),
            });
        }
        refund.payment = Some(request.payment);
        Ok(refund)
    }

    /// The only capture of a payment. The caller must choose among several: our choice could differ from one call to the
    /// next, and refund twice.
    async fn only_capture(
        &self,
        payment: &VendorId,
        options: &CallOptions,
    ) -> Result<String, Error> {
        let id = self.order_id(payment, options).await?;
        let order: Order = self.order(&id, options).await?.json()?;
        let units = order.purchase_units.into_iter();
        let mut taken = units
            .flat_map(|unit| unit.payments.captures)
            .filter(|capture| is_taken(&capture.status));
        match (taken.next(), taken.next()) {
            (Some(capture), None) => Ok(capture.id),
            (None, _) => {
                let message = "there is no captured amount to refund";
                Err(Error::new(Kind::Conflict, Delivery::Refused, message).with_vendor(VENDOR))
            }
            (Some(_), Some(_)) => Err(Error::invalid(
                "payment",
                "was captured in several parts; name one of the captures in its `transactions`",
            )),
        }
    }

    pub(super) async fn look_refund_up(&self, request: GetRefund) -> Result<Refund, Error> {
        let id = request.refund.expect_vendor(VENDOR, "refund")?;
        let options = &request.options;
        let segments = ["v2", "payments", "refunds", id];
        let response = self.get(&GET, &segments, &[], options).await?;
        let (mut refund, capture) =
            response.decode(|booking: Booking| Ok((to_model(&booking)?, capture_of(&booking))))?;
        if let Some(capture) = capture {
            let order = self.order_of_capture(&capture, options).await?;
            let order = response.head.vendor_id(None, &order)?;
            refund.payment = Some(order);
        }
        Ok(refund)
    }
}

/// The capture that a refund belongs to, by its `up` link.
pub(crate) fn capture_of(refund: &Booking) -> Option<String> {
    let up = refund.links.iter().find(|link| link.rel == "up")?;
    let (_, id) = up.href.rsplit_once('/')?;
    (!id.is_empty()).then(|| id.to_owned())
}

fn to_model(refund: &Booking) -> Result<Refund, MalformedResponse> {
    let status = status(refund);
    let amount = refund.amount.as_ref().ok_or(MalformedResponse::bad_body(
        "the response contains no amount; look the payment up",
    ))?;
    let mut model = Refund::new(
        response_id(VENDOR, None, &refund.id)?,
        status,
        from_wire(amount)?,
    );
    model.created_at = time(refund.create_time.as_deref());
    Ok(model)
}

/// The neutral status of a refund.
pub(crate) fn status(refund: &Booking) -> RefundStatus {
    match refund.status.as_str() {
        "COMPLETED" => RefundStatus::Succeeded,
        "PENDING" => RefundStatus::Pending,
        "FAILED" => {
            let reason = refund.status_details.as_ref();
            let reason = reason.and_then(|details| details.reason.clone());
            RefundStatus::Failed(reason.map_or(RefundFailure::Unknown, RefundFailure::Other))
        }
        "CANCELLED" => RefundStatus::Cancelled,
        other => RefundStatus::Other(other.to_owned()),
    }
}
