//! What webhooks report about payments, emails and texts: merged in any order, and waited for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use anyvendor::{
    Vendors,
    resilience::{AttemptReport, CallReport, Observer, WebhookReport},
    values::{MessageReference, Money, VendorId},
    webhooks::{
        self, EmailChange, EmailState, Event, HandlerError, Merge, MessageState, PaymentState,
        WebhookEvent, WebhookHandler,
    },
};
use async_trait::async_trait;
use serde::Serialize;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    email::{self, Occasion},
    orders::Order,
    outcome::{NoticeState, Outcome},
    settle::Shop,
    text, words,
};

/// Everything that events reported. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct EventBook(Arc<watch::Sender<Received>>);

#[derive(Debug, Default)]
struct Received {
    payments: BTreeMap<VendorId, History<PaymentState>>,
    /// The payment of each order: an event may name it by another of its ids than the response to the shop did.
    of_orders: BTreeMap<String, VendorId>,
    emails: BTreeMap<MessageReference, History<EmailState>>,
    texts: BTreeMap<MessageReference, History<MessageState>>,
    /// The captured amount of payments that no event reported.
    looked_up: BTreeMap<VendorId, Money>,
    counts: EventCounts,
}

/// A state, and the changes that led to it.
#[derive(Debug, Default)]
struct History<S> {
    state: S,
    moves: Vec<&'static str>,
}

/// Events, counted by their effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EventCounts {
    /// Events that changed a state.
    pub applied: u32,
    /// Events that reported nothing new.
    pub stale: u32,
    /// Events that are not about an order.
    pub other: u32,
    /// Copies, which did not reach the shop.
    pub duplicates: u32,
    /// Events that were deferred, to be delivered again.
    pub put_off: u32,
    /// Deliveries that could not be verified.
    pub refused: u32,
}

/// How the states of an order changed, by event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// The changes of the payment.
    pub payment: Vec<&'static str>,
    /// The changes of the email.
    pub email: Vec<&'static str>,
    /// The changes of the text.
    pub text: Vec<&'static str>,
    /// What no event has confirmed.
    pub missing: Vec<&'static str>,
}

impl EventBook {
    /// Receives webhooks on this listener until the task is aborted.
    pub fn serve(&self, vendors: &Vendors, listener: TcpListener) -> JoinHandle<()> {
        let app = webhooks::router(vendors, self.clone());
        tokio::spawn(async move {
            // It ends only when the task is aborted.
            let _never = axum::serve(listener, app).await;
        })
    }

    /// Merges an event.
    fn take(&self, event: &WebhookEvent) {
        self.0.send_modify(|received| {
            let merge = match &event.event {
                Event::Payment(payment) => payment.payment.clone().map(|id| {
                    if let Some(order) = payment.reference.clone() {
                        received.of_orders.insert(order, id.clone());
                    }
                    let history = received.payments.entry(id).or_default();
                    history.moved(words::payment(&payment.change), |state| {
                        state.apply(payment, event.occurred_at)
                    })
                }),
                Event::Email(email) => email.reference.clone().map(|reference| {
                    let history = received.emails.entry(reference).or_default();
                    history.moved(words::email(&email.change), |state| {
                        state.apply(email, event.occurred_at)
                    })
                }),
                Event::Message(message) => message.reference.clone().map(|reference| {
                    let history = received.texts.entry(reference).or_default();
                    history.moved(words::text(&message.status), |state| state.apply(message))
                }),
                _ => None,
            };
            let count = match merge {
                Some(Merge::Applied) => &mut received.counts.applied,
                Some(Merge::Stale) => &mut received.counts.stale,
                None => &mut received.counts.other,
            };
            *count += 1;
        });
    }

    /// Waits until events have confirmed every payment, email and text, at most for `limit`. Calls `confirmed` with the number of
    /// confirmed orders whenever it changes. Payments that no event has reported by then are looked up. Returns how the states
    /// of each order changed, in the order of `orders`.
    pub async fn confirmed(
        &self,
        shop: &Shop,
        orders: &[Order],
        outcomes: &[Outcome],
        limit: Duration,
        confirmed: impl Fn(usize),
    ) -> Vec<Moves> {
        let mut open: BTreeSet<usize> = (0..orders.len().min(outcomes.len())).collect();
        let all_came = |received: &Received| {
            open.retain(|at| match (orders.get(*at), outcomes.get(*at)) {
                (Some(order), Some(outcome)) => !received.moves(order, outcome).missing.is_empty(),
                _ => false,
            });
            confirmed(orders.len() - open.len());
            open.is_empty()
        };
        let mut received = self.0.subscribe();
        // The result holds a lock, so it is dropped here; what is missing is in the moves.
        drop(tokio::time::timeout(limit, received.wait_for(all_came)).await);
        for (order, outcome) in orders.iter().zip(outcomes) {
            let missing = self.0.borrow().moves(order, outcome).missing;
            if let (Outcome::Charged { payment, .. }, true) = (outcome, missing.contains(&PAYMENT))
                // A payment that cannot be looked up stays missing.
                && let Ok(captured) = shop.look_up(payment).await
            {
                self.0.send_modify(|received| {
                    received.looked_up.insert(payment.clone(), captured);
                });
            }
        }
        let received = self.0.borrow();
        let moves = |(order, outcome)| received.moves(order, outcome);
        orders.iter().zip(outcomes).map(moves).collect()
    }

