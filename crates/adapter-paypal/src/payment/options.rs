//! Options that only PayPal has, for `with_extension` of the requests.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use anyvendor_core::Error;

use crate::config::Environment;

/// The most characters of the ids in headers.
const MAX_HEADER: usize = 36;
/// The most characters of a note to the payer.
const MAX_NOTE: usize = 255;
/// The most characters of a custom id, an invoice id or a description.
pub(super) const MAX_ID: usize = 127;
/// The most characters of the text on the payer's statement; PayPal cuts a longer one.
pub(super) const MAX_DESCRIPTOR: usize = 22;

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

/// When the owner of a saved card has to authenticate with 3-D Secure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardVerification {
    /// Where the law asks for it, such as PSD2 in Europe.
    #[default]
    WhenRequired,
    /// For every payment.
    Always,
}

/// Options that only PayPal has. Add them to a [`CreatePayment`](anyvendor_core::payment::CreatePayment) or a
/// [`ConfirmPayment`](anyvendor_core::payment::ConfirmPayment) with `with_extension`. An option that the source of the
/// payment cannot express is rejected.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayPalOptions {
    /// Whether the payer's page asks for a shipping address; by default it does not.
    pub shipping_preference: Option<ShippingPreference>,
    /// The language of the payer's page, such as `de-DE`.
    pub locale: Option<String>,
    /// When the owner of a saved card has to authenticate; by default where the law asks for it.
    pub card_verification: Option<CardVerification>,
    /// The id of the integration's partner (`PayPal-Partner-Attribution-Id`), up to 36 characters.
    pub partner_attribution_id: Option<String>,
    /// The id of the session that PayPal's fraud checks observed (`PayPal-Client-Metadata-Id`), up to 36 characters.
    pub client_metadata_id: Option<String>,
    /// The issue that PayPal's sandbox returns (`PayPal-Mock-Response`); rejected in the live environment.
    pub mock_issue: Option<String>,
}

anyvendor_core::debug_only!(PayPalOptions {
    shipping_preference,
    card_verification
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
        self.shipping_preference = Some(preference);
        self
    }

    /// Sets the language of the payer's page.
    #[must_use]
    pub fn with_locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets when the owner of a saved card has to authenticate.
    #[must_use]
    pub fn with_card_verification(mut self, verification: CardVerification) -> Self {
        self.card_verification = Some(verification);
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

    /// The options that are sent as headers.
    pub(super) fn headers(&self, environment: Environment) -> Result<HeaderMap, Error> {
        if self.mock_issue.is_some() && environment.is_live() {
            let remedy = "is only for PayPal's sandbox";
            return Err(Error::invalid("mock_issue", remedy));
        }
        let mock = self.mock_issue.as_ref();
        let mock = mock.map(|issue| json!({"mock_application_codes": issue}).to_string());
        let mut headers = HeaderMap::new();
        for (name, field, text) in [
            (
                "paypal-partner-attribution-id",
                "partner_attribution_id",
                self.partner_attribution_id.as_deref(),
            ),
            (
                "paypal-client-metadata-id",
                "client_metadata_id",
                self.client_metadata_id.as_deref(),
            ),
            ("paypal-mock-response", "mock_issue", mock.as_deref()),
        ] {
            let Some(text) = text else { continue };
            let value = HeaderValue::from_str(text);
            let value = value.map_err(|_| Error::invalid(field, "must be visible ASCII"))?;
            if field != "mock_issue" && text.len() > MAX_HEADER {
                return Err(Error::invalid(field, "must have at most 36 characters"));
            }
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }
}

/// Options of a capture that only PayPal has. Add them to a
/// [`CapturePayment`](anyvendor_core::payment::CapturePayment) with `with_extension`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayPalCaptureOptions {
    /// The invoice id of this capture, up to 127 characters; by default that of the payment.
    pub invoice_id: Option<String>,
    /// A note that the payer reads, up to 255 characters.
    pub note_to_payer: Option<String>,
    /// The text on the payer's statement for this capture, up to 22 characters.
    pub soft_descriptor: Option<String>,
    /// Whether an authorization that is older than the honor period of three days is reauthorized first, so that PayPal
    /// guarantees its money again. If PayPal refuses that, the authorization is captured as it is.
    pub reauthorize: bool,
}

anyvendor_core::debug_only!(PayPalCaptureOptions { reauthorize });

impl PayPalCaptureOptions {
    /// Options with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the invoice id of this capture.
    #[must_use]
    pub fn with_invoice_id(mut self, id: impl Into<String>) -> Self {
        self.invoice_id = Some(id.into());
        self
    }

    /// Sets the note that the payer reads.
    #[must_use]
    pub fn with_note_to_payer(mut self, note: impl Into<String>) -> Self {
        self.note_to_payer = Some(note.into());
        self
    }

    /// Sets the text on the payer's statement.
    #[must_use]
    pub fn with_soft_descriptor(mut self, text: impl Into<String>) -> Self {
        self.soft_descriptor = Some(text.into());
        self
    }

    /// Reauthorizes an authorization that is older than the honor period before it is captured.
    #[must_use]
    pub fn with_reauthorize(mut self, reauthorize: bool) -> Self {
        self.reauthorize = reauthorize;
        self
    }

    /// The options that are sent as fields, each with its name.
    pub(super) fn fields(&self) -> Result<Vec<(&'static str, &str)>, Error> {
        texts([
            ("invoice_id", &self.invoice_id, MAX_ID),
            ("note_to_payer", &self.note_to_payer, MAX_NOTE),
            ("soft_descriptor", &self.soft_descriptor, MAX_DESCRIPTOR),
        ])
    }
}

/// Options of a refund that only PayPal has. Add them to a
/// [`RefundPayment`](anyvendor_core::payment::RefundPayment) with `with_extension`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayPalRefundOptions {
    /// The invoice id of this refund, up to 127 characters.
    pub invoice_id: Option<String>,
    /// A note that the payer reads, up to 255 characters.
    pub note_to_payer: Option<String>,
}

anyvendor_core::debug_only!(PayPalRefundOptions {});

impl PayPalRefundOptions {
    /// Options with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the invoice id of this refund.
    #[must_use]
    pub fn with_invoice_id(mut self, id: impl Into<String>) -> Self {
        self.invoice_id = Some(id.into());
        self
    }

    /// Sets the note that the payer reads.
    #[must_use]
    pub fn with_note_to_payer(mut self, note: impl Into<String>) -> Self {
        self.note_to_payer = Some(note.into());
        self
    }

    /// The options that are sent as fields, each with its name.
    pub(super) fn fields(&self) -> Result<Vec<(&'static str, &str)>, Error> {
        texts([
            ("invoice_id", &self.invoice_id, MAX_ID),
            ("note_to_payer", &self.note_to_payer, MAX_NOTE),
        ])
    }
}

/// The texts that are set, of which each has its limit.
fn texts<'a, const N: usize>(
    all: [(&'static str, &'a Option<String>, usize); N],
) -> Result<Vec<(&'static str, &'a str)>, Error> {
    let mut set = Vec::new();
    for (field, text, most) in all {
        let Some(text) = text else { continue };
        check_chars(field, text, most)?;
        set.push((field, text.as_str()));
    }
    Ok(set)
}

/// Checks a text that PayPal would reject or cut.
pub(super) fn check_chars(field: &'static str, text: &str, most: usize) -> Result<(), Error> {
    if (1..=most).contains(&text.chars().count()) {
        return Ok(());
    }
    let remedy = format_args!("must have 1 to {most} characters");
    Err(Error::invalid(field, remedy))
}
