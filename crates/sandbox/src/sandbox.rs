//! The sandbox: all doubles at work, each on its own port, until it is dropped.

use std::sync::Arc;

use crate::builder::SandboxBuilder;
use crate::config_text;
use crate::error::SandboxError;
use crate::faults::{Fault, FaultPlan, Faults};
use crate::keys::Keys;
use crate::log::{RecordedRequest, RequestLog};
use crate::server::{Double, Front, Listener};
use crate::vendors::Vendor;
use crate::vendors::paypal::{PayPalBooks, PayPalDouble};
use crate::vendors::s3::{ObjectRecord, S3Double};
use crate::vendors::sendgrid::{SendGridBooks, SendGridDouble};
use crate::vendors::stripe::{StripeBooks, StripeDouble};
use crate::vendors::twilio::{NUMBER, TwilioBooks, TwilioDouble};
use crate::webhooks::Webhooks;
use crate::work::Work;

pub(crate) const REGION: &str = "us-east-1";
pub(crate) const BUCKET: &str = "receipts";

/// The doubles and what stands before them.
pub(crate) struct Core {
    pub(crate) stripe: StripeDouble,
    pub(crate) sendgrid: SendGridDouble,
    pub(crate) s3: S3Double,
    pub(crate) paypal: PayPalDouble,
    pub(crate) twilio: TwilioDouble,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) work: Arc<Work>,
    pub(crate) webhooks: Webhooks,
    pub(crate) seed: u64,
}

impl Core {
    pub(crate) fn front<D: Double>(&self, double: &D) -> Front<D> {
        Front {
            double: double.clone(),
            log: Arc::clone(&self.log),
            faults: Arc::clone(&self.faults),
            work: Arc::clone(&self.work),
        }
    }

    /// Ends what goes on by itself.
    fn stop(&self) {
        self.work.stop();
        self.webhooks.stop();
    }

    /// Empties the books, the log, the scripted faults and what was posted.
    pub(crate) fn reset(&self) {
        self.stripe.reset();
        self.sendgrid.reset();
        self.s3.reset();
        self.paypal.reset();
        self.twilio.reset();
        self.log.clear();
        self.faults.clear();
        self.webhooks.reset();
    }
}

/// The addresses.
pub(crate) struct Places {
    pub(crate) control: String,
    pub(crate) stripe: String,
    pub(crate) sendgrid: String,
    pub(crate) s3: String,
    pub(crate) paypal: String,
    pub(crate) twilio: String,
}

/// Everything but the listeners.
pub(crate) struct Shared {
    pub(crate) core: Core,
    pub(crate) keys: Keys,
    pub(crate) places: Places,
}

impl Shared {
    pub(crate) fn config_toml(&self) -> String {
        let endpoints = self.core.webhooks.endpoints();
        let twilio = endpoints.get(&Vendor::Twilio).map(String::as_str);
        config_text::config_toml(&self.keys, &self.places, twilio)
    }
}

/// Doubles of the vendors on ports of this machine. They stop when this is dropped.
pub struct Sandbox {
    pub(crate) shared: Arc<Shared>,
    pub(crate) listeners: Vec<Listener>,
}

