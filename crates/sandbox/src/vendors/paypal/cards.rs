//! Cards: the fields of a request, the brand, and the cardholder names that make the vendor's sandbox reject a payment.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::fields::{optional_text, required_text};
use crate::clock;

/// The cardholder names that make a payment fail, each with the processor's response code:
/// <https://developer.paypal.com/tools/sandbox/negative-testing/>.
const TRIGGERS: [(&str, &str); 9] = [
    ("CCREJECT-REFUSED", "0500"),
    ("CCREJECT-SF", "9500"),
    ("CCREJECT-EC", "5400"),
    ("CCREJECT-IRC", "5180"),
    ("CCREJECT-IF", "5120"),
    ("CCREJECT-LS", "9520"),
    ("CCREJECT-IA", "1330"),
    ("CCREJECT-BANK_ERROR", "5100"),
    ("CCREJECT-CVV_F", "00N7"),
];

/// The numbers of the vendor's test cards whose owner has to authenticate with 3-D Secure:
/// <https://developer.paypal.com/docs/business/checkout/3d-secure/3d-secure-test/>.
const CHALLENGES: [&str; 2] = ["4868719460707704", "5329879786234393"];

/// The details of a card that are stored; its number is not.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) name: Option<String>,
    pub(super) last_digits: String,
    pub(super) brand: &'static str,
    pub(super) expiry: String,
    pub(super) billing_address: Option<Value>,
    /// Whether its owner has to authenticate where strong authentication is required.
    pub(super) challenges: bool,
}

impl Card {
    /// Reads a card from a request; `at` is its JSON pointer.
    pub(super) fn read(value: &Value, at: &str) -> Result<Self, ApiError> {
        let number = required_text(value, at, "number", 13, 19)?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            let error = ApiError::issue("INVALID_PARAMETER_SYNTAX");
            return Err(error.at(format!("{at}/number")));
        }
        let expiry = required_text(value, at, "expiry", 7, 7)?;
        let month = month_of(&expiry).ok_or_else(|| {
            ApiError::issue("INVALID_PARAMETER_SYNTAX")
                .at(format!("{at}/expiry"))
                .value(&expiry)
        })?;
        let now = clock::rfc3339(clock::unix_seconds());
        if now.get(..7).and_then(month_of).is_some_and(|m| month < m) {
            let error = ApiError::issue("CARD_EXPIRED");
            return Err(error.at(format!("{at}/expiry")));
        }
        optional_text(value, at, "security_code", 4)?;
        Ok(Self {
            name: optional_text(value, at, "name", 300)?,
            last_digits: number.chars().skip(number.len() - 4).collect(),
            challenges: CHALLENGES.contains(&number.as_str()),
            brand: brand(&number),
            expiry,
            billing_address: value.get("billing_address").cloned(),
        })
    }

    /// The processor's response code to a payment with this card; `0000` is an approval.
    pub(super) fn response_code(&self) -> &'static str {
        let name = self.name.as_deref().unwrap_or_default();
        TRIGGERS
            .iter()
            .find(|(trigger, _)| *trigger == name)
            .map_or("0000", |(_, code)| code)
    }

    /// The card as responses show it.
    pub(super) fn json(&self) -> Map<String, Value> {
        let mut card = Map::new();
        if let Some(name) = &self.name {
            card.insert("name".to_owned(), name.as_str().into());
        }
        card.insert("last_digits".to_owned(), self.last_digits.as_str().into());
        card.insert("expiry".to_owned(), self.expiry.as_str().into());
        card.insert("brand".to_owned(), self.brand.into());
        card.insert("type".to_owned(), "CREDIT".into());
        if let Some(address) = &self.billing_address {
            card.insert("billing_address".to_owned(), address.clone());
        }
        card
    }
}

/// The processor's response. In the vendor's sandbox the results of the address and CVV checks are always these.
pub(super) fn processor_response(code: &str) -> Value {
    json!({"avs_code": "G", "cvv_code": "P", "response_code": code})
}

/// Reads a month written as `YYYY-MM`.
fn month_of(text: &str) -> Option<(u16, u8)> {
    let (year, month) = text.split_once('-')?;
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}

/// The card brand that a number's first two digits belong to.
fn brand(number: &str) -> &'static str {
    let head: u32 = number
        .get(..2)
        .and_then(|two| two.parse().ok())
        .unwrap_or(0);
    match head {
        40..=49 => "VISA",
        34 | 37 => "AMEX",
        22..=27 | 51..=55 => "MASTERCARD",
        50 | 56..=58 | 63 | 67 => "MAESTRO",
        60 | 64 | 65 => "DISCOVER",
        35 => "JCB",
        _ => "UNKNOWN",
    }
}
