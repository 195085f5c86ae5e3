//! The fields of a delivery, in the order in which Twilio signs them: the order on the wire is the sender's choice.

use std::borrow::Cow;

use ::url::form_urlencoded;
use anyvendor_core::webhook::WebhookError;

/// The content type of most deliveries.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
/// The content type of deliveries whose URL contains the hash of the body.
pub(super) const JSON: &str = "application/json";
/// More fields than any documented delivery has: they are sorted before the sender is known. Our default, without a vendor
/// source.
const MAX_FIELDS: usize = 1_000;

/// Names and values, sorted and without equal pairs.
pub(super) struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// The fields of any text.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self::of(form_urlencoded::parse(text))
    }

    /// The fields of a body, if it is one that Twilio writes.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, WebhookError> {
        let form = Self::of(form_urlencoded::parse(body).take(MAX_FIELDS + 1));
        if form.0.len() > MAX_FIELDS {
            return Err(WebhookError::Malformed("the form has too many fields"));
        }
        if form.0.iter().any(|(name, _)| name.is_empty()) {
            return Err(WebhookError::Malformed("a field of the form has no name"));
        }
        Ok(form)
    }

    fn of(fields: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>) -> Self {
        let mut fields: Vec<_> = fields.collect();
        fields.sort_unstable();
        fields.dedup();
        Self(fields)
    }

    /// The value of a field; of several with this name, the first in the order of signing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.as_ref())
            .filter(|value| !value.is_empty())
    }

    /// Whether there is a field of this name, even an empty one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// The fields as they are signed: without anything between names and values.
    pub(super) fn joined(&self) -> String {
        self.parts().collect()
    }

    /// Each name and each value.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        let pairs = self.0.iter();
        pairs.flat_map(|(name, value)| [name.as_ref(), value.as_ref()])
    }
}
