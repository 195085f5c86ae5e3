//! Refunding captured money. A refund belongs to one capture.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    extension,
    payment::{GetRefund, Refund, RefundFailure, RefundField, RefundPayment, RefundStatus},
    resilience::{CallScope, MalformedResponse, Operation, OperationClass, Response, response_id},
    values::{Money, VendorId},
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{
    capture::check_currency,
    id::{self, Named},
    look_up::order_of,
    options::PayPalRefundOptions,
    order::{is_taken, reference_of},
};
use crate::{
    amount::{from_wire, to_wire},
    client::{PayPal, Post},
    config::VENDOR,
    times::time,
    wire::{Booking, Order, put},
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

/// The capture that is refunded, and what is known of its payment.
struct Captured {
    id: String,
    amount: Money,
    order: VendorId,
    reference: Option<String>,
}

impl PayPal {
    pub(super) async fn refund_capture(&self, request: RefundPayment) -> Result<Refund, Error> {
        let extra = extension::only::<PayPalRefundOptions>(VENDOR, &request.extensions)?;
        let mut body = body(&request, extra)?;
        let scope = self.pipeline.writing(&request.options);
        let capture = match id::payment(&request.payment)? {
            Named::Capture(id) => self.capture(id, &scope).await?,
            _ => self.only_capture(&request.payment, &scope).await?,
        };
        check_currency(request.amount, capture.amount)?;
        if let Some(reference) = &capture.reference {
            // So that the refund's events name the payment by its reference.
            put(&mut body, "custom_id", reference.as_str());
        }
        let segments = ["v2", "payments", "captures", &capture.id, "refund"];
        let response = self
            .post(
                &scope,
                Post {
                    operation: &REFUND,
                    segments: &segments,
                    body: Some(&body),
                    key: &request.idempotency_key,
                    step: Some("refund"),
                    headers: HeaderMap::new(),
                },
            )
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
        refund.payment = Some(capture.order);
        Ok(refund)
    }

    /// The capture that the id names.
    async fn capture(&self, id: &str, scope: &CallScope) -> Result<Captured, Error> {
        let response = self.capture_by_id(id, scope).await?;
        response.decode(|booking: Booking| {
            let order = order_of(&booking)?;
            captured(&booking, &order, booking.custom_id.clone())
        })
    }

    /// The only capture of a payment. The caller must choose among several: our choice could differ from one call to the
    /// next, and refund twice.
    async fn only_capture(&self, payment: &VendorId, scope: &CallScope) -> Result<Captured, Error> {
        let id = self.order_id(payment, scope).await?;
        let response = self.order(&id, scope).await?;
        let order: Order = response.json()?;
        let reference = reference_of(&order);
        let units = order.purchase_units.iter();
        let mut taken = units
            .flat_map(|unit| &unit.payments.captures)
            .filter(|capture| is_taken(&capture.status));
        match (taken.next(), taken.next()) {
            (Some(capture), None) => read(&response, captured(capture, &order.id, reference)),
            (None, _) => {
                let message = "there is no captured amount to refund";
                Err(Error::unsent(Kind::Conflict, message).with_vendor(VENDOR))
            }
            (Some(_), Some(_)) => Err(Error::invalid(
                "payment",
                "was captured in several parts; name one of the captures in its `transactions`",
            )),
        }
    }

    pub(super) async fn look_refund_up(&self, request: GetRefund) -> Result<Refund, Error> {
        extension::none(VENDOR, &request.extensions)?;
        let id = request.refund.expect_vendor(VENDOR, "refund")?;
        let scope = self.pipeline.reading(&request.options);
        let segments = ["v2", "payments", "refunds", id];
        let response = self.get(&scope, &GET, &segments, &[]).await?;
        let (mut refund, capture) =
            response.decode(|booking: Booking| Ok((to_model(&booking)?, capture_of(&booking))))?;
        if let Some(capture) = capture {
            let response = self.capture_by_id(&capture, &scope).await?;
            let order = response.decode(|booking: Booking| order_of(&booking))?;
            refund.payment = Some(response.head.vendor_id(None, &order)?);
        }
        Ok(refund)
    }
}

/// Decides about every field of the request, and writes the body.
fn body(request: &RefundPayment, extra: Option<&PayPalRefundOptions>) -> Result<Value, Error> {
    // An empty body refunds all that is left.
    let mut body = json!({});
    for field in request.fields() {
        match field {
            RefundField::Payment | RefundField::IdempotencyKey | RefundField::Options => {}
            RefundField::Amount => {
                let amount = request.amount.map(|amount| to_wire(amount, "amount"));
                put(&mut body, "amount", json!(amount.transpose()?));
            }
            // A note for the application's own records. PayPal's only field for it is a note that the payer reads.
            RefundField::Reason => {}
            RefundField::Metadata => {
                return Err(Error::unsupported(VENDOR, "metadata").with_field(field.name()));
            }
            RefundField::Extensions => {
                let texts = extra.map(PayPalRefundOptions::fields).transpose()?;
                for (name, text) in texts.unwrap_or_default() {
                    put(&mut body, name, text);
                }
            }
        }
    }
    Ok(body)
}

fn captured(
    capture: &Booking,
    order: &str,
    reference: Option<String>,
) -> Result<Captured, MalformedResponse> {
    let amount = capture.amount.as_ref().ok_or(NO_AMOUNT)?;
    Ok(Captured {
        id: capture.id.clone(),
        amount: from_wire(amount)?,
        order: response_id(VENDOR, None, order)?,
        reference,
    })
}

fn read<T>(response: &Response, read: Result<T, MalformedResponse>) -> Result<T, Error> {
    read.map_err(|malformed| malformed.into_error(&response.head))
}

const NO_AMOUNT: MalformedResponse =
    MalformedResponse::bad_body("the response contains no amount; look the payment up");

/// The capture that a refund belongs to, by its `up` link.
pub(crate) fn capture_of(refund: &Booking) -> Option<String> {
    let up = refund.links.iter().find(|link| link.rel == "up")?;
    let (_, id) = up.href.rsplit_once('/')?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// A refund as a neutral one, of which the payment is not known.
pub(super) fn to_model(refund: &Booking) -> Result<Refund, MalformedResponse> {
    let status = status(refund);
    let amount = refund.amount.as_ref().ok_or(NO_AMOUNT)?;
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
