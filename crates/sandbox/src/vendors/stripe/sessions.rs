//! Checkout Sessions: the pages on which a payer pays or saves a card: <https://docs.stripe.com/api/checkout/sessions>.

use serde_json::Value;

use super::collection::ListRequest;
use super::context::Context;
use super::currency::{check_amount, check_currency};
use super::error::ApiError;
use super::intents::{check_url, read_details};
use super::objects::{CheckoutSession, PaymentIntent};
use super::params::{MetadataChange, Params};
use super::render::Show;

/// The shortest and the longest time that a page may be open, in seconds.
const OPEN: (i64, i64) = (30 * 60, 24 * 60 * 60);
/// The most units of an item.
const MAX_QUANTITY: i64 = 100;
/// The parameters that Stripe accepts and that have no effect here.
const IGNORED: &[&str] = &[
    "allow_promotion_codes",
    "billing_address_collection",
    "custom_text",
    "locale",
    "payment_method_configuration",
    "payment_method_options",
    "phone_number_collection",
    "submit_type",
];

impl Context<'_> {
    /// Handles `POST /v1/checkout/sessions`, for pages that Stripe hosts.
    pub(super) fn create_session(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let mode = params.one_of("mode", &["payment", "setup"])?;
        let mode = mode.ok_or_else(|| params.missing("mode"))?;
        params.one_of("ui_mode", &["hosted_page"])?;
        let id = format!("cs_test_{}", self.ids.letters(58));
        let currency = params.text("currency")?;
        let currency = currency.map(|code| check_currency(&code)).transpose()?;
        let (amount, currency, draft) = if mode == "payment" {
            let (amount, currency) = line_items(&mut params)?;
            check_amount(amount, &currency)?;
            let mut draft = self.new_intent(amount, currency.clone());
            if let Some(mut data) = params.object("payment_intent_data")? {
                read_details(&mut draft, &mut data)?;
                data.finish()?;
            }
            (Some(amount), currency, Some(Box::new(draft)))
        } else {
            // The page chooses among the methods of one currency: <https://docs.stripe.com/payments/checkout/save-and-reuse>.
            let currency = currency.ok_or_else(|| params.missing("currency"))?;
            (None, currency, None)
        };
        let customer = params.text("customer")?;
        if let Some(customer) = &customer {
            self.existing_customer(customer, "customer")?;
        }
        let creation = params.one_of("customer_creation", &["always", "if_required"])?;
        if creation.is_some() && (mode == "setup" || customer.is_some()) {
            let message = "`customer_creation` is only for payments without a customer.";
            return Err(ApiError::invalid(message).param("customer_creation"));
        }
        let least = self.now.saturating_add(OPEN.0);
        let most = self.now.saturating_add(OPEN.1);
        let expires_at = params.integer("expires_at")?.unwrap_or(most);
        if !(least..=most).contains(&expires_at) {
            let message = "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Session creation.";
            return Err(ApiError::invalid(message).param("expires_at"));
        }
        let success_url = check_url(params.required("success_url")?)?;
        let cancel_url = params.text("cancel_url")?.map(check_url).transpose()?;
        let mut session = CheckoutSession {
            url: format!("{}/_sandbox/checkout/{id}", self.base),
            id,
            account: self.account_id.to_owned(),
            mode,
            status: "open",
            amount,
            currency,
            payment_intent: None,
            setup_intent: None,
            metadata: MetadataChange::apply(params.metadata()?, &Default::default())?,
            created: self.now,
            expires_at,
            customer,
            makes_customer: creation == Some("always"),
            paid: false,
            success_url,
            cancel_url,
            draft,
            echo: Default::default(),
        };
        if let Some(reference) = params.short("client_reference_id", 200)? {
            let name = "client_reference_id".to_owned();
            session.echo.insert(name, reference.into());
        }
        if mode == "setup" {
            let mut setup = self.new_setup(session.customer.clone());
            if let Some(mut data) = params.object("setup_intent_data")? {
                setup.metadata = MetadataChange::apply(data.metadata()?, &setup.metadata)?;
                setup.description = data.text("description")?;
                data.finish()?;
            }
            session.setup_intent = Some(setup.id.clone());
            self.account.setups.put(setup);
        }
        params.ignore(IGNORED);
        params.finish()?;
        self.account.sessions.put(session.clone());
        Ok(session.show())
    }

    /// Handles `GET /v1/checkout/sessions/{id}`.
    pub(super) fn get_session(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        self.close_if_late(id);
        Ok(self.account.sessions.find(id, "session")?.show())
    }

    /// Handles `GET /v1/checkout/sessions`.
    pub(super) fn list_sessions(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let customer = params.text("customer")?;
        let intent = params.text("payment_intent")?;
        let status = params.one_of("status", &["open", "complete", "expired"])?;
        params.finish()?;
        let matches = |session: &CheckoutSession| {
            (customer.is_none() || session.customer == customer)
                && (intent.is_none() || session.payment_intent == intent)
                && status.is_none_or(|status| session.status == status)
        };
        self.account
            .sessions
            .page(&request, "/v1/checkout/sessions", matches, Show::show)
    }

    /// Handles `POST /v1/checkout/sessions/{id}/expire`.
    pub(super) fn expire_session(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        self.close_if_late(id);
        let session = self.account.sessions.find(id, "session")?;
        if session.status != "open" {
            return Err(ApiError::state(format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of \
                 {}.",
                session.status
            )));
        }
        self.close_session(session);
        Ok(self.account.sessions.find(id, "session")?.show())
    }

    /// Closes a page whose time is over.
    pub(super) fn close_if_late(&mut self, id: &str) {
        let session = self.account.sessions.get(id);
        let late = session.filter(|one| one.status == "open" && one.expires_at <= self.now);
        if let Some(session) = late.cloned() {
            self.close_session(session);
        }
    }

    /// Closes a page on which nobody has paid.
    pub(super) fn close_session(&mut self, mut session: CheckoutSession) {
        session.status = "expired";
        self.account.sessions.put(session.clone());
        self.event("checkout.session.expired", &session);
    }

    /// The payment of a page, which exists from the first attempt on.
    pub(super) fn intent_of(&mut self, session: &mut CheckoutSession) -> Option<PaymentIntent> {
        if let Some(id) = &session.payment_intent {
            return self.account.intents.get(id).cloned();
        }
        let mut intent = *session.draft.take()?;
        intent.created = self.now;
        intent.customer = session.customer.clone();
        session.payment_intent = Some(intent.id.clone());
        self.account.intents.put(intent.clone());
        self.event("payment_intent.created", &intent);
        Some(intent)
    }
}

