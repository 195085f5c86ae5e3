//! How a sandbox is to be, and its start.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::control::Control;
use crate::error::SandboxError;
use crate::faults::{FaultPlan, Faults};
use crate::keys::Keys;
use crate::log::RequestLog;
use crate::sandbox::{BUCKET, Core, Places, REGION, Sandbox, Shared};
use crate::server::Listener;
use crate::vendors::Vendor;
use crate::vendors::paypal::{self, PayPalDouble, PayPalForger, PayPalOptions, PayPalSigner, Seal};
use crate::vendors::s3::{S3Double, S3Options};
use crate::vendors::sendgrid::{SendGridDouble, SendGridSigner, SigningKey, Template};
use crate::vendors::stripe::{StripeDouble, StripeSigner};
use crate::vendors::twilio::{ContentTemplate, TwilioDouble, TwilioSigner};
use crate::webhooks::{Signers, WebhookPlan, Webhooks};
use crate::work::Work;

/// Which ports the sandbox listens on, always on 127.0.0.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortPlan(Option<u16>);

impl PortPlan {
    /// Whatever is free.
    #[must_use]
    pub fn free() -> Self {
        Self(None)
    }

    /// `base` for the control address, then one each for Stripe, `SendGrid`, S3, `PayPal` and Twilio. 0 is the same as
    /// `free`.
    #[must_use]
    pub fn from_base(base: u16) -> Self {
        Self((base != 0).then_some(base))
    }

    fn port(self, offset: u16) -> u16 {
        self.0.map_or(0, |base| base.saturating_add(offset))
    }
}

impl From<u16> for PortPlan {
    fn from(base: u16) -> Self {
        Self::from_base(base)
    }
}

