//! What the vendors' events tell of payments, mails and texts, merged as they come: late, twice and out of order.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyvendor::{
    Error,
    values::{MessageReference, Money, VendorId},
    webhooks::{
        EmailChange, EmailState, Event, HandlerError, Merge, MessageState, PaymentState,
        WebhookEvent, WebhookHandler,
    },
};
use async_trait::async_trait;
use serde::Serialize;
use tokio::{sync::Notify, time::timeout};

use crate::{
    mail::{self, Occasion},
    orders::Order,
    outcome::{NoticeState, Outcome},
    text,
};

/// What events told so far. Cheap to clone: all clones are one book.
#[derive(Debug, Clone, Default)]
pub struct EventBook(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    told: Mutex<Told>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Told {
    payments: HashMap<VendorId, (PaymentState, Moves)>,
    mails: HashMap<MessageReference, (EmailState, Moves)>,
    texts: HashMap<MessageReference, (MessageState, Moves)>,
    stale: usize,
}

/// The states that something went through, in the order in which events told them.
#[derive(Debug, Default)]
struct Moves(String);

impl Moves {
    fn add(&mut self, state: impl std::fmt::Debug) {
        let mut word = format!("{state:?}");
        // Only the word, not what stands beside it.
        word.truncate(word.find(['(', ' ', '{']).unwrap_or(word.len()));
        let arrow = if self.0.is_empty() { "" } else { " > " };
        let _ = write!(self.0, "{arrow}{}", word.to_lowercase());
    }
}

#[async_trait]
impl WebhookHandler for EventBook {
    async fn handle(&self, event: WebhookEvent) -> Result<(), HandlerError> {
        self.0.told().take(&event);
        self.0.news.notify_waiters();
        Ok(())
    }
}

impl Inner {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn take(&mut self, event: &WebhookEvent) {
        let merge = match &event.event {
            Event::Payment(payment) => {
                let Some(id) = &payment.payment else { return };
                let (state, moves) = self.payments.entry(id.clone()).or_default();
                let merge = state.apply(payment, event.occurred_at);
                if merge == Merge::Applied {
                    moves.add(&payment.change);
                }
                merge
            }
            Event::Email(mail) => {
                let Some(reference) = &mail.reference else {
                    return;
                };
                let (state, moves) = self.mails.entry(reference.clone()).or_default();
                let merge = state.apply(mail, event.occurred_at);
                if merge == Merge::Applied {
                    moves.add(&mail.change);
                }
                merge
            }
            Event::Message(message) => {
                let Some(reference) = &message.reference else {
                    return;
                };
                let (state, moves) = self.texts.entry(reference.clone()).or_default();
                let merge = state.apply(message);
                if merge == Merge::Applied {
                    moves.add(&message.status);
                }
                merge
            }
            _ => return,
        };
        self.stale += usize::from(merge == Merge::Stale);
    }

    /// Whether the vendor told that this order's payment was taken, whole.
    fn paid(&self, order: &Order, payment: &VendorId) -> bool {
        let told = self.payments.get(payment);
        told.and_then(|(state, _)| state.captured()) == Some(order.amount)
    }

    /// Whether the mail's fate is told.
    fn mailed(&self, order: &Order, occasion: Occasion) -> bool {
        let change = mail::reference(order, occasion)
            .ok()
            .and_then(|reference| self.mails.get(&reference)?.0.change());
        change.is_some_and(|change| change.rank() >= EmailChange::Delivered.rank())
    }

    /// Whether the text's fate is told.
    fn texted(&self, order: &Order) -> bool {
        let status = text::reference(order)
            .ok()
            .and_then(|reference| self.texts.get(&reference)?.0.status());
        status.is_some_and(anyvendor::messaging::MessageStatus::is_final)
    }

    /// Whether everything that went out for this order is told.
    fn confirms(&self, order: &Order, outcome: &Outcome) -> bool {
        let went_out = |notice: &NoticeState| matches!(notice, NoticeState::Sent(_));
        match outcome {
            Outcome::Charged {
                payment,
                mail,
                text,
                ..
            } => {
                self.paid(order, payment)
                    && (!went_out(mail) || self.mailed(order, Occasion::Paid))
                    && (!text.as_ref().is_some_and(went_out) || self.texted(order))
            }
            Outcome::AwaitingPayer(mail) => {
                !went_out(mail) || self.mailed(order, Occasion::Confirm)
            }
            _ => true,
        }
    }
}

/// What events told, at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventReport {
    /// How payments, mails and texts moved on, per order.
    pub orders: Vec<EventLine>,
    /// What was paid by the events alone, by currency, as decimal numbers in it.
    pub charged: BTreeMap<String, String>,
    /// How many orders are not told whole.
    pub unconfirmed: usize,
    /// How many events told nothing new.
    pub stale: usize,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventLine {
    /// Its number.
    pub order: String,
    /// The payment's states.
    pub payment: Option<String>,
    /// The mail's states.
    pub mail: Option<String>,
    /// The text's states.
    pub text: Option<String>,
}

impl EventBook {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until every payment, mail and text is told, or nothing new has come for as long as `patience`.
    ///
    /// # Errors
    /// When a sum is larger than an amount can be.
    pub async fn wait(
        &self,
        orders: &[Order],
        outcomes: &[Outcome],
        patience: Duration,
    ) -> Result<EventReport, Error> {
        loop {
            // Listens before it looks, so that nothing comes in between.
            let news = self.0.news.notified();
            let report = self.report(orders, outcomes)?;
            if report.unconfirmed == 0 || timeout(patience, news).await.is_err() {
                return Ok(report);
            }
        }
    }

    fn report(&self, orders: &[Order], outcomes: &[Outcome]) -> Result<EventReport, Error> {
        let told = self.0.told();
        let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
        let mut lines = Vec::new();
        let mut unconfirmed = 0;
        for (order, outcome) in orders.iter().zip(outcomes) {
            unconfirmed += usize::from(!told.confirms(order, outcome));
            let (payment, occasion) = match outcome {
                Outcome::Charged { payment, .. } => (Some(payment), Occasion::Paid),
                Outcome::AwaitingPayer(_) => (None, Occasion::Confirm),
                _ => continue,
            };
            let payment = payment.and_then(|payment| told.payments.get(payment));
            if let Some(captured) = payment.and_then(|(state, _)| state.captured()) {
                let sum = sums.entry(captured.currency().code());
                let sum = sum.or_insert(Money::zero(captured.currency()));
                *sum = sum.checked_add(captured)?;
            }
            let mail = mail::reference(order, occasion)?;
            let text = text::reference(order)?;
            let text = told.texts.get(&text).map(|(_, moves)| moves.0.clone());
            lines.push(EventLine {
                order: order.number.clone(),
                payment: payment.map(|(_, moves)| moves.0.clone()),
                mail: told.mails.get(&mail).map(|(_, moves)| moves.0.clone()),
                text,
            });
        }
        let charged = sums.into_iter();
        Ok(EventReport {
            orders: lines,
            charged: charged
                .map(|(code, sum)| (code.to_owned(), sum.to_decimal()))
                .collect(),
            unconfirmed,
            stale: told.stale,
        })
    }
}
