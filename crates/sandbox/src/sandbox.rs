//! The sandbox: all emulators, each on its own port, until it is dropped.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::builder::SandboxBuilder;
use crate::control::Control;
use crate::emulator::Setup;
use crate::error::SandboxError;
use crate::faults::{Fault, FaultPlan, Faults};
use crate::guard::{Guard, Purpose};
use crate::log::{RecordedRequest, RequestLog};
use crate::server::Listener;
use crate::state::State;
use crate::vendors::Emulators;
use crate::vendors::name::Vendor;
use crate::webhooks::{Dispatcher, WebhookDelivery, WebhookPlan};
use crate::work::Work;

/// Emulators of the vendors on ports of this machine, and one handle per vendor. They stop when this is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), anyvendor_sandbox::SandboxError> {
/// use anyvendor_sandbox::{Fault, FaultKind, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.inject(Fault::new(FaultKind::status(503)));
/// // .. run the application against the sandbox ..
/// assert_eq!(sandbox.waiting_faults().len(), 1);
/// assert!(sandbox.requests().is_empty());
/// sandbox.shutdown().await;
/// # Ok(()) }
/// ```
pub struct Sandbox {
    pub(crate) emulators: Emulators,
    state: Arc<State>,
    listeners: Vec<Listener>,
}

impl SandboxBuilder {
    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    /// If a port cannot be bound.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let control = bind(self.ports.port(0)?).await?;
        let mut addresses = BTreeMap::new();
        for (offset, vendor) in (1..).zip(Vendor::ALL) {
            addresses.insert(*vendor, bind(self.ports.port(offset)?).await?);
        }
        let listeners = addresses.values().chain([&control]);
        let ports = listeners.map(port_of).collect::<Result<_, _>>()?;
        let webhooks = Dispatcher::new(self.webhooks, ports);
        let emulators = Emulators::create(self.options, |vendor| {
            let missing = || SandboxError::Options(format!("{} has no port", vendor.name()));
            let url = url_of(addresses.get(&vendor).ok_or_else(missing)?)?;
            Ok(Setup::new(vendor, self.seed, url, webhooks.clone()))
        })?;
        let state = Arc::new(State {
            seed: self.seed,
            url: url_of(&control)?,
            emulators: emulators.all(),
            log: Arc::new(RequestLog::new(self.bodies)),
            faults: Arc::new(Faults::new(self.seed, self.faults)),
            work: Arc::new(Work::here()),
            webhooks,
        });
        let guard = guard(Purpose::Control, &control)?;
        let service = Control(Arc::clone(&state));
        let mut listeners = vec![Listener::start(control, guard, service)];
        for (vendor, emulator) in &state.emulators {
            if let Some(listener) = addresses.remove(vendor) {
                let guard = self::guard(Purpose::Emulator, &listener)?;
                let service = state.middleware(*vendor, emulator);
                listeners.push(Listener::start(listener, guard, service));
            }
        }
        Ok(Sandbox {
            emulators,
            state,
            listeners,
        })
    }
}

impl Sandbox {
    /// A sandbox on free ports, with the default seed and no faults.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> Result<Self, SandboxError> {
        Self::builder().start().await
    }

    /// A builder, to choose seed, faults, ports and the options of single vendors.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// The control address: `/` for people, `/_sandbox` for programs.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// The number that ids, keys and the draws of fault profiles follow from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.state.seed
    }

    /// `anyvendor.toml` that points an application to this sandbox. Its secrets are in `variables`. It names the addresses
    /// that webhooks go to, so set those first.
    #[must_use]
    pub fn config_toml(&self) -> String {
        self.state.config_toml()
    }

    /// The environment variables that `config_toml` refers to.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        self.state.variables()
    }

    /// The requests that arrived at the vendors' addresses, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state.log.all()
    }

    /// Adds a scripted fault for the next requests that match it.
    pub fn inject(&self, fault: Fault) {
        self.state.faults.inject(fault);
    }

    /// Removes the scripted faults that have not fired yet.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// The scripted faults that have not fired yet.
    #[must_use]
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.state.faults.waiting()
    }

    /// Sets another fault plan for the following requests. Scripted faults stay.
    pub fn set_faults(&self, plan: impl Into<FaultPlan>) {
        self.state.faults.plan(plan.into());
    }

    /// Sends a vendor's events to this address from now on, or nowhere without one.
    ///
    /// # Errors
    /// If the address is not on this machine, or is one of the sandbox's own.
    pub fn send_webhooks(
        &self,
        vendor: Vendor,
        url: impl Into<Option<String>>,
    ) -> Result<(), SandboxError> {
        let sent = self.state.webhooks.send_to(vendor, url.into());
        sent.map_err(SandboxError::Options)
    }

    /// Sends each vendor's events to `<base>/webhooks/<vendor>` from now on.
    ///
    /// # Errors
    /// If the address is not on this machine, or is one of the sandbox's own.
    pub fn send_all_webhooks(&self, base: &str) -> Result<(), SandboxError> {
        let sent = self.state.webhooks.send_all(base);
        sent.map_err(SandboxError::Options)
    }

    /// Sets another plan for the following webhooks.
    pub fn set_webhook_plan(&self, plan: impl Into<WebhookPlan>) {
        self.state.webhooks.set_plan(plan.into());
    }

    /// Every webhook since the last reset, oldest first, with the responses to it.
    #[must_use]
    pub fn webhooks(&self) -> Vec<WebhookDelivery> {
        self.state.webhooks.deliveries()
    }

    /// Waits until no webhook is in flight, held, or to be tried again.
    pub async fn webhooks_settled(&self) {
        self.state.webhooks.settled().await;
    }

    /// Empties the vendors' state, the log, the scripted faults and the list of webhooks, and stops webhooks in flight. The
    /// fault profile stays, and ids start over where the vendor's emulator can do that.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Ends all connections and waits until the ports are free. Dropping does the same without waiting.
    pub async fn shutdown(mut self) {
        self.state.stop();
        for listener in &mut self.listeners {
            listener.stop().await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.state.stop();
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.url())
            .field("seed", &self.seed())
            .finish_non_exhaustive()
    }
}

async fn bind(port: u16) -> Result<TcpListener, SandboxError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| SandboxError::Listen { address, source })
}

fn url_of(listener: &TcpListener) -> Result<String, SandboxError> {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, port_of(listener)?));
    Ok(format!("http://{local}"))
}

fn port_of(listener: &TcpListener) -> Result<u16, SandboxError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let local = listener.local_addr();
    let local = local.map_err(|source| SandboxError::Listen { address, source })?;
    Ok(local.port())
}

fn guard(purpose: Purpose, listener: &TcpListener) -> Result<Guard, SandboxError> {
    let port = port_of(listener)?;
    Ok(Guard { purpose, port })
}
