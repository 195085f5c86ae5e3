//! Stripe's events as neutral events; see <https://docs.stripe.com/api/events/types>.

use std::borrow::Cow;

use anyvendor_core::{
    payment::Decline,
    values::{IdempotencyKey, Money, VendorId},
    webhook::{
        CustomerChange, CustomerEvent, DedupeKey, DisputeStatus, Event, PaymentChange,
        PaymentEvent, SourceChange, SourceEvent, Verified, WebhookEvent,
    },
};
use jiff::Timestamp;
use serde::Deserialize;

use super::head::{Head, Request, Time};
use crate::{
    amount::from_wire,
    config::VENDOR,
    payment::{REFERENCE, decline, refund_status},
    wire::{ApiError, Expandable, Named},
};

/// The one event of a delivery; `None` if the body is not an event.
pub(super) fn event(verified: &Verified<'_>) -> Option<WebhookEvent> {
    let head: Head<'_> = serde_json::from_slice(verified.body()).ok()?;
    let change = match (&head.data, head.object.as_ref()) {
        (Some(data), "event") => change(&head.name, data.object.get()),
        _ => None,
    };
    let key = DedupeKey::new(&head.id);
    let mut change = change.unwrap_or(Event::Other);
    if let (
        Event::Payment(payment),
        Some(Request::Whole {
            idempotency_key: Some(key),
        }),
    ) = (&mut change, &head.request)
    {
        payment.idempotency_key = IdempotencyKey::new(key).ok();
    }
    let mut event = WebhookEvent::new(verified, head.name, key, change, verified.body().clone());
    event.id = id(&head.id);
    event.occurred_at = match head.created {
        Some(Time::Second(second)) => Timestamp::from_second(second).ok(),
        Some(Time::Text(time)) => Some(time),
        None => None,
    };
    event.live = head.livemode;
    let context = head
        .context
        .as_deref()
        .and_then(|path| path.rsplit('/').next());
    event.account = head.account.as_deref().or(context).map(str::to_owned);
    event.api_version = head.api_version.map(Cow::into_owned);
    Some(event)
}

/// What happened to the object; `None` if there is no neutral event for it, or if it cannot be read.
fn change(name: &str, object: &str) -> Option<Event> {
    let (kind, what) = name.rsplit_once('.')?;
    match kind {
        "payment_intent" => {
            let intent: Intent<'_> = serde_json::from_str(object).ok()?;
            Some(Event::Payment(intent.event(what)?))
        }
        "charge" => {
            let charge: Charge<'_> = serde_json::from_str(object).ok()?;
            Some(Event::Payment(charge.event(what)?))
        }
        "refund" | "charge.refund" => {
            let refund: Refund<'_> = serde_json::from_str(object).ok()?;
            Some(Event::Payment(refund.event()))
        }
        "charge.dispute" => {
            let dispute: Dispute<'_> = serde_json::from_str(object).ok()?;
            Some(Event::Payment(dispute.event(what)))
        }
        "radar.early_fraud_warning" => {
            let warning: Warning = serde_json::from_str(object).ok()?;
            let payment = of(warning.payment_intent.as_ref());
            let mut event = PaymentEvent::new(PaymentChange::FraudWarning, payment);
            event.transaction = of(warning.charge.as_ref());
            Some(Event::Payment(event))
        }
        "customer" => {
            let customer: Customer<'_> = serde_json::from_str(object).ok()?;
            let change = match what {
                "created" => CustomerChange::Created,
                "updated" => CustomerChange::Updated,
                "deleted" => CustomerChange::Deleted,
                _ => return None,
            };
            let mut event = CustomerEvent::new(change, id(&customer.id)?);
            event.reference = reference(customer.metadata.as_ref());
            Some(Event::Customer(event))
        }
        "payment_method" => {
            let method: Method<'_> = serde_json::from_str(object).ok()?;
            let change = match what {
                "attached" => SourceChange::Saved,
                "detached" => SourceChange::Removed,
                "updated" | "automatically_updated" => SourceChange::Updated,
                _ => return None,
            };
            let mut event = SourceEvent::new(change, id(&method.id));
            event.customer = of(method.customer.as_ref());
            Some(Event::Source(event))
        }
        "setup_intent" => {
            let setup: Setup = serde_json::from_str(object).ok()?;
            let change = match what {
                "succeeded" => SourceChange::Saved,
                "requires_action" => SourceChange::RequiresAction,
                "setup_failed" => SourceChange::Failed(
                    setup
                        .last_setup_error
                        .as_ref()
                        .map_or_else(no_reason, decline),
                ),
                "canceled" => SourceChange::Cancelled,
                _ => return None,
            };
            let mut event = SourceEvent::new(change, of(setup.payment_method.as_ref()));
            event.customer = of(setup.customer.as_ref());
            Some(Event::Source(event))
        }
        _ => None,
    }
}

