//! What the account's webhooks tell: one event for each thing that happens, in `PayPal`'s envelope.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account::{Cx, capitals};
use super::money::Money;
use super::objects::{Order, Unit};
use super::render::link;
use crate::clock;
use crate::vendors::Vendor;
use crate::webhooks::Delivery;

/// The newest events that are kept.
const MAX_EVENTS: usize = 10_000;

/// Type and version of the resources that have both.
const ORDER: Option<(&str, &str)> = Some(("checkout-order", "2.0"));
const AUTHORIZATION: Option<(&str, &str)> = Some(("authorization", "2.0"));
const CAPTURE: Option<(&str, &str)> = Some(("capture", "2.0"));
const REFUND: Option<(&str, &str)> = Some(("refund", "2.0"));
const TOKEN: Option<(&str, &str)> = Some(("payment_token", "3.0"));

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// To an order; so are the next two.
    Approved,
    Completed,
    ApprovalReversed,
    /// To an authorization; so is the next.
    Authorized,
    Voided,
    /// To a capture: what, its status says.
    Captured,
    /// To a refund.
    Refunded,
    /// To a payment token; so is the next.
    Saved,
    Deleted,
}

/// An event, as it was posted and as it is listed.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) at: Timestamp,
    /// The id of the object.
    pub(super) about: String,
    pub(super) body: Bytes,
}

impl Event {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn delivery(&self) -> Delivery {
        Delivery {
            vendor: Vendor::PayPal,
            event: self.name.to_owned(),
            id: self.id.clone(),
            content_type: "application/json",
            body: self.body.clone(),
            url: None,
        }
    }
}

/// What an event says beside its id and its time.
struct Told {
    name: &'static str,
    resource_type: Option<(&'static str, &'static str)>,
    summary: String,
    resource: Value,
}

