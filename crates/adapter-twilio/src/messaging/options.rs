//! Options that only Twilio has, for `TextMessage::with_extension`.

use anyvendor_core::{Error, extension, form::Form, values::PhoneNumber};
use http::Extensions;

use crate::config::VENDOR;

/// Options that only Twilio has. Add them to a message with [`TextMessage::with_extension`]. For options that are `None` or
/// `false` the account's settings apply.
///
/// [`TextMessage::with_extension`]: anyvendor_core::messaging::TextMessage::with_extension
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TwilioOptions {
    /// Whether characters that resemble GSM characters are replaced by those, so that fewer segments are charged.
    pub smart_encoded: Option<bool>,
    /// Whether links are shortened; needs a messaging service with a domain for it.
    pub shorten_urls: bool,
    /// Whether the message is sent as MMS even without a file.
    pub send_as_mms: bool,
    /// Whether the application will report if the recipient acted on the message.
    pub provide_feedback: bool,
    /// Whether the vendor checks for fraud by pumped traffic.
    pub risk_check: Option<bool>,
    /// How much of the text the vendor keeps.
    pub content_retention: Option<ContentRetention>,
    /// How much of the recipient's number the vendor keeps.
    pub address_retention: Option<AddressRetention>,
    /// The sender of an SMS if RCS does not reach the recipient; needs a messaging service with an RCS sender.
    pub fallback_from: Option<PhoneNumber>,
}

/// How much of a text the vendor keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentRetention {
    /// The whole text is kept.
    Retain,
    /// The text is not kept. Lookups do not show it, so it cannot help to resolve an unknown outcome.
    Discard,
}

/// How much of a recipient's number the vendor keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressRetention {
    /// The whole number is kept.
    Retain,
    /// The last digits are not kept.
    Obfuscate,
}

impl TwilioOptions {
    /// Sets whether characters that resemble GSM characters are replaced.
    #[must_use]
    pub fn with_smart_encoded(mut self, smart_encoded: bool) -> Self {
        self.smart_encoded = Some(smart_encoded);
        self
    }

    /// Shortens the links in the text.
    #[must_use]
    pub fn shortening_urls(mut self) -> Self {
        self.shorten_urls = true;
        self
    }

    /// Sends the message as MMS even without a file.
    #[must_use]
    pub fn as_mms(mut self) -> Self {
        self.send_as_mms = true;
        self
    }

    /// Announces that the application will report feedback.
    #[must_use]
    pub fn providing_feedback(mut self) -> Self {
        self.provide_feedback = true;
        self
    }

    /// Sets whether the vendor checks for pumped traffic.
    #[must_use]
    pub fn with_risk_check(mut self, risk_check: bool) -> Self {
        self.risk_check = Some(risk_check);
        self
    }

    /// Sets how much of the text the vendor keeps.
    #[must_use]
    pub fn with_content_retention(mut self, retention: ContentRetention) -> Self {
        self.content_retention = Some(retention);
        self
    }

    /// Sets how much of the recipient's number the vendor keeps.
    #[must_use]
    pub fn with_address_retention(mut self, retention: AddressRetention) -> Self {
        self.address_retention = Some(retention);
        self
    }

    /// Sets the sender of an SMS if RCS does not reach the recipient.
    #[must_use]
    pub fn with_fallback_from(mut self, from: PhoneNumber) -> Self {
        self.fallback_from = Some(from);
        self
    }

    /// The options of a message.
    pub(super) fn of(extensions: &Extensions) -> Result<Option<&Self>, Error> {
        extension::only(VENDOR, extensions)
    }

    /// Adds the options to a form.
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
