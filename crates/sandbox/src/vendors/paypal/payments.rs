//! Payments v2: what happens to authorizations, captures and refunds after the order.

use serde_json::Value;

use super::account::{AUTHORIZATION, Cx, What, found};
use super::ask::{object, optional_text};
use super::events::Happened;
use super::money::{Money, Product};
use super::objects::{Authorization, Capture, Refund};
use super::refusal::Refusal;

impl Cx<'_> {
    pub(super) fn capture_authorization(
        &mut self,
        id: &str,
        body: &Value,
    ) -> Result<What, Refusal> {
        let mut auth = self.open(id)?;
        let left = auth.amount.minor.saturating_sub(auth.captured);
        let amount = amount_of(body)?.unwrap_or_else(|| auth.amount.with(left));
        if amount.currency != auth.amount.currency {
            let refusal = Refusal::issue("AUTH_CAPTURE_CURRENCY_MISMATCH");
            return Err(refusal.at("/amount/currency_code"));
        }
        if amount.minor > left {
            let refusal = Refusal::issue("MAX_CAPTURE_AMOUNT_EXCEEDED");
            return Err(refusal.at("/amount/value").value(amount.text()));
        }
        let invoice = optional_text(body, "", "invoice_id", 127)?;
        if let Some(invoice) = &invoice {
            let is = |c: &&Capture| c.invoice.as_ref() == Some(invoice);
            let mut same = self.account.captures.iter().filter(is);
            if same.any(|c| c.authorization.as_deref() == Some(id))
                || self.paid_with(invoice, &auth.order)
            {
                let refusal = Refusal::issue("DUPLICATE_INVOICE_ID");
                return Err(refusal.at("/invoice_id").value(invoice));
            }
        }
        optional_text(body, "", "note_to_payer", 255)?;
        let is_final = match body.get("final_capture") {
            None => false,
            Some(Value::Bool(is_final)) => *is_final,
            Some(_) => {
                let refusal = Refusal::issue("INVALID_PARAMETER_SYNTAX");
                return Err(refusal.at("/final_capture"));
            }
        };
        auth.captured = auth.captured.saturating_add(amount.minor);
        auth.status = match is_final || auth.captured >= auth.amount.minor {
            true => "CAPTURED",
            false => "PARTIALLY_CAPTURED",
        };
        auth.updated = self.now;
        let capture = Capture {
            id: self.id(),
            order: auth.order.clone(),
            unit: auth.unit,
            authorization: Some(auth.id.clone()),
            amount,
            refunded: 0,
            status: if auth.pends { "PENDING" } else { "COMPLETED" },
            code: auth.code,
            is_final,
            invoice: invoice.or_else(|| auth.invoice.clone()),
            custom: auth.custom.clone(),
            created: self.now,
            updated: self.now,
        };
        let new = capture.id.clone();
        if let Some(order) = self.account.orders.get_mut(&auth.order)
            && let Some(unit) = order.units.get_mut(auth.unit)
        {
            unit.captures.push(new.clone());
        }
        self.account.captures.add(&new, capture);
        self.put_authorization(auth);
        self.event(Happened::Captured, &new);
        Ok(What::Capture(new))
    }

    /// A new authorization takes the place of the older one.
    pub(super) fn reauthorize(&mut self, old_id: &str, body: &Value) -> Result<What, Refusal> {
        let mut old = self.open(old_id)?;
        let amount = amount_of(body)?.unwrap_or_else(|| old.amount.clone());
        if amount.currency != old.amount.currency {
            let refusal = Refusal::issue("AUTH_CURRENCY_MISMATCH");
            return Err(refusal.at("/amount/currency_code"));
        }
        let new = Authorization {
            id: self.id(),
            amount,
            captured: 0,
            status: "CREATED",
            created: self.now,
            updated: self.now,
            expires: self.now.saturating_add(AUTHORIZATION),
            ..old.clone()
        };
        let id = new.id.clone();
        if let Some(order) = self.account.orders.get_mut(&new.order)
            && let Some(unit) = order.units.get_mut(new.unit)
        {
            unit.authorizations.push(id.clone());
        }
        self.account.authorizations.add(&id, new);
        old.status = "VOIDED";
        old.updated = self.now;
        self.put_authorization(old);
        self.event(Happened::Authorized, &id);
        self.event(Happened::Voided, old_id);
        Ok(What::Authorization(id))
    }

    pub(super) fn void(&mut self, id: &str) -> Result<What, Refusal> {
        let auth = self.account.authorizations.get_mut(id);
        let auth = found(auth, "authorization_id", id)?;
        match auth.status {
            "CAPTURED" => return Err(Refusal::issue("PREVIOUSLY_CAPTURED")),
            "VOIDED" => return Err(Refusal::issue("PREVIOUSLY_VOIDED")),
            "DENIED" => return Err(Refusal::issue("CANNOT_BE_VOIDED")),
            _ => {}
        }
        auth.status = "VOIDED";
        auth.updated = self.now;
        self.event(Happened::Voided, id);
        Ok(What::Void(id.to_owned()))
    }

    pub(super) fn refund_capture(&mut self, id: &str, body: &Value) -> Result<What, Refusal> {
        let capture = self.account.captures.get(id).cloned();
        let mut capture = found(capture, "capture_id", id)?;
        match capture.status {
            "PENDING" => return Err(Refusal::issue("PENDING_CAPTURE")),
            "REFUNDED" => return Err(Refusal::issue("CAPTURE_FULLY_REFUNDED")),
            "DECLINED" => return Err(Refusal::issue("REFUND_NOT_ALLOWED")),
            _ => {}
        }
        let left = capture.amount.minor.saturating_sub(capture.refunded);
        let amount = amount_of(body)?.unwrap_or_else(|| capture.amount.with(left));
        if amount.currency != capture.amount.currency {
            let refusal = Refusal::issue("REFUND_CAPTURE_CURRENCY_MISMATCH");
            return Err(refusal.at("/amount/currency_code"));
        }
        if amount.minor > left {
            let refusal = Refusal::issue("REFUND_AMOUNT_EXCEEDED");
            return Err(refusal.at("/amount/value").value(amount.text()));
        }
        let invoice = optional_text(body, "", "invoice_id", 127)?;
        if let Some(invoice) = &invoice {
            let mut refunds = self.account.refunds.iter();
            if refunds.any(|r| r.invoice.as_ref() == Some(invoice)) {
                let refusal = Refusal::issue("DUPLICATE_INVOICE_ID");
                return Err(refusal.at("/invoice_id").value(invoice));
            }
        }
        capture.refunded = capture.refunded.saturating_add(amount.minor);
        capture.status = match capture.refunded >= capture.amount.minor {
            true => "REFUNDED",
            false => "PARTIALLY_REFUNDED",
        };
        capture.updated = self.now;
        let refund = Refund {
            id: self.id(),
            order: capture.order.clone(),
            capture: capture.id.clone(),
            amount,
            total: capture.refunded,
            invoice,
            custom: optional_text(body, "", "custom_id", 127)?,
            note: optional_text(body, "", "note_to_payer", 255)?,
            created: self.now,
        };
        let new = refund.id.clone();
        if let Some(order) = self.account.orders.get_mut(&capture.order)
            && let Some(unit) = order.units.get_mut(capture.unit)
        {
            unit.refunds.push(new.clone());
        }
        self.account.refunds.add(&new, refund);
        if let Some(place) = self.account.captures.get_mut(id) {
            *place = capture;
        }
        self.event(Happened::Refunded, &new);
        Ok(What::Refund(new))
    }

    /// A capture as it is read by id; one that waits for an e-check has its money by now.
    pub(super) fn read_capture(&mut self, id: &str) -> Result<Value, Refusal> {
        let now = self.now;
        let capture = self.account.captures.get_mut(id);
        if let Some(capture) = capture.filter(|c| c.status == "PENDING") {
            capture.status = "COMPLETED";
            capture.updated = now;
            self.event(Happened::Captured, id);
        }
        let capture = self.account.captures.get(id);
        Ok(self.capture(found(capture, "capture_id", id)?))
    }

    /// An authorization with something left to capture.
    fn open(&self, id: &str) -> Result<Authorization, Refusal> {
        let auth = self.account.authorizations.get(id).cloned();
        let auth = found(auth, "authorization_id", id)?;
        match auth.status {
            "VOIDED" => Err(Refusal::issue("AUTHORIZATION_VOIDED")),
            "CAPTURED" => Err(Refusal::issue("AUTHORIZATION_ALREADY_CAPTURED")),
            "DENIED" => Err(Refusal::issue("AUTHORIZATION_DENIED")),
            _ if self.now >= auth.expires => Err(Refusal::issue("AUTHORIZATION_EXPIRED")),
            _ => Ok(auth),
        }
    }

    fn put_authorization(&mut self, auth: Authorization) {
        if let Some(place) = self.account.authorizations.get_mut(&auth.id) {
            *place = auth;
        }
    }
}

fn amount_of(body: &Value) -> Result<Option<Money>, Refusal> {
    match object(body, "amount") {
        Some(amount) => Money::read(amount, Product::Payments, "/amount").map(Some),
        None => Ok(None),
    }
}
