//! The ids of one object at several vendors.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::VendorId;
use crate::error::Error;

/// The ids of one object, such as a payer, at one or several vendors: at most one each. The vendor that handles the
/// request uses its own id, so that a request can go to another vendor than the first. Empty if the object has no id
/// yet.
///
/// # Examples
/// ```
/// use anyvendor_core::values::{VendorId, VendorIds};
///
/// let payer = VendorIds::from(VendorId::new("acme", "cus_1")?).with(VendorId::new("other", "p-9")?);
/// assert_eq!(payer.at("other").map(VendorId::id), Some("p-9"));
/// assert!(payer.at("third").is_none());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorIds {
    /// Most objects have one id, which needs no list.
    first: Option<VendorId>,
    others: Vec<VendorId>,
}

impl VendorIds {
    /// Adds the id at one more vendor, replacing an earlier one there.
    #[must_use]
    pub fn with(mut self, id: VendorId) -> Self {
        let same = |other: &&mut VendorId| other.vendor() == id.vendor();
        let mut known = self.first.iter_mut().chain(&mut self.others);
        match known.find(same) {
            Some(other) => *other = id,
            None => match self.first {
                Some(_) => self.others.push(id),
                None => self.first = Some(id),
            },
        }
        self
    }

    /// Returns the id at this vendor.
    #[must_use]
    pub fn at(&self, vendor: &str) -> Option<&VendorId> {
        self.iter().find(|id| id.vendor() == vendor)
    }

    /// Whether there is no id at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Iterates over all ids, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &VendorId> {
        self.first.iter().chain(&self.others)
    }

    /// Returns the id in this vendor's own form, or `None` if there are no ids at all; an adapter checks this before
    /// it sends anything.
    ///
    /// # Errors
    /// `InvalidRequest` that names `field` and both vendors if there are only ids of others.
    pub fn expect_vendor(&self, vendor: &str, field: &'static str) -> Result<Option<&str>, Error> {
        let here = self.at(vendor).or(self.first.as_ref());
        here.map(|id| id.expect_vendor(vendor, field)).transpose()
    }
}

impl From<VendorId> for VendorIds {
    fn from(id: VendorId) -> Self {
        Self::from(Some(id))
    }
}

impl From<Option<VendorId>> for VendorIds {
    fn from(id: Option<VendorId>) -> Self {
        Self {
            first: id,
            others: Vec::new(),
        }
    }
}

impl FromIterator<VendorId> for VendorIds {
    fn from_iter<I: IntoIterator<Item = VendorId>>(ids: I) -> Self {
        ids.into_iter().fold(Self::default(), Self::with)
    }
}

/// Written as a list of ids, such as `["stripe:cus_1", "paypal:42"]`.
impl Serialize for VendorIds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for VendorIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<VendorId>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> VendorId {
        text.parse().unwrap()
    }

    #[test]
    fn each_vendor_takes_its_own() {
        let ids: VendorIds = [id("acme:1"), id("other:2"), id("acme:3")]
            .into_iter()
            .collect();
        assert_eq!(ids.expect_vendor("acme", "source").unwrap(), Some("3"));
        assert_eq!(ids.expect_vendor("other", "source").unwrap(), Some("2"));
        assert_eq!(ids.iter().count(), 2);
        let error = ids.expect_vendor("third", "source").unwrap_err();
        assert_eq!(error.field(), Some("source"));
    }

    #[test]
    fn n02_they_can_be_stored() {
        let ids: VendorIds = [id("acme:1"), id("other:2")].into_iter().collect();
        let stored = serde_json::to_string(&ids).unwrap();
        assert_eq!(stored, r#"["acme:1","other:2"]"#);
        assert_eq!(serde_json::from_str::<VendorIds>(&stored).unwrap(), ids);
        assert!(serde_json::from_str::<VendorIds>(r#"["acme"]"#).is_err());
    }

    #[test]
    fn no_id_is_no_error() {
        let none = VendorIds::from(None);
        assert!(none.is_empty());
        assert_eq!(none.expect_vendor("acme", "customer").unwrap(), None);
    }
}
