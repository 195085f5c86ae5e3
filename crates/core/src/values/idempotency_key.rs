//! The key that lets a vendor recognize a write that it has seen before.

use std::{fmt, str::FromStr, sync::Arc};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ValueError,
    text::{position, serde_as_text},
};

const FIELD: &str = "idempotency key";
const MAX_LEN: usize = 255;

/// The key that lets a vendor recognize a repeated write: 1 to 255 visible ASCII characters.
///
/// It is best derived from the application's own data ("order 1001, first charge"), so that it survives a crash. It is
/// not a secret and is printed in errors and logs, so it must not contain personal data. Cheap to clone.
///
/// # Examples
/// ```
/// use anyvendor_core::values::IdempotencyKey;
///
/// let order = IdempotencyKey::new("order-1001")?;
/// assert_eq!(order.derive("refund-1").as_str(), "order-1001-refund-1");
/// assert_eq!(order.derive("refund-1"), order.derive("refund-1"));
/// assert!(IdempotencyKey::new("order 1001").is_err());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(Arc<str>);

impl IdempotencyKey {
    /// Creates a key from the application's own text.
    ///
    /// # Errors
    /// An empty key, one of more than 255 characters, or one with spaces, control or non-ASCII characters.
    pub fn new(key: impl AsRef<str>) -> Result<Self, ValueError> {
        let key = key.as_ref();
        if key.is_empty() {
            return Err(ValueError::new(
                FIELD,
                "is empty",
                "use 1 to 255 characters",
            ));
        }
        if let Some(at) = position(key, |c| !c.is_ascii_graphic()) {
            let problem =
                format!("contains a character that is not visible ASCII at position {at}");
            return Err(ValueError::new(
                FIELD,
                problem,
                "use letters, digits and punctuation",
            ));
        }
        if key.len() > MAX_LEN {
            let problem = format!("has {} characters", key.len());
            return Err(ValueError::new(
                FIELD,
                problem,
                "use at most 255, or hash it",
            ));
        }
        Ok(Self(key.into()))
    }

    /// Creates a random key: a UUID of version 4. It is lost with the process unless it is stored before the call.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4().to_string().into())
    }

    /// Derives the key of one step of a larger operation; the same key and step always give the same result.
    ///
    /// The result is `key-step`. If this would be longer than 255 characters, or `step` is empty or not visible ASCII,
    /// a SHA-256 replaces the part that does not fit. Different steps of one key never collide; an application should
    /// not use `key-step` as a key itself.
    #[must_use]
    pub fn derive(&self, step: &str) -> Self {
        let printable = !step.is_empty() && step.bytes().all(|b| b.is_ascii_graphic());
        if printable && self.0.len() + 1 + step.len() <= MAX_LEN {
            return Self([&*self.0, "-", step].concat().into());
        }
        let hash = self.hash(step);
        if printable && hash.len() + 1 + step.len() <= MAX_LEN {
            return Self(format!("{hash}-{step}").into());
        }
        Self(hash.into())
    }

    /// Derives the key under which an adapter sends one step of the caller's operation, of at most `max_chars`
    /// characters (64 or more). Every adapter derives alike, so an application may use one key per order over all steps
    /// at every vendor: the step that creates something keeps the caller's key ([`within`](Self::within)), and
    /// `confirm`, `capture`, `cancel`, `refund` and the others derive theirs.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::values::IdempotencyKey;
    ///
    /// let order = IdempotencyKey::new("order-1001")?;
    /// assert_eq!(order.within(108), order);
    /// assert_eq!(order.for_step("capture", 108).as_str(), "order-1001-capture");
    /// let long = IdempotencyKey::new("k".repeat(200))?;
    /// assert_eq!((long.within(108).as_str().len(), long.for_step("capture", 108).as_str().len()), (64, 72));
    /// # Ok::<(), anyvendor_core::values::ValueError>(())
    /// ```
    #[must_use]
    pub fn for_step(&self, step: &str, max_chars: usize) -> Self {
        let key = self.derive(step);
        if key.0.len() <= max_chars {
            return key;
        }
        let key = Self([&*self.hash(step), "-", step].concat().into());
        if key.0.len() <= max_chars && step.bytes().all(|b| b.is_ascii_graphic()) {
            return key;
        }
        Self(self.hash(step).into())
    }

    /// Returns this key, or its SHA-256 in hexadecimal if it has more than `max_chars` characters (64 or more).
    #[must_use]
    pub fn within(&self, max_chars: usize) -> Self {
        if self.0.len() <= max_chars {
            return self.clone();
        }
        Self(self.hash("").into())
    }

    /// The SHA-256 of key and step. No key contains a NUL, so no other split of key and step has the same hash.
    fn hash(&self, step: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.0.as_bytes())
            .chain_update([0])
            .chain_update(step)
            .finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for IdempotencyKey {
    type Err = ValueError;

    fn from_str(key: &str) -> Result<Self, ValueError> {
        Self::new(key)
    }
}

