//! Creating an order: paid immediately with a saved source, approved by the payer on PayPal's page, or only prepared.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    extension,
    payment::{
        CaptureMode, CreatePayment, PayerPresence, Payment, PaymentOutcome, PaymentSource,
        PaymentStatus,
    },
    resilience::{Operation, OperationClass, Response},
    values::{IdempotencyKey, VendorIds},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    decline::decline_of_issue,
    id,
    options::{PayPalOptions, ShippingPreference},
    order::action,
};
use crate::{
    amount::to_wire,
    client::{PayPal, Post},
    config::VENDOR,
    error::gravest,
    issue::Group,
    wire::{ErrorBody, Order, put},
};

const CREATE: Operation = Operation::new(
    "payment.create",
    &Method::POST,
    "/v2/checkout/orders",
    OperationClass::Keyed,
);
/// The most characters of a custom id or an invoice id.
const MAX_ID: usize = 127;
/// The most characters of our own id of a customer.
const MAX_CUSTOMER: usize = 64;

impl PayPal {
    pub(super) async fn create_order(
        &self,
        request: CreatePayment,
    ) -> Result<PaymentOutcome, Error> {
        self.check_capabilities(&request)?;
        let extra = extension::only::<PayPalOptions>(VENDOR, &request.extensions)?;
        let headers = self.option_headers(extra)?;
        let body = self.order_body(&request, extra)?;
        let segments = ["v2", "checkout", "orders"];
        let response = self
            .post(Post {
                operation: &CREATE,
                segments: &segments,
                body: Some(&body),
                key: &request.idempotency_key,
                step: "create",
                headers,
                options: &request.options,
            })
            .await?;
        if !response.head.status.is_success() {
            return self.refused(&response, None);
        }
        let payment = self.read_order(&response)?;
        if payment.amount != request.amount {
            return Err(other_amount(&response, &payment, &request));
        }
        Ok(payment.into())
    }

    fn check_capabilities(&self, request: &CreatePayment) -> Result<(), Error> {
        use anyvendor_core::payment::PaymentProvider;
        self.capabilities().check(VENDOR, request)?;
        let away = request.presence == PayerPresence::OffSession;
        if away && (request.source.is_none() || !request.confirm) {
            return Err(Error::invalid(
                "presence",
                "can be off session only for a payment with a source that is confirmed immediately",
            ));
        }
        if !request.confirm && request.save_source.is_some() {
            let remedy =
                "is sent with the payment; confirm it immediately, or save the source separately";
            return Err(Error::invalid("save_source", remedy));
        }
        if request.receipt_email.is_some() {
            return Err(
                Error::unsupported(VENDOR, "receipts to an address of the request")
                    .with_field("receipt_email"),
            );
        }
        Ok(())
    }

    fn order_body(
        &self,
        request: &CreatePayment,
        extra: Option<&PayPalOptions>,
    ) -> Result<Value, Error> {
        let reference = request.reference.as_deref();
        if reference.is_some_and(|text| text.is_empty() || text.chars().count() > MAX_ID) {
            return Err(Error::invalid("reference", "must have 1 to 127 characters"));
        }
        let mut unit = Map::new();
        let mut set = |name: &str, value: Value| unit.insert(name.to_owned(), value);
        set("amount", json!(to_wire(request.amount, "amount")?));
        // Unique per account: a second order for the same reference is rejected even under another key.
        set(
            "invoice_id",
            json!(invoice_id(reference, &request.idempotency_key)),
        );
        if let Some(reference) = reference {
            set("custom_id", json!(reference));
        }
        if let Some(description) = &request.description {
            set("description", json!(description));
        }
        if let Some(descriptor) = &request.statement_descriptor {
            set("soft_descriptor", json!(descriptor));
        }
        let intent = match request.capture {
            CaptureMode::Automatic => "CAPTURE",
            CaptureMode::Manual => "AUTHORIZE",
        };
        let mut body = json!({"intent": intent, "purchase_units": [unit]});
        let source = match (request.confirm, saved_source(request.source.as_ref())?) {
            (false, _) => None,
            (true, Some(source)) => {
                if request.save_source.is_some() {
                    let remedy = "is for a source that is not saved yet";
                    return Err(Error::invalid("save_source", remedy));
                }
                Some(pay_with(source, request.presence))
            }
            (true, None) => Some(json!({"paypal": self.wallet(request, extra)?})),
        };
        if let Some(source) = source {
            put(&mut body, "payment_source", source);
        }
        Ok(body)
    }

