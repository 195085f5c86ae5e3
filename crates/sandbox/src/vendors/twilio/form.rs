//! The fields of a form or a query in their order; a name may occur several times.

/// The fields of a form.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The value, which may be empty.
    pub(super) fn present(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value; an empty one counts as missing, as it does at Twilio.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.present(name).filter(|value| !value.is_empty())
    }

    /// All values of a repeated name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let same = self.0.iter().filter(|(n, _)| n == name);
        same.map(|(_, value)| value.clone()).collect()
    }
}
