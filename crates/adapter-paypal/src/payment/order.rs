//! An order as our payment. That an order is completed says nothing of the money: what was booked for it does.

use anyvendor_core::{
    error::ProtocolReason,
    payment::{NextAction, Payment, PaymentStatus, Transaction, TransactionKind},
    values::{Money, SensitiveUrl, VendorId},
};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::id::{AUTHORIZATION, CAPTURE};
use crate::{
    amount::from_wire,
    client::{PayPal, vendor_id},
    error::MalformedResponse,
    issue::decline_of_processor,
    wire::{Amount, Booking, Link, Order},
};

const BAD: MalformedResponse = MalformedResponse(
    ProtocolReason::BadBody,
    "the response names no amount; look the payment up",
);

/// Everything booked for an order, over all its units.
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
        let amounts = amounts.map(|unit| unit.amount.as_ref().ok_or(BAD));
        let amount = total(amounts)?.ok_or(BAD)?;
        let zero = Money::zero(amount.currency());
        let booked = Booked::of(order);
        let sum = |list: &[&Booking], of: fn(&str) -> bool| {
            let counted = list.iter().filter(|booking| of(&booking.status));
            let counted = counted.map(|booking| booking.amount.as_ref().ok_or(BAD));
            Ok(total(counted)?.unwrap_or(zero))
        };
        let captured = sum(&booked.captures, is_taken)?;
        let capturable = capturable(&booked, zero)?;
        let status = self.status(order, &booked, (amount, captured));
        let mut payment = Payment::new(vendor_id(None, &order.id)?, status, amount);
        payment.captured = captured;
        payment.capturable = capturable;
        if !booked.captures.is_empty() {
            payment.refunded = Some(sum(&booked.refunds, |status| {
                matches!(status, "COMPLETED" | "PENDING")
            })?);
        }
        (payment.source, payment.customer) = vaulted(order)?;
        payment.reference = order
            .purchase_units
            .first()
            .and_then(|unit| unit.custom_id.clone());
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
            return match captured.minor() < amount.minor() {
                true => PaymentStatus::PartiallyCaptured,
                false => PaymentStatus::Captured,
            };
        }
        if let Some(refused) = captures.iter().find(|capture| is_refused(&capture.status)) {
            let response = refused.processor_response.as_ref();
            return PaymentStatus::Declined(decline_of_processor(response));
        }
        // The one that counts: a later authorization takes the place of one that ran out.
        let open = booked.authorizations.iter().rev();
        let open = open
            .clone()
            .find(|one| is_open(&one.status))
            .or(booked.authorizations.last());
        if let Some(authorization) = open {
            return self.authorized(authorization);
        }
        match order.status.as_str() {
            "CREATED" | "SAVED" if order.payment_source.is_empty() => PaymentStatus::RequiresSource,
            "CREATED" | "SAVED" | "APPROVED" => PaymentStatus::RequiresConfirmation,
            "PAYER_ACTION_REQUIRED" => PaymentStatus::RequiresAction(action(&order.links)),
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
            // PayPal voids what ran out, and has no word of its own for it.
            "VOIDED" => {
                let end = time(authorization.expiration_time.as_deref());
                match end.is_some_and(|end| end <= self.pipeline.clock().wall()) {
                    true => PaymentStatus::Expired,
                    false => PaymentStatus::Cancelled,
                }
            }
            "CAPTURED" => PaymentStatus::Captured,
            other => PaymentStatus::Other(other.to_owned()),
        }
    }
}

/// Whether a capture's money was taken; what was given back since was taken too.
pub(super) fn is_taken(status: &str) -> bool {
    matches!(status, "COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED")
}

/// Whether an authorization still reserves money.
pub(super) fn is_open(status: &str) -> bool {
    matches!(status, "CREATED" | "PARTIALLY_CAPTURED" | "PENDING")
}

pub(super) fn is_refused(status: &str) -> bool {
    matches!(status, "DECLINED" | "FAILED")
}

/// What open authorizations still reserve: each less what was captured of it.
fn capturable(booked: &Booked<'_>, zero: Money) -> Result<Money, MalformedResponse> {
    let mut rest = zero;
    let open = booked.authorizations.iter();
    for authorization in open.filter(|one| is_capturable(&one.status)) {
        let reserved = from_wire(authorization.amount.as_ref().ok_or(BAD)?)?;
        let of_it = booked
            .captures
            .iter()
            .filter(|capture| !is_refused(&capture.status) && is_of(capture, &authorization.id));
        let taken = total(of_it.map(|capture| capture.amount.as_ref().ok_or(BAD)))?;
        let left = reserved
            .checked_sub(taken.unwrap_or(zero))
            .map_err(|_| BAD)?;
        if left.minor() > 0 {
            rest = rest.checked_add(left).map_err(|_| BAD)?;
        }
    }
    Ok(rest)
}

/// Whether a capture was made of this authorization; its link leads up there.
fn is_of(capture: &Booking, authorization: &str) -> bool {
    let up = capture.links.iter().find(|link| link.rel == "up");
    up.is_none_or(|link| link.href.rsplit('/').next() == Some(authorization))
}

/// Whether money can be captured now; a pending authorization has to be accepted first.
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
        total = Some(sum.map_err(|_| BAD)?);
    }
    Ok(total)
}

/// What the payer must do: open the page whose link is there.
pub(super) fn action(links: &[Link]) -> NextAction {
    match page(links) {
        Some(url) => NextAction::Redirect(SensitiveUrl::new(url)),
        // Some schemes ask the payer themselves.
        None => NextAction::Other("payer_action_required".to_owned()),
    }
}

/// The payer's page, under whichever name its link has.
pub(super) fn page(links: &[Link]) -> Option<Url> {
    let names = ["payer-action", "approve", "redirect"];
    let link = |name: &&str| links.iter().find(|link| link.rel == **name);
    Url::parse(&names.iter().find_map(link)?.href).ok()
}

/// The source that was kept with the payment, and the customer that it was kept for.
fn vaulted(order: &Order) -> Result<(Option<VendorId>, Option<VendorId>), MalformedResponse> {
    let Some((kind, source)) = order.payment_source.iter().next() else {
        return Ok((None, None));
    };
    let Some(vault) = source.pointer("/attributes/vault") else {
        return Ok((None, None));
    };
    let text = |at: &str| vault.pointer(at).and_then(Value::as_str);
    let id = text("/id")
        .map(|id| vendor_id(Some(kind), id))
        .transpose()?;
    let customer = text("/customer/id").map(|id| vendor_id(None, id));
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
            let amount = from_wire(booking.amount.as_ref().ok_or(BAD)?)?;
            all.push(Transaction::new(
                kind,
                vendor_id(name, &booking.id)?,
                amount,
            ));
        }
    }
    Ok(all)
}

pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}
