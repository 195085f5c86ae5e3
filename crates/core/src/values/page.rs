//! One page of a list, and how to request the next.

use std::{fmt, num::NonZeroU32, str::FromStr};

use super::{
    ValueError,
    text::{control_problem, serde_as_text},
};

const FIELD: &str = "cursor";
const MAX_BYTES: usize = 4096;

/// The position in a list where the next page begins, in the vendor's own form.
///
/// Opaque: it is only sent back to the connection that returned it, with the same request. At most 4096 bytes without
/// control characters. It may contain names of the application's objects, so `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cursor(String);

impl Cursor {
    /// Creates a cursor from the text that the vendor, or the adapter, uses to find the position again.
    ///
    /// # Errors
    /// An empty text, more than 4096 bytes, or a control character.
    pub fn new(place: impl Into<String>) -> Result<Self, ValueError> {
        let place = place.into();
        let remedy = "use the cursor that came with the last page, unchanged";
        if !(1..=MAX_BYTES).contains(&place.len()) {
            return Err(ValueError::new(
                FIELD,
                format!("has {} bytes", place.len()),
                remedy,
            ));
        }
        match control_problem(&place) {
            Some(problem) => Err(ValueError::new(FIELD, problem, remedy)),
            None => Ok(Self(place)),
        }
    }

    /// The position in the vendor's own form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which page of a list is requested; the default is the first page, with the vendor's default size.
///
/// # Examples
/// ```
/// use std::num::NonZeroU32;
/// use anyvendor_core::values::{Cursor, PageRequest};
///
/// let ten = NonZeroU32::new(10).unwrap();
/// let next = PageRequest::first().with_limit(ten).with_after(Cursor::new("pay_10")?);
/// assert_eq!(next.after.unwrap().as_str(), "pay_10");
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageRequest {
    /// The maximum number of items; a vendor may return fewer although there are more.
    pub limit: Option<NonZeroU32>,
    /// Where to continue; `None` is the beginning.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// Requests the first page, with the vendor's default size.
    #[must_use]
    pub const fn first() -> Self {
        Self {
            limit: None,
            after: None,
        }
    }

    /// Limits the number of items.
    #[must_use]
    pub fn with_limit(mut self, limit: NonZeroU32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Requests the page that begins at this cursor.
    #[must_use]
    pub fn with_after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }
}

/// One page of a list. It may be empty and still have a next page; the list ends where `next` is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the vendor's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<Cursor>,
    /// The vendors whose items this list does not contain, because they cannot be listed; only a list over several vendors
    /// has any. Whoever compares the list with records of its own must know them.
    pub left_out: Vec<&'static str>,
    /// How many items the vendor's response contained that could not be read, such as an amount in a currency without
    /// an ISO 4217 code. They are left out, so that one item never hides its page.
    pub skipped: usize,
}

impl<T> Page<T> {
    /// Creates a page from its parts.
    #[must_use]
    pub const fn new(items: Vec<T>, next: Option<Cursor>) -> Self {
        Self {
            items,
            next,
            left_out: Vec::new(),
            skipped: 0,
        }
    }

    /// Names the vendors whose items the list does not contain.
    #[must_use]
    pub fn with_left_out(mut self, vendors: Vec<&'static str>) -> Self {
        self.left_out = vendors;
        self
    }

    /// Sets how many items could not be read.
    #[must_use]
    pub fn with_skipped(mut self, skipped: usize) -> Self {
        self.skipped = skipped;
        self
    }

    /// Creates the last page of a list.
    #[must_use]
    pub const fn last(items: Vec<T>) -> Self {
        Self::new(items, None)
    }

    /// Converts the items of the page.
    #[must_use]
    pub fn map<U>(self, item: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(item).collect();
        Page {
            items,
            next: self.next,
            left_out: self.left_out,
            skipped: self.skipped,
        }
    }

    /// Converts the items of the page, or returns the first error.
    ///
    /// # Errors
    /// The first error of `item`.
    pub fn try_map<U, E>(self, item: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(item).collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: self.next,
            left_out: self.left_out,
            skipped: self.skipped,
        })
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursor({} bytes)", self.0.len())
    }
}

impl FromStr for Cursor {
    type Err = ValueError;

    fn from_str(place: &str) -> Result<Self, ValueError> {
        Self::new(place)
    }
}

serde_as_text!(Cursor, "a cursor", "^.{1,4096}$", this => this.as_str());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_is_opaque_and_short() {
        let cursor = Cursor::new("canary/1").unwrap();
        assert_eq!(cursor.as_str(), "canary/1");
        assert_eq!(format!("{cursor:?}"), "Cursor(8 bytes)");
        assert_eq!(serde_json::to_string(&cursor).unwrap(), r#""canary/1""#);
        for place in ["", "a\nb", &"a".repeat(4097)] {
            assert!(Cursor::new(place).is_err());
        }
    }

    #[test]
    fn mapping_keeps_the_next_page() {
        let next = Some(Cursor::new("c").unwrap());
        let page = Page::new(vec![1, 2], next.clone());
        assert_eq!(
            page.clone().map(|n| n * 2),
            Page::new(vec![2, 4], next.clone())
        );
        assert_eq!(page.clone().try_map(u8::try_from).unwrap().next, next);
        assert_eq!(
            page.try_map(|n| if n > 1 { Err("two") } else { Ok(n) }),
            Err("two")
        );
    }

    #[test]
    fn request_is_built_in_words() {
        let request = PageRequest::first()
            .with_limit(NonZeroU32::new(10).unwrap())
            .with_after(Cursor::new("c").unwrap());
        assert_eq!(request.limit.map(NonZeroU32::get), Some(10));
        assert_eq!(request.after.unwrap().as_str(), "c");
        assert_eq!(PageRequest::first(), PageRequest::default());
    }
}
