//! Scripted faults: for the next requests that match.

use http::Method;
use serde::{Deserialize, Serialize};

use super::kind::FaultKind;
use crate::vendors::name::Vendor;

/// A scripted fault: the next `times` requests that match get it. Faults are tried in the order in which they were injected.
///
/// ```
/// use anyvendor_sandbox::{Fault, FaultKind};
///
/// let fault = Fault::new(FaultKind::ActThenCut)
///     .method("POST")
///     .path("/v1/refunds/*")
///     .skip(1)
///     .times(2);
/// assert_eq!((fault.skip, fault.times), (1, 2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// Only requests to this vendor.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// Only requests with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path matches; `*` matches any characters.
    #[serde(default)]
    pub path: Option<String>,
    /// How many matching requests pass before the fault applies.
    #[serde(default)]
    pub skip: u32,
    /// How many requests get the fault.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault for the next request to any vendor.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            vendor: None,
            method: None,
            path: None,
            skip: 0,
            times: 1,
            kind,
        }
    }

    /// Applies only to requests to this vendor.
    #[must_use]
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        self.vendor = Some(vendor);
        self
    }

    /// Applies only to requests with this method, in capitals.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Applies only to requests whose path matches; `*` matches any characters.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Applies to this many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Applies after this many matching requests have passed.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Whether the fault applies to this request now; a match that it lets pass is counted.
    pub(super) fn applies_to(&mut self, vendor: Vendor, method: &Method, path: &str) -> bool {
        if self.times == 0 || !self.matches(vendor, method, path) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        true
    }

    fn matches(&self, vendor: Vendor, method: &Method, path: &str) -> bool {
        self.vendor.is_none_or(|v| v == vendor)
            && self.method.as_deref().is_none_or(|m| m == method.as_str())
            && self.path.as_deref().is_none_or(|p| glob(p, path))
    }
}

/// Whether `text` matches `pattern`, where `*` matches any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match text.find(piece) {
            Some(at) => text = text.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_characters() {
        for (pattern, text, holds) in [
            ("/v1/refunds", "/v1/refunds", true),
            ("/v1/refunds", "/v1/refunds/re_1", false),
            ("/v1/*", "/v1/refunds/re_1", true),
            (
                "/v1/payment_intents/*/confirm",
                "/v1/payment_intents/pi_1/confirm",
                true,
            ),
            (
                "/v1/payment_intents/*/confirm",
                "/v1/payment_intents/pi_1/capture",
                false,
            ),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(glob(pattern, text), holds, "{pattern} {text}");
        }
    }
}
