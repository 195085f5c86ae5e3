//! Pays an order: every purchase unit gets an authorization or a capture.

use super::context::{AUTHORIZATION_SECONDS, Context};
use super::error::ApiError;
use super::events::EventKind;
use super::objects::{
    Authorization, Capture, Funding, Intent, Order, PaymentToken, SaveRequest, Source,
};

impl Context<'_> {
    /// Pays the order. If the processor declines the card, the order is completed nevertheless, with declined payments in it.
    pub(super) fn pay(&mut self, order: &mut Order) -> Result<(), ApiError> {
        if order.funding == Funding::Declines {
            let page = self.checkout(&order.id);
            return Err(ApiError::issue("INSTRUMENT_DECLINED").link("redirect", page));
        }
        for (at, unit) in order.units.iter().enumerate() {
            if let Some(invoice) = unit.text("invoice_id")
                && self.paid_with(&invoice, &order.id)
            {
                let error = ApiError::issue("DUPLICATE_INVOICE_ID");
                let field = format!("/purchase_units/{at}/invoice_id");
                return Err(error.at(field).value(invoice));
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
            self.save_source(source);
        }
        Ok(())
    }

    /// Whether another order was paid with this invoice id. By default the vendor requires invoice ids to be unique per account.
    pub(super) fn paid_with(&self, invoice: &str, order: &str) -> bool {
        let is = |other: &Option<String>| other.as_deref() == Some(invoice);
        let captured = self.account.captures.iter();
        let mut captured = captured.filter(|c| c.order != order && c.status != "DECLINED");
        let authorized = self.account.authorizations.iter();
        let mut authorized =
            authorized.filter(|a| a.order != order && !matches!(a.status, "DENIED" | "VOIDED"));
        captured.any(|c| is(&c.invoice)) || authorized.any(|a| is(&a.invoice))
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
            parent: None,
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
            expires: self.now.saturating_add(AUTHORIZATION_SECONDS),
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

    /// Saves the payment source if the order asked for it.
    fn save_source(&mut self, source: &mut Source) {
        let Some(request) = source.save.take() else {
            return;
        };
        let customer = self.customer_for(request);
        let id = self.new_token(customer, source.card.clone());
        source.saved_token = Some(id);
    }

    /// Creates a payment token and returns its id.
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
        self.event(EventKind::TokenCreated, &id);
        id
    }

    /// The customer that the request names, or a new one.
    pub(super) fn customer_for(&mut self, request: SaveRequest) -> String {
        let id = match request.customer {
            Some(id) => id,
            None => self.ids.letters(10),
        };
        let merchant_id = self.account.customers.entry(id.clone()).or_default();
        if request.merchant_customer.is_some() {
            *merchant_id = request.merchant_customer;
        }
        id
    }
}
