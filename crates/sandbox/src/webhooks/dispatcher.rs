//! The dispatcher of all emulators' webhooks: signed, retried as each vendor does, and wrong on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Uri;
use tokio::sync::{Semaphore, watch};

use super::client::{self, Client};
use super::delivery::Delivery;
use super::plan::WebhookPlan;
use super::record::{Records, WebhookDelivery, WebhookKind};
use super::sender::Sender;
use crate::vendors::name::Vendor;
use crate::work::Work;

/// Deliveries in flight at the same time. Vendors open as many connections as they like; this is one machine.
const MAX_IN_FLIGHT: usize = 64;

/// Posts the webhooks of all emulators.
#[derive(Clone)]
pub(crate) struct Dispatcher(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) client: Client,
    pub(super) permits: Semaphore,
    work: Work,
    /// The sandbox's own ports, which nothing is posted to.
    own_ports: BTreeSet<u16>,
    /// How many deliveries are in flight or planned.
    open: watch::Sender<usize>,
    state: Mutex<State>,
}

pub(super) struct State {
    senders: BTreeMap<Vendor, Arc<Sender>>,
    endpoints: BTreeMap<Vendor, String>,
    plan: WebhookPlan,
    pub(super) records: Records,
    /// What waits to be posted in another order.
    held: Vec<Job>,
}

/// One delivery to one address.
pub(super) struct Job {
    pub(super) number: u64,
    pub(super) delivery: Arc<Delivery>,
    pub(super) sender: Arc<Sender>,
    /// With its fragment, which is not sent.
    pub(super) url: String,
    pub(super) kind: WebhookKind,
}

