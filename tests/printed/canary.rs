//! A text that occurs nowhere else, in the forms that the values take.

use std::fmt::Debug;

use anyvendor::{
    Url,
    values::{EmailAddress, Metadata, PhoneNumber, Secret, SensitiveUrl},
};

/// A word and digits that nothing else prints.
pub(crate) struct Canary {
    pub(crate) word: String,
    /// Seven digits, for phone numbers.
    pub(crate) digits: String,
}

impl Canary {
    pub(crate) fn is_in(&self, shown: &str) -> bool {
        shown.to_lowercase().contains(&self.word) || shown.contains(&self.digits)
    }

    pub(crate) fn text(&self) -> String {
        self.word.clone()
    }

    pub(crate) fn secret(&self) -> Secret {
        Secret::new(self.text())
    }

    pub(crate) fn email(&self) -> EmailAddress {
        let word = &self.word;
        format!("{word} <{word}@example.com>").parse().unwrap()
    }

    pub(crate) fn phone(&self) -> PhoneNumber {
        PhoneNumber::new(format!("+1555{}", self.digits)).unwrap()
    }

    /// A URL that carries the canary where a token would be.
    pub(crate) fn url(&self) -> Url {
        self.url_text().parse().unwrap()
    }

    pub(crate) fn url_text(&self) -> String {
        let word = &self.word;
        format!("https://{word}:{word}@shop.example/{word}?token={word}#{word}")
    }

    pub(crate) fn sensitive_url(&self) -> SensitiveUrl {
        SensitiveUrl::new(self.url())
    }

    pub(crate) fn metadata(&self) -> Metadata {
        Metadata::new().with("note", self.text()).unwrap()
    }
}

/// What each type printed.
#[derive(Default)]
pub(crate) struct Prints(pub(crate) Vec<(&'static str, String)>);

impl Prints {
    pub(crate) fn add(&mut self, name: &'static str, value: &impl Debug) {
        self.0.push((name, format!("{value:?}\n{value:#?}")));
    }

    /// Of a value that is also displayed, such as an error.
    pub(crate) fn add_text(&mut self, name: &'static str, text: String) {
        self.0.push((name, text));
    }
}
