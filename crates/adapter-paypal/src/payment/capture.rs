//! Capturing reserved money: an authorization can be captured in several parts.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    extension,
    payment::{CaptureField, CapturePayment, Payment, PaymentOutcome, PaymentStatus},
    resilience::{CallScope, Operation, OperationClass, Response, ResponseHead},
    values::{Money, VendorId},
};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::{
    authorization::to_capture,
    decline::decline_of_processor,
    id,
    options::PayPalCaptureOptions,
    order::{is_of, is_refused},
};
use crate::{
    amount::{from_wire, to_wire},
    client::{PayPal, Post},
    config::VENDOR,
    issue::Group,
    wire::{Booking, Order, put},
};

const CAPTURE: Operation = Operation::new(
    "payment.capture",
    &Method::POST,
    "/v2/payments/authorizations/{id}/capture",
    OperationClass::Keyed,
);

impl PayPal {
    pub(super) async fn capture_authorization(
        &self,
        request: CapturePayment,
    ) -> Result<PaymentOutcome, Error> {
        let scope = self.pipeline.writing(&request.options);
        let extra = extension::only::<PayPalCaptureOptions>(VENDOR, &request.extensions)?;
        let body = body(&request, extra)?;
        let named = id::payment(&request.payment)?;
        let (mut order, payment) = self.order_and_payment(&request.payment, &scope).await?;
        check_currency(request.amount, payment.amount)?;
        // Sent even if nothing is reserved any more: the key returns the capture that it made.
        let Some(mut id) = to_capture(&order, named) else {
            return as_asked(payment, request.amount, None);
        };
        if extra.is_some_and(|extra| extra.reauthorize)
            && let Some(new) = self.renew(&scope, &mut order, &id, &request).await?
        {
            id = new;
        }
        let segments = ["v2", "payments", "authorizations", &id, "capture"];
        let response = self
            .post(
                &scope,
                Post {
                    operation: &CAPTURE,
                    segments: &segments,
                    body: Some(&body),
                    key: &request.idempotency_key,
                    step: Some("capture"),
                    headers: HeaderMap::new(),
                },
            )
            .await?;
        if !response.head.status.is_success() {
            let refusal = Self::refusal(&response)?;
            if refusal.group == Group::AlreadyDone {
                let now = self.state_after(&response, &request.payment, &scope);
                return as_asked(now.await?, request.amount, Some(&response.head));
            }
            return Ok(refusal.of(payment));
        }
        let capture: Booking = response.json()?;
        let known = order
            .purchase_units
            .iter()
            .flat_map(|unit| &unit.payments.captures)
            .any(|known| known.id == capture.id);
        let capturable = self.payment(&order).map(|payment| payment.capturable);
        let capturable = capturable.map_err(|malformed| malformed.into_error(&response.head))?;
        let expected = request.amount.or((!known).then_some(capturable));
        same_amount(&response, &capture, expected)?;
        let refused = is_refused(&capture.status)
            .then(|| decline_of_processor(capture.processor_response.as_ref()));
        if !known {
            book(&mut order, &id, capture, request.final_capture);
        }
        let payment = self
            .payment(&order)
            .map_err(|malformed| malformed.into_error(&response.head))?;
        Ok(match refused {
            Some(decline) => PaymentOutcome::Declined(decline, Some(Box::new(payment))),
            None => payment.into(),
        })
    }

    pub(super) async fn order_and_payment(
        &self,
        payment: &VendorId,
        scope: &CallScope,
    ) -> Result<(Order, Payment), Error> {
        let id = self.order_id(payment, scope).await?;
        let response = self.order(&id, scope).await?;
        response.decode(|order: Order| {
            let payment = self.payment(&order)?;
            Ok((order, payment))
        })
    }
}

