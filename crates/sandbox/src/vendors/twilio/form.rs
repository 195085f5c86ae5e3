//! The fields of a form or a query, in order; a name may come several times.

/// Form fields as they came.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The value, also when it is empty.
    pub(super) fn present(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value; an empty one counts as missing, as at the vendor.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.present(name).filter(|value| !value.is_empty())
    }

    /// Every value of a repeated name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let same = self.0.iter().filter(|(n, _)| n == name);
        same.map(|(_, value)| value.clone()).collect()
    }
}
