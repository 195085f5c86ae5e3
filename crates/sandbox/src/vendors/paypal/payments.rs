//! Payments v2: captures, reauthorizes and voids an authorization, and refunds a capture:
//! <https://developer.paypal.com/docs/api/payments/v2/>.

use serde_json::Value;

use super::account::ObjectRef;
use super::context::{AUTHORIZATION_SECONDS, Context, found};
use super::error::ApiError;
use super::events::EventKind;
use super::fields::{object, optional_text};
use super::money::{Money, Product};
use super::objects::{Authorization, Capture, Refund};

impl Context<'_> {
    pub(super) fn capture_authorization(
        &mut self,
        id: &str,
        body: &Value,
    ) -> Result<ObjectRef, ApiError> {
        let mut auth = self.open_authorization(id)?;
        let left = auth.amount.minor.saturating_sub(auth.captured);
        let amount = amount_of(body)?.unwrap_or_else(|| auth.amount.with_minor(left));
        if amount.currency != auth.amount.currency {
            let error = ApiError::issue("AUTH_CAPTURE_CURRENCY_MISMATCH");
            return Err(error.at("/amount/currency_code"));
        }
        if amount.minor > left {
            let error = ApiError::issue("MAX_CAPTURE_AMOUNT_EXCEEDED");
            return Err(error.at("/amount/value").value(amount.text()));
        }
        let invoice = optional_text(body, "", "invoice_id", 127)?;
        if let Some(invoice) = &invoice {
            let is = |c: &&Capture| c.invoice.as_ref() == Some(invoice);
            let mut same = self.account.captures.iter().filter(is);
            if same.any(|c| c.authorization.as_deref() == Some(id))
                || self.paid_with(invoice, &auth.order)
            {
                let error = ApiError::issue("DUPLICATE_INVOICE_ID");
                return Err(error.at("/invoice_id").value(invoice));
            }
        }
        optional_text(body, "", "note_to_payer", 255)?;
        let is_final = match body.get("final_capture") {
            None => false,
            Some(Value::Bool(is_final)) => *is_final,
            Some(_) => {
                let error = ApiError::issue("INVALID_PARAMETER_SYNTAX");
                return Err(error.at("/final_capture"));
            }
        };
        auth.captured = auth.captured.saturating_add(amount.minor);
        auth.status = if is_final || auth.captured >= auth.amount.minor {
            "CAPTURED"
        } else {
            "PARTIALLY_CAPTURED"
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
        self.event(EventKind::CaptureChanged, &new);
        Ok(ObjectRef::Capture(new))
    }

    /// Replaces an authorization by a new one; the old one is voided.
    pub(super) fn reauthorize(
        &mut self,
        old_id: &str,
        body: &Value,
    ) -> Result<ObjectRef, ApiError> {
        let mut old = self.open_authorization(old_id)?;
        let amount = amount_of(body)?.unwrap_or_else(|| old.amount.clone());
        if amount.currency != old.amount.currency {
            let error = ApiError::issue("AUTH_CURRENCY_MISMATCH");
            return Err(error.at("/amount/currency_code"));
        }
        let new = Authorization {
            id: self.id(),
            amount,
            captured: 0,
            status: "CREATED",
            created: self.now,
            updated: self.now,
            expires: self.now.saturating_add(AUTHORIZATION_SECONDS),
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
        self.event(EventKind::AuthorizationCreated, &id);
        self.event(EventKind::AuthorizationVoided, old_id);
        Ok(ObjectRef::Authorization(id))
    }

    pub(super) fn void(&mut self, id: &str) -> Result<ObjectRef, ApiError> {
        let auth = self.account.authorizations.get_mut(id);
        let auth = found(auth, "authorization_id", id)?;
        match auth.status {
            "CAPTURED" => return Err(ApiError::issue("PREVIOUSLY_CAPTURED")),
            "VOIDED" => return Err(ApiError::issue("PREVIOUSLY_VOIDED")),
            "DENIED" => return Err(ApiError::issue("CANNOT_BE_VOIDED")),
            _ => {}
        }
        auth.status = "VOIDED";
        auth.updated = self.now;
        self.event(EventKind::AuthorizationVoided, id);
        Ok(ObjectRef::Void(id.to_owned()))
    }

    pub(super) fn refund_capture(&mut self, id: &str, body: &Value) -> Result<ObjectRef, ApiError> {
        let capture = self.account.captures.get(id).cloned();
        let mut capture = found(capture, "capture_id", id)?;
        match capture.status {
            "PENDING" => return Err(ApiError::issue("PENDING_CAPTURE")),
            "REFUNDED" => return Err(ApiError::issue("CAPTURE_FULLY_REFUNDED")),
            "DECLINED" => return Err(ApiError::issue("REFUND_NOT_ALLOWED")),
            _ => {}
        }
        let left = capture.amount.minor.saturating_sub(capture.refunded);
        let amount = amount_of(body)?.unwrap_or_else(|| capture.amount.with_minor(left));
        if amount.currency != capture.amount.currency {
            let error = ApiError::issue("REFUND_CAPTURE_CURRENCY_MISMATCH");
            return Err(error.at("/amount/currency_code"));
        }
        if amount.minor > left {
            let error = ApiError::issue("REFUND_AMOUNT_EXCEEDED");
            return Err(error.at("/amount/value").value(amount.text()));
        }
        let invoice = optional_text(body, "", "invoice_id", 127)?;
        if let Some(invoice) = &invoice {
            let mut refunds = self.account.refunds.iter();
            if refunds.any(|r| r.invoice.as_ref() == Some(invoice)) {
                let error = ApiError::issue("DUPLICATE_INVOICE_ID");
                return Err(error.at("/invoice_id").value(invoice));
            }
        }
        capture.refunded = capture.refunded.saturating_add(amount.minor);
        capture.status = if capture.refunded >= capture.amount.minor {
            "REFUNDED"
        } else {
            "PARTIALLY_REFUNDED"
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
        if let Some(stored) = self.account.captures.get_mut(id) {
            *stored = capture;
        }
        self.event(EventKind::RefundCreated, &new);
        Ok(ObjectRef::Refund(new))
    }

    /// The capture with this id. A pending e-check is completed by reading it.
    pub(super) fn read_capture(&mut self, id: &str) -> Result<Value, ApiError> {
        let now = self.now;
        let capture = self.account.captures.get_mut(id);
        if let Some(capture) = capture.filter(|c| c.status == "PENDING") {
            capture.status = "COMPLETED";
            capture.updated = now;
            self.event(EventKind::CaptureChanged, id);
        }
        let capture = self.account.captures.get(id);
        Ok(self.capture(found(capture, "capture_id", id)?))
    }

    /// The authorization, if it can still be captured, reauthorized or voided.
    fn open_authorization(&self, id: &str) -> Result<Authorization, ApiError> {
        let auth = self.account.authorizations.get(id).cloned();
        let auth = found(auth, "authorization_id", id)?;
        match auth.status {
            "VOIDED" => Err(ApiError::issue("AUTHORIZATION_VOIDED")),
            "CAPTURED" => Err(ApiError::issue("AUTHORIZATION_ALREADY_CAPTURED")),
            "DENIED" => Err(ApiError::issue("AUTHORIZATION_DENIED")),
            _ if self.now >= auth.expires => Err(ApiError::issue("AUTHORIZATION_EXPIRED")),
            _ => Ok(auth),
        }
    }

    fn put_authorization(&mut self, auth: Authorization) {
        if let Some(stored) = self.account.authorizations.get_mut(&auth.id) {
            *stored = auth;
        }
    }
}

/// The amount of the request, if it names one.
fn amount_of(body: &Value) -> Result<Option<Money>, ApiError> {
    match object(body, "amount") {
        Some(amount) => Money::read(amount, Product::Payments, "/amount").map(Some),
        None => Ok(None),
    }
}
