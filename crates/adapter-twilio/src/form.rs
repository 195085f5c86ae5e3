//! Twilio's form bodies and queries: names repeat, values are encoded but for the unreserved characters.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A body, or a query, under construction.
#[derive(Default)]
pub(crate) struct Form(String);

impl Form {
    /// Adds a field; one of the same name stays beside it.
    pub(crate) fn add(mut self, name: &str, value: impl Display) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(utf8_percent_encode(name, RESERVED));
        self.0.push('=');
        self.0
            .extend(utf8_percent_encode(&value.to_string(), RESERVED));
        self
    }

    /// Adds a field if it is there.
    pub(crate) fn add_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.add(name, value),
            None => self,
        }
    }

    /// Adds a field as often as there are values.
    pub(crate) fn add_all(
        self,
        name: &str,
        values: impl IntoIterator<Item = impl Display>,
    ) -> Self {
        values
            .into_iter()
            .fold(self, |form, value| form.add(name, value))
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_repeat_and_the_rest_is_encoded() {
        let form = Form::default()
            .add("To", "whatsapp:+15550109999")
            .add_some("Body", Some("ü & (x) \n"))
            .add_some("From", None::<&str>)
            .add_all("MediaUrl", ["https://a.example/1?b=c", "2"])
            .add("DateSent>", "2026-01-01");
        assert_eq!(
            form.finish(),
            "To=whatsapp%3A%2B15550109999&Body=%C3%BC%20%26%20%28x%29%20%0A\
             &MediaUrl=https%3A%2F%2Fa.example%2F1%3Fb%3Dc&MediaUrl=2&DateSent%3E=2026-01-01"
        );
    }
}
