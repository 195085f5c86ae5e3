//! The settings of a sandbox.

use crate::error::SandboxError;
use crate::faults::FaultPlan;
use crate::vendors::VendorOptions;
use crate::vendors::name::Vendor;
use crate::webhooks::WebhookPlan;

/// The ports that the sandbox listens on, always on 127.0.0.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortPlan(Option<u16>);

impl PortPlan {
    /// Ports that are free.
    #[must_use]
    pub fn free() -> Self {
        Self(None)
    }

    /// `base` for the control address, and the next ports for the vendors in the order of
    /// [`Vendor::ALL`](crate::Vendor::ALL). 0 is the same as `free`.
    #[must_use]
    pub fn from_base(base: u16) -> Self {
        Self((base != 0).then_some(base))
    }

    pub(crate) fn port(self, offset: u16) -> Result<u16, SandboxError> {
        let Some(base) = self.0 else {
            return Ok(0);
        };
        base.checked_add(offset).ok_or_else(|| {
            let last = u16::MAX - u16::try_from(Vendor::ALL.len()).unwrap_or(u16::MAX);
            let error =
                format!("port {base} leaves no ports for the vendors; the highest is {last}");
            SandboxError::Options(error)
        })
    }
}

impl From<u16> for PortPlan {
    fn from(base: u16) -> Self {
        Self::from_base(base)
    }
}

/// The settings of a sandbox. Options that only one vendor has are methods with the vendor's name.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), anyvendor_sandbox::SandboxError> {
/// use anyvendor_sandbox::{FaultPlan, Sandbox, WebhookPlan};
///
/// let sandbox = Sandbox::builder()
///     .seed(7)
///     .faults(FaultPlan::flaky())
///     .webhooks(WebhookPlan::none().duplicates(1))
///     .start()
///     .await?;
/// assert_eq!(sandbox.seed(), 7);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SandboxBuilder {
    pub(crate) seed: u64,
    pub(crate) faults: FaultPlan,
    pub(crate) ports: PortPlan,
    pub(crate) bodies: bool,
    pub(crate) webhooks: WebhookPlan,
    pub(crate) options: VendorOptions,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seed: 1,
            faults: FaultPlan::none(),
            ports: PortPlan::free(),
            bodies: true,
            webhooks: WebhookPlan::none(),
            options: VendorOptions::default(),
        }
    }

    /// Ids, keys and the draws of fault profiles follow from the seed. Default 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The faults of the whole run. Default none.
    pub fn faults(mut self, plan: impl Into<FaultPlan>) -> Self {
        self.faults = plan.into();
        self
    }

    /// The ports to listen on. Default free ones.
    pub fn ports(mut self, plan: impl Into<PortPlan>) -> Self {
        self.ports = plan.into();
        self
    }

    /// Whether the log keeps the requests' bodies. Default true.
    pub fn record_bodies(mut self, record: bool) -> Self {
        self.bodies = record;
        self
    }

    /// How webhooks are delivered. Default: nothing goes wrong, and an hour passes in a second.
    pub fn webhooks(mut self, plan: impl Into<WebhookPlan>) -> Self {
        self.webhooks = plan.into();
        self
    }

    /// All options of single vendors together, as a program's arguments give them.
    pub fn vendor_options(mut self, options: VendorOptions) -> Self {
        self.options = options;
        self
    }
}
