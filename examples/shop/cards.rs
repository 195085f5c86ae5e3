//! The source of a payment: an id from the payment page, or a test card by a name that means the same at every vendor.

use std::collections::BTreeMap;

use anyvendor::values::VendorId;
use serde::Deserialize;

/// Test cards by vendor and name, and what payers do on a vendor's page. Read from a TOML file.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TestCards {
    /// What a payer does on a vendor's page, by the name of their card.
    #[serde(default)]
    payers: BTreeMap<String, PayerAction>,
    /// One table per vendor.
    #[serde(flatten)]
    vendors: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a payer does on a vendor's page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayerAction {
    /// Approves the payment.
    Approve,
    /// Refuses the payment, or has not enough money.
    Refuse,
    /// Never opens the page.
    #[default]
    Leave,
}

/// Why a card cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The file of test cards is not valid.
    #[error("the file of test cards cannot be read: {0}")]
    File(String),
    /// The card is neither a source nor the name of a test card.
    #[error("card `{card}`: {vendor} has no test card of that name; known are {known}")]
    Unknown {
        /// The card that the order names.
        card: String,
        /// The vendor that should have it.
        vendor: String,
        /// The names that the vendor has.
        known: String,
    },
}

impl TestCards {
    /// Reads the file's text.
    ///
    /// # Errors
    /// If it is not TOML, or not tables of strings.
    pub fn from_toml(text: &str) -> Result<Self, CardError> {
        toml::from_str(text).map_err(|error| CardError::File(error.message().to_owned()))
    }

    /// The source of an order's card at this vendor, or `None` if the payer chooses one on the vendor's page.
    pub(crate) fn source(
        &self,
        card: &str,
        vendor: &str,
        on_vendor_page: bool,
    ) -> Result<Option<VendorId>, CardError> {
        if let Ok(source) = card.parse() {
            return Ok(Some(source));
        }
        let of_vendor = self.vendors.get(vendor);
        if of_vendor.is_none() && on_vendor_page && self.payers.contains_key(card) {
            return Ok(None);
        }
        let source = of_vendor.and_then(|cards| VendorId::new(vendor, cards.get(card)?).ok());
        source.map(Some).ok_or_else(|| CardError::Unknown {
            card: card.to_owned(),
            vendor: vendor.to_owned(),
            known: of_vendor
                .map(|cards| cards.keys().cloned().collect::<Vec<_>>().join(", "))
                .filter(|known| !known.is_empty())
                .unwrap_or_else(|| "none".to_owned()),
        })
    }

    /// What the payer with this card does on a vendor's page.
    pub(crate) fn payer_action(&self, card: &str) -> PayerAction {
        self.payers.get(card).copied().unwrap_or_default()
    }
}