#[derive(Deserialize)]
struct Intent<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    amount: i64,
    #[serde(default)]
    amount_received: i64,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    customer: Option<Expandable<Named>>,
    latest_charge: Option<Expandable<Named>>,
    last_payment_error: Option<ApiError>,
    #[serde(borrow, default)]
    cancellation_reason: Option<Cow<'a, str>>,
    #[serde(default)]
    metadata: Option<Ours>,
}

impl Intent<'_> {
    fn event(&self, what: &str) -> Option<PaymentEvent> {
        let change = match what {
            "created" => PaymentChange::Created,
            "processing" => PaymentChange::Processing,
            "requires_action" => PaymentChange::RequiresAction,
            "amount_capturable_updated" => PaymentChange::Authorized,
            "succeeded" => PaymentChange::Captured,
            "payment_failed" => PaymentChange::Failed(
                self.last_payment_error
                    .as_ref()
                    .map_or_else(no_reason, decline),
            ),
            // The authorization expired: Stripe cancels it by itself.
            "canceled" if self.cancellation_reason.as_deref() == Some("automatic") => {
                PaymentChange::Expired
            }
            "canceled" => PaymentChange::Cancelled,
            "partially_funded" => PaymentChange::Updated,
            _ => return None,
        };
        let taken = money(self.amount_received, &self.currency);
        let mut event = PaymentEvent::new(change, Some(id(&self.id)?));
        event.transaction = of(self.latest_charge.as_ref());
        event.reference = reference(self.metadata.as_ref());
        event.customer = of(self.customer.as_ref());
        event.amount = match event.change {
            PaymentChange::Captured => taken,
            _ => money(self.amount, &self.currency),
        };
        event.captured = taken;
        Some(event)
    }
}

#[derive(Deserialize)]
struct Charge<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    amount: i64,
    #[serde(default)]
    amount_captured: i64,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    payment_intent: Option<Expandable<Named>>,
    customer: Option<Expandable<Named>>,
    failure_code: Option<String>,
    outcome: Option<Outcome>,
    #[serde(default)]
    metadata: Option<Ours>,
}

#[derive(Deserialize)]
struct Outcome {
    reason: Option<String>,
    advice_code: Option<String>,
}

impl Charge<'_> {
    fn event(&self, what: &str) -> Option<PaymentEvent> {
        let change = match what {
            "captured" => PaymentChange::Captured,
            "failed" => PaymentChange::Failed(self.decline()),
            "expired" => PaymentChange::Expired,
            // The charge does not say enough: `refund.*` reports refunds, and a success may be an authorization.
            "pending" | "succeeded" | "updated" | "refunded" => PaymentChange::Updated,
            _ => return None,
        };
        let mut event = PaymentEvent::new(change, of(self.payment_intent.as_ref()));
        event.transaction = id(&self.id);
        event.reference = reference(self.metadata.as_ref());
        event.customer = of(self.customer.as_ref());
        event.amount = match event.change {
            PaymentChange::Captured => money(self.amount_captured, &self.currency),
            _ => money(self.amount, &self.currency),
        };
        Some(event)
    }

    fn decline(&self) -> Decline {
        let outcome = self.outcome.as_ref();
        decline(&ApiError::refused(
            self.failure_code.clone(),
            outcome.and_then(|outcome| outcome.reason.clone()),
            outcome.and_then(|outcome| outcome.advice_code.clone()),
        ))
    }
}

