//! PaymentIntents: create, update, read and list: <https://docs.stripe.com/api/payment_intents>.

use serde_json::Value;

use super::collection::ListRequest;
use super::confirm::Session;
use super::context::Context;
use super::currency::{check_amount, check_currency};
use super::error::ApiError;
use super::objects::{Echo, IntentStatus, PaymentIntent};
use super::params::{MetadataChange, Params};
use super::render::Show;

/// The values of `capture_method`.
const CAPTURE: &[&str] = &["automatic", "automatic_async", "manual"];
/// The values of `setup_future_usage`.
pub(super) const USAGE: &[&str] = &["off_session", "on_session"];

/// The parameters that Stripe accepts and that have no effect here.
const IGNORED: &[&str] = &[
    "amount_details",
    "excluded_payment_method_types",
    "mandate",
    "mandate_data",
    "payment_details",
    "payment_method_configuration",
    "radar_options",
    "use_stripe_sdk",
];

impl Context<'_> {
    /// Handles `POST /v1/payment_intents`.
    pub(super) fn create_intent(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let amount = params.positive("amount")?;
        let amount = amount.ok_or_else(|| params.missing("amount"))?;
        let currency = check_currency(&params.required("currency")?)?;
        check_amount(amount, &currency)?;
        let confirm = params.boolean("confirm")?.unwrap_or(false);
        let session = Session::read(&mut params)?;
        if !confirm {
            session.needs_confirm()?;
        }
        let mut intent = self.new_intent(amount, currency);
        intent.confirmation_method = params
            .one_of("confirmation_method", &["automatic", "manual"])?
            .unwrap_or("automatic");
        let automatic = automatic(&mut params)?;
        if let Some(types) = params.list("payment_method_types")? {
            if automatic.is_some_and(|on| on.is_some()) {
                let message = "You may only specify one of these parameters: automatic_payment_methods, \
                               payment_method_types.";
                return Err(ApiError::invalid(message));
            }
            intent.types = types;
            intent.automatic = None;
        } else if let Some(automatic) = automatic {
            intent.automatic = automatic;
        }
        self.apply_changes(&mut intent, &mut params)?;
        params.finish()?;
        self.check_customer(&mut intent)?;
        if confirm {
            session.check_redirects(&intent)?;
        }
        self.account.intents.put(intent.clone());
        self.event("payment_intent.created", &intent);
        if confirm {
            return self.confirm(intent, &session);
        }
        Ok(intent.show())
    }

    /// A payment of which only the amount is known.
    pub(super) fn new_intent(&self, amount: i64, currency: String) -> PaymentIntent {
        let id = self.ids.object("pi");
        PaymentIntent {
            client_secret: format!("{id}_secret_{}", self.ids.letters(25)),
            id,
            account: self.account_id.to_owned(),
            amount,
            amount_capturable: 0,
            amount_received: 0,
            currency,
            customer: None,
            payment_method: None,
            status: IntentStatus::RequiresPaymentMethod,
            latest_charge: None,
            metadata: Default::default(),
            cancellation_reason: None,
            created: self.now,
            canceled_at: None,
            capture_method: "automatic",
            confirmation_method: "automatic",
            setup_future_usage: None,
            return_url: None,
            automatic: Some("always"),
            types: vec!["card".to_owned()],
            multicapture: false,
            last_payment_error: None,
            next_action: None,
            echo: Echo::new(),
        }
    }

    /// Handles `POST /v1/payment_intents/{id}`.
    pub(super) fn update_intent(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut intent = self.account.intents.find(id, "intent")?;
        let locked = [
            "amount",
            "currency",
            "customer",
            "payment_method",
            "setup_future_usage",
        ]
        .into_iter()
        .find(|name| params.has(name));
        if let (Some(name), false) = (locked, is_open(intent.status)) {
            let message = format!(
                "This PaymentIntent's {name} could not be updated because it has a status of {}. You may only update \
                 the {name} of a PaymentIntent with one of the following statuses: requires_payment_method, \
                 requires_confirmation, requires_action.",
                intent.status.as_str()
            );
            return Err(ApiError::intent_state(message, intent.show()));
        }
        intent.amount = params.positive("amount")?.unwrap_or(intent.amount);
        if let Some(currency) = params.text("currency")? {
            intent.currency = check_currency(&currency)?;
        }
        check_amount(intent.amount, &intent.currency)?;
        if let Some(types) = params.list("payment_method_types")? {
            intent.types = types;
        }
        self.apply_changes(&mut intent, &mut params)?;
        params.finish()?;
        self.check_customer(&mut intent)?;
        if intent.status == IntentStatus::RequiresAction {
            intent.status = IntentStatus::RequiresConfirmation;
            intent.next_action = None;
        }
        self.account.intents.put(intent.clone());
        Ok(intent.show())
    }

    /// Handles `GET /v1/payment_intents/{id}`.
    pub(super) fn get_intent(&mut self, id: &str, mut params: Params) -> Result<Value, ApiError> {
        params.ignore(&["client_secret"]);
        params.finish()?;
        Ok(self.account.intents.find(id, "intent")?.show())
    }

    /// Handles `GET /v1/payment_intents`.
    pub(super) fn list_intents(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let customer = params.text("customer")?;
        params.finish()?;
        let matches = |p: &PaymentIntent| customer.is_none() || p.customer == customer;
        self.account
            .intents
            .page(&request, "/v1/payment_intents", matches, Show::show)
    }

    /// Applies the parameters that create, update and confirm share.
    pub(super) fn apply_changes(
        &mut self,
        intent: &mut PaymentIntent,
        params: &mut Params,
    ) -> Result<(), ApiError> {
        if let Some(customer) = params.change("customer")? {
            intent.customer = customer;
        }
        read_details(intent, params)?;
        if let Some(url) = params.text("return_url")? {
            intent.return_url = Some(check_url(url)?);
        }
        if let Some(mut options) = params.object("payment_method_options")?
            && let Some(mut card) = options.object("card")?
        {
            intent.multicapture =
                card.text("request_multicapture")?.as_deref() == Some("if_available");
        }
        params.ignore(IGNORED);
        if let Some(mut data) = params.object("payment_method_data")? {
            let method = self.read_method(&mut data)?;
            data.finish()?;
            intent.payment_method = Some(method.id.clone());
            self.account.methods.put(method);
        }
        match params.change("payment_method")? {
            None => {}
            Some(None) => intent.payment_method = None,
            Some(Some(id)) => intent.payment_method = Some(self.method_by_id(&id)?.id),
        }
        if intent.status == IntentStatus::RequiresPaymentMethod && intent.payment_method.is_some() {
            intent.status = IntentStatus::RequiresConfirmation;
        }
        Ok(())
    }

    /// Checks that customer and payment method exist and belong together.
    pub(super) fn check_customer(&self, intent: &mut PaymentIntent) -> Result<(), ApiError> {
        if let Some(customer) = &intent.customer {
            self.existing_customer(customer, "customer")?;
        }
        let method = intent
            .payment_method
            .as_deref()
            .and_then(|id| self.account.methods.get(id));
        let Some(method) = method else {
            return Ok(());
        };
        match (&method.customer, &intent.customer) {
            (Some(owner), Some(customer)) if owner != customer => Err(ApiError::state(format!(
                "The customer does not have a payment method with the ID {}. The payment method must be attached to the \
                 customer.",
                method.id
            ))
            .param("payment_method")),
            (Some(owner), None) => Err(ApiError::state(format!(
                "The PaymentMethod {} belongs to the Customer {owner}. Please include the Customer in the `customer` \
                 parameter on the PaymentIntent.",
                method.id
            ))
            .param("payment_method")),
            (None, _) if method.consumed => Err(ApiError::state(
                "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared \
                 with a connected account without Customer attachment, or was detached from a Customer. It may not be \
                 used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            )
            .param("payment_method")),
            _ => Ok(()),
        }
    }
}

