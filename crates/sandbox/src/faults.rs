//! Faults on demand: scripted ones for a test's next calls, profiles for a whole run.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::vendors::Vendor;
pub use profile::{FaultPlan, Profile};

pub(crate) mod answers;
mod profile;

/// What goes wrong. The doc of each says what the vendor did and what the client sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// Not acted on. Answers this status, with the vendor's own words for it unless a body is given.
    Status {
        /// The status, 400 to 599.
        status: u16,
        /// More headers.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Instead of the vendor's error body.
        #[serde(default)]
        body: Option<String>,
    },
    /// Not acted on: the vendor's own 429 (S3: 503 `SlowDown`), with the headers the vendor sends.
    RateLimited {
        /// Seconds. `SendGrid` tells it as `X-RateLimit-Reset`, the others as `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// Acted on, but slowly: the client may leave meanwhile, the work is done all the same. Stripe and `PayPal` keep the key in use.
    Delay {
        /// How long the work takes.
        milliseconds: u64,
    },
    /// Not acted on. The connection closes before the body is read.
    CutBeforeRead,
    /// Not acted on. The connection closes after the whole request was read.
    CutAfterRead,
    /// Acted on. The connection closes without an answer.
    ActThenCut,
    /// Acted on, then silence. Without a limit the connection stays open until the client leaves.
    ActThenHang {
        /// Close the connection after this long.
        #[serde(default)]
        milliseconds: Option<u64>,
    },
    /// Acted on. The head is sent, the body breaks off half way.
    TruncateBody,
    /// Acted on; the true result is kept (under the key, at Stripe). The client sees a server error.
    ServerErrorAfterActing {
        /// 500, 502, 503 or 504.
        status: u16,
        /// Stripe: whether `stripe-should-retry: true` is sent.
        #[serde(default)]
        should_retry: bool,
    },
    /// Stripe, POST with a key: not acted on, and this server error is what the key stores and replays.
    StoredServerError {
        /// 500 as a rule.
        status: u16,
    },
    /// Not acted on: 409, `idempotency_key_in_use` at Stripe, `PREVIOUS_REQUEST_IN_PROGRESS` at `PayPal`.
    KeyInUse,
    /// Stripe: not acted on, 429 `lock_timeout` without a reason header.
    LockTimeout,
    /// Acted on. The body arrives in small pieces with a pause before each.
    DripBody {
        /// How many pieces.
        pieces: usize,
        /// The pause before each.
        milliseconds: u64,
    },
}

impl FaultKind {
    /// The name that the request log shows.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::RateLimited { .. } => "rate_limited",
            Self::Delay { .. } => "delay",
            Self::CutBeforeRead => "cut_before_read",
            Self::CutAfterRead => "cut_after_read",
            Self::ActThenCut => "act_then_cut",
            Self::ActThenHang { .. } => "act_then_hang",
            Self::TruncateBody => "truncate_body",
            Self::ServerErrorAfterActing { .. } => "server_error_after_acting",
            Self::StoredServerError { .. } => "stored_server_error",
            Self::KeyInUse => "key_in_use",
            Self::LockTimeout => "lock_timeout",
            Self::DripBody { .. } => "drip_body",
        }
    }

    /// A status without more, as `Status`.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            headers: Vec::new(),
            body: None,
        }
    }

    /// A slow answer, as `Delay`.
    #[must_use]
    pub fn delay(length: Duration) -> Self {
        Self::Delay {
            milliseconds: u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// A scripted fault: the next `times` requests that match get it. Faults are tried in the order they were injected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// Only this vendor.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// Only this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only paths that match; `*` stands for any characters.
    #[serde(default)]
    pub path: Option<String>,
    /// Let this many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests get it.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// For the next request of any vendor.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            vendor: None,
            method: None,
            path: None,
            skip: 0,
            times: 1,
            kind,
        }
    }

    /// Only for this vendor.
    #[must_use]
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        self.vendor = Some(vendor);
        self
    }

    /// Only for this method, in capitals.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only for paths that match; `*` stands for any characters.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// For this many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// After this many matching requests.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, vendor: Vendor, method: &Method, path: &str) -> bool {
        self.vendor.is_none_or(|v| v == vendor)
            && self.method.as_deref().is_none_or(|m| m == method.as_str())
            && self.path.as_deref().is_none_or(|p| glob(p, path))
    }
}

/// The faults of one sandbox and what they have already done.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    scripted: Vec<Fault>,
    plan: FaultPlan,
    seen: HashMap<u64, Tries>,
}

/// How one logical request fared so far.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    count: u64,
    in_a_row: u8,
}

/// A logical request gets at most this many faults of a profile in a row.
const MOST_IN_A_ROW: u8 = 2;

impl Faults {
    pub(crate) fn new(seed: u64, plan: FaultPlan) -> Self {
        Self {
            seed,
            state: Mutex::new(State {
                scripted: Vec::new(),
                plan,
                seen: HashMap::new(),
            }),
        }
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().scripted.push(fault);
    }

