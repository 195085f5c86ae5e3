//! The JSON of the objects, with every field of the API version: <https://docs.stripe.com/api>.

use serde_json::{Value, json};

use super::cards::{Behaviour, Check};
use super::objects::{
    Charge, CheckoutSession, Customer, Echo, Event, PaymentIntent, PaymentMethod, Refund,
    RefundStatus, SetupIntent,
};

/// The API version of all objects and events.
pub(super) const API_VERSION: &str = "2026-07-29.dahlia";

/// An object that responses and events can show.
pub(super) trait Show {
    /// The object's JSON.
    fn show(&self) -> Value;
}

/// Replaces the default fields by those that the client sent.
fn with_echo(mut object: Value, echo: &Echo) -> Value {
    if let Some(fields) = object.as_object_mut() {
        for (name, value) in echo {
            fields.insert(name.clone(), value.clone());
        }
    }
    object
}

impl Show for PaymentIntent {
    fn show(&self) -> Value {
        let object = json!({
            "id": self.id, "object": "payment_intent", "amount": self.amount,
            "amount_capturable": self.amount_capturable, "amount_details": {"tip": {}},
            "amount_received": self.amount_received, "application": null, "application_fee_amount": null,
            "automatic_payment_methods": self.automatic.map(|allow| json!({"allow_redirects": allow, "enabled": true})),
            "canceled_at": self.canceled_at, "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method, "client_secret": self.client_secret,
            "confirmation_method": self.confirmation_method, "created": self.created, "currency": self.currency,
            "customer": self.customer, "customer_account": null, "description": null,
            "excluded_payment_method_types": null, "managed_payments": null,
            "last_payment_error": self.last_payment_error, "latest_charge": self.latest_charge, "livemode": false,
            "metadata": self.metadata, "next_action": self.next_action, "on_behalf_of": null,
            "payment_method": self.payment_method, "payment_method_configuration_details": null,
            "payment_method_options": {"card": {"installments": null, "mandate_options": null, "network": null,
                "request_three_d_secure": "automatic"}},
            "payment_method_types": self.types, "processing": null, "receipt_email": null, "review": null,
            "setup_future_usage": self.setup_future_usage, "shipping": null, "source": null,
            "statement_descriptor": null, "statement_descriptor_suffix": null, "status": self.status.as_str(),
            "transfer_data": null, "transfer_group": null,
        });
        with_echo(object, &self.echo)
    }
}