/// Reads the details of a payment that a request gives directly, or within a checkout session's `payment_intent_data`.
pub(super) fn read_details(
    intent: &mut PaymentIntent,
    params: &mut Params,
) -> Result<(), ApiError> {
    if let Some(method) = params.one_of("capture_method", CAPTURE)? {
        intent.capture_method = method;
    }
    match params.change("setup_future_usage")? {
        None => {}
        Some(None) => intent.setup_future_usage = None,
        Some(Some(text)) => {
            let usage = USAGE.iter().find(|u| **u == text).ok_or_else(|| {
                let message =
                    "Invalid setup_future_usage: must be one of off_session or on_session";
                ApiError::invalid(message).param("setup_future_usage")
            })?;
            intent.setup_future_usage = Some(*usage);
        }
    }
    intent.metadata = MetadataChange::apply(params.metadata()?, &intent.metadata)?;
    read_shown_fields(intent, params)?;
    check_descriptor(intent, &params.named("statement_descriptor"))
}

/// Reads the fields that are only stored and shown again.
fn read_shown_fields(intent: &mut PaymentIntent, params: &mut Params) -> Result<(), ApiError> {
    for (field, most) in [
        ("description", 1000),
        ("receipt_email", 512),
        ("statement_descriptor", 22),
        ("statement_descriptor_suffix", 22),
        ("transfer_group", 500),
        ("on_behalf_of", 255),
    ] {
        let Some(value) = params.short(field, most)? else {
            continue;
        };
        let is_descriptor = field.starts_with("statement_");
        if let (true, Some(text)) = (is_descriptor, value.as_deref()) {
            descriptor_text(text).map_err(|error| error.param(field))?;
        }
        intent.echo.insert(field.to_owned(), value.into());
    }
    for field in ["shipping", "transfer_data"] {
        if let Some(value) = params.json(field) {
            intent.echo.insert(field.to_owned(), value);
        }
    }
    if let Some(fee) = params.positive("application_fee_amount")? {
        intent
            .echo
            .insert("application_fee_amount".to_owned(), fee.into());
    }
    Ok(())
}

