//! The emulator's state over all accounts, for a test to compare with what the application believes.

use serde_json::Value;

use super::account::Account;
use super::emulator::StripeEmulator;
use super::objects::{Charge, CheckoutSession, Customer, PaymentIntent, Refund};
use super::render::Show as _;

/// A view of everything that Stripe's emulator holds. Each call reads the current state, oldest first.
#[derive(Clone)]
pub struct StripeState(StripeEmulator);

impl StripeState {
    pub(super) fn new(emulator: &StripeEmulator) -> Self {
        Self(emulator.clone())
    }

    /// Every attempt at a card, declined ones included.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        self.collect(|account| account.charges.iter().cloned().collect())
    }

    /// Every payment of all accounts.
    #[must_use]
    pub fn payment_intents(&self) -> Vec<PaymentIntent> {
        self.collect(|account| account.intents.iter().cloned().collect())
    }

    /// Every customer, deleted ones included.
    #[must_use]
    pub fn customers(&self) -> Vec<Customer> {
        self.collect(|account| account.customers.iter().cloned().collect())
    }

    /// Every refund of all accounts.
    #[must_use]
    pub fn refunds(&self) -> Vec<Refund> {
        self.collect(|account| account.refunds.iter().cloned().collect())
    }

    /// Every page on which a payer pays or saves a card.
    #[must_use]
    pub fn checkout_sessions(&self) -> Vec<CheckoutSession> {
        self.collect(|account| account.sessions.iter().cloned().collect())
    }

    /// The objects of one kind in Stripe's own JSON: `payment_intents`, `charges`, `customers`, `refunds`,
    /// `checkout_sessions` or `events`.
    pub(crate) fn json(&self, kind: &str) -> Option<Vec<Value>> {
        let list = match kind {
            "payment_intents" => self.collect(|a| a.intents.iter().map(|x| x.show()).collect()),
            "charges" => self.collect(|a| a.charges.iter().map(|x| x.show()).collect()),
            "customers" => self.collect(|a| a.customers.iter().map(|x| x.show()).collect()),
            "refunds" => self.collect(|a| a.refunds.iter().map(|x| x.show()).collect()),
            "checkout_sessions" => self.collect(|a| a.sessions.iter().map(|x| x.show()).collect()),
            "events" => self.collect(|a| a.events.iter().map(|x| x.show()).collect()),
            _ => return None,
        };
        Some(list)
    }

    fn collect<T>(&self, from: impl Fn(&Account) -> Vec<T>) -> Vec<T> {
        let state = self.0.state();
        state.accounts.values().flat_map(from).collect()
    }
}

impl std::fmt::Debug for StripeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StripeState").finish_non_exhaustive()
    }
}
