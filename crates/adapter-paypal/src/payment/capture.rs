//! Capturing reserved money: an authorization can be captured in several parts.

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    payment::{CapturePayment, Payment, PaymentOutcome, PaymentStatus},
    resilience::{CallOptions, Operation, OperationClass, Response},
    values::Money,
};
use http::{HeaderMap, Method};
use serde_json::json;

use super::{
    decline::decline_of_processor,
    id::{self, Named},
    order::{is_open, is_refused},
};
use crate::{
    amount::{from_wire, to_wire},
    client::{PayPal, Post},
    config::VENDOR,
    error::gravest,
    issue::Group,
    wire::{Booking, ErrorBody, Order, put},
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
        let options = &request.options;
        let amount = request.amount.map(|amount| to_wire(amount, "amount"));
        let amount = amount.transpose()?;
        let named = id::payment(&request.payment)?;
        let (mut order, payment) = self.order_and_payment(&request, options).await?;
        if request
            .amount
            .is_some_and(|asked| asked.currency() != payment.amount.currency())
        {
            let remedy = format_args!("must be in {}", payment.amount.currency().code());
            return Err(Error::invalid("amount", remedy));
        }
        // Sent even if nothing is reserved any more: the key returns the capture that it made.
        let Some(id) = authorization(&order, named) else {
            return as_asked(payment, request.amount);
        };
        let mut body = json!({"final_capture": request.final_capture});
        if let Some(amount) = &amount {
            put(&mut body, "amount", json!(amount));
        }
        let segments = ["v2", "payments", "authorizations", &id, "capture"];
        let response = self
            .post(Post {
                operation: &CAPTURE,
                segments: &segments,
                body: Some(&body),
                key: &request.idempotency_key,
                step: "capture",
                headers: HeaderMap::new(),
                options,
            })
            .await?;
        if !response.head.status.is_success() {
            let refusal: ErrorBody = response.json()?;
            if let Some((Group::AlreadyDone, _)) = gravest(&refusal) {
                let now = self.look_payment_up(&request.payment, options).await?;
                return as_asked(now, request.amount);
            }
            return self.refused(&response, Some(payment));
        }
        let capture: Booking = response.json()?;
        let known = order
            .purchase_units
            .iter()
            .flat_map(|unit| &unit.payments.captures)
            .any(|known| known.id == capture.id);
        let expected = request.amount.or((!known).then_some(payment.capturable));
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

    async fn order_and_payment(
        &self,
        request: &CapturePayment,
        options: &CallOptions,
    ) -> Result<(Order, Payment), Error> {
        let id = self.order_id(&request.payment, options).await?;
        let response = self.order(&id, options).await?;
        response.decode(|order: Order| {
            let payment = self.payment(&order)?;
            Ok((order, payment))
        })
    }
}

/// The authorization that still reserves money: the one that the id names, or the only one.
pub(super) fn open_authorization(order: &Order, named: Named<'_>) -> Option<String> {
    let units = order.purchase_units.iter();
    let mut open = units
        .flat_map(|unit| &unit.payments.authorizations)
        .filter(|authorization| is_open(&authorization.status));
    let found = match named {
        Named::Authorization(id) => open.find(|authorization| authorization.id == id),
        _ => open.next(),
    };
    found.map(|authorization| authorization.id.clone())
}

/// The authorization to capture: the one that the id names, the one that still reserves money, or the last one.
fn authorization(order: &Order, named: Named<'_>) -> Option<String> {
    if let Named::Authorization(id) = named {
        return Some(id.to_owned());
    }
    open_authorization(order, named).or_else(|| {
        let units = order.purchase_units.iter();
        let last = units.flat_map(|unit| &unit.payments.authorizations).last();
        last.map(|authorization| authorization.id.clone())
    })
}

/// Compares the captured amount with the expected one: a difference is an error, never a success.
fn same_amount(
    response: &Response,
    capture: &Booking,
    expected: Option<Money>,
) -> Result<(), Error> {
    let taken = capture.amount.as_ref().map(from_wire).transpose();
    let taken = taken.map_err(|malformed| malformed.into_error(&response.head))?;
    match (expected, taken) {
        (Some(expected), Some(taken)) if expected != taken => {
            let message = format!(
                "{expected} was expected and {taken} was received; look the payment up before anything else"
            );
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
            .filter(|one| !is_refused(&one.status));
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

/// The outcome if nothing is reserved any more. A process that lost its record of a capture asks again, and the requested
/// state already exists.
fn as_asked(payment: Payment, asked: Option<Money>) -> Result<PaymentOutcome, Error> {
    let there = match asked {
        Some(asked) => payment.captured == asked,
        None => payment.status == PaymentStatus::Captured,
    };
    let waits = matches!(
        payment.status,
        PaymentStatus::Expired | PaymentStatus::Processing
    );
    if there || waits {
        Ok(payment.into())
    } else {
        let message = "the payment is not reserved, or was captured with another amount";
        Err(Error::new(Kind::Conflict, Delivery::Refused, message).with_vendor(VENDOR))
    }
}