/// Checks the text of a statement descriptor: <https://docs.stripe.com/get-started/account/statement-descriptors>.
pub(super) fn descriptor_text(text: &str) -> Result<(), ApiError> {
    if !text.chars().any(char::is_alphabetic) {
        let message = "The statement descriptor must contain at least one alphabetic character.";
        return Err(ApiError::invalid(message));
    }
    if text.contains(['<', '>', '\\', '\'', '"', '*']) {
        let message = "The statement descriptor cannot contain any of < > \\ ' \" *.";
        return Err(ApiError::invalid(message));
    }
    Ok(())
}

/// Rejects a whole statement descriptor for a payment that a card may pay:
/// <https://support.stripe.com/questions/use-of-the-statement-descriptor-parameter-on-paymentintents-for-card-charges>.
fn check_descriptor(intent: &PaymentIntent, param: &str) -> Result<(), ApiError> {
    let descriptor = intent.echo.get("statement_descriptor");
    if !descriptor.is_some_and(Value::is_string) || !intent.types.iter().any(|kind| kind == "card")
    {
        return Ok(());
    }
    Err(ApiError::invalid(
        "The statement_descriptor parameter is not supported for the payment_method_type `card`. To continue supporting \
         payment_method_type `card`, please pass in `statement_descriptor_suffix` or remove the `statement_descriptor` \
         parameter altogether.",
    )
    .param(param))
}

/// Whether the amount and the payment method may still change.
fn is_open(status: IntentStatus) -> bool {
    matches!(
        status,
        IntentStatus::RequiresPaymentMethod
            | IntentStatus::RequiresConfirmation
            | IntentStatus::RequiresAction
    )
}

/// Reads `automatic_payment_methods`: `None` if it was not sent, `Some(None)` if it is disabled, and otherwise its
/// `allow_redirects`.
pub(super) fn automatic(params: &mut Params) -> Result<Option<Option<&'static str>>, ApiError> {
    let Some(mut automatic) = params.object("automatic_payment_methods")? else {
        return Ok(None);
    };
    let enabled = automatic.boolean("enabled")?;
    let enabled = enabled.ok_or_else(|| automatic.missing("enabled"))?;
    let allow = automatic.one_of("allow_redirects", &["always", "never"])?;
    automatic.finish()?;
    Ok(Some(enabled.then_some(allow.unwrap_or("always"))))
}

/// Rejects an invalid URL.
pub(super) fn check_url(text: String) -> Result<String, ApiError> {
    match url::Url::parse(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(ApiError::invalid("Not a valid URL")
            .code("url_invalid")
            .param("return_url")),
    }
}
