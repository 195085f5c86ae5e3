//! Reads the payment source of a request: the wallet, a card, or a saved source.

use serde_json::Value;

use super::cards::Card;
use super::context::Context;
use super::error::ApiError;
use super::fields::{object, one_of, optional_text, required_text};
use super::objects::{SaveRequest, Source};

/// The JSON pointer of the payment source.
const AT: &str = "/payment_source";

impl Context<'_> {
    /// The payment source of a request body, if it names one.
    pub(super) fn read_source(
        &self,
        body: &Value,
        units: usize,
    ) -> Result<Option<Source>, ApiError> {
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
            let error = ApiError::issue("PAYMENT_SOURCE_CANNOT_BE_USED");
            return Err(error.at(AT));
        };
        let at = format!("{AT}/paypal");
        if let Some(id) = optional_text(wallet, &at, "vault_id", 255)? {
            return self.saved(&id, "paypal").map(Some);
        }
        Ok(Some(Source {
            kind: "paypal",
            card: None,
            vault_id: None,
            save: save_request(wallet, &at)?,
            saved_token: None,
            challenges: false,
        }))
    }

    fn card(&self, card: &Value, units: usize) -> Result<Source, ApiError> {
        let at = format!("{AT}/card");
        let mut is_present = true;
        if let Some(credential) = object(card, "stored_credential") {
            let credential_at = format!("{at}/stored_credential");
            let initiator = one_of(
                credential,
                &credential_at,
                "payment_initiator",
                &["CUSTOMER", "MERCHANT"],
            )?;
            one_of(
                credential,
                &credential_at,
                "payment_type",
                &["ONE_TIME", "RECURRING", "UNSCHEDULED"],
            )?;
            one_of(
                credential,
                &credential_at,
                "usage",
                &["FIRST", "SUBSEQUENT", "DERIVED"],
            )?;
            is_present = initiator != Some("MERCHANT");
            if initiator == Some("MERCHANT") && card.get("security_code").is_some() {
                let error = ApiError::issue("MERCHANT_INITIATED_WITH_SECURITY_CODE");
                return Err(error.at(format!("{at}/security_code")));
            }
            if initiator == Some("MERCHANT") && units > 1 {
                let issue = "MERCHANT_INITIATED_WITH_MULTIPLE_PURCHASE_UNITS";
                return Err(ApiError::issue(issue).at("/purchase_units"));
            }
        }
        let mut source = match optional_text(card, &at, "vault_id", 255)? {
            Some(id) => self.saved(&id, "card")?,
            None => Source {
                kind: "card",
                card: Some(Card::read(card, &at)?),
                vault_id: None,
                save: save_request(card, &at)?,
                saved_token: None,
                challenges: false,
            },
        };
        let is_asked = asks_for_authentication(card, &at)?;
        let wants = source.card.as_ref().is_some_and(|card| card.challenges);
        source.challenges = is_present && (is_asked || wants);
        Ok(source)
    }

    /// The saved source with this id.
    fn saved(&self, id: &str, kind: &'static str) -> Result<Source, ApiError> {
        let token = self.account.tokens.get(id).filter(|token| !token.deleted);
        let at = format!("{AT}/{kind}/vault_id");
        match token {
            None => Err(ApiError::issue("TOKEN_ID_NOT_FOUND").at(at).value(id)),
            Some(token) if token.kind() != kind => {
                let error = ApiError::issue("MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE");
                Err(error.at(at).value(id))
            }
            Some(token) => Ok(Source {
                kind,
                card: token.card.clone(),
                vault_id: Some(id.to_owned()),
                save: None,
                saved_token: None,
                challenges: false,
            }),
        }
    }
}

/// Whether the request asks for 3-D Secure whatever the card. Without a method the vendor decides, as for
/// `SCA_WHEN_REQUIRED`: <https://developer.paypal.com/api/orders-v2/expanded/3d-secure>.
fn asks_for_authentication(card: &Value, at: &str) -> Result<bool, ApiError> {
    let attributes = object(card, "attributes");
    let Some(verification) = attributes.and_then(|all| object(all, "verification")) else {
        return Ok(false);
    };
    let methods = ["SCA_ALWAYS", "SCA_WHEN_REQUIRED", "3D_SECURE", "AVS_CVV"];
    let at = format!("{at}/attributes/verification");
    let method = one_of(verification, &at, "method", &methods)?;
    Ok(matches!(method, Some("SCA_ALWAYS" | "3D_SECURE")))
}

/// The request to save the source, from `attributes.vault` and `attributes.customer`.
fn save_request(source: &Value, at: &str) -> Result<Option<SaveRequest>, ApiError> {
    let Some(attributes) = object(source, "attributes") else {
        return Ok(None);
    };
    let Some(vault) = object(attributes, "vault") else {
        return Ok(None);
    };
    let vault_at = format!("{at}/attributes/vault");
    one_of(vault, &vault_at, "store_in_vault", &["ON_SUCCESS"])?;
    let attributes_at = format!("{at}/attributes");
    Ok(Some(save_request_customer(attributes, &attributes_at)?))
}

/// The `customer` object: the vendor's id of the customer, the merchant's own, or both.
pub(super) fn save_request_customer(value: &Value, at: &str) -> Result<SaveRequest, ApiError> {
    let Some(customer) = object(value, "customer") else {
        return Ok(SaveRequest::default());
    };
    let at = format!("{at}/customer");
    Ok(SaveRequest {
        customer: optional_text(customer, &at, "id", 22)?,
        merchant_customer: optional_text(customer, &at, "merchant_customer_id", 64)?,
    })
}

/// The return and cancel URLs, from the source's experience context or from the deprecated `application_context`.
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
