//! Giving captured money back. A refund is of one capture.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    payment::{GetRefund, Refund, RefundFailure, RefundPayment, RefundStatus},
    resilience::{CallOptions, Operation, OperationClass},
    values::VendorId,
};
use http::{HeaderMap, Method};
use serde_json::json;

use super::{
    id::{self, Named},
    order::{is_taken, time},
};
use crate::{
    VENDOR,
    amount::{from_wire, to_wire},
    client::{PayPal, read, vendor_id},
    error::MalformedResponse,
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
        // All that is left has an empty body. The reason stays with us: PayPal has no field for it but a note to the payer.
        let body = match &amount {
            Some(amount) => json!({ "amount": amount }),
            None => json!({}),
        };
        let segments = ["v2", "payments", "captures", &capture, "refund"];
        let step = (&request.idempotency_key, "refund");
        let response = self
            .post(
                &REFUND,
                &segments,
                Some(&body),
                step,
                HeaderMap::new(),
                options,
            )
            .await?;
        let mut refund = read(&response, |booking: Booking| to_model(&booking))?;
        if let Some(sent) = request.amount
            && sent != refund.amount
        {
            let answered = refund.amount;
            // The request id brings back the refund that it made first.
            let message = format!(
                "the key was used before for {answered}, or {sent} was sent and {answered} was answered; look the payment up"
            );
            return Err(match response.head.status.as_u16() {
                200 => response.head.refused(Kind::IdempotencyMismatch, message),
                _ => response.head.malformed(ProtocolReason::Mismatch, message),
            });
        }
        refund.payment = Some(request.payment);
        Ok(refund)
    }

    /// The one capture of a payment. Of several the caller must choose: a choice of ours could differ from one call to the
    /// next, and give money back twice.
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
                let message = "nothing was captured that could be given back";
                Err(Error::new(Kind::Conflict, message).with_vendor(VENDOR))
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
        let (mut refund, capture) = read(&response, |booking: Booking| {
            Ok((to_model(&booking)?, capture_of(&booking)))
        })?;
        if let Some(capture) = capture {
            let order = self.order_of_capture(&capture, options).await?;
            let order =
                vendor_id(None, &order).map_err(|malformed| malformed.of(&response.head))?;
            refund.payment = Some(order);
        }
        Ok(refund)
    }
}

/// The capture that a refund's link leads up to.
pub(crate) fn capture_of(refund: &Booking) -> Option<String> {
    let up = refund.links.iter().find(|link| link.rel == "up")?;
    let (_, id) = up.href.rsplit_once('/')?;
    (!id.is_empty()).then(|| id.to_owned())
}

fn to_model(refund: &Booking) -> Result<Refund, MalformedResponse> {
    let status = status(refund);
    let amount = refund.amount.as_ref().ok_or(MalformedResponse(
        ProtocolReason::BadBody,
        "the response names no amount; look the payment up",
    ))?;
    let mut ours = Refund::new(vendor_id(None, &refund.id)?, status, from_wire(amount)?);
    ours.created_at = time(refund.create_time.as_deref());
    Ok(ours)
}

/// How a refund stands.
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
