//! When Twilio calls an address again: as the address says behind its `#`, and by default once, only where it got no
//! connection: <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>.

use std::time::Duration;

use crate::webhooks::WebhookResponse;

/// How long Twilio waits for a response, by its documents.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);

/// The wait after `tries` that failed.
pub(super) fn wait(url: &str, tries: usize, response: WebhookResponse) -> Option<Duration> {
    overrides(url).wait(tries, response)
}

/// What an address says about its retries.
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
    /// Twilio tries again immediately.
    fn wait(&self, tries: usize, response: WebhookResponse) -> Option<Duration> {
        let word = match response {
            WebhookResponse::NotConnected => "ct",
            WebhookResponse::NoResponse => "rt",
            WebhookResponse::Status(500..) => "5xx",
            WebhookResponse::Status(400..) => "4xx",
            WebhookResponse::Status(_) => return None,
        };
        let fits = self.policy.split(',').any(|p| p == word || p == "all");
        (fits && tries <= self.count).then_some(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::retries;

    #[test]
    fn the_address_says_how_twilio_tries() {
        let broken = WebhookResponse::Status(503);
        for (url, response, tries) in [
            ("http://a/", broken, 0),
            ("http://a/", WebhookResponse::NotConnected, 1),
            ("http://a/", WebhookResponse::NoResponse, 0),
            ("http://a/#rc=3&rp=all", broken, 3),
            ("http://a/#rp=rt,5xx", broken, 1),
            ("http://a/#rp=4xx&rc=9", broken, 0),
            ("http://a/#rp=4xx&rc=9", WebhookResponse::Status(400), 5),
            ("http://a/#rp=all&rc=0", broken, 0),
        ] {
            assert_eq!(
                retries(wait, url, response).len(),
                tries,
                "{url} {response:?}"
            );
        }
    }
}
