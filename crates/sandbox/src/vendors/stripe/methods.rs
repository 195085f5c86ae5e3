//! PaymentMethods: created from test ids, tokens and numbers, attached to customers and detached:
//! <https://docs.stripe.com/api/payment_methods>.

use serde_json::Value;

use super::cards::{self, Card};
use super::collection::ListRequest;
use super::context::Context;
use super::declines::{self, Decline};
use super::error::ApiError;
use super::objects::PaymentMethod;
use super::params::{MetadataChange, Params};
use super::render::Show;

const SECONDS_PER_YEAR: i64 = 31_556_952;

/// The card and the expiry date of a request.
struct CardData {
    card: &'static Card,
    exp_month: i64,
    exp_year: i64,
}

impl Context<'_> {
    /// Handles `POST /v1/payment_methods`.
    pub(super) fn create_method(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let method = self.read_method(&mut params)?;
        params.finish()?;
        self.account.methods.put(method.clone());
        Ok(method.show())
    }

    /// Handles `GET /v1/payment_methods/{id}`; a test card's id returns a new object, as it does at Stripe.
    pub(super) fn get_method(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        match cards::by_method(id) {
            Some(card) => Ok(self.new_method(card).show()),
            None => Ok(self.account.methods.find(id, "payment_method")?.show()),
        }
    }

    /// Handles `POST /v1/payment_methods/{id}`.
    pub(super) fn update_method(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut method = self.account.methods.find(id, "payment_method")?;
        method.metadata = MetadataChange::apply(params.metadata()?, &method.metadata)?;
        if let Some(details) = params.json("billing_details") {
            method.billing_details = Some(details);
        }
        if let Some(mut card) = params.object("card")? {
            method.exp_month = card.integer("exp_month")?.unwrap_or(method.exp_month);
            method.exp_year = card.integer("exp_year")?.unwrap_or(method.exp_year);
            card.finish()?;
        }
        params.finish()?;
        self.account.methods.put(method.clone());
        Ok(method.show())
    }

    /// Handles `GET /v1/customers/{id}/payment_methods` and `GET /v1/payment_methods?customer=`.
    pub(super) fn list_methods(
        &mut self,
        customer: &str,
        url: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let kind = params.text("type")?;
        params.finish()?;
        self.existing_customer(customer, "customer")?;
        let matches = |m: &PaymentMethod| {
            m.customer.as_deref() == Some(customer) && kind.as_deref().is_none_or(|k| k == "card")
        };
        self.account
            .methods
            .page(&request, url, matches, Show::show)
    }

    /// Handles `GET /v1/customers/{id}/payment_methods/{id}`.
    pub(super) fn get_customers_method(
        &mut self,
        customer: &str,
        id: &str,
        params: Params,
    ) -> Result<Value, ApiError> {
        params.finish()?;
        let method = self.account.methods.find(id, "payment_method")?;
        if method.customer.as_deref() == Some(customer) {
            Ok(method.show())
        } else {
            Err(ApiError::not_found("payment_method", id, "payment_method"))
        }
    }

    /// Handles `POST /v1/payment_methods/{id}/attach`.
    pub(super) fn attach_method(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let customer = params.required("customer")?;
        params.finish()?;
        self.existing_customer(&customer, "customer")?;
        let method = match cards::by_method(id) {
            Some(card) => self.new_method(card),
            None => self.account.methods.find(id, "payment_method")?,
        };
        Ok(self.attach(method, &customer)?.show())
    }

    /// Handles `POST /v1/payment_methods/{id}/detach`.
    pub(super) fn detach_method(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let mut method = self.account.methods.find(id, "payment_method")?;
        if method.customer.take().is_none() {
            return Err(ApiError::state(
                "The payment method you provided is not attached to a customer so detachment is impossible.",
            ));
        }
        method.consumed = true;
        self.account.methods.put(method.clone());
        self.event("payment_method.detached", &method);
        Ok(method.show())
    }

    /// Attaches the method to a customer, unless the card declines, it belongs to another customer, or it may not be used
    /// again.
    pub(super) fn attach(
        &mut self,
        mut method: PaymentMethod,
        customer: &str,
    ) -> Result<PaymentMethod, ApiError> {
        if let Some(decline) = method.card.attach_decline() {
            return Err(decline.to_error());
        }
        match method.customer.as_deref() {
            Some(owner) if owner == customer => return Ok(method),
            Some(_) => {
                let message =
                    "The payment method you provided has already been attached to a customer.";
                return Err(ApiError::state(message).code("resource_already_exists"));
            }
            None if method.consumed => {
                return Err(ApiError::state(
                    "This PaymentMethod was previously used without being attached to a Customer or was detached from a \
                     Customer, and may not be used again.",
                ));
            }
            None => {}
        }
        method.customer = Some(customer.to_owned());
        self.account.methods.put(method.clone());
        self.event("payment_method.attached", &method);
        Ok(method)
    }

    /// The method that a parameter names: a test card's id becomes a new object, any other must exist.
    pub(super) fn method_by_id(&mut self, id: &str) -> Result<PaymentMethod, ApiError> {
        if let Some(card) = cards::by_method(id) {
            let method = self.new_method(card);
            self.account.methods.put(method.clone());
            return Ok(method);
        }
        match self.account.methods.get(id) {
            Some(method) => Ok(method.clone()),
            None => Err(ApiError::missing("PaymentMethod", id, "payment_method")),
        }
    }

    /// Reads `type`, `card`, `billing_details` and `metadata`, which are also the fields of `payment_method_data`.
    pub(super) fn read_method(&mut self, params: &mut Params) -> Result<PaymentMethod, ApiError> {
        let kind = params.required("type")?;
        if kind != "card" {
            let message =
                format!("Invalid type: must be card in this sandbox, and yours is {kind}");
            return Err(ApiError::invalid(message).param(params.named("type")));
        }
        let Some(mut card) = params.object("card")? else {
            return Err(params.missing("card"));
        };
        let data = match card.text("token")? {
            Some(token) => self.by_token(&token)?,
            None => self.by_number(&mut card)?,
        };
        card.ignore(&["networks"]);
        card.finish()?;
        let billing_details = params.json("billing_details");
        let metadata = MetadataChange::apply(params.metadata()?, &Default::default())?;
        params.ignore(&["allow_redisplay", "radar_options"]);
        Ok(PaymentMethod {
            exp_month: data.exp_month,
            exp_year: data.exp_year,
            metadata,
            billing_details,
            ..self.new_method(data.card)
        })
    }

    fn by_token(&self, token: &str) -> Result<CardData, ApiError> {
        match cards::by_token(token) {
            Some(card) => Ok(CardData {
                card,
                exp_month: 12,
                exp_year: self.year() + 3,
            }),
            None => Err(ApiError::missing("token", token, "card[token]")),
        }
    }

    fn by_number(&self, params: &mut Params) -> Result<CardData, ApiError> {
        let number = params.required("number")?;
        let exp_month = params.integer("exp_month")?;
        let exp_month = exp_month.ok_or_else(|| params.missing("exp_month"))?;
        let exp_year = params.integer("exp_year")?;
        let exp_year = exp_year.ok_or_else(|| params.missing("exp_year"))?;
        let cvc = params.text("cvc")?;
        let card = cards::by_number(&number).map_err(Decline::to_error)?;
        let exp_year = match exp_year {
            0..100 => 2000 + exp_year,
            _ => exp_year,
        };
        if !(1..=12).contains(&exp_month) {
            return Err(declines::MONTH.to_error());
        }
        if !(self.year()..=self.year() + 50).contains(&exp_year) {
            return Err(declines::YEAR.to_error());
        }
        let digits = if card.brand == "amex" { 3..=4 } else { 3..=3 };
        let fits =
            |cvc: &String| digits.contains(&cvc.len()) && cvc.bytes().all(|b| b.is_ascii_digit());
        if !cvc.as_ref().is_none_or(fits) {
            return Err(declines::BAD_CVC.to_error());
        }
        Ok(CardData {
            card,
            exp_month,
            exp_year,
        })
    }

    fn new_method(&self, card: &'static Card) -> PaymentMethod {
        PaymentMethod {
            id: self.ids.object("pm"),
            customer: None,
            card,
            exp_month: 12,
            exp_year: self.year() + 3,
            set_up: false,
            consumed: false,
            metadata: Default::default(),
            billing_details: None,
            created: self.now,
        }
    }

    fn year(&self) -> i64 {
        1970 + self.now / SECONDS_PER_YEAR
    }
}
