//! When SendGrid posts a batch of events again: at "increasing intervals", of our choice, for a rolling 24 hours:
//! <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.

use std::time::Duration;

use crate::webhooks::WebhookResponse;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// 22 hours and 36 minutes in all.
const WAITS: [Duration; 9] = [
    MINUTE,
    MINUTE.saturating_mul(5),
    MINUTE.saturating_mul(30),
    HOUR,
    HOUR.saturating_mul(2),
    HOUR.saturating_mul(3),
    HOUR.saturating_mul(4),
    HOUR.saturating_mul(5),
    HOUR.saturating_mul(7),
];

/// The wait after `tries` that failed.
pub(super) fn wait(_url: &str, tries: usize, _response: WebhookResponse) -> Option<Duration> {
    WAITS.get(tries.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::retries;

    #[test]
    fn retries_end_within_a_day() {
        let waits = retries(wait, "http://127.0.0.1/", WebhookResponse::Status(503));
        assert!(waits.iter().sum::<Duration>() < HOUR * 24);
    }
}
