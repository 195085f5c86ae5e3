//! Options that only PayPal has, for `CreatePayment::with_extension`.

/// Whether the payer's page asks for a shipping address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShippingPreference {
    /// Nothing is shipped, so the page does not ask for an address.
    #[default]
    NoShipping,
    /// The payer chooses one of their addresses.
    GetFromFile,
}

/// Options that only PayPal has. Add them to a [`CreatePayment`](anyvendor_core::payment::CreatePayment) with
/// `with_extension`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayPalOptions {
    /// Whether the payer's page asks for a shipping address.
    pub shipping_preference: ShippingPreference,
    /// The language of the payer's page, such as `de-DE`.
    pub locale: Option<String>,
    /// The id of the integration's partner (`PayPal-Partner-Attribution-Id`), up to 36 characters.
    pub partner_attribution_id: Option<String>,
    /// The id of the session that PayPal's fraud checks observed (`PayPal-Client-Metadata-Id`), up to 36 characters.
    pub client_metadata_id: Option<String>,
    /// The issue that PayPal's sandbox returns (`PayPal-Mock-Response`); rejected in the live environment.
    pub mock_issue: Option<String>,
}

anyvendor_core::debug_only!(PayPalOptions {
    shipping_preference
});

impl PayPalOptions {
    /// Options with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the payer's page asks for a shipping address.
    #[must_use]
    pub fn with_shipping_preference(mut self, preference: ShippingPreference) -> Self {
        self.shipping_preference = preference;
        self
    }

    /// Sets the language of the payer's page.
    #[must_use]
    pub fn with_locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets the id of the integration's partner.
    #[must_use]
    pub fn with_partner_attribution_id(mut self, id: impl Into<String>) -> Self {
        self.partner_attribution_id = Some(id.into());
        self
    }

    /// Sets the id of the session that the fraud checks observed.
    #[must_use]
    pub fn with_client_metadata_id(mut self, id: impl Into<String>) -> Self {
        self.client_metadata_id = Some(id.into());
        self
    }

    /// Makes PayPal's sandbox return this issue.
    #[must_use]
    pub fn with_mock_issue(mut self, issue: impl Into<String>) -> Self {
        self.mock_issue = Some(issue.into());
        self
    }
}
