//! What a test asks of the post office.

use super::{WebhookDelivery, WebhookPlan};
use crate::error::SandboxError;
use crate::sandbox::Sandbox;
use crate::vendors::Vendor;

impl Sandbox {
    /// Sends a vendor's events to this address of this machine from now on; nowhere without one.
    ///
    /// # Errors
    /// When the address is not on this machine.
    pub fn send_webhooks(
        &self,
        vendor: Vendor,
        url: impl Into<Option<String>>,
    ) -> Result<(), SandboxError> {
        let sent = self.shared.core.webhooks.send_to(vendor, url.into());
        sent.map_err(SandboxError::Options)
    }

    /// Sends each vendor's events to `<base>/webhooks/<vendor>` from now on.
    ///
    /// # Errors
    /// When the address is not on this machine.
    pub fn send_all_webhooks(&self, base: &str) -> Result<(), SandboxError> {
        let webhooks = &self.shared.core.webhooks;
        webhooks.send_all(base).map_err(SandboxError::Options)
    }

    /// Another plan for webhooks from now on.
    pub fn set_webhook_plan(&self, plan: impl Into<WebhookPlan>) {
        self.shared.core.webhooks.set_plan(plan.into());
    }

    /// Every webhook since the last reset, oldest first, with how it was answered.
    #[must_use]
    pub fn webhooks(&self) -> Vec<WebhookDelivery> {
        self.shared.core.webhooks.deliveries()
    }

    /// Waits until no webhook is under way, held, or to be tried again.
    pub async fn webhooks_settled(&self) {
        self.shared.core.webhooks.settled().await;
    }
}
