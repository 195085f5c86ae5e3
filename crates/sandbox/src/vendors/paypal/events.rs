//! Webhook events: one for each change of an object, in `PayPal`'s envelope and with its event names:
//! <https://developer.paypal.com/api/rest/webhooks/event-names/>.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account::Event;
use super::context::{Context, capitals};
use super::money::Money;
use super::objects::{Capture, Order, Unit};
use super::render::link;
use crate::clock;

/// The number of events that are kept; older ones are dropped.
const MAX_EVENTS: usize = 10_000;

/// The type and the version of a resource.
type ResourceType = (&'static str, &'static str);

const ORDER: ResourceType = ("checkout-order", "2.0");
const AUTHORIZATION: ResourceType = ("authorization", "2.0");
const CAPTURE: ResourceType = ("capture", "2.0");
const REFUND: ResourceType = ("refund", "2.0");
const TOKEN: ResourceType = ("payment_token", "3.0");

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    OrderApproved,
    OrderCompleted,
    ApprovalReversed,
    AuthorizationCreated,
    AuthorizationVoided,
    /// The capture was created or got another status; its status decides the event's name.
    CaptureChanged,
    RefundCreated,
    TokenCreated,
    TokenDeleted,
}

/// The content of an event, apart from its id and its time.
struct Content {
    name: &'static str,
    resource_type: Option<ResourceType>,
    summary: String,
    resource: Value,
}

