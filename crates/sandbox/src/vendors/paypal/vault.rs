//! Vault v3: setup tokens that the payer approves, and the payment tokens made of them.

use serde_json::{Value, json};

use super::account::{Cx, What, found};
use super::ask::{asked, object, required_text};
use super::cards::Card;
use super::events::Happened;
use super::objects::{PaymentToken, SetupToken};
use super::refusal::Refusal;
use super::render::link;
use super::source::{keep_customer, urls_of};

/// A page holds this many when the client does not say, and never more.
const PAGE: usize = 5;

impl Cx<'_> {
    pub(super) fn create_setup(&mut self, body: &Value) -> Result<What, Refusal> {
        let source = source_of(body)?;
        let card = match object(source, "card") {
            Some(card) => Some(Card::read(card, "/payment_source/card")?),
            None if source.get("paypal").is_some() => None,
            None => {
                let refusal = Refusal::issue("INVALID_PARAMETER_VALUE");
                return Err(refusal.at("/payment_source"));
            }
        };
        let customer = self.customer_for(keep_customer(body, "")?);
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
        Ok(What::Setup(id))
    }

    pub(super) fn create_token(&mut self, body: &Value) -> Result<What, Refusal> {
        let source = source_of(body)?;
        if let Some(card) = object(source, "card") {
            let card = Card::read(card, "/payment_source/card")?;
            let customer = self.customer_for(keep_customer(body, "")?);
            return Ok(What::Token(self.new_token(customer, Some(card))));
        }
        let at = "/payment_source/token";
        let token = object(source, "token")
            .ok_or_else(|| Refusal::issue("MISSING_REQUIRED_PARAMETER").at(at))?;
        let id = required_text(token, at, "id", 1, 255)?;
        if required_text(token, at, "type", 1, 255)? != "SETUP_TOKEN" {
            let refusal = Refusal::issue("INVALID_PARAMETER_VALUE");
            return Err(refusal.at(format!("{at}/type")));
        }
        let setup = self.account.setups.get(&id).cloned();
        let setup = found(setup, &format!("{at}/id"), &id)?;
        if setup.status != "APPROVED" {
            // The documents list no issue for it.
            return Err(Refusal::status(422));
        }
        if let Some(place) = self.account.setups.get_mut(&id) {
            place.status = "VAULTED";
        }
        Ok(What::Token(self.new_token(setup.customer, setup.card)))
    }

    pub(super) fn read_token(&self, id: &str) -> Result<Value, Refusal> {
        let token = self.account.tokens.get(id).filter(|t| !t.deleted);
        Ok(self.token(found(token, "id", id)?))
    }

    /// Deleting what is gone is done too.
    pub(super) fn delete_token(&mut self, id: &str) {
        let token = self.account.tokens.get_mut(id);
        if let Some(token) = token.filter(|token| !token.deleted) {
            token.deleted = true;
            self.event(Happened::Deleted, id);
        }
    }

    pub(super) fn list_tokens(&self, query: &str) -> Result<Value, Refusal> {
        let asked = |name: &str| asked(query, name);
        let Some(customer) = asked("customer_id") else {
            let refusal = Refusal::issue("MISSING_REQUIRED_PARAMETER");
            return Err(refusal.at("customer_id").in_query());
        };
        if !(7..=36).contains(&customer.len()) {
            let refusal = Refusal::issue("INVALID_STRING_LENGTH");
            return Err(refusal.at("customer_id").in_query());
        }
        let number = |name: &str, fallback: usize, most: usize| match asked(name) {
            None => Ok(fallback),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| {
                    let refusal = Refusal::issue("INVALID_PARAMETER_VALUE");
                    refusal.at(name).in_query().value(text)
                }),
        };
        let size = number("page_size", PAGE, PAGE)?;
        let page = number("page", 1, 10)?;
        let kept = |t: &&PaymentToken| t.customer == customer && !t.deleted;
        let all: Vec<&PaymentToken> = self.account.tokens.iter().filter(kept).collect();
        let shown = all.iter().skip((page - 1) * size).take(size);
        let shown: Vec<Value> = shown.map(|token| self.token(token)).collect();
        let pages = all.len().div_ceil(size);
        let list = format!(
            "{}/v3/vault/payment-tokens?customer_id={customer}",
            self.base
        );
        let place = |page: usize| format!("{list}&page={page}&page_size={size}");
        let mut links = vec![link(&place(page), "self", "GET")];
        if page < pages {
            links.push(link(&place(page + 1), "next", "GET"));
        }
        let mut answer = json!({"customer": self.customer(&customer), "payment_tokens": shown,
            "links": links});
        if asked("total_required").as_deref() == Some("true")
            && let Some(fields) = answer.as_object_mut()
        {
            fields.insert("total_items".to_owned(), all.len().into());
            fields.insert("total_pages".to_owned(), pages.into());
        }
        Ok(answer)
    }
}

fn source_of(body: &Value) -> Result<&Value, Refusal> {
    object(body, "payment_source")
        .ok_or_else(|| Refusal::issue("MISSING_REQUIRED_PARAMETER").at("/payment_source"))
}
