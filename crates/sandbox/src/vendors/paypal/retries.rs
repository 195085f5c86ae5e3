//! When `PayPal` posts an event again: "up to 25 times over the course of 3 days", at times of our choice:
//! <https://developer.paypal.com/api/rest/webhooks/rest/>.

use std::time::Duration;

use crate::webhooks::WebhookResponse;

const TRIES: usize = 25;
const WAIT: Duration = Duration::from_secs(3 * 3600);

/// The wait after `tries` that failed.
pub(super) fn wait(_url: &str, tries: usize, _response: WebhookResponse) -> Option<Duration> {
    (tries < TRIES).then_some(WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::retries;

    #[test]
    fn twenty_five_tries_in_three_days() {
        let waits = retries(wait, "http://127.0.0.1/", WebhookResponse::Status(503));
        assert_eq!(waits.len(), 24);
        assert_eq!(
            waits.iter().sum::<Duration>(),
            Duration::from_secs(72 * 3600)
        );
    }
}
