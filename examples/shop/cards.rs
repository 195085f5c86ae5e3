//! What pays: a source that the payment page gave, or a test card by a name that means the same at every vendor.

use std::collections::BTreeMap;

use anyvendor::values::VendorId;

/// Test cards by vendor and name, from a TOML file with one table per vendor.
#[derive(Debug, Clone, Default)]
pub struct TestCards(BTreeMap<String, BTreeMap<String, String>>);

/// Why a card cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The file of test cards is no such file.
    #[error("the file of test cards cannot be read: {0}")]
    File(String),
    /// Neither a source nor a card that we know.
    #[error("card `{card}`: {vendor} has no test card of that name; known are {known}")]
    Unknown {
        /// What the order says.
        card: String,
        /// Who would have to know it.
        vendor: String,
        /// What there is.
        known: String,
    },
}

impl TestCards {
    /// Reads the file's text.
    ///
    /// # Errors
    /// When it is no TOML of tables of texts.
    pub fn from_toml(text: &str) -> Result<Self, CardError> {
        toml::from_str(text)
            .map(Self)
            .map_err(|error| CardError::File(error.message().to_owned()))
    }

    /// The source that an order's card means at this vendor.
    pub(crate) fn source(&self, card: &str, vendor: &str) -> Result<VendorId, CardError> {
        if let Ok(source) = card.parse() {
            return Ok(source);
        }
        let of_vendor = self.0.get(vendor);
        of_vendor
            .and_then(|cards| VendorId::new(vendor, cards.get(card)?).ok())
            .ok_or_else(|| CardError::Unknown {
                card: card.to_owned(),
                vendor: vendor.to_owned(),
                known: of_vendor
                    .map(|cards| cards.keys().cloned().collect::<Vec<_>>().join(", "))
                    .filter(|known| !known.is_empty())
                    .unwrap_or_else(|| "none".to_owned()),
            })
    }
}