    /// The wallet of a payer who chooses a source on PayPal's page.
    fn wallet(
        &self,
        request: &CreatePayment,
        extra: Option<&PayPalOptions>,
    ) -> Result<Value, Error> {
        let urls = (request.return_url.as_ref(), request.cancel_url.as_ref());
        let context = self.experience(urls, extra)?;
        let mut wallet = json!({ "experience_context": context });
        if request.save_source.is_some() {
            let mut attributes = json!({
                "vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}
            });
            let reference = request.customer_reference.as_deref();
            let customer = customer_of(&request.customer, reference)?;
            if let Some(customer) = customer {
                put(&mut attributes, "customer", customer);
            }
            put(&mut wallet, "attributes", attributes);
        }
        Ok(wallet)
    }

    /// The settings of the payer's page: where it leads, and how it looks.
    pub(super) fn experience(
        &self,
        (return_url, cancel_url): (Option<&Url>, Option<&Url>),
        extra: Option<&PayPalOptions>,
    ) -> Result<Value, Error> {
        let Some(return_url) = return_url else {
            let remedy = "is needed: the payer chooses on the vendor's page and has to return";
            return Err(Error::invalid("return_url", remedy));
        };
        let shipping = match extra.map(|extra| extra.shipping_preference) {
            Some(ShippingPreference::GetFromFile) => "GET_FROM_FILE",
            _ => "NO_SHIPPING",
        };
        let mut context = json!({
            "return_url": return_url.as_str(),
            "cancel_url": cancel_url.unwrap_or(return_url).as_str(),
            "shipping_preference": shipping,
            "user_action": "PAY_NOW",
        });
        let locale = extra.and_then(|extra| extra.locale.as_deref());
        for (name, text) in [
            ("brand_name", self.brand_name.as_deref()),
            ("locale", locale),
        ] {
            if let Some(text) = text {
                put(&mut context, name, text);
            }
        }
        Ok(context)
    }

    fn option_headers(&self, extra: Option<&PayPalOptions>) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let Some(extra) = extra else {
            return Ok(headers);
        };
        if extra.mock_issue.is_some() && self.environment().is_live() {
            let remedy = "is only for PayPal's sandbox";
            return Err(Error::invalid("mock_issue", remedy));
        }
        let mock = extra.mock_issue.as_ref();
        let mock = mock.map(|issue| json!({"mock_application_codes": issue}).to_string());
        for (name, field, text) in [
            (
                "paypal-partner-attribution-id",
                "partner_attribution_id",
                extra.partner_attribution_id.as_deref(),
            ),
            (
                "paypal-client-metadata-id",
                "client_metadata_id",
                extra.client_metadata_id.as_deref(),
            ),
            ("paypal-mock-response", "mock_issue", mock.as_deref()),
        ] {
            let Some(text) = text else { continue };
            let value = HeaderValue::from_str(text);
            let value = value.map_err(|_| Error::invalid(field, "must be visible ASCII"))?;
            if field != "mock_issue" && text.len() > 36 {
                return Err(Error::invalid(field, "must have at most 36 characters"));
            }
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }

    pub(super) fn read_order(&self, response: &Response) -> Result<Payment, Error> {
        response.decode(|order: Order| self.payment(&order))
    }

