//! The emulator's state, for a test to compare with what the application believes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;

use super::account::Event;
use super::emulator::PayPalEmulator;
use super::objects;

/// A view of everything that `PayPal`'s emulator holds. Each call reads the current state.
#[derive(Clone)]
pub struct PayPalState(PayPalEmulator);

impl std::fmt::Debug for PayPalState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayPalState").finish_non_exhaustive()
    }
}

/// An order, as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Order {
    /// The order's id.
    pub id: String,
    /// `CAPTURE` or `AUTHORIZE`.
    pub intent: &'static str,
    /// The status as the vendor writes it.
    pub status: &'static str,
    /// The amount of all purchase units, in minor units.
    pub amount: i64,
    /// The currency's code in capitals.
    pub currency: String,
    /// The invoice id of the first purchase unit.
    pub invoice_id: Option<String>,
    /// The custom id of the first purchase unit.
    pub custom_id: Option<String>,
}

/// An authorization, as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorization {
    /// The authorization's id.
    pub id: String,
    /// The id of its order.
    pub order_id: String,
    /// The status as the vendor writes it.
    pub status: &'static str,
    /// The amount in minor units.
    pub amount: i64,
    /// The captured amount in minor units.
    pub captured: i64,
    /// The currency's code in capitals.
    pub currency: String,
    /// The merchant's id for the payment.
    pub invoice_id: Option<String>,
    /// The merchant's own reference.
    pub custom_id: Option<String>,
    /// The id of the original authorization, if this one was made by reauthorizing it.
    pub reauthorizes: Option<String>,
}

/// A capture, as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capture {
    /// The capture's id.
    pub id: String,
    /// The id of its order.
    pub order_id: String,
    /// The id of its authorization, if there was one.
    pub authorization_id: Option<String>,
    /// The status as the vendor writes it.
    pub status: &'static str,
    /// The amount in minor units.
    pub amount: i64,
    /// The refunded amount in minor units.
    pub refunded: i64,
    /// The currency's code in capitals.
    pub currency: String,
    /// The merchant's id for the payment.
    pub invoice_id: Option<String>,
    /// The merchant's own reference.
    pub custom_id: Option<String>,
}

/// A refund, as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refund {
    /// The refund's id.
    pub id: String,
    /// The id of its order.
    pub order_id: String,
    /// The id of its capture.
    pub capture_id: String,
    /// The status as the vendor writes it.
    pub status: &'static str,
    /// The amount in minor units.
    pub amount: i64,
    /// The currency's code in capitals.
    pub currency: String,
    /// The merchant's id for the refund.
    pub invoice_id: Option<String>,
    /// The merchant's own reference.
    pub custom_id: Option<String>,
}

impl PayPalState {
    pub(super) fn new(emulator: &PayPalEmulator) -> Self {
        Self(emulator.clone())
    }

    /// All orders, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Order> {
        self.0
            .with(|context| context.account.orders.iter().map(order).collect())
    }

    /// All authorizations, oldest first.
    #[must_use]
    pub fn authorizations(&self) -> Vec<Authorization> {
        self.0.with(|context| {
            context
                .account
                .authorizations
                .iter()
                .map(authorization)
                .collect()
        })
    }

    /// All captures, oldest first, declined ones included.
    #[must_use]
    pub fn captures(&self) -> Vec<Capture> {
        self.0
            .with(|context| context.account.captures.iter().map(capture).collect())
    }

    /// All refunds, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<Refund> {
        self.0
            .with(|context| context.account.refunds.iter().map(refund).collect())
    }

    /// Ids of the payment tokens that were not deleted.
    #[must_use]
    pub fn payment_tokens(&self) -> Vec<String> {
        self.0.with(|context| {
            let tokens = context.account.tokens.iter().filter(|t| !t.deleted);
            tokens.map(|t| t.id.clone()).collect()
        })
    }

    /// How often a client requested an access token.
    #[must_use]
    pub fn token_requests(&self) -> u64 {
        self.0.state().tokens.requests
    }

    /// Rejects the current access token from now on.
    pub fn revoke_token(&self) {
        self.0.state().tokens.revoke();
    }

    /// Moves the emulator's time forward: authorizations age, and transactions appear in the transaction search.
    pub fn advance(&self, time: Duration) {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        self.0.0.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Sets how long a transaction takes to appear in the transaction search; three hours by default.
    pub fn set_search_lag(&self, lag: Duration) {
        let seconds = i64::try_from(lag.as_secs()).unwrap_or(i64::MAX);
        self.0.0.search_lag.store(seconds, Ordering::Relaxed);
    }

    /// Ends the time of this order's approval, or of this authorization. False if there is none with this id.
    pub fn expire(&self, id: &str) -> bool {
        self.0.with(|context| context.expire(id))
    }

    /// The objects of one kind in the vendor's own JSON; `None` if there is no such kind.
    pub(crate) fn json(&self, kind: &str) -> Option<Vec<Value>> {
        self.0.with(|context| {
            let account = &*context.account;
            Some(match kind {
                "orders" => account.orders.iter().map(|o| context.order(o)).collect(),
                "authorizations" => {
                    let all = account.authorizations.iter();
                    all.map(|a| context.authorization(a)).collect()
                }
                "captures" => account
                    .captures
                    .iter()
                    .map(|c| context.capture(c))
                    .collect(),
                "refunds" => account.refunds.iter().map(|r| context.refund(r)).collect(),
                "payment_tokens" => {
                    let kept = account.tokens.iter().filter(|t| !t.deleted);
                    kept.map(|t| context.token(t)).collect()
                }
                "events" => account.events.iter().map(Event::json).collect(),
                _ => return None,
            })
        })
    }
}

fn order(order: &objects::Order) -> Order {
    let first = order.units.first();
    Order {
        id: order.id.clone(),
        intent: order.intent.as_str(),
        status: order.status,
        amount: order.units.iter().map(|unit| unit.amount.minor).sum(),
        currency: first.map_or_else(String::new, |unit| unit.amount.currency.clone()),
        invoice_id: first.and_then(|unit| unit.text("invoice_id")),
        custom_id: first.and_then(|unit| unit.text("custom_id")),
    }
}

fn authorization(auth: &objects::Authorization) -> Authorization {
    Authorization {
        id: auth.id.clone(),
        order_id: auth.order.clone(),
        status: auth.status,
        amount: auth.amount.minor,
        captured: auth.captured,
        currency: auth.amount.currency.clone(),
        invoice_id: auth.invoice.clone(),
        custom_id: auth.custom.clone(),
        reauthorizes: auth.parent.clone(),
    }
}

fn capture(capture: &objects::Capture) -> Capture {
    Capture {
        id: capture.id.clone(),
        order_id: capture.order.clone(),
        authorization_id: capture.authorization.clone(),
        status: capture.status,
        amount: capture.amount.minor,
        refunded: capture.refunded,
        currency: capture.amount.currency.clone(),
        invoice_id: capture.invoice.clone(),
        custom_id: capture.custom.clone(),
    }
}

fn refund(refund: &objects::Refund) -> Refund {
    Refund {
        id: refund.id.clone(),
        order_id: refund.order.clone(),
        capture_id: refund.capture.clone(),
        status: "COMPLETED",
        amount: refund.amount.minor,
        currency: refund.amount.currency.clone(),
        invoice_id: refund.invoice.clone(),
        custom_id: refund.custom.clone(),
    }
}