impl Show for Charge {
    fn show(&self) -> Value {
        let returned = self.amount_refunded.saturating_add(self.amount_released);
        let outcome = match &self.failure_code {
            None => {
                json!({"advice_code": null, "network_advice_code": null, "network_decline_code": null,
                "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
                "seller_message": "Payment complete.", "type": "authorized"})
            }
            Some(code) => json!({"advice_code": self.advice_code, "network_advice_code": null,
                "network_decline_code": null, "network_status": "declined_by_network",
                "reason": self.decline_code.as_ref().unwrap_or(code), "risk_level": "normal",
                "seller_message": "The bank did not return any further details with this decline.",
                "type": "issuer_declined"}),
        };
        let checks = match self.card.behaviour {
            Behaviour::CheckFails(Check::Cvc) => ("pass", "pass", "fail"),
            Behaviour::CheckFails(Check::Line1) => ("fail", "pass", "pass"),
            Behaviour::CheckFails(Check::PostalCode) => ("pass", "fail", "pass"),
            Behaviour::CheckFails(Check::Address) => ("fail", "fail", "pass"),
            _ => ("pass", "pass", "pass"),
        };
        let object = json!({
            "id": self.id, "object": "charge", "amount": self.amount, "amount_captured": self.amount_captured,
            "amount_refunded": returned, "application": null, "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": self.captured.then(|| self.id.replacen("ch_", "txn_", 1)),
            "billing_details": blank_billing(), "calculated_statement_descriptor": "ANYVENDOR SANDBOX",
            "captured": self.captured, "created": self.created, "currency": self.currency,
            "customer": self.customer, "description": null, "disputed": false,
            "failure_balance_transaction": null, "failure_code": self.failure_code,
            "failure_message": self.failure_message, "fraud_details": {}, "livemode": false,
            "metadata": self.metadata, "on_behalf_of": null, "outcome": outcome, "paid": self.paid,
            "payment_intent": self.payment_intent, "payment_method": self.payment_method,
            "payment_method_details": {"card": {
                "amount_authorized": self.paid.then_some(self.amount), "authorization_code": null,
                "brand": self.card.brand,
                "checks": {"address_line1_check": checks.0, "address_postal_code_check": checks.1,
                    "cvc_check": checks.2},
                "country": "US", "exp_month": self.expires.0, "exp_year": self.expires.1,
                "extended_authorization": {"status": "disabled"}, "fingerprint": self.card.fingerprint(),
                "funding": "credit", "incremental_authorization": {"status": "unavailable"},
                "installments": null, "last4": self.card.last4(), "mandate": null,
                "multicapture": {"status": "unavailable"}, "overcapture":
                    {"maximum_amount_capturable": self.amount, "status": "unavailable"},
                "network": self.card.brand, "three_d_secure": null, "wallet": null}, "type": "card"},
            "receipt_email": null, "receipt_number": null, "receipt_url": null,
            "refunded": self.paid && returned >= self.amount, "review": null, "shipping": null, "source": null,
            "source_transfer": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
            "status": if self.paid { "succeeded" } else { "failed" }, "transfer_data": null,
            "transfer_group": null,
        });
        with_echo(object, &self.echo)
    }
}

impl Show for Refund {
    fn show(&self) -> Value {
        let mut object = json!({
            "id": self.id, "object": "refund", "amount": self.amount, "balance_transaction": null,
            "charge": self.charge, "created": self.created, "currency": self.currency, "customer": null,
            "customer_account": null, "payment_method": null,
            "destination_details": {"card": {"reference_status": "pending", "reference_type": "acquirer_reference_number",
                "type": "refund"}, "type": "card"},
            "metadata": self.metadata, "payment_intent": self.payment_intent, "reason": self.reason,
            "receipt_number": null, "source_transfer_reversal": null, "status": self.status.as_str(),
            "transfer_reversal": self.reverse_transfer.then(|| self.id.replacen("re_", "trr_", 1)),
        });
        if let (RefundStatus::Failed, Some(fields)) = (self.status, object.as_object_mut()) {
            fields.insert(
                "failure_reason".to_owned(),
                "expired_or_canceled_card".into(),
            );
            fields.insert(
                "failure_balance_transaction".to_owned(),
                self.id.replacen("re_", "txn_", 1).into(),
            );
        }
        object
    }
}

impl Show for Customer {
    fn show(&self) -> Value {
        if self.deleted {
            return json!({"id": self.id, "object": "customer", "deleted": true});
        }
        let object = json!({
            "id": self.id, "object": "customer", "address": null, "balance": 0, "created": self.created,
            "currency": null, "default_source": null, "delinquent": false, "description": null, "discount": null,
            "email": self.email, "invoice_prefix": self.id.chars().skip(4).take(8).collect::<String>().to_uppercase(),
            "invoice_settings": {"custom_fields": null, "default_payment_method": self.default_payment_method,
                "footer": null, "rendering_options": null},
            "livemode": false, "metadata": self.metadata, "name": self.name, "next_invoice_sequence": 1,
            "phone": null, "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null,
        });
        with_echo(object, &self.echo)
    }
}

