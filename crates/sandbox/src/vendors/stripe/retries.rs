//! When Stripe posts an event again: "three times over a few hours" in test mode, at times of our choice:
//! <https://docs.stripe.com/webhooks#automatic-retries>.

use std::time::Duration;

use crate::webhooks::WebhookResponse;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

const WAITS: [Duration; 3] = [MINUTE, HOUR, HOUR.saturating_mul(2)];

/// The wait after `tries` that failed.
pub(super) fn wait(_url: &str, tries: usize, _response: WebhookResponse) -> Option<Duration> {
    WAITS.get(tries.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::retries;

    #[test]
    fn three_retries() {
        assert_eq!(retries(wait, "", WebhookResponse::Status(503)).len(), 3);
    }
}
