//! The id of an object at a vendor, which includes the vendor's name.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    ValueError,
    text::{control_problem, serde_as_text},
};
use crate::error::Error;

const FIELD: &str = "vendor id";
const MAX_ID_CHARS: usize = 512;
/// How many vendors' names are kept for errors, for the life of the process.
const MAX_NAMES: usize = 64;

/// The id of an object at a vendor, together with that vendor's name, so that it stays valid after a switch of
/// vendors.
///
/// Prints as `acme:pi_1` and parses that form. The vendor is a lower case word of at most 32 characters,
/// `[a-z][a-z0-9_-]*`; the id is 1 to 512 characters without control characters, in the vendor's own form, and may
/// contain colons. Cheap to clone.
///
/// # Examples
/// ```
/// use anyvendor_core::values::VendorId;
///
/// let id = VendorId::new("acme", "pay_1")?;
/// assert_eq!((id.vendor(), id.id()), ("acme", "pay_1"));
/// // An application stores it as text.
/// assert_eq!(id.to_string(), "acme:pay_1");
/// assert_eq!("acme:pay_1".parse::<VendorId>()?, id);
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorId {
    /// The printed form: one text, shared by all clones.
    text: Arc<str>,
    /// The length of the vendor's name.
    colon: u8,
}

impl VendorId {
    /// Creates the id that `vendor` gave.
    ///
    /// # Errors
    /// The vendor's name or the id is not of the form above.
    pub fn new(vendor: impl AsRef<str>, id: impl AsRef<str>) -> Result<Self, ValueError> {
        let (vendor, id) = (vendor.as_ref(), id.as_ref());
        let colon = u8::try_from(vendor.len());
        let (true, Ok(colon)) = (is_vendor_name(vendor), colon) else {
            let problem = format!(
                "has no valid vendor name before the colon ({} characters)",
                vendor.chars().count()
            );
            let remedy = "use 1 to 32 of a-z, 0-9, _ and -, a letter first, such as acme:pi_1";
            return Err(ValueError::new(FIELD, problem, remedy));
        };
        let count = id.chars().count();
        if !(1..=MAX_ID_CHARS).contains(&count) {
            let problem = format!("has {count} characters after the colon");
            return Err(ValueError::new(
                FIELD,
                problem,
                "use the id that the vendor gave, 1 to 512 characters",
            ));
        }
        if let Some(problem) = control_problem(id) {
            return Err(ValueError::new(
                FIELD,
                problem,
                "use the id that the vendor gave",
            ));
        }
        let text = [vendor, ":", id].concat().into();
        Ok(Self { text, colon })
    }

    /// The vendor's name, such as `acme`.
    #[must_use]
    pub fn vendor(&self) -> &str {
        self.text.get(..self.colon.into()).unwrap_or_default()
    }

    /// The vendor's name in the form of [`Error::vendor`]; `None` if the process has met too many names already.
    pub(crate) fn vendor_name(&self) -> Option<&'static str> {
        static KNOWN: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.vendor();
        if let Some(found) = known.iter().find(|found| **found == name) {
            return Some(found);
        }
        (known.len() < MAX_NAMES).then(|| {
            let kept: &'static str = Box::leak(name.into());
            known.push(kept);
            kept
        })
    }

    /// The id in the vendor's own form.
    #[must_use]
    pub fn id(&self) -> &str {
        let begin = usize::from(self.colon) + 1;
        self.text.get(begin..).unwrap_or_default()
    }

    /// Returns the id in the vendor's own form, if it belongs to this vendor; an adapter checks this before it sends
    /// anything.
    ///
    /// # Errors
    /// `InvalidRequest` that names `field` and both vendors if the id belongs to another one.
    pub fn expect_vendor(&self, vendor: &str, field: &'static str) -> Result<&str, Error> {
        if self.vendor() == vendor {
            return Ok(self.id());
        }
        let other = self.vendor();
        Err(Error::invalid(
            field,
            format_args!("is an id of {other}, not of {vendor}; send it to {other}"),
        ))
    }
}

fn is_vendor_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

impl fmt::Debug for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VendorId({})", self.text)
    }
}

impl fmt::Display for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for VendorId {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text.split_once(':') {
            Some((vendor, id)) => Self::new(vendor, id),
            None => Err(ValueError::new(
                FIELD,
                "has no colon",
                "write vendor and id like acme:pi_1",
            )),
        }
    }
}

serde_as_text!(VendorId, "a vendor id", "^[a-z][a-z0-9_-]{0,31}:.{1,512}$", this => this.text);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{error::Kind, values::text::adversarial};

    proptest! {
        #[test]
        fn printed_parses_back(vendor in "[a-z][a-z0-9_-]{0,31}", id in "[^\\pC\u{2028}\u{2029}]{1,512}") {
            let id = VendorId::new(vendor, id)?;
            prop_assert_eq!(id.to_string().parse::<VendorId>()?, id.clone());
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<VendorId>(&json).unwrap(), id);
        }

        #[test]
        fn accepted_prints_as_it_was(text in prop_oneof![adversarial::text(), "[a-z:]{0,8}"]) {
            if let Ok(id) = text.parse::<VendorId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn splits_at_the_first_colon() {
        let id: VendorId = "acme:a:b".parse().unwrap();
        assert_eq!((id.vendor(), id.id()), ("acme", "a:b"));
    }

    #[test]
    fn bad_forms_are_refused() {
        for text in [
            "",
            "acme",
            ":x",
            "acme:",
            "Acme:x",
            "1acme:x",
            "ac me:x",
            "é:x",
            "acme:a\nb",
            "-a:x",
        ] {
            assert!(text.parse::<VendorId>().is_err(), "{text:?}");
        }
        assert!(VendorId::new("a".repeat(33), "x").is_err());
        assert!(VendorId::new("acme", "x".repeat(513)).is_err());
    }

    #[test]
    fn id_of_another_vendor_is_refused() {
        let id = VendorId::new("acme", "pi_1").unwrap();
        assert_eq!(id.expect_vendor("acme", "payment").unwrap(), "pi_1");
        let error = id.expect_vendor("other", "payment").unwrap_err();
        assert_eq!(error.kind(), &Kind::InvalidRequest);
        assert_eq!(error.field(), Some("payment"));
        assert_eq!(
            error.message(),
            "payment: is an id of acme, not of other; send it to acme"
        );
    }
}
