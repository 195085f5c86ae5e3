//! What goes wrong with webhooks on their way, and how fast time passes for them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::record::WebhookKind;
use crate::faults::Profile;

/// How webhooks are delivered. In JSON each field may be left out.
///
/// ```
/// use anyvendor_sandbox::WebhookPlan;
///
/// let plan = WebhookPlan::flaky().duplicates(2).tamper(true);
/// assert!(plan.reorder && plan.tamper && !plan.forge);
/// assert_eq!(plan.speed, 3600);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookPlan {
    /// How many additional copies of each delivery are posted at the same time, each with its own signature, as vendors do.
    pub duplicates: u8,
    /// Holds deliveries for a while and posts the last first.
    pub reorder: bool,
    /// For how long deliveries are held to be reordered.
    #[serde(rename = "hold_milliseconds", with = "milliseconds")]
    pub hold: Duration,
    /// The wait before the first try of each delivery.
    #[serde(rename = "delay_milliseconds", with = "milliseconds")]
    pub delay: Duration,
    /// Posts, in addition to each delivery, one with the same body that is signed with another secret.
    pub forge: bool,
    /// Posts, in addition to each delivery, one with another body and the genuine signature.
    pub tamper: bool,
    /// How many times faster than at the vendor the waits between tries pass; at least 1.
    pub speed: u32,
}

impl Default for WebhookPlan {
    /// Nothing goes wrong; an hour passes in a second.
    fn default() -> Self {
        Self {
            duplicates: 0,
            reorder: false,
            hold: Duration::from_millis(25),
            delay: Duration::ZERO,
            forge: false,
            tamper: false,
            speed: 3600,
        }
    }
}

impl WebhookPlan {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The worst that vendors do themselves: every event twice, late, and the last first.
    #[must_use]
    pub fn flaky() -> Self {
        Self {
            duplicates: 1,
            reorder: true,
            delay: Duration::from_millis(20),
            ..Self::default()
        }
    }

    /// As `flaky`, with forged and tampered deliveries in addition.
    #[must_use]
    pub fn adversarial() -> Self {
        Self {
            forge: true,
            tamper: true,
            ..Self::flaky()
        }
    }

    /// How many additional copies of each delivery are posted.
    #[must_use]
    pub fn duplicates(mut self, copies: u8) -> Self {
        self.duplicates = copies;
        self
    }

    /// Whether the last is posted first.
    #[must_use]
    pub fn reorder(mut self, reorder: bool) -> Self {
        self.reorder = reorder;
        self
    }

    /// The wait before the first try of each delivery.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Whether deliveries with a forged signature are posted in addition.
    #[must_use]
    pub fn forge(mut self, forge: bool) -> Self {
        self.forge = forge;
        self
    }

    /// Whether deliveries with a genuine signature and another body are posted in addition.
    #[must_use]
    pub fn tamper(mut self, tamper: bool) -> Self {
        self.tamper = tamper;
        self
    }

    /// How many times faster than at the vendor the waits between tries pass.
    #[must_use]
    pub fn speed(mut self, speed: u32) -> Self {
        self.speed = speed;
        self
    }

    pub(super) fn scaled(&self, wait: Duration) -> Duration {
        wait / self.speed.max(1)
    }

    /// The deliveries of one event. Forged and tampered ones come first: an application that accepts them does so before the
    /// genuine one arrives.
    pub(super) fn kinds(&self) -> impl Iterator<Item = WebhookKind> + use<> {
        let tampered = self.tamper.then_some(WebhookKind::Tampered);
        let forged = self.forge.then_some(WebhookKind::Forged);
        let copies = std::iter::repeat_n(WebhookKind::Duplicate, usize::from(self.duplicates));
        let others = tampered.into_iter().chain(forged);
        others.chain([WebhookKind::Genuine]).chain(copies)
    }
}

impl From<Profile> for WebhookPlan {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::None => Self::none(),
            Profile::Flaky => Self::flaky(),
            Profile::Adversarial => Self::adversarial(),
        }
    }
}

mod milliseconds {
    //! A duration as a number of milliseconds.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(length: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
