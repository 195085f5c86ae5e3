//! Vault v3: setup tokens that the payer approves, and the payment tokens created from them:
//! <https://developer.paypal.com/docs/api/payment-tokens/v3/>.

use serde_json::{Value, json};

use super::account::ObjectRef;
use super::cards::Card;
use super::context::{Context, found};
use super::error::ApiError;
use super::events::EventKind;
use super::fields::{object, query_number, query_value, required_text};
use super::objects::{PaymentToken, SetupToken};
use super::render::link;
use super::source::{save_request_customer, urls_of};

/// The default and the greatest number of tokens on a page.
const MAX_PAGE_SIZE: usize = 5;

impl Context<'_> {
    pub(super) fn create_setup(&mut self, body: &Value) -> Result<ObjectRef, ApiError> {
        let source = source_of(body)?;
        let card = match object(source, "card") {
            Some(card) => Some(Card::read(card, "/payment_source/card")?),
            None if source.get("paypal").is_some() => None,
            None => {
                let error = ApiError::issue("INVALID_PARAMETER_VALUE");
                return Err(error.at("/payment_source"));
            }
        };
        let customer = self.customer_for(save_request_customer(body, "")?);
        let (return_url, cancel_url) = urls_of(body);
        let setup = SetupToken {
            id: self.id(),
            status: match card {
                Some(_) => "APPROVED",
                None => "PAYER_ACTION_REQUIRED",
            },
            customer,
            card,
            return_url,
            cancel_url,
        };
        let id = setup.id.clone();
        self.account.setups.add(&id, setup);
        Ok(ObjectRef::Setup(id))
    }

    pub(super) fn create_token(&mut self, body: &Value) -> Result<ObjectRef, ApiError> {
        let source = source_of(body)?;
        if let Some(card) = object(source, "card") {
            let card = Card::read(card, "/payment_source/card")?;
            let customer = self.customer_for(save_request_customer(body, "")?);
            return Ok(ObjectRef::Token(self.new_token(customer, Some(card))));
        }
        let at = "/payment_source/token";
        let token = object(source, "token")
            .ok_or_else(|| ApiError::issue("MISSING_REQUIRED_PARAMETER").at(at))?;
        let id = required_text(token, at, "id", 1, 255)?;
        if required_text(token, at, "type", 1, 255)? != "SETUP_TOKEN" {
            let error = ApiError::issue("INVALID_PARAMETER_VALUE");
            return Err(error.at(format!("{at}/type")));
        }
        let setup = self.account.setups.get(&id).cloned();
        let setup = found(setup, &format!("{at}/id"), &id)?;
        if setup.status != "APPROVED" {
            // The vendor's documentation lists no issue for this case.
            return Err(ApiError::status(422));
        }
        if let Some(setup) = self.account.setups.get_mut(&id) {
            setup.status = "VAULTED";
        }
        Ok(ObjectRef::Token(self.new_token(setup.customer, setup.card)))
    }

    pub(super) fn read_token(&self, id: &str) -> Result<Value, ApiError> {
        let token = self.account.tokens.get(id).filter(|t| !t.deleted);
        Ok(self.token(found(token, "id", id)?))
    }

    /// Deletes a payment token; deleting it again succeeds too.
    pub(super) fn delete_token(&mut self, id: &str) {
        let token = self.account.tokens.get_mut(id);
        if let Some(token) = token.filter(|token| !token.deleted) {
            token.deleted = true;
            self.event(EventKind::TokenDeleted, id);
        }
    }

    pub(super) fn list_tokens(&self, query: &str) -> Result<Value, ApiError> {
        let parameter = |name: &str| query_value(query, name);
        let Some(customer) = parameter("customer_id") else {
            let error = ApiError::issue("MISSING_REQUIRED_PARAMETER");
            return Err(error.at("customer_id").in_query());
        };
        if !(7..=36).contains(&customer.len()) {
            let error = ApiError::issue("INVALID_STRING_LENGTH");
            return Err(error.at("customer_id").in_query());
        }
        let size = query_number(query, "page_size", MAX_PAGE_SIZE, MAX_PAGE_SIZE)?;
        let page = query_number(query, "page", 1, 10)?;
        let matches = |t: &&PaymentToken| t.customer == customer && !t.deleted;
        let all: Vec<&PaymentToken> = self.account.tokens.iter().filter(matches).collect();
        let shown = all.iter().skip((page - 1) * size).take(size);
        let shown: Vec<Value> = shown.map(|token| self.token(token)).collect();
        let pages = all.len().div_ceil(size);
        let list = format!(
            "{}/v3/vault/payment-tokens?customer_id={customer}",
            self.base
        );
        let page_url = |page: usize| format!("{list}&page={page}&page_size={size}");
        let mut links = vec![link(&page_url(page), "self", "GET")];
        if page < pages {
            links.push(link(&page_url(page + 1), "next", "GET"));
        }
        let mut response = json!({"customer": self.customer(&customer), "payment_tokens": shown,
            "links": links});
        if parameter("total_required").as_deref() == Some("true")
            && let Some(fields) = response.as_object_mut()
        {
            fields.insert("total_items".to_owned(), all.len().into());
            fields.insert("total_pages".to_owned(), pages.into());
        }
        Ok(response)
    }
}

/// The payment source of the request; it is required.
fn source_of(body: &Value) -> Result<&Value, ApiError> {
    object(body, "payment_source")
        .ok_or_else(|| ApiError::issue("MISSING_REQUIRED_PARAMETER").at("/payment_source"))
}