#[derive(Deserialize)]
struct Refund<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    amount: i64,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    failure_reason: Option<Cow<'a, str>>,
    payment_intent: Option<Expandable<Named>>,
}

impl Refund<'_> {
    fn event(&self) -> PaymentEvent {
        let status = refund_status(self.status.as_deref(), self.failure_reason.as_deref());
        let change = PaymentChange::Refunded(status);
        let mut event = PaymentEvent::new(change, of(self.payment_intent.as_ref()));
        event.transaction = id(&self.id);
        event.amount = money(self.amount, &self.currency);
        event
    }
}

#[derive(Deserialize)]
struct Dispute<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    amount: i64,
    #[serde(borrow)]
    currency: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    payment_intent: Option<Expandable<Named>>,
}

impl Dispute<'_> {
    fn event(&self, what: &str) -> PaymentEvent {
        let change = match (what, self.status.as_ref()) {
            // The money moved, but the dispute is not decided.
            ("funds_withdrawn" | "funds_reinstated", _) => PaymentChange::Updated,
            (_, "won") => PaymentChange::Disputed(DisputeStatus::Won),
            (_, "lost") => PaymentChange::Disputed(DisputeStatus::Lost),
            (_, "warning_closed" | "prevented") => PaymentChange::Disputed(DisputeStatus::Closed),
            (_, "warning_needs_response" | "warning_under_review") => {
                PaymentChange::Disputed(DisputeStatus::Inquiry)
            }
            (_, "needs_response") => PaymentChange::Disputed(DisputeStatus::Opened),
            (_, "under_review") => PaymentChange::Disputed(DisputeStatus::UnderReview),
            (_, other) => PaymentChange::Disputed(DisputeStatus::Other(other.to_owned())),
        };
        let mut event = PaymentEvent::new(change, of(self.payment_intent.as_ref()));
        event.transaction = id(&self.id);
        event.amount = money(self.amount, &self.currency);
        event
    }
}

#[derive(Deserialize)]
struct Warning {
    charge: Option<Expandable<Named>>,
    payment_intent: Option<Expandable<Named>>,
}

#[derive(Deserialize)]
struct Customer<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default)]
    metadata: Option<Ours>,
}

#[derive(Deserialize)]
struct Method<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    customer: Option<Expandable<Named>>,
}

#[derive(Deserialize)]
struct Setup {
    payment_method: Option<Expandable<Named>>,
    customer: Option<Expandable<Named>>,
    last_setup_error: Option<ApiError>,
}

/// Our own entry in the metadata.
#[derive(Deserialize)]
struct Ours {
    #[serde(default, rename = "anyvendor_reference")]
    reference: Option<String>,
}

fn reference(ours: Option<&Ours>) -> Option<String> {
    ours?.reference.clone()
}

fn no_reason() -> Decline {
    decline(&ApiError::refused(None, None, None))
}

fn id(id: &str) -> Option<VendorId> {
    VendorId::new(VENDOR, id).ok()
}

fn of(object: Option<&Expandable<Named>>) -> Option<VendorId> {
    id(object?.id())
}

/// An amount that cannot be read must not hide the event.
fn money(amount: i64, currency: &str) -> Option<Money> {
    from_wire(amount, currency).ok()
}

// The name in serde's attribute must be a literal.
const _: () = assert!(matches!(REFERENCE.as_bytes(), b"anyvendor_reference"));
