//! What vendors tell of payments, mails and texts: merged as it comes, in whatever order, and waited for.

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
    mail::{self, Occasion},
    orders::Order,
    outcome::{NoticeState, Outcome},
    settle::Shop,
    text, words,
};

/// Everything that events told. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct EventBook(Arc<watch::Sender<Told>>);

#[derive(Debug, Default)]
struct Told {
    payments: BTreeMap<VendorId, Way<PaymentState>>,
    mails: BTreeMap<MessageReference, Way<EmailState>>,
    texts: BTreeMap<MessageReference, Way<MessageState>>,
    /// What was taken of payments that no event told of.
    looked_up: BTreeMap<VendorId, Money>,
    counts: EventCounts,
}

/// A state, and the way it came.
#[derive(Debug, Default)]
struct Way<S> {
    state: S,
    moves: Vec<&'static str>,
}

/// How many events came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EventCounts {
    /// Moved a state on.
    pub applied: u32,
    /// Told nothing new.
    pub stale: u32,
    /// Are not about an order.
    pub other: u32,
    /// Came again, and did not reach the shop.
    pub duplicates: u32,
    /// Were put off, to come again.
    pub put_off: u32,
    /// Deliveries that were nobody's.
    pub refused: u32,
}

/// How an order's states moved, by event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// The payment's.
    pub payment: Vec<&'static str>,
    /// The mail's.
    pub mail: Vec<&'static str>,
    /// The text's.
    pub text: Vec<&'static str>,
    /// What no event has confirmed.
    pub missing: Vec<&'static str>,
}

impl EventBook {
    /// Receives webhooks on this listener until the task is aborted.
    pub fn serve(&self, vendors: &Vendors, listener: TcpListener) -> JoinHandle<()> {
        let app = webhooks::router(vendors, self.clone());
        tokio::spawn(async move {
            // Ends with the task alone.
            let _never = axum::serve(listener, app).await;
        })
    }

    /// Merges an event.
    fn take(&self, event: &WebhookEvent) {
        self.0.send_modify(|told| {
            let merge = match &event.event {
                Event::Payment(payment) => payment.payment.clone().map(|id| {
                    let way = told.payments.entry(id).or_default();
                    way.moved(words::payment(&payment.change), |state| {
                        state.apply(payment, event.occurred_at)
                    })
                }),
                Event::Email(mail) => mail.reference.clone().map(|reference| {
                    let way = told.mails.entry(reference).or_default();
                    way.moved(words::mail(&mail.change), |state| {
                        state.apply(mail, event.occurred_at)
                    })
                }),
                Event::Message(message) => message.reference.clone().map(|reference| {
                    let way = told.texts.entry(reference).or_default();
                    way.moved(words::text(&message.status), |state| state.apply(message))
                }),
                _ => None,
            };
            let count = match merge {
                Some(Merge::Applied) => &mut told.counts.applied,
                Some(Merge::Stale) => &mut told.counts.stale,
                None => &mut told.counts.other,
            };
            *count += 1;
        });
    }

    /// Waits until events have confirmed every payment, mail and text, or for `limit`; how many orders are confirmed is told
    /// each time that there is one more. Payments that no event told of by then are looked up. How each order's states moved,
    /// in the orders' order.
    pub async fn confirmed(
        &self,
        shop: &Shop,
        orders: &[Order],
        outcomes: &[Outcome],
        limit: Duration,
        confirmed: impl Fn(usize),
    ) -> Vec<Moves> {
        let mut open: BTreeSet<usize> = (0..orders.len().min(outcomes.len())).collect();
        let all_came = |told: &Told| {
            open.retain(|at| match (orders.get(*at), outcomes.get(*at)) {
                (Some(order), Some(outcome)) => !told.moves(order, outcome).missing.is_empty(),
                _ => false,
            });
            confirmed(orders.len() - open.len());
            open.is_empty()
        };
        let mut told = self.0.subscribe();
        // What is missing by then is in the moves. What this returns locks the book, and is not kept.
        drop(tokio::time::timeout(limit, told.wait_for(all_came)).await);
        for (order, outcome) in orders.iter().zip(outcomes) {
            let missing = self.0.borrow().moves(order, outcome).missing;
            if let (Outcome::Charged { payment, .. }, true) = (outcome, missing.contains(&PAYMENT))
                // Whatever cannot be looked up stays missing.
                && let Ok(captured) = shop.look_up(payment).await
            {
                self.0.send_modify(|told| {
                    told.looked_up.insert(payment.clone(), captured);
                });
            }
        }
        let told = self.0.borrow();
        let moves = |(order, outcome)| told.moves(order, outcome);
        orders.iter().zip(outcomes).map(moves).collect()
    }

