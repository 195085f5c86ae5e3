//! `payment_source` of an order: the payer's choice on PayPal's page, a saved wallet, or a saved card.

use anyvendor_core::{
    Error,
    payment::{FutureUse, PayerPresence, PaymentSource},
    values::VendorIds,
};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    customer::customer_of,
    id,
    options::{CardVerification, PayPalOptions, ShippingPreference},
};
use crate::{client::PayPal, config::VENDOR, wire::put};

/// The longest address of a page that PayPal accepts for cards.
const MAX_URL: usize = 4000;

/// What decides how the payer is asked: whether they are present, where they return to, and PayPal's own options.
#[derive(Clone, Copy)]
pub(super) struct Payer<'a> {
    pub(super) presence: PayerPresence,
    pub(super) return_url: Option<&'a Url>,
    pub(super) cancel_url: Option<&'a Url>,
    pub(super) options: Option<&'a PayPalOptions>,
}

/// The saved source that a request names: its kind and its token.
pub(super) fn saved_source(source: Option<&PaymentSource>) -> Result<Option<(&str, &str)>, Error> {
    match source {
        None | Some(PaymentSource::VendorPage) => Ok(None),
        Some(source) => {
            let id = source.expect_vendor(VENDOR, "source")?;
            id.map(id::source).transpose()
        }
    }
}

impl PayPal {
    /// A wallet whose payer chooses a source on PayPal's page; `save` keeps that source for the customer.
    pub(super) fn chosen_on_page(
        &self,
        payer: Payer<'_>,
        save: Option<(FutureUse, &VendorIds, Option<&str>)>,
    ) -> Result<Value, Error> {
        if payer.return_url.is_none() {
            let remedy = "is needed: the payer chooses on the vendor's page and has to return";
            return Err(Error::invalid("return_url", remedy));
        }
        refuse_verification(payer, "is only for a saved card")?;
        let context = self.page(payer)?.unwrap_or_default();
        let mut wallet = json!({ "experience_context": context });
        // PayPal does not ask what a saved source is for: it can be charged with or without its payer.
        if let Some((FutureUse::OnSession | FutureUse::OffSession, customer, reference)) = save {
            let mut attributes = json!({
                "vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}
            });
            if let Some(customer) = customer_of(customer, reference)? {
                put(&mut attributes, "customer", customer);
            }
            put(&mut wallet, "attributes", attributes);
        }
        Ok(json!({ "paypal": wallet }))
    }

    /// A saved source. A payer who is present may have to authenticate, so the request says where they return to.
    pub(super) fn saved(
        &self,
        (kind, token): (&str, &str),
        payer: Payer<'_>,
    ) -> Result<Value, Error> {
        let mut source = json!({ "vault_id": token });
        let context = match kind {
            "card" => {
                let (credential, verification) = card_terms(payer)?;
                put(&mut source, "stored_credential", credential);
                if let Some(method) = verification {
                    let attributes = json!({"verification": {"method": method}});
                    put(&mut source, "attributes", attributes);
                }
                return_page(payer, kind)?
            }
            "paypal" => {
                refuse_verification(payer, "is only for a saved card")?;
                self.page(payer)?
            }
            // Only an Apple Pay token is known to take a return page; any other kind acts in the payer's app.
            "apple_pay" => {
                refuse_verification(payer, "is only for a saved card")?;
                return_page(payer, kind)?
            }
            other => {
                refuse_verification(payer, "is only for a saved card")?;
                refuse_page(payer, other)?;
                None
            }
        };
        if let Some(context) = context {
            put(&mut source, "experience_context", context);
        }
        Ok(json!({ kind: source }))
    }