impl Show for PaymentMethod {
    fn show(&self) -> Value {
        json!({
            "id": self.id, "object": "payment_method", "allow_redisplay": "unspecified",
            "billing_details": self.billing_details.clone().unwrap_or_else(blank_billing),
            "card": {"brand": self.card.brand,
                "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "unchecked"},
                "country": "US", "display_brand": self.card.brand, "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": self.card.fingerprint(),
                "funding": "credit", "generated_from": null, "last4": self.card.last4(),
                "networks": {"available": [self.card.brand], "preferred": null}, "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": true}, "wallet": null},
            "created": self.created, "customer": self.customer, "customer_account": null, "livemode": false,
            "metadata": self.metadata, "type": "card",
        })
    }
}

impl Show for SetupIntent {
    fn show(&self) -> Value {
        json!({
            "id": self.id, "object": "setup_intent", "application": null,
            "automatic_payment_methods": self.automatic.map(|allow| json!({"allow_redirects": allow, "enabled": true})),
            "cancellation_reason": self.cancellation_reason, "client_secret": self.client_secret,
            "created": self.created, "customer": self.customer, "description": self.description,
            "excluded_payment_method_types": null, "flow_directions": null, "last_setup_error": self.last_setup_error, "latest_attempt": null,
            "livemode": false, "mandate": null, "metadata": self.metadata, "next_action": self.next_action,
            "on_behalf_of": null, "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": {"card": {"mandate_options": null, "network": null,
                "request_three_d_secure": "automatic"}},
            "payment_method_types": self.types, "single_use_mandate": null, "status": self.status.as_str(),
            "usage": self.usage,
        })
    }
}

impl Show for CheckoutSession {
    fn show(&self) -> Value {
        let is_open = self.status == "open";
        let payment_status = match (self.mode, self.paid) {
            ("setup", _) => "no_payment_required",
            (_, true) => "paid",
            (_, false) => "unpaid",
        };
        let object = json!({
            "id": self.id, "object": "checkout.session", "adaptive_pricing": null, "after_expiration": null,
            "allow_promotion_codes": null, "amount_subtotal": self.amount, "amount_total": self.amount,
            "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
            "billing_address_collection": null, "cancel_url": self.cancel_url, "client_reference_id": null,
            "client_secret": null, "collected_information": null, "consent": null, "consent_collection": null,
            "created": self.created, "currency": self.currency, "currency_conversion": null, "custom_fields": [],
            "custom_text": {"after_submit": null, "shipping_address": null, "submit": null,
                "terms_of_service_acceptance": null},
            "customer": self.customer, "customer_account": null,
            "customer_creation": if self.makes_customer { "always" } else { "if_required" },
            "customer_details": null, "customer_email": null, "discounts": null, "expires_at": self.expires_at,
            "integration_identifier": null, "invoice": null, "invoice_creation": null, "livemode": false,
            "locale": null, "managed_payments": null, "metadata": self.metadata, "mode": self.mode,
            "origin_context": null, "payment_intent": self.payment_intent, "payment_link": null,
            "payment_method_collection": "if_required", "payment_method_configuration_details": null,
            "payment_method_options": {}, "payment_method_types": ["card"], "payment_status": payment_status,
            "permissions": null, "recovered_from": null, "saved_payment_method_options": null,
            "setup_intent": self.setup_intent, "shipping_address_collection": null, "shipping_cost": null,
            "shipping_options": [], "status": self.status, "submit_type": null, "subscription": null,
            "success_url": self.success_url,
            "total_details": self.amount.map(|_| json!({"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0})),
            "ui_mode": "hosted_page", "url": is_open.then_some(&self.url), "wallet_options": null,
        });
        with_echo(object, &self.echo)
    }
}

impl Show for Event {
    fn show(&self) -> Value {
        json!({
            "id": self.id, "object": "event", "api_version": API_VERSION, "created": self.created,
            "data": {"object": self.object}, "livemode": false, "pending_webhooks": 0,
            "request": {"id": self.request, "idempotency_key": self.key}, "type": self.kind,
        })
    }
}

fn blank_billing() -> Value {
    json!({"address": {"city": null, "country": null, "line1": null, "line2": null, "postal_code": null,
        "state": null}, "email": null, "name": null, "phone": null, "tax_id": null})
}