    /// What was taken, by currency, as events and look-ups told.
    ///
    /// # Errors
    /// When a sum is larger than an amount can be.
    pub fn captured(&self) -> Result<BTreeMap<String, Money>, anyvendor::Error> {
        let told = self.0.borrow();
        let mut sums: BTreeMap<String, Money> = BTreeMap::new();
        let ids: BTreeSet<_> = told.payments.keys().chain(told.looked_up.keys()).collect();
        for captured in ids.into_iter().filter_map(|id| told.captured(id)) {
            let code = captured.currency().code();
            let sum = match sums.get(code) {
                Some(sum) => sum.checked_add(captured)?,
                None => captured,
            };
            sums.insert(code.to_owned(), sum);
        }
        Ok(sums)
    }

    /// How many events came to what.
    #[must_use]
    pub fn counts(&self) -> EventCounts {
        self.0.borrow().counts
    }
}

impl<S> Way<S> {
    fn moved(&mut self, word: &'static str, apply: impl FnOnce(&mut S) -> Merge) -> Merge {
        let merge = apply(&mut self.state);
        if merge == Merge::Applied {
            self.moves.push(word);
        }
        merge
    }
}

/// What is missing where no event confirmed a payment.
const PAYMENT: &str = "payment";

impl Told {
    /// By events, or else by the look-up.
    fn captured(&self, payment: &VendorId) -> Option<Money> {
        let by_events = self
            .payments
            .get(payment)
            .and_then(|way| way.state.captured());
        by_events.or_else(|| self.looked_up.get(payment).copied())
    }

    fn moves(&self, order: &Order, outcome: &Outcome) -> Moves {
        let mut moves = Moves::default();
        let sent = |notice: &NoticeState| matches!(notice, NoticeState::Sent(_));
        let (occasion, mail) = match outcome {
            Outcome::Charged { mail, .. } => (Occasion::Paid, Some(mail)),
            Outcome::AwaitingPayer(mail) => (Occasion::Confirm, Some(mail)),
            _ => (Occasion::Paid, None),
        };
        if let Outcome::Charged { payment, text, .. } = outcome {
            let way = self.payments.get(payment);
            moves.payment = way.map(|way| way.moves.clone()).unwrap_or_default();
            if self.looked_up.contains_key(payment) {
                moves.payment.push("looked up");
            }
            if self.captured(payment) != Some(order.amount) {
                moves.missing.push(PAYMENT);
            }
            if text.as_ref().is_some_and(sent) {
                let way = text::reference(order)
                    .ok()
                    .and_then(|id| self.texts.get(&id));
                moves.text = way.map(|way| way.moves.clone()).unwrap_or_default();
                let status = way.and_then(|way| way.state.status());
                if !status.is_some_and(|status| status.is_final()) {
                    moves.missing.push("text");
                }
            }
        }
        if mail.is_some_and(sent) {
            let reference = mail::reference(order, occasion).ok();
            let way = reference.and_then(|id| self.mails.get(&id));
            moves.mail = way.map(|way| way.moves.clone()).unwrap_or_default();
            if !way.and_then(|way| way.state.change()).is_some_and(is_end) {
                moves.missing.push("mail");
            }
        }
        moves
    }
}

/// Whether the mail's way is over, well or not.
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

// Who tells the shop what did not reach its handler.
impl Observer for EventBook {
    fn attempt(&self, _: &AttemptReport) {}

    fn call(&self, _: &CallReport) {}

    fn webhook(&self, report: &WebhookReport) {
        self.0.send_modify(|told| {
            told.counts.duplicates += report.duplicates;
            told.counts.put_off += report.failed;
            if report.status.is_client_error() {
                told.counts.refused += 1;
            }
        });
    }
}
