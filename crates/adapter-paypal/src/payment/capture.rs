//! Taking reserved money: an authorization may be captured in several parts.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    payment::{CapturePayment, Payment, PaymentOutcome, PaymentStatus},
    resilience::{CallOptions, Operation, OperationClass},
    values::Money,
};
use http::{HeaderMap, Method};
use serde_json::json;

use super::{
    id::{self, Named},
    order::is_open,
};
use crate::{
    VENDOR,
    amount::{from_wire, to_wire},
    client::{PayPal, read},
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
        let Some(id) = open_authorization(&order, named) else {
            return as_asked(payment, request.amount);
        };
        let mut body = json!({"final_capture": request.final_capture});
        if let Some(amount) = &amount {
            put(&mut body, "amount", json!(amount));
        }
        let segments = ["v2", "payments", "authorizations", &id, "capture"];
        let step = (&request.idempotency_key, "capture");
        let answer = self
            .post(
                &CAPTURE,
                &segments,
                Some(&body),
                step,
                HeaderMap::new(),
                options,
            )
            .await?;
        if !answer.head.status.is_success() {
            let refusal: ErrorBody = answer.json()?;
            if let Some((Group::AlreadyDone, _)) = gravest(&refusal) {
                let now = self.look_payment_up(&request.payment, options).await?;
                return as_asked(now, request.amount);
            }
            return self.refused(&answer, Some(payment));
        }
        let capture: Booking = answer.json()?;
        let taken = capture.amount.as_ref().map(from_wire).transpose();
        let taken = taken.map_err(|odd| odd.of(&answer.head))?;
        if let (Some(asked), Some(taken)) = (request.amount, taken)
            && asked != taken
        {
            let message = format!(
                "{asked} was sent and {taken} was answered; look the payment up before anything else"
            );
            return Err(answer.head.odd(ProtocolReason::Mismatch, message));
        }
        book(&mut order, &id, capture, request.final_capture);
        let payment = self.payment(&order).map_err(|odd| odd.of(&answer.head))?;
        Ok(payment.into())
    }

    async fn order_and_payment(
        &self,
        request: &CapturePayment,
        options: &CallOptions,
    ) -> Result<(Order, Payment), Error> {
        let id = self.order_id(&request.payment, options).await?;
        let answer = self.order(&id, options).await?;
        read(&answer, |order: Order| {
            let payment = self.payment(&order)?;
            Ok((order, payment))
        })
    }
}

/// The authorization that still reserves money: the one that is named, or the only one there is.
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

/// Writes a capture into the order as PayPal does.
fn book(order: &mut Order, authorization: &str, capture: Booking, is_final: bool) {
    for unit in &mut order.purchase_units {
        let payments = &mut unit.payments;
        let known = payments.captures.iter().any(|known| known.id == capture.id);
        let ours = payments.authorizations.iter_mut();
        let Some(ours) = ours.into_iter().find(|ours| ours.id == authorization) else {
            continue;
        };
        if !known {
            payments.captures.push(capture);
        }
        let sum = |bookings: &[Booking]| {
            let amounts = bookings
                .iter()
                .filter_map(|booking| booking.amount.as_ref());
            let amounts = amounts.filter_map(|amount| from_wire(amount).ok());
            amounts.map(Money::minor).sum::<i64>()
        };
        let whole = sum(&payments.captures) >= sum(std::slice::from_ref(ours));
        ours.status = match is_final || whole {
            true => "CAPTURED".to_owned(),
            false => "PARTIALLY_CAPTURED".to_owned(),
        };
        return;
    }
}

/// Nothing is reserved any more. A process that lost its record of a capture asks again: the state that it wants is there.
fn as_asked(payment: Payment, asked: Option<Money>) -> Result<PaymentOutcome, Error> {
    let there = match asked {
        Some(asked) => payment.captured == asked,
        None => payment.status == PaymentStatus::Captured,
    };
    match there || payment.status == PaymentStatus::Expired {
        true => Ok(payment.into()),
        false => {
            let message = "the payment is not reserved, or was captured with another amount";
            Err(Error::new(Kind::Conflict, message).with_vendor(VENDOR))
        }
    }
}