/// The sum of the items, which all have their price in the request, and its currency.
fn line_items(params: &mut Params) -> Result<(i64, String), ApiError> {
    let Some(mut items) = params.object("line_items")? else {
        return Err(params.missing("line_items"));
    };
    let (mut total, mut code) = (0_i64, None::<String>);
    for at in 0.. {
        let Some(mut item) = items.object(&at.to_string())? else {
            break;
        };
        let quantity = item.positive("quantity")?;
        let quantity = quantity.ok_or_else(|| item.missing("quantity"))?;
        if quantity > MAX_QUANTITY {
            let message = "This value must be less than or equal to 100.";
            return Err(ApiError::invalid(message).param(item.named("quantity")));
        }
        let Some(mut price) = item.object("price_data")? else {
            return Err(item.missing("price_data"));
        };
        let currency = check_currency(&price.required("currency")?)?;
        let amount = price.positive("unit_amount")?;
        let amount = amount.ok_or_else(|| price.missing("unit_amount"))?;
        let Some(mut product) = price.object("product_data")? else {
            return Err(price.missing("product_data"));
        };
        product.required("name")?;
        product.ignore(&["description", "images", "metadata", "tax_code"]);
        product.finish()?;
        price.ignore(&["tax_behavior"]);
        price.finish()?;
        item.finish()?;
        if code.as_ref().is_some_and(|code| *code != currency) {
            let message = "All line items must have the same currency.";
            return Err(ApiError::invalid(message).param("line_items"));
        }
        total = total.saturating_add(amount.saturating_mul(quantity));
        code = Some(currency);
    }
    items.finish()?;
    match code {
        Some(code) => Ok((total, code)),
        None => Err(params.missing("line_items")),
    }
}
