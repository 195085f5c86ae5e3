//! The JSON of the resources, as the API returns it.

use serde_json::{Map, Value, json};

use super::account::ObjectRef;
use super::cards::processor_response;
use super::context::Context;
use super::objects::{
    Authentication, Authorization, Capture, Intent, Order, PaymentToken, Refund, SetupToken,
    Source, Unit,
};
use crate::clock::rfc3339;

/// The email address of the payer who approves on the payer's page.
pub(super) const PAYER: &str = "payer@example.com";

impl Context<'_> {
    /// The resource in full, or only its id, status and links, as the client's `Prefer` header asks. `None` means an empty
    /// response (204).
    pub(super) fn show(&self, object: &ObjectRef) -> Option<Value> {
        let account = &*self.account;
        let whole = match object {
            ObjectRef::Order(id) => self.order(account.orders.get(id)?),
            ObjectRef::Authorization(id) => self.authorization(account.authorizations.get(id)?),
            ObjectRef::Void(id) if self.whole => {
                self.authorization(account.authorizations.get(id)?)
            }
            ObjectRef::Void(_) => return None,
            ObjectRef::Capture(id) => self.capture(account.captures.get(id)?),
            ObjectRef::Refund(id) => self.refund(account.refunds.get(id)?),
            ObjectRef::Setup(id) => return Some(self.setup(account.setups.get(id)?)),
            ObjectRef::Token(id) => return Some(self.token(account.tokens.get(id)?)),
        };
        if self.whole {
            return Some(whole);
        }
        let part = |name: &str| whole.get(name).cloned().unwrap_or_default();
        Some(json!({"id": part("id"), "status": part("status"), "links": part("links")}))
    }

    pub(super) fn order(&self, order: &Order) -> Value {
        let units: Vec<Value> = order.units.iter().map(|unit| self.unit(unit)).collect();
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| all.insert(name.to_owned(), value);
        put("id", order.id.as_str().into());
        put("intent", order.intent.as_str().into());
        put("status", order.status.into());
        if let Some(source) = &order.source {
            put("payment_source", self.source(source, order));
        }
        if let Some(payer) = &order.payer {
            put(
                "payer",
                json!({"email_address": PAYER, "payer_id": payer,
                "name": {"given_name": "Ada", "surname": "Payer"}}),
            );
        }
        put("purchase_units", units.into());
        put("create_time", rfc3339(order.created).into());
        put("update_time", rfc3339(order.updated).into());
        put("links", self.order_links(order));
        Value::Object(all)
    }

    fn order_links(&self, order: &Order) -> Value {
        let url = format!("{}/v2/checkout/orders/{}", self.base, order.id);
        let mut links = vec![link(&url, "self", "GET")];
        if matches!(
            order.status,
            "CREATED" | "PAYER_ACTION_REQUIRED" | "APPROVED"
        ) {
            if order.status != "APPROVED" {
                let rel = match order.source {
                    Some(_) => "payer-action",
                    None => "approve",
                };
                links.push(link(&self.checkout(&order.id), rel, "GET"));
            }
            links.push(link(&url, "update", "PATCH"));
            let step = match order.intent {
                Intent::Capture => "capture",
                Intent::Authorize => "authorize",
            };
            links.push(link(&format!("{url}/{step}"), step, "POST"));
        }
        links.into()
    }

    /// The URL of the payer's page for an order.
    pub(super) fn checkout(&self, id: &str) -> String {
        format!("{}/checkoutnow?token={id}", self.base)
    }

    fn unit(&self, unit: &Unit) -> Value {
        let account = &*self.account;
        let mut all = unit.fields.clone();
        all.insert("reference_id".to_owned(), unit.reference.as_str().into());
        let mut payments = Map::new();
        let mut put = |name: &str, list: Vec<Value>| {
            if !list.is_empty() {
                payments.insert(name.to_owned(), list.into());
            }
        };
        let ids = unit.authorizations.iter();
        let list = ids.filter_map(|id| account.authorizations.get(id));
        put(
            "authorizations",
            list.map(|a| self.authorization(a)).collect(),
        );
        let list = unit
            .captures
            .iter()
            .filter_map(|id| account.captures.get(id));
        put("captures", list.map(|c| self.capture(c)).collect());
        let list = unit.refunds.iter().filter_map(|id| account.refunds.get(id));
        put("refunds", list.map(|r| self.refund(r)).collect());
        if !payments.is_empty() {
            all.insert("payments".to_owned(), payments.into());
        }
        Value::Object(all)
    }

    fn source(&self, source: &Source, order: &Order) -> Value {
        let mut fields = match (&source.card, order.payer.as_deref()) {
            (Some(card), _) => card.json(),
            (None, Some(payer)) => wallet(payer),
            (None, None) => Map::new(),
        };
        if let Some(token) = source
            .saved_token
            .as_ref()
            .and_then(|id| self.account.tokens.get(id))
        {
            let links = self.token_links(&token.id);
            let vault = json!({"id": token.id, "status": "VAULTED", "links": links,
                "customer": self.customer(&token.customer)});
            fields.insert("attributes".to_owned(), json!({ "vault": vault }));
        }
        if let Some(authentication) = order.authentication {
            let (shift, status) = match authentication {
                Authentication::Succeeded => ("POSSIBLE", "Y"),
                Authentication::Failed => ("NO", "N"),
            };
            let result = json!({"liability_shift": shift,
                "three_d_secure": {"enrollment_status": "Y", "authentication_status": status}});
            fields.insert("authentication_result".to_owned(), result);
        }
        json!({ source.kind: fields })
    }

    pub(super) fn customer(&self, id: &str) -> Value {
        match self.account.customers.get(id) {
            Some(Some(merchant_id)) => json!({"id": id, "merchant_customer_id": merchant_id}),
            _ => json!({ "id": id }),
        }
    }

    /// The JSON of an authorization; an expired one is shown as voided.
    pub(super) fn authorization(&self, auth: &Authorization) -> Value {
        let url = format!("{}/v2/payments/authorizations/{}", self.base, auth.id);
        let status = match auth.status {
            "CREATED" if self.now >= auth.expires => "VOIDED",
            other => other,
        };
        let mut links = vec![link(&url, "self", "GET")];
        if matches!(status, "CREATED" | "PARTIALLY_CAPTURED") {
            for step in ["capture", "void", "reauthorize"] {
                links.push(link(&format!("{url}/{step}"), step, "POST"));
            }
        }
        links.push(self.up(&auth.order));
        let mut all = json!({"id": auth.id, "status": status, "amount": auth.amount.json(),
            "seller_protection": protection(), "expiration_time": rfc3339(auth.expires),
            "create_time": rfc3339(auth.created), "update_time": rfc3339(auth.updated),
            "supplementary_data": {"related_ids": {"order_id": auth.order}}, "links": links});
        merchant_ids(&mut all, auth.invoice.as_deref(), auth.custom.as_deref());
        if let Some(code) = auth.code {
            set(&mut all, "processor_response", processor_response(code));
        }
        all
    }

    pub(super) fn capture(&self, capture: &Capture) -> Value {
        let url = format!("{}/v2/payments/captures/{}", self.base, capture.id);
        let mut links = vec![link(&url, "self", "GET")];
        if matches!(capture.status, "COMPLETED" | "PARTIALLY_REFUNDED") {
            links.push(link(&format!("{url}/refund"), "refund", "POST"));
        }
        let mut related = json!({"order_id": capture.order});
        match &capture.authorization {
            Some(id) => {
                let up = format!("{}/v2/payments/authorizations/{id}", self.base);
                links.push(link(&up, "up", "GET"));
                set(&mut related, "authorization_id", id.as_str().into());
            }
            None => links.push(self.up(&capture.order)),
        }
        let mut all = json!({"id": capture.id, "status": capture.status, "amount": capture.amount.json(),
            "final_capture": capture.is_final, "seller_protection": protection(),
            "create_time": rfc3339(capture.created), "update_time": rfc3339(capture.updated),
            "supplementary_data": {"related_ids": related}, "links": links});
        merchant_ids(
            &mut all,
            capture.invoice.as_deref(),
            capture.custom.as_deref(),
        );
        match capture.status {
            "PENDING" => set(&mut all, "status_details", json!({"reason": "ECHECK"})),
            "DECLINED" => {}
            _ => {
                let gross = capture.amount.json();
                let parts = json!({"gross_amount": gross, "net_amount": gross});
                set(&mut all, "seller_receivable_breakdown", parts);
            }
        }
        if let Some(code) = capture.code {
            set(&mut all, "processor_response", processor_response(code));
        }
        all
    }

    pub(super) fn refund(&self, refund: &Refund) -> Value {
        let url = format!("{}/v2/payments/refunds/{}", self.base, refund.id);
        let up = format!("{}/v2/payments/captures/{}", self.base, refund.capture);
        let gross = refund.amount.json();
        let mut all = json!({"id": refund.id, "status": "COMPLETED", "amount": gross,
            "seller_payable_breakdown": {"gross_amount": gross, "net_amount": gross,
                "total_refunded_amount": refund.amount.with_minor(refund.total).json()},
            "create_time": rfc3339(refund.created), "update_time": rfc3339(refund.created),
            "links": [link(&url, "self", "GET"), link(&up, "up", "GET")]});
        merchant_ids(
            &mut all,
            refund.invoice.as_deref(),
            refund.custom.as_deref(),
        );
        if let Some(note) = &refund.note {
            set(&mut all, "note_to_payer", note.as_str().into());
        }
        all
    }

    pub(super) fn setup(&self, setup: &SetupToken) -> Value {
        let url = format!("{}/v3/vault/setup-tokens/{}", self.base, setup.id);
        let mut links = vec![link(&url, "self", "GET")];
        match setup.status {
            "PAYER_ACTION_REQUIRED" => {
                let page = format!(
                    "{}/agreements/approve?approval_session_id={}",
                    self.base, setup.id
                );
                links.push(link(&page, "approve", "GET"));
            }
            _ => {
                let next = format!("{}/v3/vault/payment-tokens", self.base);
                links.push(link(&next, "confirm", "POST"));
            }
        }
        let source = match &setup.card {
            Some(card) => json!({"card": card.json()}),
            None => json!({"paypal": {}}),
        };
        json!({"id": setup.id, "status": setup.status, "customer": self.customer(&setup.customer),
            "payment_source": source, "links": links})
    }

    pub(super) fn token(&self, token: &PaymentToken) -> Value {
        let fields = match &token.card {
            Some(card) => card.json(),
            None => wallet("PAYERSANDBOX1"),
        };
        json!({"id": token.id, "customer": self.customer(&token.customer),
            "payment_source": {token.kind(): fields}, "links": self.token_links(&token.id)})
    }

    fn token_links(&self, id: &str) -> Value {
        let url = format!("{}/v3/vault/payment-tokens/{id}", self.base);
        json!([link(&url, "self", "GET"), link(&url, "delete", "DELETE")])
    }

    fn up(&self, order: &str) -> Value {
        link(
            &format!("{}/v2/checkout/orders/{order}", self.base),
            "up",
            "GET",
        )
    }
}

/// A link object, as every resource has them.
pub(super) fn link(href: &str, rel: &str, method: &str) -> Value {
    json!({"href": href, "rel": rel, "method": method})
}

fn wallet(payer: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("email_address".to_owned(), PAYER.into());
    fields.insert("account_id".to_owned(), payer.into());
    fields.insert("account_status".to_owned(), "VERIFIED".into());
    fields
}

fn protection() -> Value {
    json!({"status": "ELIGIBLE",
        "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]})
}

/// Adds the ids that the merchant gave.
fn merchant_ids(all: &mut Value, invoice: Option<&str>, custom: Option<&str>) {
    if let Some(invoice) = invoice {
        set(all, "invoice_id", invoice.into());
    }
    if let Some(custom) = custom {
        set(all, "custom_id", custom.into());
    }
}

fn set(all: &mut Value, name: &str, value: Value) {
    if let Some(fields) = all.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}
