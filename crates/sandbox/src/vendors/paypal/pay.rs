//! The moment of payment: every unit of an order becomes an authorization or a capture.

use super::account::{AUTHORIZATION, Cx};
use super::events::Happened;
use super::objects::{Authorization, Capture, Funding, Intent, Keep, Order, PaymentToken, Source};
use super::refusal::Refusal;

impl Cx<'_> {
    /// Pays the order. A card that the processor declines completes it all the same, with declined payments inside.
    pub(super) fn pay(&mut self, order: &mut Order) -> Result<(), Refusal> {
        if order.funding == Funding::Declines {
            let page = self.checkout(&order.id);
            return Err(Refusal::issue("INSTRUMENT_DECLINED").redirect(page));
        }
        for (at, unit) in order.units.iter().enumerate() {
            if let Some(invoice) = unit.text("invoice_id")
                && self.paid_with(&invoice, &order.id)
            {
                let refusal = Refusal::issue("DUPLICATE_INVOICE_ID");
                let field = format!("/purchase_units/{at}/invoice_id");
                return Err(refusal.at(field).value(invoice));
            }
        }
        let card = order.source.as_ref().and_then(|s| s.card.as_ref());
        let code = card.map(|card| card.response_code());
        let declined = code.is_some_and(|code| code != "0000");
        for at in 0..order.units.len() {
            match order.intent {
                Intent::Authorize => self.add_authorization(order, at, code, declined),
                Intent::Capture => self.add_capture(order, at, code, declined),
            }
        }
        order.status = "COMPLETED";
        order.updated = self.now;
        if !declined && let Some(source) = &mut order.source {
            self.keep(source);
        }
        Ok(())
    }

    /// Whether another order was paid with this invoice id: it is unique for the account.
    pub(super) fn paid_with(&self, invoice: &str, order: &str) -> bool {
        let is = |other: &Option<String>| other.as_deref() == Some(invoice);
        let captured = self.account.captures.iter();
        let mut captured = captured.filter(|c| c.order != order && c.status != "DECLINED");
        let held = self.account.authorizations.iter();
        let mut held =
            held.filter(|a| a.order != order && !matches!(a.status, "DENIED" | "VOIDED"));
        captured.any(|c| is(&c.invoice)) || held.any(|a| is(&a.invoice))
    }

    fn add_authorization(
        &mut self,
        order: &mut Order,
        at: usize,
        code: Option<&'static str>,
        declined: bool,
    ) {
        let id = self.id();
        let Some(unit) = order.units.get_mut(at) else {
            return;
        };
        unit.authorizations.push(id.clone());
        let authorization = Authorization {
            id: id.clone(),
            order: order.id.clone(),
            unit: at,
            amount: unit.amount.clone(),
            captured: 0,
            status: if declined { "DENIED" } else { "CREATED" },
            code,
            pends: order.funding == Funding::Pends,
            invoice: unit.text("invoice_id"),
            custom: unit.text("custom_id"),
            created: self.now,
            updated: self.now,
            expires: self.now.saturating_add(AUTHORIZATION),
        };
        self.account.authorizations.add(&id, authorization);
    }

    fn add_capture(
        &mut self,
        order: &mut Order,
        at: usize,
        code: Option<&'static str>,
        declined: bool,
    ) {
        let id = self.id();
        let Some(unit) = order.units.get_mut(at) else {
            return;
        };
        unit.captures.push(id.clone());
        let capture = Capture {
            id: id.clone(),
            order: order.id.clone(),
            unit: at,
            authorization: None,
            amount: unit.amount.clone(),
            refunded: 0,
            status: match (declined, order.funding) {
                (true, _) => "DECLINED",
                (false, Funding::Pends) => "PENDING",
                (false, _) => "COMPLETED",
            },
            code,
            is_final: true,
            invoice: unit.text("invoice_id"),
            custom: unit.text("custom_id"),
            created: self.now,
            updated: self.now,
        };
        self.account.captures.add(&id, capture);
    }

    /// Saves the source if the order asked for that.
    fn keep(&mut self, source: &mut Source) {
        let Some(keep) = source.keep.take() else {
            return;
        };
        let customer = self.customer_for(keep);
        let id = self.new_token(customer, source.card.clone());
        source.kept = Some(id);
    }

    pub(super) fn new_token(
        &mut self,
        customer: String,
        card: Option<super::cards::Card>,
    ) -> String {
        let id = self.ids.letters(8).to_lowercase();
        let token = PaymentToken {
            id: id.clone(),
            customer,
            card,
            deleted: false,
        };
        self.account.tokens.add(&id, token);
        self.event(Happened::Saved, &id);
        id
    }

    /// The customer named, else a new one.
    pub(super) fn customer_for(&mut self, keep: Keep) -> String {
        let id = match keep.customer {
            Some(id) => id,
            None => self.ids.letters(10),
        };
        let own = self.account.customers.entry(id.clone()).or_default();
        if keep.merchant_customer.is_some() {
            *own = keep.merchant_customer;
        }
        id
    }
}
