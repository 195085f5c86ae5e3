//! When each vendor tries again, by its documents; where they name no times, the times are ours.

use std::time::Duration;

use super::WebhookAnswer;
use crate::vendors::Vendor;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The wait before the next try, after `tries` that were not taken; none when the vendor gives up.
pub(super) fn wait(
    vendor: Vendor,
    url: &str,
    tries: usize,
    answer: WebhookAnswer,
) -> Option<Duration> {
    let waits: &[Duration] = match vendor {
        // "Three times over a few hours" in test mode: <https://docs.stripe.com/webhooks#automatic-retries>.
        Vendor::Stripe => &[MINUTE, HOUR, HOUR.saturating_mul(2)],
        // "Up to 25 times over the course of 3 days": <https://developer.paypal.com/api/rest/webhooks/rest/>.
        Vendor::PayPal if tries < 25 => return Some(HOUR.saturating_mul(3)),
        // "Increasing intervals", for a rolling 24 hours: <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.
        Vendor::SendGrid => &GROWING,
        Vendor::Twilio => return overrides(url).wait(tries, answer),
        _ => &[],
    };
    waits.get(tries.checked_sub(1)?).copied()
}

/// 22 hours and 36 minutes in all.
const GROWING: [Duration; 9] = [
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

/// How long the vendor waits for an answer. Twilio's is documented; the others' is ours.
pub(super) fn patience(vendor: Vendor) -> Duration {
    match vendor {
        Vendor::Twilio => Duration::from_secs(15),
        _ => Duration::from_secs(30),
    }
}

/// What an address says of its own retries, behind the `#`:
/// <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>.
struct Overrides<'a> {
    count: usize,
    policy: &'a str,
}

fn overrides(url: &str) -> Overrides<'_> {
    let mut found = Overrides {
        count: 1,
        policy: "ct",
    };
    let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
    for (name, value) in fragment.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "rc" => found.count = value.parse().unwrap_or(1).min(5),
            "rp" => found.policy = value,
            _ => {}
        }
    }
    found
}

impl Overrides<'_> {
    /// Twilio tries again at once, and by default only where it got no connection.
    fn wait(&self, tries: usize, answer: WebhookAnswer) -> Option<Duration> {
        let word = match answer {
            WebhookAnswer::NotConnected => "ct",
            WebhookAnswer::NoAnswer => "rt",
            WebhookAnswer::Status(500..) => "5xx",
            WebhookAnswer::Status(400..) => "4xx",
            WebhookAnswer::Status(_) => return None,
        };
        let fits = self.policy.split(',').any(|p| p == word || p == "all");
        (fits && tries <= self.count).then_some(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(vendor: Vendor, url: &str, answer: WebhookAnswer) -> Vec<Duration> {
        (1..)
            .map_while(|tries| wait(vendor, url, tries, answer))
            .collect()
    }

    #[test]
    fn each_vendor_tries_as_often_as_it_says() {
        let broken = WebhookAnswer::Status(503);
        let total = |vendor| {
            all(vendor, "http://127.0.0.1/", broken)
                .iter()
                .sum::<Duration>()
        };
        assert_eq!(all(Vendor::Stripe, "", broken).len(), 3);
        assert_eq!(all(Vendor::PayPal, "", broken).len(), 24);
        assert_eq!(total(Vendor::PayPal), HOUR * 72);
        assert!(total(Vendor::SendGrid) < HOUR * 24);
        assert!(all(Vendor::S3, "", broken).is_empty());
    }

    #[test]
    fn the_address_says_how_twilio_tries() {
        let broken = WebhookAnswer::Status(503);
        for (url, answer, tries) in [
            ("http://a/", broken, 0),
            ("http://a/", WebhookAnswer::NotConnected, 1),
            ("http://a/", WebhookAnswer::NoAnswer, 0),
            ("http://a/#rc=3&rp=all", broken, 3),
            ("http://a/#rp=rt,5xx", broken, 1),
            ("http://a/#rp=4xx&rc=9", broken, 0),
            ("http://a/#rp=4xx&rc=9", WebhookAnswer::Status(400), 5),
            ("http://a/#rp=all&rc=0", broken, 0),
        ] {
            assert_eq!(
                all(Vendor::Twilio, url, answer).len(),
                tries,
                "{url} {answer:?}"
            );
        }
    }
}
