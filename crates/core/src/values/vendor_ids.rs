//! What one thing is called at several vendors.

use super::VendorId;
use crate::Error;

/// The ids of one thing, such as a payer, at one or several vendors: at most one each. Whichever vendor answers takes its
/// own, so that a request can go to another vendor than the first. Empty where the thing has no id yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorIds {
    /// Most things have one id, which needs no list.
    first: Option<VendorId>,
    others: Vec<VendorId>,
}

impl VendorIds {
    /// Adds the id at one more vendor, in place of an earlier one there.
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

    /// The id at this vendor.
    #[must_use]
    pub fn at(&self, vendor: &str) -> Option<&VendorId> {
        self.iter().find(|id| id.vendor() == vendor)
    }

    /// Whether there is no id at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// All of them, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &VendorId> {
        self.first.iter().chain(&self.others)
    }

    /// The id in this vendor's own form, or none where there is none at all; an adapter asks so before it sends anything.
    ///
    /// # Errors
    /// `InvalidRequest` that names `field` and both vendors if there are ids of others only.
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
    fn no_id_is_no_error() {
        let none = VendorIds::from(None);
        assert!(none.is_empty());
        assert_eq!(none.expect_vendor("acme", "customer").unwrap(), None);
    }
}