impl Cx<'_> {
    /// Notes, and tells whoever listens, that something happened to the object as it is now.
    pub(super) fn event(&mut self, happened: Happened, about: &str) {
        let Some(told) = self.told(happened, about) else {
            return;
        };
        let (first, second) = (capitals(self.event_ids), capitals(self.event_ids));
        let id = format!("WH-{first}-{second}");
        // As precise as it is shown, so that what a list shows can be asked for.
        let at = Timestamp::from_millisecond(clock::now().as_millisecond()).unwrap_or_default();
        let own = format!("{}/v1/notifications/webhooks-events/{id}", self.base);
        let links = [
            link(&own, "self", "GET"),
            link(&format!("{own}/resend"), "resend", "POST"),
        ];
        let mut body = json!({"id": id, "event_version": "1.0",
            "create_time": at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "event_type": told.name, "summary": told.summary, "resource": told.resource, "links": links});
        if let (Some(fields), Some((kind, version))) = (body.as_object_mut(), told.resource_type) {
            fields.insert("resource_type".to_owned(), kind.into());
            fields.insert("resource_version".to_owned(), version.into());
        }
        let event = Event {
            id,
            name: told.name,
            at,
            about: about.to_owned(),
            body: body.to_string().into(),
        };
        self.webhooks.emit(event.delivery());
        let events = &mut self.account.events;
        if events.len() >= MAX_EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// All that happened when this order was paid.
    pub(super) fn paid(&mut self, order: &str) {
        let units = self.account.orders.get(order).map(|o| o.units.as_slice());
        let mut made = Vec::new();
        for unit in units.unwrap_or_default() {
            let held = unit.authorizations.iter().cloned();
            made.extend(held.map(|id| (Happened::Authorized, id)));
            let taken = unit.captures.iter().cloned();
            made.extend(taken.map(|id| (Happened::Captured, id)));
        }
        for (happened, id) in made {
            self.event(happened, &id);
        }
        self.event(Happened::Completed, order);
    }

    /// None where `PayPal` has no event for it: a declined authorization.
    fn told(&self, happened: Happened, about: &str) -> Option<Told> {
        let account = &*self.account;
        let told = |name, resource_type, summary: &str, resource| Told {
            name,
            resource_type,
            summary: summary.to_owned(),
            resource,
        };
        Some(match happened {
            Happened::Approved => {
                let order = self.order(account.orders.get(about)?);
                let summary = "An order has been approved by buyer";
                told("CHECKOUT.ORDER.APPROVED", ORDER, summary, order)
            }
            Happened::Completed => {
                let order = self.order(account.orders.get(about)?);
                let summary = "Checkout Order Completed";
                told("CHECKOUT.ORDER.COMPLETED", ORDER, summary, order)
            }
            Happened::ApprovalReversed => {
                let order = self.reversed(account.orders.get(about)?);
                let summary = "A payment has been reversed after approval.";
                told("CHECKOUT.PAYMENT-APPROVAL.REVERSED", None, summary, order)
            }
            Happened::Authorized => {
                let auth = account.authorizations.get(about)?;
                if auth.status == "DENIED" {
                    return None;
                }
                let (summary, auth) = (
                    "A payment authorization was created",
                    self.authorization(auth),
                );
                told(
                    "PAYMENT.AUTHORIZATION.CREATED",
                    AUTHORIZATION,
                    summary,
                    auth,
                )
            }
            Happened::Voided => {
                let auth = account.authorizations.get(about)?;
                let amount = spoken(&auth.amount);
                let summary = format!("A payment authorization was voided for {amount}");
                let auth = self.authorization(auth);
                told(
                    "PAYMENT.AUTHORIZATION.VOIDED",
                    AUTHORIZATION,
                    &summary,
                    auth,
                )
            }
            Happened::Captured => {
                let capture = account.captures.get(about)?;
                let amount = spoken(&capture.amount);
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
                told(name, CAPTURE, &summary, self.capture(capture))
            }
            Happened::Refunded => {
                let refund = account.refunds.get(about)?;
                let amount = spoken(&refund.amount);
                let summary = format!("A {amount} capture payment was refunded");
                let refund = self.refund(refund);
                told("PAYMENT.CAPTURE.REFUNDED", REFUND, &summary, refund)
            }
            Happened::Saved => {
                let token = self.token(account.tokens.get(about)?);
                let summary = "A payment token has been created.";
                told("VAULT.PAYMENT-TOKEN.CREATED", TOKEN, summary, token)
            }
            Happened::Deleted => {
                let token = self.token(account.tokens.get(about)?);
                let summary = "A payment token has been deleted.";
                told("VAULT.PAYMENT-TOKEN.DELETED", TOKEN, summary, token)
            }
        })
    }

    /// The one resource that is not an object of the API: the order's ids and how it was to be paid.
    fn reversed(&self, order: &Order) -> Value {
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
        let mut told = json!({"order_id": order.id, "purchase_units": units});
        let source = self.order(order).get("payment_source").cloned();
        if let (Some(fields), Some(source)) = (told.as_object_mut(), source) {
            fields.insert("payment_source".to_owned(), source);
        }
        told
    }
}

/// An amount in the words of a summary: `$ 57.0 USD`, `EUR 15.39 EUR`.
fn spoken(amount: &Money) -> String {
    let text = amount.text();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = match part.trim_end_matches('0') {
        "" => "0",
        some => some,
    };
    let sign = match amount.currency.as_str() {
        "USD" => "$",
        other => other,
    };
    format!("{sign} {whole}.{part} {}", amount.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::paypal::money::Product;

    #[test]
    fn amounts_are_spoken_as_the_vendor_does() {
        let spoken = |currency: &str, value: &str| {
            let amount = json!({"currency_code": currency, "value": value});
            let amount = Money::read(&amount, Product::Payments, "/amount").unwrap();
            spoken(&amount)
        };
        assert_eq!(spoken("USD", "57.00"), "$ 57.0 USD");
        assert_eq!(spoken("USD", "185.10"), "$ 185.1 USD");
        assert_eq!(spoken("EUR", "15.39"), "EUR 15.39 EUR");
        assert_eq!(spoken("JPY", "1000"), "JPY 1000.0 JPY");
    }
}