impl Sandbox {
    /// A sandbox on free ports, with the default seed and no faults.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> Result<Self, SandboxError> {
        Self::builder().start().await
    }

    /// To choose seed, faults and ports.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// The control address: `/` for people, `/_sandbox` for programs.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.places.control
    }

    /// Where Stripe is.
    #[must_use]
    pub fn stripe_url(&self) -> &str {
        &self.shared.places.stripe
    }

    /// Where `SendGrid` is.
    #[must_use]
    pub fn sendgrid_url(&self) -> &str {
        &self.shared.places.sendgrid
    }

    /// Where S3 is: path style, or `<bucket>.localhost` on the same port.
    #[must_use]
    pub fn s3_url(&self) -> &str {
        &self.shared.places.s3
    }

    /// A key that Stripe's double takes; any `sk_test_` or `rk_test_` key will do.
    #[must_use]
    pub fn stripe_key(&self) -> &str {
        &self.shared.keys.stripe
    }

    /// A key that the mail double takes; any `SG.` key will do.
    #[must_use]
    pub fn sendgrid_key(&self) -> &str {
        &self.shared.keys.sendgrid
    }

    /// What Stripe's events are signed with.
    #[must_use]
    pub fn stripe_webhook_secret(&self) -> &str {
        &self.shared.keys.stripe_webhook
    }

    /// The public key of what the mail double's events are signed with. Drawn at each start: the seed does not decide it.
    #[must_use]
    pub fn sendgrid_webhook_key(&self) -> &str {
        &self.shared.keys.sendgrid_webhook
    }

    /// The one access key id that S3's double knows.
    #[must_use]
    pub fn s3_access_key(&self) -> &str {
        &self.shared.keys.s3_access
    }

    /// Its secret.
    #[must_use]
    pub fn s3_secret_key(&self) -> &str {
        &self.shared.keys.s3_secret
    }

    /// Where `PayPal` is; the payer's pages are there too.
    #[must_use]
    pub fn paypal_url(&self) -> &str {
        &self.shared.places.paypal
    }

    /// The one client that `PayPal`'s double knows.
    #[must_use]
    pub fn paypal_client_id(&self) -> &str {
        &self.shared.keys.paypal_id
    }

    /// Its secret.
    #[must_use]
    pub fn paypal_client_secret(&self) -> &str {
        &self.shared.keys.paypal_secret
    }

    /// The id of the listener that `PayPal`'s events are signed for.
    #[must_use]
    pub fn paypal_webhook_id(&self) -> &str {
        &self.shared.keys.paypal_webhook
    }

    /// The root of the certificate that `PayPal`'s events are signed with, as PEM. Nobody else trusts it.
    #[must_use]
    pub fn paypal_root_certificate(&self) -> &str {
        self.shared.keys.paypal_root
    }

    /// The region that requests are to be signed for.
    #[must_use]
    pub fn s3_region(&self) -> &str {
        REGION
    }

    /// The bucket that exists from the start.
    #[must_use]
    pub fn s3_bucket(&self) -> &str {
        BUCKET
    }

    /// Where Twilio is: both of its hosts, `api` and `verify`.
    #[must_use]
    pub fn twilio_url(&self) -> &str {
        &self.shared.places.twilio
    }

    /// The one account that Twilio's double knows.
    #[must_use]
    pub fn twilio_account_sid(&self) -> &str {
        &self.shared.keys.twilio.sid
    }

    /// The account's token.
    #[must_use]
    pub fn twilio_auth_token(&self) -> &str {
        &self.shared.keys.twilio.auth_token
    }

    /// An API key of that account, to use instead of the token.
    #[must_use]
    pub fn twilio_api_key(&self) -> &str {
        &self.shared.keys.twilio.api_key
    }

    /// Its secret.
    #[must_use]
    pub fn twilio_api_secret(&self) -> &str {
        &self.shared.keys.twilio.api_secret
    }

    /// The one messaging service; it sends from `twilio_number`.
    #[must_use]
    pub fn twilio_messaging_service(&self) -> &str {
        &self.shared.keys.twilio.messaging_service
    }

    /// The one verification service.
    #[must_use]
    pub fn twilio_verify_service(&self) -> &str {
        &self.shared.keys.twilio.verify_service
    }

    /// The number to send from: Twilio's own valid test number, `+15005550006`.
    #[must_use]
    pub fn twilio_number(&self) -> &str {
        NUMBER
    }

    /// What ids and draws follow from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.shared.core.seed
    }

    /// `anyvendor.toml` that points an application here; its secrets are in `variables`. It names the address that webhooks go
    /// to, so set that first.
    #[must_use]
    pub fn config_toml(&self) -> String {
        self.shared.config_toml()
    }

    /// The environment variables that `config_toml` refers to, and Twilio's, which it does not set up.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        config_text::variables(&self.shared.keys)
    }

    /// What arrived at the vendors' addresses, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.core.log.all()
    }

    /// Scripts a fault for requests to come.
    pub fn inject(&self, fault: Fault) {
        self.shared.core.faults.inject(fault);
    }

    /// Forgets the scripted faults that have not fired yet.
    pub fn clear_faults(&self) {
        self.shared.core.faults.clear();
    }

    /// Scripted faults that have not fired yet.
    #[must_use]
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.shared.core.faults.waiting()
    }

    /// Another plan from now on; scripted faults stay.
    pub fn set_faults(&self, plan: impl Into<FaultPlan>) {
        self.shared.core.faults.plan(plan.into());
    }

    /// Empties the books, the log, the scripted faults and what was posted; webhooks under way are stopped. Ids start over, but for S3's; the profile stays.
    pub fn reset(&self) {
        self.shared.core.reset();
    }

    /// Stripe's books.
    #[must_use]
    pub fn stripe(&self) -> StripeBooks {
        self.shared.core.stripe.books()
    }

    /// `PayPal`'s books.
    #[must_use]
    pub fn paypal(&self) -> PayPalBooks {
        self.shared.core.paypal.books()
    }

    /// The mail that was accepted.
    #[must_use]
    pub fn sendgrid(&self) -> SendGridBooks {
        self.shared.core.sendgrid.books()
    }

    /// The messages and verifications.
    #[must_use]
    pub fn twilio(&self) -> TwilioBooks {
        self.shared.core.twilio.books()
    }

    /// All objects in S3, by bucket and key.
    #[must_use]
    pub fn s3_objects(&self) -> Vec<ObjectRecord> {
        self.shared.core.s3.objects()
    }

    /// How many multipart uploads are neither completed nor aborted.
    #[must_use]
    pub fn s3_open_uploads(&self) -> usize {
        self.shared.core.s3.uploads()
    }

    /// Ends all connections and waits until the ports are free. Dropping does the same without waiting.
    pub async fn shutdown(mut self) {
        self.shared.core.stop();
        for listener in &mut self.listeners {
            listener.stop().await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.core.stop();
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