/// Work that counts as open until it is dropped.
struct Open(Arc<Inner>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

impl Dispatcher {
    /// A dispatcher without emulators, which posts on the current runtime, and never to the sandbox's own ports.
    pub(crate) fn new(plan: WebhookPlan, own_ports: BTreeSet<u16>) -> Self {
        Self(Arc::new(Inner {
            client: Client::new(),
            permits: Semaphore::new(MAX_IN_FLIGHT),
            work: Work::here(),
            own_ports,
            open: watch::Sender::new(0),
            state: Mutex::new(State {
                senders: BTreeMap::new(),
                endpoints: BTreeMap::new(),
                plan,
                records: Records::default(),
                held: Vec::new(),
            }),
        }))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts a vendor's webhooks from now on.
    pub(crate) fn register(&self, vendor: Vendor, sender: Sender) -> Outbox {
        self.state().senders.insert(vendor, Arc::new(sender));
        Outbox {
            vendor,
            dispatcher: self.clone(),
        }
    }

    /// The address to post to, if the sandbox may post there.
    pub(super) fn target(&self, url: &str) -> Result<Uri, String> {
        client::target(url, &self.0.own_ports)
    }

    /// Sets the address that a vendor's events go to; without one they go nowhere.
    pub(crate) fn send_to(&self, vendor: Vendor, url: Option<String>) -> Result<(), String> {
        match url {
            Some(url) => {
                self.target(&url)?;
                self.state().endpoints.insert(vendor, url);
            }
            None => {
                self.state().endpoints.remove(&vendor);
            }
        }
        Ok(())
    }

    /// Each vendor's events go to its own address below `base`.
    pub(crate) fn send_all(&self, base: &str) -> Result<(), String> {
        let base = base.trim_end_matches('/');
        let vendors: Vec<Vendor> = self.state().senders.keys().copied().collect();
        for vendor in vendors {
            let url = format!("{base}/webhooks/{}", vendor.name());
            self.send_to(vendor, Some(url))?;
        }
        Ok(())
    }

    pub(crate) fn endpoints(&self) -> BTreeMap<Vendor, String> {
        self.state().endpoints.clone()
    }

    pub(crate) fn plan(&self) -> WebhookPlan {
        self.state().plan.clone()
    }

    pub(crate) fn set_plan(&self, plan: WebhookPlan) {
        self.state().plan = plan;
    }

    /// A wait at the vendor, in the time of the sandbox.
    pub(super) fn scaled(&self, wait: Duration) -> Duration {
        self.state().plan.scaled(wait)
    }

    /// Posts to the delivery's own address or its vendor's endpoint, with all that the plan adds; without an address it is
    /// not posted. Does not wait for the response.
    fn emit(&self, vendor: Vendor, delivery: Delivery) {
        let mut state = self.state();
        let url = delivery.url.as_ref();
        let url = url.or_else(|| state.endpoints.get(&vendor)).cloned();
        let sender = state.senders.get(&vendor).cloned();
        let url = url.filter(|url| self.target(url).is_ok());
        let (Some(url), Some(sender)) = (url, sender) else {
            return;
        };
        let delivery = Arc::new(delivery);
        let kinds = state.plan.kinds();
        let jobs: Vec<Job> = kinds
            .map(|kind| Job {
                number: state.records.add(vendor, &delivery, &url, kind),
                delivery: Arc::clone(&delivery),
                sender: Arc::clone(&sender),
                url: url.clone(),
                kind,
            })
            .collect();
        let delay = state.plan.delay;
        if !state.plan.reorder {
            drop(state);
            jobs.into_iter().for_each(|job| self.start(job, 0, delay));
            return;
        }
        let is_first = state.held.is_empty();
        state.held.extend(jobs);
        let wait = state.plan.hold.saturating_add(delay);
        drop(state);
        if is_first {
            let dispatcher = self.clone();
            self.later(async move {
                tokio::time::sleep(wait).await;
                dispatcher.post_backwards().await;
            });
        }
    }

    /// Posts the last delivery first, and each further one after the first response to the one before.
    async fn post_backwards(&self) {
        let mut held = std::mem::take(&mut self.state().held);
        while let Some(job) = held.pop() {
            if let Some(wait) = self.attempt(&job, 1).await {
                self.start(job, 1, wait);
            }
        }
    }

    /// Runs work that leads to deliveries.
    pub(super) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.open.send_modify(|open| *open += 1);
        let open = Open(Arc::clone(&self.0));
        self.0.work.spawn(async move {
            work.await;
            drop(open);
        });
    }

    /// Every delivery since the last reset, the newest 20,000.
    pub(crate) fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.state().records.all()
    }

    /// Waits until nothing is in flight, held or planned.
    pub(crate) async fn settled(&self) {
        let mut open = self.0.open.subscribe();
        // Fails only once the sender is dropped, and `self` holds it. The result locks the count, so it is not kept.
        drop(open.wait_for(|open| *open == 0).await);
    }

    /// Forgets what was posted, and stops what is in flight; endpoints and plan stay.
    pub(crate) fn reset(&self) {
        self.stop();
        let mut state = self.state();
        state.held.clear();
        state.records = Records::default();
    }

    pub(crate) fn stop(&self) {
        self.0.work.stop();
    }
}

/// Where one vendor's emulator posts its webhooks.
#[derive(Clone)]
pub(crate) struct Outbox {
    vendor: Vendor,
    dispatcher: Dispatcher,
}

impl Outbox {
    /// Posts to the delivery's own address or to the vendor's endpoint; without an address it is not posted.
    pub(crate) fn emit(&self, delivery: Delivery) {
        self.dispatcher.emit(self.vendor, delivery);
    }

    /// Whether webhooks may be posted to this address.
    pub(crate) fn is_callable(&self, url: &str) -> bool {
        self.dispatcher.target(url).is_ok()
    }

    /// Whether the vendor's events have an endpoint.
    pub(crate) fn has_endpoint(&self) -> bool {
        self.dispatcher.state().endpoints.contains_key(&self.vendor)
    }

    /// Whether a delivery with this id is in flight or to be tried again.
    pub(crate) fn is_waiting(&self, id: &str) -> bool {
        self.dispatcher.state().records.is_waiting(self.vendor, id)
    }

    /// Runs work that leads to deliveries; the sandbox counts it as not settled until it ends.
    pub(crate) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.dispatcher.later(work);
    }

    /// A wait at the vendor, in the time of the sandbox.
    pub(crate) fn scaled(&self, wait: Duration) -> Duration {
        self.dispatcher.scaled(wait)
    }
}
