//! An address that is itself a secret: whoever holds it may act.

use std::fmt;

use url::Url;

/// A URL whose query or path grants access, such as a presigned link or a payer's approval page. Prints its host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct SensitiveUrl(Url);

impl SensitiveUrl {
    /// Wraps a URL.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    /// The whole address, to be handed to whom it is meant for and to no log.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// The whole address, parsed.
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
