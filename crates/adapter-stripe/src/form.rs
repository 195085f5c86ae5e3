//! Stripe's form bodies: nested names in brackets, which stay bare; everything else that is not unreserved is encoded.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const NAME: &AsciiSet = &VALUE.remove(b'[').remove(b']');

/// A body, or a query, under construction.
#[derive(Default)]
pub(crate) struct Form(String);

impl Form {
    /// Adds a field.
    pub(crate) fn add(mut self, name: &str, value: impl Display) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(utf8_percent_encode(name, NAME));
        self.0.push('=');
        self.0
            .extend(utf8_percent_encode(&value.to_string(), VALUE));
        self
    }

    /// Adds a field if it is there.
    pub(crate) fn add_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.add(name, value),
            None => self,
        }
    }

    /// Adds a field if it is called for.
    pub(crate) fn add_if(self, name: &str, value: impl Display, wanted: bool) -> Self {
        self.add_some(name, wanted.then_some(value))
    }

    /// Adds `map[key]=value` for each pair.
    pub(crate) fn add_map<'a>(
        self,
        map: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        pairs.into_iter().fold(self, |form, (key, value)| {
            form.add(&[map, "[", key, "]"].concat(), value)
        })
    }

    pub(crate) fn finish(self) -> String {
        self.0
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
}
