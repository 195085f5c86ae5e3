//! Cards: what a request must say of one, its brand, and the names that make the sandbox reject it.

use serde_json::{Map, Value, json};

use super::ask::{optional_text, required_text};
use super::refusal::Refusal;
use crate::clock;

/// The names that reject, and the processor's response code for each.
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

/// What is kept of a card: never its number.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) name: Option<String>,
    pub(super) last_digits: String,
    pub(super) brand: &'static str,
    pub(super) expiry: String,
    pub(super) billing_address: Option<Value>,
}

impl Card {
    pub(super) fn read(value: &Value, at: &str) -> Result<Self, Refusal> {
        let number = required_text(value, at, "number", 13, 19)?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            let refusal = Refusal::issue("INVALID_PARAMETER_SYNTAX");
            return Err(refusal.at(format!("{at}/number")));
        }
        let expiry = required_text(value, at, "expiry", 7, 7)?;
        let month = month_of(&expiry).ok_or_else(|| {
            Refusal::issue("INVALID_PARAMETER_SYNTAX")
                .at(format!("{at}/expiry"))
                .value(&expiry)
        })?;
        let now = clock::rfc3339(clock::unix_seconds());
        if now.get(..7).and_then(month_of).is_some_and(|m| month < m) {
            let refusal = Refusal::issue("CARD_EXPIRED");
            return Err(refusal.at(format!("{at}/expiry")));
        }
        optional_text(value, at, "security_code", 4)?;
        Ok(Self {
            name: optional_text(value, at, "name", 300)?,
            last_digits: number.chars().skip(number.len() - 4).collect(),
            brand: brand(&number),
            expiry,
            billing_address: value.get("billing_address").cloned(),
        })
    }

    /// The processor's answer to a payment with it: `0000` is an approval.
    pub(super) fn response_code(&self) -> &'static str {
        let name = self.name.as_deref().unwrap_or_default();
        TRIGGERS
            .iter()
            .find(|(trigger, _)| *trigger == name)
            .map_or("0000", |(_, code)| code)
    }

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

/// The address and CVV results are always these in the vendor's sandbox.
pub(super) fn processor_response(code: &str) -> Value {
    json!({"avs_code": "G", "cvv_code": "P", "response_code": code})
}

fn month_of(text: &str) -> Option<(u16, u8)> {
    let (year, month) = text.split_once('-')?;
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}

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