    /// The settings of PayPal's page: where it leads, and how it looks. `None` if the request says nothing about it.
    pub(super) fn page(&self, payer: Payer<'_>) -> Result<Option<Map<String, Value>>, Error> {
        let mut context = return_page_fields(payer)?;
        let shipping = payer
            .options
            .and_then(|options| options.shipping_preference);
        let locale = payer.options.and_then(|options| options.locale.as_deref());
        if context.is_empty() && shipping.is_none() && locale.is_none() {
            return Ok(None);
        }
        let shipping = match shipping.unwrap_or_default() {
            ShippingPreference::NoShipping => "NO_SHIPPING",
            ShippingPreference::GetFromFile => "GET_FROM_FILE",
        };
        let mut set = |name: &str, value: &str| context.insert(name.to_owned(), value.into());
        set("shipping_preference", shipping);
        set("user_action", "PAY_NOW");
        if let Some(brand_name) = &self.brand_name {
            set("brand_name", brand_name);
        }
        if let Some(locale) = locale {
            set("locale", locale);
        }
        Ok(Some(context))
    }
}

/// Who initiates a payment with a saved card, and whether its owner has to authenticate. Only cards need the initiator; a
/// wallet has it from when it was saved.
fn card_terms(payer: Payer<'_>) -> Result<(Value, Option<&'static str>), Error> {
    let (initiator, payment_type) = match payer.presence {
        PayerPresence::OnSession => ("CUSTOMER", "ONE_TIME"),
        PayerPresence::OffSession => ("MERCHANT", "UNSCHEDULED"),
    };
    let credential = json!({
        "payment_initiator": initiator, "payment_type": payment_type, "usage": "SUBSEQUENT"
    });
    if payer.presence == PayerPresence::OffSession {
        refuse_verification(payer, "needs a payer who is present")?;
        return Ok((credential, None));
    }
    let asked = payer.options.and_then(|options| options.card_verification);
    let method = match asked.unwrap_or_default() {
        CardVerification::WhenRequired => "SCA_WHEN_REQUIRED",
        CardVerification::Always => "SCA_ALWAYS",
    };
    Ok((credential, Some(method)))
}

/// A page of a bank: only where it leads can be set.
fn return_page(payer: Payer<'_>, kind: &str) -> Result<Option<Map<String, Value>>, Error> {
    refuse_look(payer, kind)?;
    let context = return_page_fields(payer)?;
    Ok((!context.is_empty()).then_some(context))
}

fn return_page_fields(payer: Payer<'_>) -> Result<Map<String, Value>, Error> {
    let mut context = Map::new();
    let Some(return_url) = payer.return_url else {
        return match payer.cancel_url {
            None => Ok(context),
            Some(_) => Err(Error::invalid("return_url", "is needed with a cancel URL")),
        };
    };
    let cancel_url = payer.cancel_url.unwrap_or(return_url);
    for (name, url) in [("return_url", return_url), ("cancel_url", cancel_url)] {
        if url.as_str().len() > MAX_URL {
            return Err(Error::invalid(name, "must have at most 4000 characters"));
        }
        context.insert(name.to_owned(), url.as_str().into());
    }
    Ok(context)
}

/// Rejects the settings of a page that PayPal does not show for this kind of source.
fn refuse_look(payer: Payer<'_>, kind: &str) -> Result<(), Error> {
    let Some(options) = payer.options else {
        return Ok(());
    };
    let shipping = options.shipping_preference == Some(ShippingPreference::GetFromFile);
    for (asked, field) in [
        (shipping, "shipping_preference"),
        (options.locale.is_some(), "locale"),
    ] {
        if asked {
            let what = format_args!("this setting of a page for a saved source of the kind {kind}");
            return Err(Error::unsupported(VENDOR, what).with_field(field));
        }
    }
    Ok(())
}

fn refuse_page(payer: Payer<'_>, kind: &str) -> Result<(), Error> {
    refuse_look(payer, kind)?;
    let urls = [
        (payer.return_url.is_some(), "return_url"),
        (payer.cancel_url.is_some(), "cancel_url"),
    ];
    match urls.iter().find(|(asked, _)| *asked) {
        None => Ok(()),
        Some((_, field)) => {
            let what = format_args!("a return page for a saved source of the kind {kind}");
            Err(Error::unsupported(VENDOR, what).with_field(field))
        }
    }
}

/// Rejects a wish for 3-D Secure where it cannot be expressed.
pub(super) fn refuse_verification(payer: Payer<'_>, remedy: &'static str) -> Result<(), Error> {
    match payer.options.and_then(|options| options.card_verification) {
        None => Ok(()),
        Some(_) => Err(Error::invalid("card_verification", remedy)),
    }
}