/// Decides about every field of the request, and writes the body.
fn body(request: &CapturePayment, extra: Option<&PayPalCaptureOptions>) -> Result<Value, Error> {
    let mut body = json!({});
    for field in request.fields() {
        match field {
            CaptureField::Payment | CaptureField::IdempotencyKey | CaptureField::Options => {}
            CaptureField::FinalCapture => put(&mut body, "final_capture", request.final_capture),
            CaptureField::Amount => {
                let amount = request.amount.map(|amount| to_wire(amount, "amount"));
                put(&mut body, "amount", json!(amount.transpose()?));
            }
            CaptureField::Extensions => {
                for (name, text) in extra
                    .map(PayPalCaptureOptions::fields)
                    .transpose()?
                    .unwrap_or_default()
                {
                    put(&mut body, name, text);
                }
            }
        }
    }
    Ok(body)
}

/// Checks that an amount is in the currency of the payment: in another one it would mean another amount.
pub(super) fn check_currency(asked: Option<Money>, of: Money) -> Result<(), Error> {
    match asked {
        Some(asked) if asked.currency() != of.currency() => {
            let remedy = format_args!("must be in {}", of.currency().code());
            Err(Error::invalid("amount", remedy))
        }
        _ => Ok(()),
    }
}

/// Compares the amount of a new booking with the expected one: a difference is an error, never a success.
pub(super) fn same_amount(
    response: &Response,
    booking: &Booking,
    expected: Option<Money>,
) -> Result<(), Error> {
    let received = booking.amount.as_ref().map(from_wire).transpose();
    let received = received.map_err(|malformed| malformed.into_error(&response.head))?;
    match (expected, received) {
        (Some(expected), Some(received)) if expected != received => {
            let message = format!(
                "{expected} was expected and {received} was received; look the payment up before anything else"
            );
            // 200: the request id returned what it made before.
            Err(match response.head.status.as_u16() {
                200 => response.head.refused(Kind::IdempotencyMismatch, message),
                _ => response.head.malformed(ProtocolReason::Mismatch, message),
            })
        }
        _ => Ok(()),
    }
}

/// Adds a capture to the order, as PayPal does.
fn book(order: &mut Order, authorization: &str, capture: Booking, is_final: bool) {
    for unit in &mut order.purchase_units {
        let payments = &mut unit.payments;
        let mut all = payments.authorizations.iter_mut();
        let Some(ours) = all.find(|ours| ours.id == authorization) else {
            continue;
        };
        let counts = !is_refused(&capture.status);
        payments.captures.push(capture);
        let minor = |booking: &Booking| {
            let amount = booking
                .amount
                .as_ref()
                .and_then(|amount| from_wire(amount).ok());
            amount.map_or(0, Money::minor)
        };
        let taken = payments
            .captures
            .iter()
            .filter(|one| !is_refused(&one.status) && is_of(one, authorization));
        let taken = taken.map(minor).fold(0_i64, i64::saturating_add);
        if counts {
            ours.status = if is_final || taken >= minor(ours) {
                "CAPTURED".to_owned()
            } else {
                "PARTIALLY_CAPTURED".to_owned()
            };
        }
        return;
    }
}

/// The outcome if nothing is reserved any more and this key captured nothing. The requested state is there only if the whole
/// amount was captured: of two equal parts under two keys the second was not taken, whatever the first one says.
fn as_asked(
    payment: Payment,
    asked: Option<Money>,
    refused: Option<&ResponseHead>,
) -> Result<PaymentOutcome, Error> {
    let is_whole = payment.captured.minor() >= payment.amount.minor();
    let there = is_whole && asked.is_none_or(|asked| asked == payment.captured);
    let waits = matches!(
        payment.status,
        PaymentStatus::Expired | PaymentStatus::Processing
    );
    if there || waits {
        return Ok(payment.into());
    }
    let message = format!(
        "nothing was captured: {} of {} was captured before, and {} is still reserved",
        payment.captured, payment.amount, payment.capturable
    );
    let error = match refused {
        Some(head) => head.refused(Kind::Conflict, message),
        None => Error::unsent(Kind::Conflict, message).with_vendor(VENDOR),
    };
    Err(error.with_object_id(payment.id.to_string()))
}
