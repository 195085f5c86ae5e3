//! What a request wants to pay with: the wallet, a card, or something saved.

use serde_json::Value;

use super::account::Cx;
use super::ask::{object, optional_text, required_text, word};
use super::cards::Card;
use super::objects::{Keep, Source};
use super::refusal::Refusal;

const AT: &str = "/payment_source";

impl Cx<'_> {
    /// The source of a body, if it names one.
    pub(super) fn read_source(
        &self,
        body: &Value,
        units: usize,
    ) -> Result<Option<Source>, Refusal> {
        let Some(source) = object(body, "payment_source") else {
            return Ok(None);
        };
        if let Some(token) = object(source, "token") {
            let at = format!("{AT}/token");
            let id = required_text(token, &at, "id", 1, 255)?;
            required_text(token, &at, "type", 1, 255)?;
            let kind = self.account.tokens.get(&id).map(|token| token.kind());
            return self.saved(&id, kind.unwrap_or("paypal")).map(Some);
        }
        if let Some(card) = object(source, "card") {
            return self.card(card, units).map(Some);
        }
        let Some(wallet) = object(source, "paypal") else {
            let refusal = Refusal::issue("PAYMENT_SOURCE_CANNOT_BE_USED");
            return Err(refusal.at(AT));
        };
        let at = format!("{AT}/paypal");
        if let Some(id) = optional_text(wallet, &at, "vault_id", 255)? {
            return self.saved(&id, "paypal").map(Some);
        }
        Ok(Some(Source {
            kind: "paypal",
            card: None,
            vault_id: None,
            keep: keep_of(wallet, &at)?,
            kept: None,
        }))
    }

    fn card(&self, card: &Value, units: usize) -> Result<Source, Refusal> {
        let at = format!("{AT}/card");
        if let Some(credential) = object(card, "stored_credential") {
            let place = format!("{at}/stored_credential");
            let who = word(
                credential,
                &place,
                "payment_initiator",
                &["CUSTOMER", "MERCHANT"],
            )?;
            word(
                credential,
                &place,
                "payment_type",
                &["ONE_TIME", "RECURRING", "UNSCHEDULED"],
            )?;
            word(
                credential,
                &place,
                "usage",
                &["FIRST", "SUBSEQUENT", "DERIVED"],
            )?;
            if who == Some("MERCHANT") && card.get("security_code").is_some() {
                let refusal = Refusal::issue("MERCHANT_INITIATED_WITH_SECURITY_CODE");
                return Err(refusal.at(format!("{at}/security_code")));
            }
            if who == Some("MERCHANT") && units > 1 {
                let issue = "MERCHANT_INITIATED_WITH_MULTIPLE_PURCHASE_UNITS";
                return Err(Refusal::issue(issue).at("/purchase_units"));
            }
        }
        match optional_text(card, &at, "vault_id", 255)? {
            Some(id) => self.saved(&id, "card"),
            None => Ok(Source {
                kind: "card",
                card: Some(Card::read(card, &at)?),
                vault_id: None,
                keep: keep_of(card, &at)?,
                kept: None,
            }),
        }
    }

    fn saved(&self, id: &str, kind: &'static str) -> Result<Source, Refusal> {
        let token = self.account.tokens.get(id).filter(|token| !token.deleted);
        let at = format!("{AT}/{kind}/vault_id");
        match token {
            None => Err(Refusal::issue("TOKEN_ID_NOT_FOUND").at(at).value(id)),
            Some(token) if token.kind() != kind => {
                let refusal = Refusal::issue("MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE");
                Err(refusal.at(at).value(id))
            }
            Some(token) => Ok(Source {
                kind,
                card: token.card.clone(),
                vault_id: Some(id.to_owned()),
                keep: None,
                kept: None,
            }),
        }
    }
}

/// `attributes.vault` and `attributes.customer`.
fn keep_of(source: &Value, at: &str) -> Result<Option<Keep>, Refusal> {
    let Some(attributes) = object(source, "attributes") else {
        return Ok(None);
    };
    let Some(vault) = object(attributes, "vault") else {
        return Ok(None);
    };
    let place = format!("{at}/attributes/vault");
    word(vault, &place, "store_in_vault", &["ON_SUCCESS"])?;
    let place = format!("{at}/attributes");
    Ok(Some(keep_customer(attributes, &place)?))
}

/// The `customer` object: PayPal's id, or the merchant's own.
pub(super) fn keep_customer(value: &Value, at: &str) -> Result<Keep, Refusal> {
    let Some(customer) = object(value, "customer") else {
        return Ok(Keep::default());
    };
    let at = format!("{at}/customer");
    Ok(Keep {
        customer: optional_text(customer, &at, "id", 22)?,
        merchant_customer: optional_text(customer, &at, "merchant_customer_id", 64)?,
    })
}

/// Where the payer goes afterwards: in the source's context, or at the older place.
pub(super) fn urls_of(body: &Value) -> (Option<String>, Option<String>) {
    let contexts = [
        "/payment_source/paypal/experience_context",
        "/payment_source/card/experience_context",
        "/application_context",
    ];
    let url = |name: &str| {
        let mut found = contexts.iter().filter_map(|at| body.pointer(at)?.get(name));
        Some(found.next()?.as_str()?.to_owned())
    };
    (url("return_url"), url("cancel_url"))
}
