//! Payments v2: captures, reauthorizes and voids an authorization, and refunds a capture:
//! <https://developer.paypal.com/docs/api/payments/v2/>.

use serde_json::Value;

use super::account::ObjectRef;
use super::context::{Context, HONOR_SECONDS, found};
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
        let auth = self.open_authorization(id)?;
        // An authorization and its reauthorizations are one reservation, of which the newest counts.
        let newest = self.newest(&auth);
        let left = newest.amount.minor.saturating_sub(newest.captured);
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
        let captured = newest.captured.saturating_add(amount.minor);
        let status = if is_final || captured >= newest.amount.minor {
            "CAPTURED"
        } else {
            "PARTIALLY_CAPTURED"
        };
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
        for id in self.reservation(&auth) {
            self.change(&id, |authorization| authorization.status = status);
        }
        self.change(&newest.id, |newest| newest.captured = captured);
        self.event(EventKind::CaptureChanged, &new);
        Ok(ObjectRef::Capture(new))
    }

    /// Reserves the money again, by a new authorization. The original one stays, and can be reauthorized again:
    /// <https://developer.paypal.com/docs/checkout/advanced/authorization-honor>.
    pub(super) fn reauthorize(&mut self, id: &str, body: &Value) -> Result<ObjectRef, ApiError> {
        let original = self.open_authorization(id)?;
        if original.parent.is_some() {
            return Err(ApiError::issue("REAUTHORIZATION_NOT_SUPPORTED"));
        }
        let newest = self.newest(&original);
        if self.now < newest.created.saturating_add(HONOR_SECONDS) {
            return Err(ApiError::issue("REAUTHORIZATION_TOO_SOON"));
        }
        let left = newest.amount.minor.saturating_sub(newest.captured);
        let amount = amount_of(body)?.unwrap_or_else(|| newest.amount.with_minor(left));
        if amount.currency != original.amount.currency {
            let error = ApiError::issue("AUTH_CURRENCY_MISMATCH");
            return Err(error.at("/amount/currency_code"));
        }
        if amount.minor > most_reauthorized(&original.amount) {
            let error = ApiError::issue("AUTHORIZATION_AMOUNT_EXCEEDED");
            return Err(error.at("/amount/value").value(amount.text()));
        }
        let new = Authorization {
            id: self.id(),
            parent: Some(original.id.clone()),
            amount,
            captured: 0,
            status: "CREATED",
            created: self.now,
            updated: self.now,
            ..original
        };
        let id = new.id.clone();
        if let Some(order) = self.account.orders.get_mut(&new.order)
            && let Some(unit) = order.units.get_mut(new.unit)
        {
            unit.authorizations.push(id.clone());
        }
        self.account.authorizations.add(&id, new);
        self.event(EventKind::AuthorizationCreated, &id);
        Ok(ObjectRef::Authorization(id))
    }

    pub(super) fn void(&mut self, id: &str) -> Result<ObjectRef, ApiError> {
        let auth = self.account.authorizations.get(id).cloned();
        let auth = found(auth, "authorization_id", id)?;
        match auth.status {
            "CAPTURED" => return Err(ApiError::issue("PREVIOUSLY_CAPTURED")),
            "VOIDED" => return Err(ApiError::issue("PREVIOUSLY_VOIDED")),
            _ if auth.parent.is_some() => return Err(ApiError::issue("CANNOT_BE_VOIDED")),
            "DENIED" => return Err(ApiError::issue("CANNOT_BE_VOIDED")),
            _ => {}
        }
        for id in self.reservation(&auth) {
            self.change(&id, |authorization| authorization.status = "VOIDED");
            self.event(EventKind::AuthorizationVoided, &id);
        }
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

    /// The ids of an authorization and its reauthorizations, the original first.
    fn reservation(&self, auth: &Authorization) -> Vec<String> {
        let original = auth.parent.as_ref().unwrap_or(&auth.id);
        let all = self.account.authorizations.iter();
        let same = all.filter(|one| one.id == *original || one.parent.as_ref() == Some(original));
        same.map(|one| one.id.clone()).collect()
    }

    /// The newest of an authorization and its reauthorizations.
    fn newest(&self, auth: &Authorization) -> Authorization {
        let ids = self.reservation(auth);
        let newest = ids
            .last()
            .and_then(|id| self.account.authorizations.get(id));
        newest.unwrap_or(auth).clone()
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut Authorization)) {
        let now = self.now;
        if let Some(stored) = self.account.authorizations.get_mut(id) {
            change(stored);
            stored.updated = now;
        }
    }
}

/// The most that can be reauthorized: 115 percent of the original amount, and not over 75 USD more.
fn most_reauthorized(amount: &Money) -> i64 {
    let more = amount.minor.saturating_mul(15) / 100;
    let more = match amount.currency.as_str() {
        "USD" => more.min(7500),
        _ => more,
    };
    amount.minor.saturating_add(more)
}

/// The amount of the request, if it names one.
fn amount_of(body: &Value) -> Result<Option<Money>, ApiError> {
    match object(body, "amount") {
        Some(amount) => Money::read(amount, Product::Payments, "/amount").map(Some),
        None => Ok(None),
    }
}