impl Context<'_> {
    /// Records an event about the object in its current state, and posts it to the webhook listener.
    pub(super) fn event(&mut self, kind: EventKind, object_id: &str) {
        let Some(content) = self.content(kind, object_id) else {
            return;
        };
        let (first, second) = (capitals(self.event_ids), capitals(self.event_ids));
        let id = format!("WH-{first}-{second}");
        // Cut to milliseconds, the precision of `create_time`: a client can then filter by the time it was shown.
        let ahead = self.ahead.saturating_mul(1000);
        let at = clock::now().as_millisecond().saturating_add(ahead);
        let at = Timestamp::from_millisecond(at).unwrap_or_default();
        let event = Event {
            name: content.name,
            body: self.envelope(&id, at, content).to_string().into(),
            id,
            at,
            object_id: object_id.to_owned(),
        };
        self.webhooks.emit(event.delivery());
        let events = &mut self.account.events;
        if events.len() >= MAX_EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// Records the events of an order's payment: one for each authorization and capture, then one for the order.
    pub(super) fn payment_events(&mut self, order: &str) {
        let units = self.account.orders.get(order).map(|o| o.units.as_slice());
        let mut created = Vec::new();
        for unit in units.unwrap_or_default() {
            let authorizations = unit.authorizations.iter().cloned();
            created.extend(authorizations.map(|id| (EventKind::AuthorizationCreated, id)));
            let captures = unit.captures.iter().cloned();
            created.extend(captures.map(|id| (EventKind::CaptureChanged, id)));
        }
        for (kind, id) in created {
            self.event(kind, &id);
        }
        self.event(EventKind::OrderCompleted, order);
    }

    /// The JSON that is posted and listed.
    fn envelope(&self, id: &str, at: Timestamp, content: Content) -> Value {
        let url = format!("{}/v1/notifications/webhooks-events/{id}", self.base);
        let links = [
            link(&url, "self", "GET"),
            link(&format!("{url}/resend"), "resend", "POST"),
        ];
        let mut body = json!({"id": id, "event_version": "1.0",
            "create_time": at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "event_type": content.name, "summary": content.summary, "resource": content.resource, "links": links});
        let resource_type = content.resource_type;
        if let (Some(fields), Some((name, version))) = (body.as_object_mut(), resource_type) {
            fields.insert("resource_type".to_owned(), name.into());
            fields.insert("resource_version".to_owned(), version.into());
        }
        body
    }

    /// The content of an event, or `None` if `PayPal` has no such event.
    fn content(&self, kind: EventKind, id: &str) -> Option<Content> {
        match kind {
            EventKind::OrderApproved | EventKind::OrderCompleted | EventKind::ApprovalReversed => {
                Some(self.order_content(kind, self.account.orders.get(id)?))
            }
            EventKind::AuthorizationCreated | EventKind::AuthorizationVoided => {
                self.authorization_content(kind, id)
            }
            EventKind::CaptureChanged => Some(self.capture_content(self.account.captures.get(id)?)),
            EventKind::RefundCreated => {
                let refund = self.account.refunds.get(id)?;
                let amount = summary_amount(&refund.amount);
                Some(Content {
                    name: "PAYMENT.CAPTURE.REFUNDED",
                    resource_type: Some(REFUND),
                    summary: format!("A {amount} capture payment was refunded"),
                    resource: self.refund(refund),
                })
            }
            EventKind::TokenCreated | EventKind::TokenDeleted => self.token_content(kind, id),
        }
    }

    fn order_content(&self, kind: EventKind, order: &Order) -> Content {
        let (name, summary) = match kind {
            EventKind::OrderApproved => (
                "CHECKOUT.ORDER.APPROVED",
                "An order has been approved by buyer",
            ),
            EventKind::ApprovalReversed => (
                "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
                "A payment has been reversed after approval.",
            ),
            _ => ("CHECKOUT.ORDER.COMPLETED", "Checkout Order Completed"),
        };
        let reversed = kind == EventKind::ApprovalReversed;
        Content {
            name,
            resource_type: (!reversed).then_some(ORDER),
            summary: summary.to_owned(),
            resource: if reversed {
                self.reversed_approval(order)
            } else {
                self.order(order)
            },
        }
    }

    /// A declined authorization has no event.
    fn authorization_content(&self, kind: EventKind, id: &str) -> Option<Content> {
        let auth = self.account.authorizations.get(id)?;
        let (name, summary) = match kind {
            EventKind::AuthorizationVoided => {
                let amount = summary_amount(&auth.amount);
                (
                    "PAYMENT.AUTHORIZATION.VOIDED",
                    format!("A payment authorization was voided for {amount}"),
                )
            }
            _ if auth.status == "DENIED" => return None,
            _ => (
                "PAYMENT.AUTHORIZATION.CREATED",
                "A payment authorization was created".to_owned(),
            ),
        };
        Some(Content {
            name,
            resource_type: Some(AUTHORIZATION),
            summary,
            resource: self.authorization(auth),
        })
    }

    fn capture_content(&self, capture: &Capture) -> Content {
        let amount = summary_amount(&capture.amount);
        let (name, summary) = match capture.status {
            "PENDING" => (
                "PAYMENT.CAPTURE.PENDING",
                format!("Payment pending for {amount}"),
            ),
            "DECLINED" => (
                "PAYMENT.CAPTURE.DECLINED",
                format!("A payment capture for {amount} was declined."),
            ),
            _ => (
                "PAYMENT.CAPTURE.COMPLETED",
                format!("Payment completed for {amount}"),
            ),
        };
        Content {
            name,
            resource_type: Some(CAPTURE),
            summary,
            resource: self.capture(capture),
        }
    }

    fn token_content(&self, kind: EventKind, id: &str) -> Option<Content> {
        let token = self.account.tokens.get(id)?;
        let (name, summary) = match kind {
            EventKind::TokenDeleted => (
                "VAULT.PAYMENT-TOKEN.DELETED",
                "A payment token has been deleted.",
            ),
            _ => (
                "VAULT.PAYMENT-TOKEN.CREATED",
                "A payment token has been created.",
            ),
        };
        Some(Content {
            name,
            resource_type: Some(TOKEN),
            summary: summary.to_owned(),
            resource: self.token(token),
        })
    }

    /// The resource of a reversed approval. It is the only resource that is not an object of the API: it has the order's
    /// ids and its payment source.
    fn reversed_approval(&self, order: &Order) -> Value {
        let unit = |unit: &Unit| {
            let mut ids = Map::new();
            ids.insert("reference_id".to_owned(), unit.reference.as_str().into());
            for name in ["custom_id", "invoice_id"] {
                if let Some(id) = unit.text(name) {
                    ids.insert(name.to_owned(), id.into());
                }
            }
            Value::Object(ids)
        };
        let units: Vec<Value> = order.units.iter().map(unit).collect();
        let mut resource = json!({"order_id": order.id, "purchase_units": units});
        let source = self.order(order).get("payment_source").cloned();
        if let (Some(fields), Some(source)) = (resource.as_object_mut(), source) {
            fields.insert("payment_source".to_owned(), source);
        }
        resource
    }
}

/// An amount as the vendor's summaries write it: `$ 57.0 USD`, `EUR 15.39 EUR`.
fn summary_amount(amount: &Money) -> String {
    let text = amount.text();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = match fraction.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    let sign = match amount.currency.as_str() {
        "USD" => "$",
        other => other,
    };
    format!("{sign} {whole}.{fraction} {}", amount.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::paypal::money::Product;

    #[test]
    fn amounts_are_written_as_in_the_vendors_summaries() {
        let written = |currency: &str, value: &str| {
            let amount = json!({"currency_code": currency, "value": value});
            let amount = Money::read(&amount, Product::Payments, "/amount").unwrap();
            summary_amount(&amount)
        };
        assert_eq!(written("USD", "57.00"), "$ 57.0 USD");
        assert_eq!(written("USD", "185.10"), "$ 185.1 USD");
        assert_eq!(written("EUR", "15.39"), "EUR 15.39 EUR");
        assert_eq!(written("JPY", "1000"), "JPY 1000.0 JPY");
    }
}