    /// Another plan; scripted faults stay.
    pub(crate) fn plan(&self, plan: FaultPlan) {
        let mut state = self.lock();
        state.plan = plan;
        state.seen.clear();
    }

    /// No scripted faults, and the plan starts over.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.scripted.clear();
        state.seen.clear();
    }

    /// Scripted faults that have not fired yet.
    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.lock().scripted.clone()
    }

    /// Whether a profile is on, and so `drawn` is worth preparing.
    pub(crate) fn has_profile(&self) -> bool {
        self.lock().plan.profile != Profile::None
    }

    /// The scripted fault for this request, used up by asking.
    pub(crate) fn scripted(
        &self,
        vendor: Vendor,
        method: &Method,
        path: &str,
    ) -> Option<FaultKind> {
        let mut state = self.lock();
        let at = state
            .scripted
            .iter_mut()
            .position(|fault| takes(fault, vendor, method, path))?;
        let fault = state.scripted.get_mut(at)?;
        fault.times = fault.times.saturating_sub(1);
        let kind = fault.kind.clone();
        if fault.times == 0 {
            state.scripted.remove(at);
        }
        Some(kind)
    }

    /// The profile's fault for this try of a logical request. Depends on the seed and on how often that request was
    /// tried, never on what other requests do meanwhile.
    pub(crate) fn drawn(
        &self,
        vendor: Vendor,
        method: &Method,
        path: &str,
        logical: &[u8],
    ) -> Option<FaultKind> {
        let mut state = self.lock();
        let (name, verb) = (vendor.name().as_bytes(), method.as_str().as_bytes());
        let request = crate::ids::hash(self.seed, &[name, verb, path.as_bytes(), logical]);
        let plan = state.plan.clone();
        let tries = state.seen.entry(request).or_default();
        tries.count += 1;
        let draw = crate::ids::hash(request, &[&tries.count.to_le_bytes()]);
        let kind = match tries.in_a_row < MOST_IN_A_ROW {
            true => profile::draw(&plan, vendor, method, path, draw),
            false => None,
        };
        tries.in_a_row = match kind {
            Some(_) => tries.in_a_row + 1,
            None => 0,
        };
        kind
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the fault is for this request now; a match that it lets pass is counted.
fn takes(fault: &mut Fault, vendor: Vendor, method: &Method, path: &str) -> bool {
    if fault.times == 0 || !fault.matches(vendor, method, path) {
        return false;
    }
    if fault.skip > 0 {
        fault.skip -= 1;
        return false;
    }
    true
}

/// Whether `text` matches `pattern`, where `*` stands for any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match text.find(piece) {
            Some(at) => text = text.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, holds) in [
            ("/v1/refunds", "/v1/refunds", true),
            ("/v1/refunds", "/v1/refunds/re_1", false),
            ("/v1/*", "/v1/refunds/re_1", true),
            (
                "/v1/payment_intents/*/confirm",
                "/v1/payment_intents/pi_1/confirm",
                true,
            ),
            (
                "/v1/payment_intents/*/confirm",
                "/v1/payment_intents/pi_1/capture",
                false,
            ),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(glob(pattern, text), holds, "{pattern} {text}");
        }
    }

    #[test]
    fn scripted_faults_skip_fire_and_are_used_up() {
        let faults = Faults::new(1, FaultPlan::none());
        faults.inject(
            Fault::new(FaultKind::ActThenCut)
                .method("POST")
                .skip(1)
                .times(2),
        );
        let ask = |method| faults.scripted(Vendor::Stripe, &method, "/v1/refunds");
        assert_eq!(ask(Method::GET), None);
        assert_eq!(ask(Method::POST), None);
        assert_eq!(ask(Method::POST), Some(FaultKind::ActThenCut));
        assert_eq!(ask(Method::POST), Some(FaultKind::ActThenCut));
        assert_eq!(ask(Method::POST), None);
        assert!(faults.waiting().is_empty());
    }

    #[test]
    fn the_profile_is_bounded_in_share_and_in_a_row() {
        let faults = Faults::new(42, FaultPlan::rough());
        let mut hit = 0;
        for request in 0..4000_u32 {
            let key = request.to_le_bytes();
            let ask = || faults.drawn(Vendor::Stripe, &Method::POST, "/v1/payment_intents", &key);
            hit += usize::from(ask().is_some());
            let tries: Vec<bool> = (0..8).map(|_| ask().is_some()).collect();
            assert!(tries.windows(3).all(|w| w != [true, true, true]));
        }
        assert!((800..1200).contains(&hit), "{hit} of 4000");
    }

    #[test]
    fn the_profile_does_not_depend_on_the_order_of_arrival() {
        let (a, b) = (
            Faults::new(5, FaultPlan::rough()),
            Faults::new(5, FaultPlan::rough()),
        );
        let ask = |f: &Faults, key: u8| f.drawn(Vendor::S3, &Method::PUT, "/b/k", &[key]);
        let forward: Vec<_> = (0..50).map(|k| ask(&a, k)).collect();
        let mut backward: Vec<_> = (0..50).rev().map(|k| ask(&b, k)).collect();
        backward.reverse();
        assert_eq!(forward, backward);
    }
}
