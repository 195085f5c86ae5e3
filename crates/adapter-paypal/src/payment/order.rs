//! An order as a neutral payment. The status of an order says nothing about the money: its bookings do.

use anyvendor_core::{
    payment::{NextAction, Payment, PaymentStatus, Transaction, TransactionKind},
    resilience::{MalformedResponse, response_id},
    values::{Money, SensitiveUrl, VendorId},
};
use serde_json::Value;
use url::Url;

use super::{
    authorization::{current, deciding},
    decline::decline_of_processor,
    id::{AUTHORIZATION, CAPTURE},
};
use crate::{
    amount::from_wire,
    client::PayPal,
    config::VENDOR,
    times::time,
    wire::{Amount, Booking, Link, Order},
};

/// The name of the link to the page on which the payer approves or authenticates.
const PAYER_ACTION: &str = "payer-action";
const NO_AMOUNT: MalformedResponse =
    MalformedResponse::bad_body("the response contains no amount; look the payment up");

/// All bookings of an order, over all its units.
struct Booked<'a> {
    authorizations: Vec<&'a Booking>,
    captures: Vec<&'a Booking>,
    refunds: Vec<&'a Booking>,
}

impl<'a> Booked<'a> {
    fn of(order: &'a Order) -> Self {
        let payments = || order.purchase_units.iter().map(|unit| &unit.payments);
        Self {
            authorizations: payments().flat_map(|all| &all.authorizations).collect(),
            captures: payments().flat_map(|all| &all.captures).collect(),
            refunds: payments().flat_map(|all| &all.refunds).collect(),
        }
    }
}

impl PayPal {
    pub(super) fn payment(&self, order: &Order) -> Result<Payment, MalformedResponse> {
        let amounts = order.purchase_units.iter();
        let amounts = amounts.map(|unit| unit.amount.as_ref().ok_or(NO_AMOUNT));
        let amount = total(amounts)?.ok_or(NO_AMOUNT)?;
        let zero = Money::zero(amount.currency());
        let booked = Booked::of(order);
        let sum = |list: &[&Booking], of: fn(&str) -> bool| {
            let counted = list.iter().filter(|booking| of(&booking.status));
            let counted = counted.map(|booking| booking.amount.as_ref().ok_or(NO_AMOUNT));
            Ok(total(counted)?.unwrap_or(zero))
        };
        let captured = sum(&booked.captures, is_taken)?;
        let capturable = capturable(order, zero)?;
        let status = self.status(order, &booked, (amount, captured));
        let mut payment = Payment::new(response_id(VENDOR, None, &order.id)?, status, amount);
        payment.captured = captured;
        payment.capturable = capturable;
        if !booked.captures.is_empty() {
            payment.refunded = Some(sum(&booked.refunds, |status| {
                matches!(status, "COMPLETED" | "PENDING")
            })?);
        }
        (payment.source, payment.customer) = vaulted(order)?;
        payment.reference = reference_of(order);
        payment.transactions = transactions(&booked)?;
        payment.created_at = time(order.create_time.as_deref());
        payment.live = self.environment().is_live();
        Ok(payment)
    }

    fn status(
        &self,
        order: &Order,
        booked: &Booked<'_>,
        (amount, captured): (Money, Money),
    ) -> PaymentStatus {
        let captures = booked.captures.as_slice();
        if captures.iter().any(|capture| capture.status == "PENDING") {
            return PaymentStatus::Processing;
        }
        if captured.minor() > 0 {
            return if captured.minor() < amount.minor() {
                PaymentStatus::PartiallyCaptured
            } else {
                PaymentStatus::Captured
            };
        }
        if let Some(refused) = captures.iter().find(|capture| is_refused(&capture.status)) {
            let response = refused.processor_response.as_ref();
            return PaymentStatus::Declined(decline_of_processor(response));
        }
        if let Some(authorization) = deciding(order) {
            return self.authorized(authorization);
        }
        match order.status.as_str() {
            "CREATED" | "SAVED" if order.payment_source.is_empty() => PaymentStatus::RequiresSource,
            "CREATED" | "SAVED" if wants_owner(order) => {
                PaymentStatus::RequiresAction(action(&order.links))
            }
            "CREATED" | "SAVED" | "APPROVED" => PaymentStatus::RequiresConfirmation,
            "PAYER_ACTION_REQUIRED" => {
                let chooses = order.payment_source.keys().all(|kind| kind == "paypal");
                let action = match page(&order.links).filter(|_| chooses) {
                    Some(page) => NextAction::HostedPage(SensitiveUrl::new(page)),
                    None => action(&order.links),
                };
                PaymentStatus::RequiresAction(action)
            }
            "VOIDED" => PaymentStatus::Cancelled,
            other => PaymentStatus::Other(other.to_owned()),
        }
    }

    fn authorized(&self, authorization: &Booking) -> PaymentStatus {
        match authorization.status.as_str() {
            "CREATED" | "PARTIALLY_CAPTURED" => PaymentStatus::Authorized,
            "PENDING" => PaymentStatus::Processing,
            "DENIED" => {
                let response = authorization.processor_response.as_ref();
                PaymentStatus::Declined(decline_of_processor(response))
            }
            // PayPal voids an expired authorization and has no separate status for it.
            "VOIDED" => {
                let end = time(authorization.expiration_time.as_deref());
                if end.is_some_and(|end| end <= self.pipeline.clock().wall()) {
                    PaymentStatus::Expired
                } else {
                    PaymentStatus::Cancelled
                }
            }
            "CAPTURED" => PaymentStatus::Captured,
            other => PaymentStatus::Other(other.to_owned()),
        }
    }
}

