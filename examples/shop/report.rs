//! The result of a run, per order and per currency.

use std::collections::BTreeMap;

use anyvendor::values::{Currency, Money};
use serde::Serialize;

use crate::{
    events::{EventBook, EventCounts, Moves},
    orders::Order,
    outcome::{NoticeState, Outcome},
};

/// The result of a whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// One entry per order, in the order of the file.
    pub orders: Vec<ReportLine>,
    /// The sums by currency.
    pub totals: BTreeMap<String, Totals>,
    /// The number of orders that need attention.
    pub unsettled: usize,
    /// What events reported, if the run waited for them.
    pub events: Option<EventReport>,
}

/// What events reported about a run.
#[derive(Debug, Clone, Serialize)]
pub struct EventReport {
    /// How the states of each order changed, by its number. Orders without any event are left out.
    pub orders: Vec<(String, Moves)>,
    /// The charged sum by currency, first as the shop counted it and then as events reported it.
    pub totals: BTreeMap<String, (String, String)>,
    /// The events, counted by their effect.
    pub counts: EventCounts,
}

/// The result of one order.
#[derive(Debug, Clone, Serialize)]
pub struct ReportLine {
    /// The number of the order.
    pub order: String,
    /// The amount, such as `12.50 EUR`.
    pub amount: String,
    /// The outcome in one word.
    pub outcome: &'static str,
    /// The detail of the outcome.
    pub detail: Option<String>,
    /// The id of the payment.
    pub payment: Option<String>,
    /// The email vendor's id of the email.
    pub message_id: Option<String>,
    /// The state of the email.
    pub email: Option<NoticeState>,
    /// The state of the text.
    pub text: Option<NoticeState>,
    /// The key of the receipt.
    pub receipt: Option<String>,
}

/// The sums of one currency, as decimal numbers in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// The number of orders, each counted once.
    pub orders: usize,
    /// The sum that was paid.
    pub charged: String,
    /// The sum that banks declined.
    pub declined: String,
    /// The sum that payers still have to confirm.
    pub awaiting_payer: String,
    /// The sum whose payment is unknown.
    pub unsettled: String,
}

impl Report {
    /// Sums up a run.
    ///
    /// # Errors
    /// If a sum is larger than an amount can be.
    pub fn new(orders: &[Order], outcomes: &[Outcome]) -> Result<Self, anyvendor::Error> {
        let mut totals = BTreeMap::new();
        for order in orders {
            let currency = order.amount.currency();
            if !totals.contains_key(currency.code()) {
                let mut sums = Totals::default();
                let of = |word: &str| {
                    let mut sum = Money::from_minor(0, currency)?;
                    for (order, outcome) in orders.iter().zip(outcomes) {
                        if order.amount.currency() == currency && outcome.word() == word {
                            sum = sum.checked_add(order.amount)?;
                        }
                    }
                    Ok::<_, anyvendor::Error>(sum.to_decimal())
                };
                sums.charged = of("charged")?;
                sums.declined = of("declined")?;
                sums.awaiting_payer = of("awaiting payer")?;
                sums.unsettled = of("unsettled")?;
                totals.insert(currency.code().to_owned(), sums);
            }
            if let (Some(sums), None) = (totals.get_mut(currency.code()), &order.repeats) {
                sums.orders += 1;
            }
        }
        Ok(Self {
            orders: orders
                .iter()
                .zip(outcomes)
                .map(|(order, outcome)| ReportLine::new(order, outcome))
                .collect(),
            totals,
            unsettled: outcomes
                .iter()
                .filter(|outcome| !outcome.is_settled())
                .count(),
            events: None,
        })
    }

    /// The number of orders that lack an event, plus the number of currencies whose sum by events differs.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.events.as_ref().map_or(0, |events| {
            let orders = events.orders.iter();
            let orders = orders.filter(|(_, moves)| !moves.missing.is_empty());
            let sums = events
                .totals
                .values()
                .filter(|(charged, by_events)| charged != by_events);
            orders.count() + sums.count()
        })
    }
}

impl EventReport {
    /// Compares what the shop counted with what events reported.
    ///
    /// # Errors
    /// If a sum is larger than an amount can be.
    pub fn new(
        orders: &[Order],
        outcomes: &[Outcome],
        (book, moves): (&EventBook, Vec<Moves>),
    ) -> Result<Self, anyvendor::Error> {
        let captured = book.captured()?;
        let report = Report::new(orders, outcomes)?;
        let currencies = report.totals.keys().chain(captured.keys());
        let totals = currencies.map(|code| {
            let charged = report.totals.get(code).map(|sums| sums.charged.clone());
            let by_events = match captured.get(code) {
                Some(sum) => sum.to_decimal(),
                None => Money::from_minor(0, Currency::from_code(code)?)?.to_decimal(),
            };
            Ok((code.clone(), (charged.unwrap_or_default(), by_events)))
        });
        let totals = totals.collect::<Result<_, anyvendor::Error>>()?;
        let orders = orders.iter().map(|order| order.number.clone()).zip(moves);
        Ok(Self {
            orders: orders
                .filter(|(_, moves)| *moves != Moves::default())
                .collect(),
            totals,
            counts: book.counts(),
        })
    }
}

impl ReportLine {
    fn new(order: &Order, outcome: &Outcome) -> Self {
        let (payment, receipt, email, text) = match outcome {
            Outcome::Charged {
                payment,
                receipt,
                email,
                text,
            } => (
                Some(payment.to_string()),
                Some(receipt.as_str().to_owned()),
                Some(email),
                text.as_ref(),
            ),
            Outcome::AwaitingPayer(email) => (None, None, Some(email), None),
            _ => (None, None, None, None),
        };
        Self {
            order: order.number.clone(),
            amount: order.amount.to_string(),
            outcome: outcome.word(),
            detail: outcome.detail().map(str::to_owned),
            payment,
            message_id: email.and_then(NoticeState::id).map(str::to_owned),
            email: email.cloned(),
            text: text.cloned(),
            receipt,
        }
    }
}
