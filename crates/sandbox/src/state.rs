//! What the control address and the application's handle share: the emulators, the log, the faults and the webhooks.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::emulator::Emulator;
use crate::faults::Faults;
use crate::log::RequestLog;
use crate::middleware::FaultMiddleware;
use crate::vendors::name::Vendor;
use crate::webhooks::Dispatcher;
use crate::work::Work;

/// Everything of one sandbox but its listeners.
pub(crate) struct State {
    pub(crate) seed: u64,
    /// The control address.
    pub(crate) url: String,
    /// In the order of their ports.
    pub(crate) emulators: Vec<(Vendor, Arc<dyn Emulator>)>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) work: Arc<Work>,
    pub(crate) webhooks: Dispatcher,
}

impl State {
    /// The service at an emulator's address.
    pub(crate) fn middleware(
        &self,
        vendor: Vendor,
        emulator: &Arc<dyn Emulator>,
    ) -> FaultMiddleware {
        FaultMiddleware {
            vendor,
            emulator: Arc::clone(emulator),
            log: Arc::clone(&self.log),
            faults: Arc::clone(&self.faults),
            work: Arc::clone(&self.work),
        }
    }

    /// The emulator of this name.
    pub(crate) fn emulator(&self, name: &str) -> Option<&dyn Emulator> {
        let mut emulators = self.emulators.iter();
        let (_, emulator) = emulators.find(|(vendor, _)| vendor.name() == name)?;
        Some(emulator.as_ref())
    }

    /// Empties the emulators' state, the log, the scripted faults and the list of webhooks.
    pub(crate) fn reset(&self) {
        for (_, emulator) in &self.emulators {
            emulator.reset();
        }
        self.log.clear();
        self.faults.clear();
        self.webhooks.reset();
    }

    /// Ends the work that is in flight.
    pub(crate) fn stop(&self) {
        self.work.stop();
        self.webhooks.stop();
    }

    /// `anyvendor.toml` for this sandbox. Its secrets are in variables, because a file must not hold them.
    pub(crate) fn config_toml(&self) -> String {
        let endpoints = self.webhooks.endpoints();
        let mut text = "mode = \"sandbox\"\n".to_owned();
        for (vendor, emulator) in &self.emulators {
            let endpoint = endpoints.get(vendor).map(String::as_str);
            let part = emulator.config_toml(endpoint);
            let _infallible = write!(text, "\n{part}");
        }
        text
    }

    /// The environment variables that the configuration refers to.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let emulators = self.emulators.iter();
        emulators.flat_map(|(_, e)| e.variables()).collect()
    }
}