/// The application's own reference of an order.
pub(super) fn reference_of(order: &Order) -> Option<String> {
    let first = order.purchase_units.first();
    first.and_then(|unit| unit.custom_id.clone())
}

/// Whether a capture's money was taken, even if it was refunded since.
pub(super) fn is_taken(status: &str) -> bool {
    matches!(status, "COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED")
}

/// Whether a capture was declined.
pub(super) fn is_refused(status: &str) -> bool {
    matches!(status, "DECLINED" | "FAILED")
}

/// The amount that is still reserved: of each unit the authorization that counts, less its captures.
fn capturable(order: &Order, zero: Money) -> Result<Money, MalformedResponse> {
    let mut rest = zero;
    for unit in &order.purchase_units {
        let Some(authorization) = current(unit).filter(|one| is_capturable(&one.status)) else {
            continue;
        };
        let reserved = from_wire(authorization.amount.as_ref().ok_or(NO_AMOUNT)?)?;
        let of_it =
            unit.payments.captures.iter().filter(|capture| {
                !is_refused(&capture.status) && is_of(capture, &authorization.id)
            });
        let taken = total(of_it.map(|capture| capture.amount.as_ref().ok_or(NO_AMOUNT)))?;
        let left = reserved
            .checked_sub(taken.unwrap_or(zero))
            .map_err(|_| NO_AMOUNT)?;
        if left.minor() > 0 {
            rest = rest.checked_add(left).map_err(|_| NO_AMOUNT)?;
        }
    }
    Ok(rest)
}

/// Whether a capture belongs to this authorization, by its `up` link.
pub(super) fn is_of(capture: &Booking, authorization: &str) -> bool {
    let up = capture.links.iter().find(|link| link.rel == "up");
    up.is_none_or(|link| link.href.rsplit('/').next() == Some(authorization))
}

/// Whether the authorization can be captured now; a pending one has to be accepted first.
fn is_capturable(status: &str) -> bool {
    matches!(status, "CREATED" | "PARTIALLY_CAPTURED")
}

fn total<'a>(
    amounts: impl Iterator<Item = Result<&'a Amount, MalformedResponse>>,
) -> Result<Option<Money>, MalformedResponse> {
    let mut total: Option<Money> = None;
    for amount in amounts {
        let amount = from_wire(amount?)?;
        let sum = total.map_or(Ok(amount), |total| total.checked_add(amount));
        total = Some(sum.map_err(|_| NO_AMOUNT)?);
    }
    Ok(total)
}

/// Whether the owner of the card has to authenticate first. Some of these orders are not `PAYER_ACTION_REQUIRED`, and only
/// their link says so.
fn wants_owner(order: &Order) -> bool {
    let card = order.payment_source.get("card");
    card.is_some_and(|card| card.get("authentication_result").is_none())
        && order.links.iter().any(|link| link.rel == PAYER_ACTION)
}

/// What the payer must do: open the page of the link, which is PayPal's own unless a bank wants the owner of a card.
pub(super) fn action(links: &[Link]) -> NextAction {
    let is_bank = links.iter().any(|link| link.rel == PAYER_ACTION);
    match page(links).map(SensitiveUrl::new) {
        Some(page) if is_bank => NextAction::Redirect(page),
        Some(page) => NextAction::HostedPage(page),
        // Some schemes contact the payer themselves.
        None => NextAction::Other("payer_action_required".to_owned()),
    }
}

/// The payer's page, under any of the names that its link can have.
pub(super) fn page(links: &[Link]) -> Option<Url> {
    let names = [PAYER_ACTION, "approve", "redirect"];
    let link = |name: &&str| links.iter().find(|link| link.rel == **name);
    Url::parse(&names.iter().find_map(link)?.href).ok()
}

/// The source that was saved with the payment, and its customer.
fn vaulted(order: &Order) -> Result<(Option<VendorId>, Option<VendorId>), MalformedResponse> {
    let Some((kind, source)) = order.payment_source.iter().next() else {
        return Ok((None, None));
    };
    let Some(vault) = source.pointer("/attributes/vault") else {
        return Ok((None, None));
    };
    let text = |at: &str| vault.pointer(at).and_then(Value::as_str);
    let id = text("/id")
        .map(|id| response_id(VENDOR, Some(kind), id))
        .transpose()?;
    let customer = text("/customer/id").map(|id| response_id(VENDOR, None, id));
    Ok((id, customer.transpose()?))
}

fn transactions(booked: &Booked<'_>) -> Result<Vec<Transaction>, MalformedResponse> {
    let kinds = [
        (
            TransactionKind::Authorization,
            Some(AUTHORIZATION),
            &booked.authorizations,
        ),
        (TransactionKind::Capture, Some(CAPTURE), &booked.captures),
        (TransactionKind::Refund, None, &booked.refunds),
    ];
    let mut all = Vec::new();
    for (kind, name, bookings) in kinds {
        for booking in bookings {
            let amount = from_wire(booking.amount.as_ref().ok_or(NO_AMOUNT)?)?;
            all.push(Transaction::new(
                kind,
                response_id(VENDOR, name, &booking.id)?,
                amount,
            ));
        }
    }
    Ok(all)
}
