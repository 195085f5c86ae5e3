//! Durations as text in a configuration: `10s`, `50ms`, `1m 30s`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|signed| Duration::try_from(signed).ok())
        .ok_or_else(|| D::Error::custom("not a duration; write it like 10s, 50ms or 1m 30s"))
}
