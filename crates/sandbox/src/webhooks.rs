//! What the doubles post to an application: signed, retried as each vendor does, and wrong on demand.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};

use crate::vendors::Vendor;
use crate::work::Work;
use post::{Client, Job};
use records::Records;

pub use plan::WebhookPlan;
pub use records::{WebhookAnswer, WebhookDelivery, WebhookKind, WebhookState};

pub(crate) use post::is_callable;

mod doors;
mod plan;
mod post;
mod records;
mod retries;

/// Deliveries under way at once. Vendors open as many connections as they like; this is one machine.
const AT_ONCE: usize = 64;

/// Something for an application to hear of. Its body is the same in each try, its signature is not.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) vendor: Vendor,
    /// The vendor's name of what happened.
    pub(crate) event: String,
    /// The same in each try.
    pub(crate) id: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    /// In place of the vendor's endpoint.
    pub(crate) url: Option<String>,
}

/// What a signature is made over.
#[derive(Clone, Copy)]
pub(crate) struct ToSign<'a> {
    pub(crate) url: &'a str,
    pub(crate) body: &'a [u8],
    /// The delivery's.
    pub(crate) id: &'a str,
    pub(crate) at: Timestamp,
}

/// Signs as a vendor does.
pub(crate) trait Sign: Send + Sync {
    /// The headers that the signature stands in.
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)>;
}

/// Who signs for a vendor.
pub(crate) struct Signers {
    genuine: Box<dyn Sign>,
    /// Somebody else, with a secret of their own.
    forger: Box<dyn Sign>,
}

impl Signers {
    pub(crate) fn new(genuine: impl Sign + 'static, forger: impl Sign + 'static) -> Self {
        Self {
            genuine: Box::new(genuine),
            forger: Box::new(forger),
        }
    }
}

/// The post office of all doubles.
#[derive(Clone)]
pub(crate) struct Webhooks(Arc<Inner>);

struct Inner {
    signers: BTreeMap<Vendor, Signers>,
    client: Client,
    places: Semaphore,
    work: Work,
    /// How much is under way or planned.
    open: watch::Sender<usize>,
    state: Mutex<State>,
}

struct State {
    endpoints: BTreeMap<Vendor, String>,
    plan: WebhookPlan,
    records: Records,
    /// What waits to be posted in another order.
    held: Vec<Job>,
}

/// Counts as open until it is dropped.
struct Open(Arc<Inner>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

impl Webhooks {
    /// On the present runtime, where everything is posted from.
    pub(crate) fn new(signers: BTreeMap<Vendor, Signers>, plan: WebhookPlan) -> Self {
        Self(Arc::new(Inner {
            signers,
            client: Client::new(),
            places: Semaphore::new(AT_ONCE),
            work: Work::here(),
            open: watch::Sender::new(0),
            state: Mutex::new(State {
                endpoints: BTreeMap::new(),
                plan,
                records: Records::default(),
                held: Vec::new(),
            }),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a vendor's events go; nowhere without an address.
    pub(crate) fn send_to(&self, vendor: Vendor, url: Option<String>) -> Result<(), String> {
        match url {
            Some(url) => {
                post::target(&url)?;
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
        for vendor in self.0.signers.keys() {
            let url = format!("{base}/webhooks/{}", vendor.name());
            self.send_to(*vendor, Some(url))?;
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

    /// A wait of the vendor's, in the sandbox's time.
    pub(crate) fn scaled(&self, wait: Duration) -> Duration {
        self.state().plan.scaled(wait)
    }

    /// Whether anybody hears of this vendor's events.
    pub(crate) fn is_heard(&self, vendor: Vendor) -> bool {
        self.state().endpoints.contains_key(&vendor)
    }

    /// Posts to the delivery's own address or its vendor's endpoint, with all that the plan adds; without an address nobody
    /// hears of it. Returns at once.
    pub(crate) fn emit(&self, delivery: Delivery) {
        let mut state = self.state();
        let url = delivery.url.as_ref();
        let Some(url) = url.or_else(|| state.endpoints.get(&delivery.vendor)) else {
            return;
        };
        let (url, delivery) = (url.clone(), Arc::new(delivery));
        let kinds = state.plan.kinds();
        let jobs: Vec<Job> = kinds
            .map(|kind| Job {
                number: state.records.add(&delivery, &url, kind),
                delivery: Arc::clone(&delivery),
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
            let office = self.clone();
            self.later(async move {
                tokio::time::sleep(wait).await;
                office.post_backwards().await;
            });
        }
    }

    /// The last first: each goes out once the one before has had its first answer.
    async fn post_backwards(&self) {
        let mut held = std::mem::take(&mut self.state().held);
        while let Some(job) = held.pop() {
            if let Some(wait) = self.attempt(&job, 1).await {
                self.start(job, 1, wait);
            }
        }
    }

    /// Whether a delivery of that id is under way or to be tried again.
    pub(crate) fn is_waiting(&self, vendor: Vendor, id: &str) -> bool {
        self.state().records.is_waiting(vendor, id)
    }

    /// Work that deliveries follow from.
    pub(crate) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
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

    /// Waits until nothing is under way, held or planned.
    pub(crate) async fn settled(&self) {
        let mut open = self.0.open.subscribe();
        // Fails only once the sender is gone, which is ours. What this returns locks the count, and is not kept.
        drop(open.wait_for(|open| *open == 0).await);
    }

    /// Forgets what was posted, and stops what is under way; endpoints and plan stay.
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
