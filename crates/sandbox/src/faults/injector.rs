//! Which fault a request gets: a scripted one, or one that the profile draws.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;

use super::kind::FaultKind;
use super::mix::{self, Mix};
use super::plan::{FaultPlan, Profile};
use super::scripted::Fault;
use crate::ids;
use crate::vendors::name::Vendor;

/// The faults of one sandbox, and the requests that they were drawn for.
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

/// How often one logical request was tried, and how many faults in a row it got last.
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

    /// Sets another plan; scripted faults stay.
    pub(crate) fn plan(&self, plan: FaultPlan) {
        let mut state = self.lock();
        state.plan = plan;
        state.seen.clear();
    }

    /// Removes the scripted faults, and starts the plan again.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.scripted.clear();
        state.seen.clear();
    }

    /// Scripted faults that have not fired yet.
    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.lock().scripted.clone()
    }

    /// Whether a profile is on, so that `drawn` is worth preparing.
    pub(crate) fn has_profile(&self) -> bool {
        self.lock().plan.profile != Profile::None
    }

    /// The scripted fault for this request, which counts as used.
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
            .position(|fault| fault.applies_to(vendor, method, path))?;
        let fault = state.scripted.get_mut(at)?;
        fault.times = fault.times.saturating_sub(1);
        let kind = fault.kind.clone();
        if fault.times == 0 {
            state.scripted.remove(at);
        }
        Some(kind)
    }

    /// The profile's fault for this try of a logical request, which the parts of `request` identify. It depends on the seed
    /// and on how often that request was tried, never on what other requests do meanwhile.
    pub(crate) fn drawn(
        &self,
        request: &[&[u8]],
        mix: impl FnOnce(&FaultPlan) -> Mix,
    ) -> Option<FaultKind> {
        let mut state = self.lock();
        let request = ids::hash(self.seed, request);
        let plan = state.plan.clone();
        if plan.profile == Profile::None {
            return None;
        }
        let tries = state.seen.entry(request).or_default();
        tries.count += 1;
        let draw = ids::hash(request, &[&tries.count.to_le_bytes()]);
        let kind = if tries.in_a_row < MOST_IN_A_ROW {
            mix::pick(mix(&plan), draw)
        } else {
            None
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripted_faults_skip_fire_and_are_used_up() {
        let faults = Faults::new(1, FaultPlan::none());
        faults.inject(
            Fault::new(FaultKind::ActThenCut)
                .method("POST")
                .skip(1)
                .times(2),
        );
        let ask = |method| faults.scripted(Vendor::ALL[0], &method, "/v1/refunds");
        assert_eq!(ask(Method::GET), None);
        assert_eq!(ask(Method::POST), None);
        assert_eq!(ask(Method::POST), Some(FaultKind::ActThenCut));
        assert_eq!(ask(Method::POST), Some(FaultKind::ActThenCut));
        assert_eq!(ask(Method::POST), None);
        assert!(faults.waiting().is_empty());
    }

    #[test]
    fn the_profile_is_bounded_in_share_and_in_a_row() {
        let faults = Faults::new(42, FaultPlan::flaky());
        let mut hit = 0;
        for request in 0..4000_u32 {
            let key = request.to_le_bytes();
            let ask = || faults.drawn(&[b"POST", &key], mix::read);
            hit += usize::from(ask().is_some());
            let tries: Vec<bool> = (0..8).map(|_| ask().is_some()).collect();
            assert!(tries.windows(3).all(|w| w != [true, true, true]));
        }
        assert!((800..1200).contains(&hit), "{hit} of 4000");
    }

    #[test]
    fn the_profile_does_not_depend_on_the_order_of_arrival() {
        let (a, b) = (
            Faults::new(5, FaultPlan::flaky()),
            Faults::new(5, FaultPlan::flaky()),
        );
        let ask = |f: &Faults, key: u8| f.drawn(&[b"PUT", &[key]], mix::read);
        let forward: Vec<_> = (0..50).map(|k| ask(&a, k)).collect();
        let mut backward: Vec<_> = (0..50).rev().map(|k| ask(&b, k)).collect();
        backward.reverse();
        assert_eq!(forward, backward);
    }
}
