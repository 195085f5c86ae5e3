//! Form bodies and query strings: names may repeat or nest in brackets, which are kept; all other reserved characters
//! are encoded.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const NAME: &AsciiSet = &VALUE.remove(b'[').remove(b']');

/// A form body or a query string under construction. `Debug` does not print it, since it may contain what people
/// typed.
///
/// # Examples
/// ```
/// use anyvendor_core::form::Form;
///
/// let form = Form::default()
///     .add("amount", 1_000)
///     .add_some("description", None::<&str>)
///     .add_map("metadata", [("order", "a/1")]);
/// assert_eq!(form.finish(), "amount=1000&metadata[order]=a%2F1");
/// ```
#[derive(Default)]
pub struct Form(String);

impl Form {
    /// Adds a field; fields of the same name are all kept.
    #[must_use]
    pub fn add(mut self, name: &str, value: impl Display) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(utf8_percent_encode(name, NAME));
        self.0.push('=');
        let value = value.to_string();
        self.0.extend(utf8_percent_encode(&value, VALUE));
        self
    }

    /// Adds a field if there is a value.
    #[must_use]
    pub fn add_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.add(name, value),
            None => self,
        }
    }

    /// Adds a field if `wanted` is true.
    #[must_use]
    pub fn add_if(self, name: &str, value: impl Display, wanted: bool) -> Self {
        self.add_some(name, wanted.then_some(value))
    }

    /// Adds a field once per value.
    #[must_use]
    pub fn add_all(self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        let values = values.into_iter();
        values.fold(self, |form, value| form.add(name, value))
    }

    /// Adds `map[key]=value` for each pair.
    #[must_use]
    pub fn add_map<'a>(
        self,
        map: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        pairs.into_iter().fold(self, |form, (key, value)| {
            form.add(&[map, "[", key, "]"].concat(), value)
        })
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds fields that are already encoded, such as those of a query that is sent again for the next page.
    #[must_use]
    pub fn add_encoded(mut self, fields: &str) -> Self {
        if !self.0.is_empty() && !fields.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(fields);
        self
    }

    /// Returns the encoded text.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_stay_and_the_rest_is_encoded() {
        let form = Form::default()
            .add("amount", 1_000)
            .add("automatic_payment_methods[enabled]", true)
            .add_map("metadata", [("a b", "ü & (x)! '*'")])
            .add_some("description", None::<&str>)
            .add("expand[0]", "latest_charge");
        assert_eq!(
            form.finish(),
            "amount=1000&automatic_payment_methods[enabled]=true\
             &metadata[a%20b]=%C3%BC%20%26%20%28x%29%21%20%27%2A%27&expand[0]=latest_charge"
        );
    }

    #[test]
    fn names_repeat() {
        let form = Form::default()
            .add("To", "whatsapp:+15550109999")
            .add_some("Body", Some("ü & (x) \n"))
            .add_if("From", "x", false)
            .add_all("MediaUrl", ["https://a.example/1?b=c", "2"])
            .add("DateSent>", "2026-01-01");
        assert_eq!(format!("{form:?}"), "Form(141 bytes)");
        assert_eq!(
            form.finish(),
            "To=whatsapp%3A%2B15550109999&Body=%C3%BC%20%26%20%28x%29%20%0A\
             &MediaUrl=https%3A%2F%2Fa.example%2F1%3Fb%3Dc&MediaUrl=2&DateSent%3E=2026-01-01"
        );
    }
}