    /// The outcome of a rejection; `known` is the payment before it.
    pub(super) fn refused(
        &self,
        response: &Response,
        known: Option<Payment>,
    ) -> Result<PaymentOutcome, Error> {
        let body: ErrorBody = response.json()?;
        let Some((group, issue)) = gravest(&body) else {
            let message = "the vendor rejected the request for an unknown reason";
            return Err(response.head.refused(Kind::InvalidRequest, message));
        };
        let redirect = body.links.iter().any(|link| link.rel == "redirect");
        let status = match group {
            // Other objects than the order or the authorization expire too.
            Group::Expired if matches!(issue, "ORDER_EXPIRED" | "AUTHORIZATION_EXPIRED") => {
                PaymentStatus::Expired
            }
            Group::PayerAction => PaymentStatus::RequiresAction(action(&body.links)),
            // The order continues: the payer can choose another source on the page.
            Group::Declined if redirect => PaymentStatus::RequiresAction(action(&body.links)),
            _ => PaymentStatus::Declined(decline_of_issue(issue)),
        };
        match known {
            Some(mut payment) => {
                // A rejection without a link does not change the page that the payer should open.
                let has_page = matches!(payment.status, PaymentStatus::RequiresAction(_));
                if !(group == Group::PayerAction && !redirect && has_page) {
                    payment.status = status;
                }
                Ok(payment.into())
            }
            None => Ok(PaymentOutcome::Declined(decline_of_issue(issue), None)),
        }
    }
}

/// The saved source that a request names.
pub(super) fn saved_source(source: Option<&PaymentSource>) -> Result<Option<(&str, &str)>, Error> {
    match source {
        None | Some(PaymentSource::VendorPage) => Ok(None),
        Some(source) => {
            let id = source.expect_vendor(VENDOR, "source")?;
            id.map(id::source).transpose()
        }
    }
}

/// `payment_source` of a saved source. Only cards need the initiator of the payment; a wallet has it from when it was saved.
pub(super) fn pay_with((kind, token): (&str, &str), presence: PayerPresence) -> Value {
    let mut source = json!({ "vault_id": token });
    if kind == "card" {
        let (initiator, payment_type) = match presence {
            PayerPresence::OnSession => ("CUSTOMER", "ONE_TIME"),
            PayerPresence::OffSession => ("MERCHANT", "UNSCHEDULED"),
        };
        let credential = json!({
            "payment_initiator": initiator, "payment_type": payment_type, "usage": "SUBSEQUENT"
        });
        put(&mut source, "stored_credential", credential);
    }
    json!({ kind: source })
}

/// The customer: PayPal's id, or our own if PayPal has none yet.
pub(super) fn customer_of(
    customer: &VendorIds,
    reference: Option<&str>,
) -> Result<Option<Value>, Error> {
    let id = customer.expect_vendor(VENDOR, "customer")?;
    let own = id
        .and_then(|id| id.strip_prefix(id::REFERENCE)?.strip_prefix('/'))
        .or(reference.filter(|_| id.is_none()));
    Ok(match (own, id) {
        (Some(own), _) => {
            check_customer_reference(own)?;
            Some(json!({ "merchant_customer_id": own }))
        }
        (None, Some(id)) => Some(json!({ "id": id })),
        (None, None) => None,
    })
}

/// Checks our own id of a customer, of which PayPal accepts up to 64 characters.
pub(super) fn check_customer_reference(reference: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.^*$@#".contains(&byte);
    if (1..=MAX_CUSTOMER).contains(&reference.len()) && reference.bytes().all(fits) {
        Ok(())
    } else {
        Err(Error::invalid(
            "reference",
            "of a customer must be 1 to 64 letters, digits and any of -_.^*$@#",
        ))
    }
}

/// The invoice id, which an account accepts once: our own id of the payment, or the key if there is none.
fn invoice_id(reference: Option<&str>, key: &IdempotencyKey) -> String {
    match reference {
        Some(reference) => reference.to_owned(),
        None if key.as_str().len() <= MAX_ID => key.as_str().to_owned(),
        // The hash has 64 characters.
        None => key.derive(" ").as_str().to_owned(),
    }
}

/// The error for a response with another amount. A request id that was used before returns the order that it created then,
/// regardless of the request.
fn other_amount(response: &Response, payment: &Payment, request: &CreatePayment) -> Error {
    let (asked, made) = (request.amount, payment.amount);
    match response.head.status {
        StatusCode::OK => {
            let message =
                format!("the key was used before for {made}, and {asked} is requested now");
            response.head.refused(Kind::IdempotencyMismatch, message)
        }
        _ => {
            let message = format!(
                "{asked} was sent and {made} was received; look the payment up before anything else"
            );
            response.head.malformed(ProtocolReason::Mismatch, message)
        }
    }
}
