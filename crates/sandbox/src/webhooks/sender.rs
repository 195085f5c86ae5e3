//! How a vendor posts its webhooks: its signature, its retries and its timeout.

use std::time::Duration;

use jiff::Timestamp;

use super::record::WebhookResponse;

/// Our default for the time that a vendor waits for a response (no vendor source).
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a signature is made over.
#[derive(Clone, Copy)]
pub(crate) struct ToSign<'a> {
    pub(crate) url: &'a str,
    pub(crate) body: &'a [u8],
    /// The id of the delivery.
    pub(crate) id: &'a str,
    pub(crate) at: Timestamp,
}

/// Signs as a vendor does.
pub(crate) trait Sign: Send + Sync {
    /// The headers that hold the signature.
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)>;
}

/// The wait before the next try, after `tries` that failed, the last one with `response`; `None` when the vendor gives up.
/// `url` is the endpoint with its fragment, which is not sent.
pub(crate) type RetryWait =
    fn(url: &str, tries: usize, response: WebhookResponse) -> Option<Duration>;

/// How a vendor posts its webhooks.
pub(crate) struct Sender {
    pub(super) genuine: Box<dyn Sign>,
    /// Signs with a secret that the application does not know.
    pub(super) forger: Box<dyn Sign>,
    pub(super) retry_wait: RetryWait,
    /// How long the vendor waits for a response.
    pub(super) timeout: Duration,
}

impl Sender {
    pub(crate) fn new(
        genuine: impl Sign + 'static,
        forger: impl Sign + 'static,
        retry_wait: RetryWait,
    ) -> Self {
        Self {
            genuine: Box::new(genuine),
            forger: Box::new(forger),
            retry_wait,
            timeout: TIMEOUT,
        }
    }

    /// Waits this long for a response, as the vendor documents it.
    pub(crate) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// All waits until the vendor gives up, if every try fails with `response`.
#[cfg(test)]
pub(crate) fn retries(wait: RetryWait, url: &str, response: WebhookResponse) -> Vec<Duration> {
    let waits = (1..).map_while(|tries| wait(url, tries, response));
    waits.collect()
}
