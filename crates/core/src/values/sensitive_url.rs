//! A URL that is itself a secret: its holder can use it.

use std::fmt;

use url::Url;

/// A URL whose query or path grants access, such as a presigned URL or a payer's approval page. Prints only its host.
///
/// # Examples
/// ```
/// use anyvendor_core::values::SensitiveUrl;
///
/// let page = SensitiveUrl::new("https://pay.example/approve?token=1".parse().unwrap());
/// assert_eq!(format!("{page:?}"), "SensitiveUrl(https://pay.example/REDACTED)");
/// assert_eq!(page.expose(), "https://pay.example/approve?token=1");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SensitiveUrl(Url);

impl SensitiveUrl {
    /// Wraps a URL that grants access.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    /// Returns the complete URL, to be given to its addressee and never to a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the complete URL in parsed form.
    #[must_use]
    pub fn expose_url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SensitiveUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SensitiveUrl({}://{}/REDACTED)",
            self.0.scheme(),
            self.0.host_str().unwrap_or("")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_host_alone() {
        let url = Url::parse("https://acme.example/pay/canary?token=canary").unwrap();
        let shown = format!("{:?}", SensitiveUrl::new(url));
        assert_eq!(shown, "SensitiveUrl(https://acme.example/REDACTED)");
    }
}
