//! The double's own books, over all accounts: what a test compares with what the application believes.

use serde_json::Value;

use super::account::Account;
use super::emulator::StripeDouble;
use super::objects::{Charge, Customer, PaymentIntent, Refund};
use super::render::Show as _;

/// A view of everything that Stripe's double holds; each call reads the present state, oldest first.
#[derive(Clone)]
pub struct StripeBooks(pub(super) StripeDouble);

impl StripeBooks {
    /// Every attempt at a card, declined ones included.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        self.gather(|account| account.charges.iter().cloned().collect())
    }

    /// Every payment.
    #[must_use]
    pub fn payment_intents(&self) -> Vec<PaymentIntent> {
        self.gather(|account| account.intents.iter().cloned().collect())
    }

    /// Every customer, deleted ones included.
    #[must_use]
    pub fn customers(&self) -> Vec<Customer> {
        self.gather(|account| account.customers.iter().cloned().collect())
    }

    /// Every refund.
    #[must_use]
    pub fn refunds(&self) -> Vec<Refund> {
        self.gather(|account| account.refunds.iter().cloned().collect())
    }

    /// The objects of one kind in Stripe's own JSON: `payment_intents`, `charges`, `customers`, `refunds` or `events`.
    pub(crate) fn json(&self, kind: &str) -> Option<Vec<Value>> {
        let list = match kind {
            "payment_intents" => self.gather(|a| a.intents.iter().map(|x| x.show()).collect()),
            "charges" => self.gather(|a| a.charges.iter().map(|x| x.show()).collect()),
            "customers" => self.gather(|a| a.customers.iter().map(|x| x.show()).collect()),
            "refunds" => self.gather(|a| a.refunds.iter().map(|x| x.show()).collect()),
            "events" => self.gather(|a| a.events.iter().map(|x| x.show()).collect()),
            _ => return None,
        };
        Some(list)
    }

    fn gather<T>(&self, from: impl Fn(&Account) -> Vec<T>) -> Vec<T> {
        let state = self.0.state();
        state.accounts.values().flat_map(from).collect()
    }
}

impl std::fmt::Debug for StripeBooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StripeBooks").finish_non_exhaustive()
    }
}
