//! One endpoint: its verifier, what it hands on, and the log lines of what it rejects.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyvendor_core::{
    resilience::Instant,
    webhook::{WebhookError, WebhookEvent, WebhookVerifier},
};
use anyvendor_http::Mode;

use super::places::Places;

/// How long a reason is not logged again as a warning: anybody can send forged deliveries, and would fill the log. Our default.
const WARN_INTERVAL: Duration = Duration::from_secs(60);

/// An endpoint as it was added; the places are divided once all are known.
pub(super) struct EndpointParts {
    pub(super) verifier: Arc<dyn WebhookVerifier>,
    /// Whether events of the other mode are handed on too.
    pub(super) any_mode: bool,
}

/// An endpoint that receives.
pub(super) struct Endpoint {
    pub(super) name: Arc<str>,
    pub(super) verifier: Arc<dyn WebhookVerifier>,
    pub(super) any_mode: bool,
    pub(super) places: Places,
    warned: Mutex<HashMap<&'static str, Warned>>,
}

/// When a reason was last logged as a warning, and how often it occurred since.
struct Warned {
    at: Instant,
    since: u32,
}

impl Endpoint {
    pub(super) fn new(name: &str, parts: EndpointParts, places: Places) -> Self {
        Self {
            name: name.into(),
            verifier: parts.verifier,
            any_mode: parts.any_mode,
            places,
            warned: Mutex::default(),
        }
    }

    /// Why an event is not handed on; `None` if it is.
    pub(super) fn ignores(&self, event: &WebhookEvent, mode: Mode) -> Option<&'static str> {
        let other = event.live.is_some_and(|live| live != (mode == Mode::Live));
        if other && !self.any_mode {
            Some("it is of the other mode; set any_mode = true for the endpoint to receive it")
        } else if !self.verifier.is_wanted(event) {
            Some("the settings of the endpoint leave it out, such as its account")
        } else {
            None
        }
    }

    /// Logs a rejected delivery: a warning once a minute for each reason, and otherwise on the level `debug`.
    pub(super) fn log(&self, error: &WebhookError, now: Instant) {
        let endpoint = &*self.name;
        match self.suppressed(error.as_str(), now) {
            Some(suppressed) => {
                tracing::warn!(endpoint, suppressed, %error, "webhook rejected");
            }
            None => tracing::debug!(endpoint, %error, "webhook rejected"),
        }
    }

    /// How many warnings of this reason were left out, if it is time for the next.
    fn suppressed(&self, reason: &'static str, now: Instant) -> Option<u32> {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Warned { at: now, since: 0 };
        match warned.get_mut(reason) {
            Some(last) if now.saturating_duration_since(last.at) < WARN_INTERVAL => {
                last.since = last.since.saturating_add(1);
                None
            }
            Some(last) => Some(std::mem::replace(last, fresh).since),
            None => {
                warned.insert(reason, fresh);
                Some(0)
            }
        }
    }
}
