//! What a run came to: per order, and per currency.

use std::collections::BTreeMap;

use anyvendor::values::{Currency, Money};
use serde::Serialize;

use crate::{
    events::{EventBook, EventCounts, Moves},
    orders::Order,
    outcome::{NoticeState, Outcome},
};

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// One entry per order, in the file's order.
    pub orders: Vec<ReportLine>,
    /// By currency.
    pub totals: BTreeMap<String, Totals>,
    /// How many orders somebody must look at.
    pub unsettled: usize,
    /// What events told, where they were waited for.
    pub events: Option<EventReport>,
}

/// What events told of a run.
#[derive(Debug, Clone, Serialize)]
pub struct EventReport {
    /// How each order's states moved, by its number, where any event was to come.
    pub orders: Vec<(String, Moves)>,
    /// What was charged, by currency, as the shop told and as events did.
    pub totals: BTreeMap<String, (String, String)>,
    /// How many events came to what.
    pub counts: EventCounts,
}

/// One order.
#[derive(Debug, Clone, Serialize)]
pub struct ReportLine {
    /// Its number.
    pub order: String,
    /// Its amount, such as `12.50 EUR`.
    pub amount: String,
    /// One word.
    pub outcome: &'static str,
    /// What else is to be known.
    pub detail: Option<String>,
    /// The payment.
    pub payment: Option<String>,
    /// The mail vendor's id of the mail.
    pub message_id: Option<String>,
    /// Whether and how a mail went out.
    pub mail: Option<NoticeState>,
    /// Whether and how a text went out.
    pub text: Option<NoticeState>,
    /// The receipt's key.
    pub receipt: Option<String>,
}

/// The sums of one currency, as decimal numbers in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many orders, each counted once.
    pub orders: usize,
    /// What was paid.
    pub charged: String,
    /// What banks refused.
    pub declined: String,
    /// What payers must still confirm.
    pub awaiting_payer: String,
    /// What is not known to be paid or not.
    pub unsettled: String,
}

impl Report {
    /// Sums a run up.
    ///
    /// # Errors
    /// When a sum is larger than an amount can be.
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

    /// How many orders lack an event, and how many currencies have other sums by events.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.events.as_ref().map_or(0, |events| {
            let orders = events.orders.iter();
            let orders = orders.filter(|(_, moves)| !moves.missing.is_empty());
            let sums = events.totals.values().filter(|(told, by)| told != by);
            orders.count() + sums.count()
        })
    }
}

impl EventReport {
    /// What the shop told of these orders beside what events did.
    ///
    /// # Errors
    /// When a sum is larger than an amount can be.
    pub fn new(
        orders: &[Order],
        outcomes: &[Outcome],
        (book, moves): (&EventBook, Vec<Moves>),
    ) -> Result<Self, anyvendor::Error> {
        let captured = book.captured()?;
        let report = Report::new(orders, outcomes)?;
        let currencies = report.totals.keys().chain(captured.keys());
        let totals = currencies.map(|code| {
            let told = report.totals.get(code).map(|sums| sums.charged.clone());
            let by_events = match captured.get(code) {
                Some(sum) => sum.to_decimal(),
                None => Money::from_minor(0, Currency::from_code(code)?)?.to_decimal(),
            };
            Ok((code.clone(), (told.unwrap_or_default(), by_events)))
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
        let (payment, receipt, mail, text) = match outcome {
            Outcome::Charged {
                payment,
                receipt,
                mail,
                text,
            } => (
                Some(payment.to_string()),
                Some(receipt.as_str().to_owned()),
                Some(mail),
                text.as_ref(),
            ),
            Outcome::AwaitingPayer(mail) => (None, None, Some(mail), None),
            _ => (None, None, None, None),
        };
        Self {
            order: order.number.clone(),
            amount: order.amount.to_string(),
            outcome: outcome.word(),
            detail: outcome.detail().map(str::to_owned),
            payment,
            message_id: mail.and_then(NoticeState::id).map(str::to_owned),
            mail: mail.cloned(),
            text: text.cloned(),
            receipt,
        }
    }
}
