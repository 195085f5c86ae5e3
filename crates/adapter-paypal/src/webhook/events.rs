//! PayPal's events as neutral events; see <https://developer.paypal.com/api/rest/webhooks/event-names/>.

use std::collections::BTreeMap;

use anyvendor_core::{
    values::{Money, VendorId},
    webhook::{
        DedupeKey, DisputeStatus, Event, PaymentChange, PaymentEvent, SourceChange, SourceEvent,
        Verified, WebhookEvent,
    },
};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    amount::from_wire,
    config::VENDOR,
    payment::{AUTHORIZATION, CAPTURE, capture_of, decline_of_processor, refund_status},
    times::time,
    wire::{Amount, Booking},
};

#[derive(Deserialize)]
struct Head {
    id: String,
    event_type: String,
    create_time: Option<String>,
    resource_version: Option<String>,
    #[serde(default)]
    resource: serde_json::Value,
}

/// The fields of a resource that bookings do not have.
#[derive(Default, Deserialize)]
struct Resource {
    id: Option<String>,
    order_id: Option<String>,
    custom_id: Option<String>,
    #[serde(default)]
    purchase_units: Vec<Unit>,
    status: Option<String>,
    dispute_id: Option<String>,
    dispute_amount: Option<Amount>,
    dispute_outcome: Option<Outcome>,
    #[serde(default)]
    disputed_transactions: Vec<Disputed>,
    dispute_life_cycle_stage: Option<String>,
    customer: Option<Customer>,
    #[serde(default)]
    payment_source: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Unit {
    custom_id: Option<String>,
    amount: Option<Amount>,
}

#[derive(Deserialize)]
struct Outcome {
    outcome_code: Option<String>,
}

#[derive(Deserialize)]
struct Disputed {
    seller_transaction_id: Option<String>,
    custom: Option<String>,
}

#[derive(Deserialize)]
struct Customer {
    id: Option<String>,
}

/// The one event of a delivery; `None` if the body is not an event.
pub(super) fn event(verified: &Verified<'_>) -> Option<WebhookEvent> {
    let head: Head = serde_json::from_slice(verified.body()).ok()?;
    let change = change(&head).unwrap_or(Event::Other);
    let key = DedupeKey::new(&head.id);
    let mut event = WebhookEvent::new(
        verified,
        head.event_type,
        key,
        change,
        verified.body().clone(),
    );
    event.id = VendorId::new(VENDOR, &head.id).ok();
    event.occurred_at = time(head.create_time.as_deref());
    event.api_version = head.resource_version;
    Some(event)
}

/// What happened to the resource; `None` if there is no neutral event for it.
fn change(head: &Head) -> Option<Event> {
    let resource: Resource = Resource::deserialize(&head.resource).ok()?;
    let name = head.event_type.as_str();
    if let Some(change) = name.strip_prefix("VAULT.PAYMENT-TOKEN.") {
        let change = match change {
            "CREATED" => SourceChange::Saved,
            "DELETED" => SourceChange::Removed,
            _ => return None,
        };
        let kind = resource.payment_source.keys().next();
        let source = kind.and_then(|kind| named(Some(kind), resource.id.as_deref()?));
        let mut event = SourceEvent::new(change, source);
        let customer = resource.customer.and_then(|customer| customer.id);
        event.customer = customer.and_then(|id| named(None, &id));
        return Some(Event::Source(event));
    }
    if name.starts_with("CUSTOMER.DISPUTE.") || name == "RISK.DISPUTE.CREATED" {
        return Some(Event::Payment(disputed(&resource)));
    }
    let order = match name {
        "CHECKOUT.ORDER.APPROVED" => Some(PaymentChange::RequiresConfirmation),
        "CHECKOUT.ORDER.COMPLETED"
        | "CHECKOUT.ORDER.PROCESSED"
        | "CHECKOUT.ORDER.SAVED"
        | "CHECKOUT.ORDER.VOIDED" => Some(PaymentChange::Updated),
        // Approved, and not captured in time.
        "CHECKOUT.PAYMENT-APPROVAL.REVERSED" => Some(PaymentChange::Cancelled),
        _ => None,
    };
    if let Some(change) = order {
        let id = resource.order_id.as_deref().or(resource.id.as_deref());
        let mut event = PaymentEvent::new(change, id.and_then(|id| named(None, id)));
        let unit = resource.purchase_units.first();
        event.reference = unit
            .and_then(|unit| unit.custom_id.clone())
            .or(resource.custom_id);
        event.amount = unit.and_then(|unit| money(unit.amount.as_ref()));
        return Some(Event::Payment(event));
    }
    let booking = Booking::deserialize(&head.resource).ok()?;
    let (kind, change) = match name {
        "PAYMENT.AUTHORIZATION.CREATED" => (Some(AUTHORIZATION), PaymentChange::Authorized),
        "PAYMENT.AUTHORIZATION.VOIDED" => (Some(AUTHORIZATION), PaymentChange::Cancelled),
        "PAYMENT.CAPTURE.COMPLETED" => (Some(CAPTURE), PaymentChange::Captured),
        "PAYMENT.CAPTURE.PENDING" => (Some(CAPTURE), PaymentChange::Processing),
        "PAYMENT.CAPTURE.DECLINED" | "PAYMENT.CAPTURE.DENIED" => {
            let decline = decline_of_processor(booking.processor_response.as_ref());
            (Some(CAPTURE), PaymentChange::Failed(decline))
        }
        // The resource of these is the refund.
        "PAYMENT.CAPTURE.REFUNDED" | "PAYMENT.REFUND.PENDING" | "PAYMENT.REFUND.FAILED" => {
            (None, PaymentChange::Refunded(refund_status(&booking)))
        }
        "PAYMENT.CAPTURE.REVERSED" => (None, PaymentChange::Reversed),
        _ => return None,
    };
    let related = booking.supplementary_data.as_ref();
    let order = related.and_then(|data| named(None, data.related_ids.order_id.as_deref()?));
    // A capture on its own also leads to its payment.
    let payment = order
        .or_else(|| {
            named(
                Some(CAPTURE),
                &capture_of(&booking).filter(|_| kind.is_none())?,
            )
        })
        .or_else(|| named(kind, &booking.id).filter(|_| kind.is_some()));
    let mut event = PaymentEvent::new(change, payment);
    event.transaction = named(kind, &booking.id);
    event.reference = resource.custom_id;
    event.amount = money(booking.amount.as_ref());
    Some(Event::Payment(event))
}

fn disputed(resource: &Resource) -> PaymentEvent {
    let outcome = resource.dispute_outcome.as_ref();
    let status = match resource.status.as_deref() {
        Some("RESOLVED") => match outcome.and_then(|outcome| outcome.outcome_code.as_deref()) {
            Some("RESOLVED_BUYER_FAVOUR" | "ACCEPTED") => DisputeStatus::Lost,
            Some(
                "RESOLVED_SELLER_FAVOUR" | "CANCELED_BY_BUYER" | "DENIED" | "RESOLVED_WITH_PAYOUT",
            ) => DisputeStatus::Won,
            _ => DisputeStatus::Closed,
        },
        Some("UNDER_REVIEW") => DisputeStatus::UnderReview,
        Some("OPEN" | "WAITING_FOR_SELLER_RESPONSE" | "WAITING_FOR_BUYER_RESPONSE")
            if resource.dispute_life_cycle_stage.as_deref() == Some("INQUIRY") =>
        {
            DisputeStatus::Inquiry
        }
        Some("OPEN" | "WAITING_FOR_SELLER_RESPONSE" | "WAITING_FOR_BUYER_RESPONSE") | None => {
            DisputeStatus::Opened
        }
        Some(other) => DisputeStatus::Other(other.to_owned()),
    };
    let first = resource.disputed_transactions.first();
    let capture = first.and_then(|disputed| disputed.seller_transaction_id.as_deref());
    let payment = capture.and_then(|id| named(Some(CAPTURE), id));
    let mut event = PaymentEvent::new(PaymentChange::Disputed(status), payment);
    event.transaction = resource
        .dispute_id
        .as_deref()
        .and_then(|id| named(None, id));
    event.reference = first.and_then(|disputed| disputed.custom.clone());
    event.amount = money(resource.dispute_amount.as_ref());
    event
}

/// An id in the adapter's form: with its kind as a prefix, except for an order.
fn named(kind: Option<&str>, id: &str) -> Option<VendorId> {
    match kind {
        Some(kind) => VendorId::new(VENDOR, format!("{kind}/{id}")).ok(),
        None => VendorId::new(VENDOR, id).ok(),
    }
}

/// An amount that cannot be read must not hide the event.
fn money(amount: Option<&Amount>) -> Option<Money> {
    from_wire(amount?).ok()
}

#[cfg(test)]
mod tests;