    /// The captured sum by currency, from events and look-ups.
    ///
    /// # Errors
    /// If a sum is larger than an amount can be.
    pub fn captured(&self) -> Result<BTreeMap<String, Money>, anyvendor::Error> {
        let received = self.0.borrow();
        let mut sums: BTreeMap<String, Money> = BTreeMap::new();
        let ids: BTreeSet<_> = received
            .payments
            .keys()
            .chain(received.looked_up.keys())
            .collect();
        for captured in ids.into_iter().filter_map(|id| received.captured(id)) {
            let code = captured.currency().code();
            let sum = match sums.get(code) {
                Some(sum) => sum.checked_add(captured)?,
                None => captured,
            };
            sums.insert(code.to_owned(), sum);
        }
        Ok(sums)
    }

    /// Events, counted by their effect.
    #[must_use]
    pub fn counts(&self) -> EventCounts {
        self.0.borrow().counts
    }
}

impl<S> History<S> {
    fn moved(&mut self, word: &'static str, apply: impl FnOnce(&mut S) -> Merge) -> Merge {
        let merge = apply(&mut self.state);
        if merge == Merge::Applied {
            self.moves.push(word);
        }
        merge
    }
}

/// The entry of [`Moves::missing`] for a payment.
const PAYMENT: &str = "payment";

impl Received {
    /// The captured amount, from events or else from the look-up.
    fn captured(&self, payment: &VendorId) -> Option<Money> {
        let by_events = self
            .payments
            .get(payment)
            .and_then(|history| history.state.captured());
        by_events.or_else(|| self.looked_up.get(payment).copied())
    }

    fn moves(&self, order: &Order, outcome: &Outcome) -> Moves {
        let mut moves = Moves::default();
        let sent = |notice: &NoticeState| matches!(notice, NoticeState::Sent(_));
        let (occasion, email) = match outcome {
            Outcome::Charged { email, .. } => (Occasion::Paid, Some(email)),
            Outcome::AwaitingPayer(email) => (Occasion::Confirm, Some(email)),
            _ => (Occasion::Paid, None),
        };
        if let Outcome::Charged { payment, text, .. } = outcome {
            let payment = match self.of_orders.get(&order.number) {
                Some(id) if !self.payments.contains_key(payment) => id,
                _ => payment,
            };
            let history = self.payments.get(payment);
            moves.payment = history
                .map(|history| history.moves.clone())
                .unwrap_or_default();
            if self.looked_up.contains_key(payment) {
                moves.payment.push("looked up");
            }
            if self.captured(payment) != Some(order.amount) {
                moves.missing.push(PAYMENT);
            }
            if text.as_ref().is_some_and(sent) {
                let history = text::reference(order)
                    .ok()
                    .and_then(|id| self.texts.get(&id));
                moves.text = history
                    .map(|history| history.moves.clone())
                    .unwrap_or_default();
                let status = history.and_then(|history| history.state.status());
                if !status.is_some_and(|status| status.is_final()) {
                    moves.missing.push("text");
                }
            }
        }
        if email.is_some_and(sent) {
            let reference = email::reference(order, occasion).ok();
            let history = reference.and_then(|id| self.emails.get(&id));
            moves.email = history
                .map(|history| history.moves.clone())
                .unwrap_or_default();
            if !history
                .and_then(|history| history.state.change())
                .is_some_and(is_end)
            {
                moves.missing.push("email");
            }
        }
        moves
    }
}

/// Whether the email has reached a final state, delivered or not.
fn is_end(change: &EmailChange) -> bool {
    change.rank() >= EmailChange::Delivered.rank()
}

#[async_trait]
impl WebhookHandler for EventBook {
    async fn handle(&self, event: WebhookEvent) -> Result<(), HandlerError> {
        self.take(&event);
        Ok(())
    }
}

// The observer reports what did not reach the handler.
impl Observer for EventBook {
    fn attempt(&self, _: &AttemptReport) {}

    fn call(&self, _: &CallReport) {}

    fn webhook(&self, report: &WebhookReport) {
        self.0.send_modify(|received| {
            received.counts.duplicates += report.duplicates;
            received.counts.put_off += report.failed;
            if report.status.is_client_error() {
                received.counts.refused += 1;
            }
        });
    }
}