/// How a sandbox is to be.
#[derive(Clone, Debug)]
#[must_use]
pub struct SandboxBuilder {
    seed: u64,
    faults: FaultPlan,
    ports: PortPlan,
    bodies: bool,
    credits: Option<u64>,
    templates: Vec<Template>,
    paypal_token_seconds: u64,
    contents: Vec<ContentTemplate>,
    webhooks: WebhookPlan,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seed: 1,
            faults: FaultPlan::none(),
            ports: PortPlan::free(),
            bodies: true,
            credits: None,
            templates: Vec::new(),
            paypal_token_seconds: paypal::LIFE,
            contents: Vec::new(),
            webhooks: WebhookPlan::none(),
        }
    }

    /// Ids, keys and the draws of fault profiles follow from it. Default 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The faults of the whole run. Default none.
    pub fn faults(mut self, plan: impl Into<FaultPlan>) -> Self {
        self.faults = plan.into();
        self
    }

    /// Default free ones.
    pub fn ports(mut self, plan: impl Into<PortPlan>) -> Self {
        self.ports = plan.into();
        self
    }

    /// Whether the log keeps what was in the bodies. Default true.
    pub fn record_bodies(mut self, record: bool) -> Self {
        self.bodies = record;
        self
    }

    /// How many mails may be sent. Default no limit.
    pub fn sendgrid_credits(mut self, credits: u64) -> Self {
        self.credits = Some(credits);
        self
    }

    /// A template that the mail account has.
    pub fn sendgrid_template(mut self, template: Template) -> Self {
        self.templates.push(template);
        self
    }

    /// How many seconds a token of `PayPal` lives; with 0 it is dead on arrival. Default 32400.
    pub fn paypal_token_seconds(mut self, seconds: u64) -> Self {
        self.paypal_token_seconds = seconds;
        self
    }

    /// A content template that the messaging account has.
    pub fn twilio_content(mut self, template: ContentTemplate) -> Self {
        self.contents.push(template);
        self
    }

    /// How webhooks are delivered. Default: nothing goes wrong, and an hour passes in a second.
    pub fn webhooks(mut self, plan: impl Into<WebhookPlan>) -> Self {
        self.webhooks = plan.into();
        self
    }

    /// Starts it on the present tokio runtime.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let [control, stripe, sendgrid, s3] = [
            bind(self.ports.port(0)).await?,
            bind(self.ports.port(1)).await?,
            bind(self.ports.port(2)).await?,
            bind(self.ports.port(3)).await?,
        ];
        let paypal = bind(self.ports.port(4)).await?;
        let twilio = bind(self.ports.port(5)).await?;
        let random = || SandboxError::Options("this machine has no random numbers".to_owned());
        let signing_key = || SigningKey::new().ok_or_else(random);
        let (key, forged) = (signing_key()?, signing_key()?);
        let keys = Keys::new(self.seed, key.public());
        let seal = Seal::new(&url_of(&paypal)?, &keys.paypal_webhook, self.seed).map(Arc::new);
        let seal = seal.ok_or_else(|| SandboxError::Options("PayPal's key is none".to_owned()))?;
        let office = Webhooks::new(signers(&keys, (key, forged), &seal), self.webhooks);
        let core = Core {
            stripe: StripeDouble::new(url_of(&stripe)?, self.seed, office.clone()),
            sendgrid: SendGridDouble::new(self.seed, self.credits, self.templates, office.clone()),
            s3: S3Double::new(S3Options {
                access_key: keys.s3_access.clone(),
                secret_key: keys.s3_secret.clone(),
                region: REGION.to_owned(),
                buckets: vec![BUCKET.to_owned()],
                base_domain: Some("localhost".to_owned()),
                seed: self.seed,
            })
            .map_err(|error| SandboxError::Options(error.to_string()))?,
            paypal: PayPalDouble::new(PayPalOptions {
                base: url_of(&paypal)?,
                seed: self.seed,
                client_id: keys.paypal_id.clone(),
                client_secret: keys.paypal_secret.clone(),
                token_seconds: self.paypal_token_seconds,
                seal,
                webhooks: office.clone(),
            }),
            twilio: TwilioDouble::new(
                self.seed,
                keys.twilio.clone(),
                self.contents,
                office.clone(),
            ),
            log: Arc::new(RequestLog::new(self.bodies)),
            faults: Arc::new(Faults::new(self.seed, self.faults)),
            work: Arc::new(Work::here()),
            webhooks: office,
            seed: self.seed,
        };
        let places = Places {
            control: url_of(&control)?,
            stripe: url_of(&stripe)?,
            sendgrid: url_of(&sendgrid)?,
            s3: url_of(&s3)?,
            paypal: url_of(&paypal)?,
            twilio: url_of(&twilio)?,
        };
        let shared = Arc::new(Shared { core, keys, places });
        let listeners = vec![
            Listener::start(stripe, shared.core.front(&shared.core.stripe)),
            Listener::start(sendgrid, shared.core.front(&shared.core.sendgrid)),
            Listener::start(s3, shared.core.front(&shared.core.s3)),
            Listener::start(paypal, shared.core.front(&shared.core.paypal)),
            Listener::start(twilio, shared.core.front(&shared.core.twilio)),
            Listener::start(control, Control(Arc::clone(&shared))),
        ];
        Ok(Sandbox { shared, listeners })
    }
}

/// Who signs for each vendor, and who does so in vain.
fn signers(
    keys: &Keys,
    (key, forged): (SigningKey, SigningKey),
    seal: &Arc<Seal>,
) -> BTreeMap<Vendor, Signers> {
    const NOBODY: &str = "a secret that nobody knows";
    let stripe = StripeSigner::new(&keys.stripe_webhook);
    let paypal = PayPalSigner(Arc::clone(seal));
    let twilio = TwilioSigner::new(&keys.twilio.auth_token);
    BTreeMap::from([
        (
            Vendor::Stripe,
            Signers::new(stripe, StripeSigner::new(NOBODY)),
        ),
        (
            Vendor::SendGrid,
            Signers::new(SendGridSigner(key), SendGridSigner(forged)),
        ),
        (
            Vendor::PayPal,
            Signers::new(paypal, PayPalForger(Arc::clone(seal))),
        ),
        (
            Vendor::Twilio,
            Signers::new(twilio, TwilioSigner::new(NOBODY)),
        ),
    ])
}

async fn bind(port: u16) -> Result<TcpListener, SandboxError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address)
        .await
        .map_err(|source| SandboxError::Listen { address, source })
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, SandboxError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listener
        .local_addr()
        .map_err(|source| SandboxError::Listen { address, source })
}

fn url_of(listener: &TcpListener) -> Result<String, SandboxError> {
    Ok(format!("http://{}", address_of(listener)?))
}