serde_as_text!(IdempotencyKey, "an idempotency key", "^[!-~]{1,255}$", this => this.as_str());

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::values::text::adversarial;

    fn any_step() -> impl Strategy<Value = String> {
        prop_oneof!["[!-~]{0,300}", adversarial::text()]
    }

    proptest! {
        #[test]
        fn derived_keys_are_valid_and_repeatable(key in "[!-~]{1,255}", step in any_step()) {
            let key = IdempotencyKey::new(key)?;
            let derived = key.derive(&step);
            prop_assert!(IdempotencyKey::new(derived.as_str()).is_ok());
            prop_assert_eq!(&derived, &key.derive(&step));
            prop_assert_ne!(&derived, &key);
        }

        #[test]
        fn derived_keys_are_distinct(key in "[!-~]{1,255}", steps in proptest::collection::hash_set(any_step(), 2..8)) {
            let key = IdempotencyKey::new(key)?;
            let derived: HashSet<_> = steps.iter().map(|step| key.derive(step)).collect();
            prop_assert_eq!(derived.len(), steps.len());
        }

        #[test]
        fn long_keys_stay_distinct(tail in 0..1000_u32, other in 0..1000_u32, step in "[a-z]{1,20}") {
            prop_assume!(tail != other);
            let derive = |tail| IdempotencyKey::new(format!("{}{tail:04}", "k".repeat(250))).unwrap().derive(&step);
            prop_assert_ne!(derive(tail), derive(other));
        }

        #[test]
        fn accepted_is_visible_ascii_whatever_comes(text in adversarial::text()) {
            if let Ok(key) = text.parse::<IdempotencyKey>() {
                prop_assert!(key.as_str().bytes().all(|b| b.is_ascii_graphic()));
                let json = serde_json::to_string(&key).unwrap();
                prop_assert_eq!(serde_json::from_str::<IdempotencyKey>(&json).unwrap(), key);
            }
        }
    }

    proptest! {
        #[test]
        fn f26_keys_of_steps_fit_and_differ(key in "[!-~]{1,255}", max in 64..256_usize) {
            let key = IdempotencyKey::new(key)?;
            let mut all = vec![key.within(max)];
            all.extend(["confirm", "capture", "cancel", "refund"].map(|step| key.for_step(step, max)));
            for one in &all {
                prop_assert!(one.as_str().len() <= max);
                prop_assert!(IdempotencyKey::new(one.as_str()).is_ok());
            }
            let distinct: HashSet<_> = all.iter().collect();
            prop_assert_eq!(distinct.len(), all.len());
        }
    }

    #[test]
    fn length_is_1_to_255() {
        assert!(IdempotencyKey::new("").is_err());
        assert!(IdempotencyKey::new("k".repeat(255)).is_ok());
        let error = IdempotencyKey::new("k".repeat(256)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "idempotency key: has 256 characters; use at most 255, or hash it"
        );
    }

    #[test]
    fn spaces_and_controls_are_refused() {
        for key in ["a b", "a\n", "a\0", "é", "\u{7f}"] {
            assert!(IdempotencyKey::new(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn step_is_appended_while_it_fits() {
        let key = IdempotencyKey::new("order-1001").unwrap();
        assert_eq!(key.derive("refund").as_str(), "order-1001-refund");

        let long = IdempotencyKey::new("k".repeat(250)).unwrap();
        let derived = long.derive("refund");
        assert_eq!(derived.as_str().len(), 64 + 1 + 6);
        assert!(derived.as_str().ends_with("-refund"));
        assert_eq!(long.derive(&"s".repeat(191)).as_str().len(), 64);
    }

    #[test]
    fn hash_is_pinned_because_stored_keys_depend_on_it() {
        // printf 'a\0' | sha256sum
        let derived = IdempotencyKey::new("a").unwrap().derive("");
        assert_eq!(
            derived.as_str(),
            "ffe9aaeaa2a2d5048174df0b80599ef0197ec024c4b051bc9860cff58ef7f9f3"
        );
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
        assert_eq!(IdempotencyKey::random().as_str().len(), 36);
    }
}
