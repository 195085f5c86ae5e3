//! What only Twilio knows, for `TextMessage::with_extension`.

use anyvendor_core::{Error, form::Form, values::PhoneNumber};
use http::Extensions;

use crate::client::VENDOR;

/// What only Twilio knows of a message; goes into [`TextMessage::with_extension`]. What is `None` or `false` is left to
/// the account's settings.
///
/// [`TextMessage::with_extension`]: anyvendor_core::messaging::TextMessage::with_extension
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TwilioOptions {
    /// Whether look-alikes of GSM characters are replaced by those, so that fewer segments are charged.
    pub smart_encoded: Option<bool>,
    /// Makes links short; needs a messaging service with a domain for it.
    pub shorten_urls: bool,
    /// Sends as MMS although there is no file.
    pub send_as_mms: bool,
    /// Announces that the application will say whether the recipient acted on the message.
    pub provide_feedback: bool,
    /// Whether the vendor looks for fraud by pumped traffic.
    pub risk_check: Option<bool>,
    /// What the vendor keeps of the text.
    pub content_retention: Option<ContentRetention>,
    /// What the vendor keeps of the recipient's number.
    pub address_retention: Option<AddressRetention>,
    /// Who sends an SMS where RCS does not reach; needs a messaging service with an RCS sender.
    pub fallback_from: Option<PhoneNumber>,
}

/// What the vendor keeps of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentRetention {
    /// All of it.
    Retain,
    /// Nothing: it is not shown by lookups, so that an unknown outcome cannot be settled by it.
    Discard,
}

/// What the vendor keeps of a recipient's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressRetention {
    /// All of it.
    Retain,
    /// Not its last digits.
    Obfuscate,
}

impl TwilioOptions {
    /// Sets whether look-alikes of GSM characters are replaced.
    #[must_use]
    pub fn with_smart_encoded(mut self, smart_encoded: bool) -> Self {
        self.smart_encoded = Some(smart_encoded);
        self
    }

    /// Makes links short.
    #[must_use]
    pub fn shortening_urls(mut self) -> Self {
        self.shorten_urls = true;
        self
    }

    /// Sends as MMS although there is no file.
    #[must_use]
    pub fn as_mms(mut self) -> Self {
        self.send_as_mms = true;
        self
    }

    /// Announces feedback.
    #[must_use]
    pub fn providing_feedback(mut self) -> Self {
        self.provide_feedback = true;
        self
    }

    /// Sets whether the vendor looks for pumped traffic.
    #[must_use]
    pub fn with_risk_check(mut self, risk_check: bool) -> Self {
        self.risk_check = Some(risk_check);
        self
    }

    /// Sets what the vendor keeps of the text.
    #[must_use]
    pub fn with_content_retention(mut self, retention: ContentRetention) -> Self {
        self.content_retention = Some(retention);
        self
    }

    /// Sets what the vendor keeps of the recipient's number.
    #[must_use]
    pub fn with_address_retention(mut self, retention: AddressRetention) -> Self {
        self.address_retention = Some(retention);
        self
    }

    /// Sets who sends an SMS where RCS does not reach.
    #[must_use]
    pub fn with_fallback_from(mut self, from: PhoneNumber) -> Self {
        self.fallback_from = Some(from);
        self
    }

    /// The options of a message.
    pub(super) fn of(extensions: &Extensions) -> Result<Option<&Self>, Error> {
        let options = extensions.get::<Self>();
        match extensions.len() > usize::from(options.is_some()) {
            true => Err(Error::unsupported(VENDOR, "an extension of another vendor")),
            false => Ok(options),
        }
    }

    pub(super) fn fill(&self, form: Form) -> Form {
        let switch = |on: bool| on.then_some(true);
        form.add_some("SmartEncoded", self.smart_encoded)
            .add_some("ShortenUrls", switch(self.shorten_urls))
            .add_some("SendAsMms", switch(self.send_as_mms))
            .add_some("ProvideFeedback", switch(self.provide_feedback))
            .add_some(
                "RiskCheck",
                self.risk_check
                    .map(|on| if on { "enable" } else { "disable" }),
            )
            .add_some(
                "ContentRetention",
                self.content_retention.map(|retention| match retention {
                    ContentRetention::Retain => "retain",
                    ContentRetention::Discard => "discard",
                }),
            )
            .add_some(
                "AddressRetention",
                self.address_retention.map(|retention| match retention {
                    AddressRetention::Retain => "retain",
                    AddressRetention::Obfuscate => "obfuscate",
                }),
            )
            .add_some(
                "FallbackFrom",
                self.fallback_from.as_ref().map(PhoneNumber::as_str),
            )
    }
}
