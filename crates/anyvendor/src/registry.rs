//! Adapters by name: those compiled in, and those that an application brings.

use std::{collections::BTreeMap, fmt, sync::Arc};

use anyvendor_core::{
    Error,
    email::EmailProvider,
    messaging::{MessagingProvider, VerificationProvider},
    payment::PaymentProvider,
    resilience::Observer,
    storage::StorageProvider,
    webhook::WebhookVerifier,
};

use crate::config::{Mode, Section, nearest};

/// What an adapter is made from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VendorSettings {
    /// Whether real money moves. An adapter refuses credentials of the other mode.
    pub mode: Mode,
    /// The settings of its table; [`Section::read`] turns them into a struct.
    pub section: Section,
    /// Who is told of attempts and calls.
    pub observer: Option<Arc<dyn Observer>>,
}

type Make<P> = Arc<dyn Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync>;

/// The adapters that a configuration may name. The default holds those compiled in.
#[derive(Clone)]
pub struct Registry {
    pub(crate) payment: Known<dyn PaymentProvider>,
    pub(crate) email: Known<dyn EmailProvider>,
    pub(crate) messaging: Known<dyn MessagingProvider>,
    pub(crate) verification: Known<dyn VerificationProvider>,
    pub(crate) storage: Known<dyn StorageProvider>,
    pub(crate) webhooks: Known<dyn WebhookVerifier>,
}

/// One method per trait to register an outside adapter.
macro_rules! with_adapter {
    ($($(#[$doc:meta])+ $with:ident($known:ident: $provider:ty);)+) => {
        $(
            $(#[$doc])+
            #[must_use]
            pub fn $with(
                mut self,
                vendor: &str,
                make: impl Fn(VendorSettings) -> Result<Arc<$provider>, Error> + Send + Sync + 'static,
            ) -> Self {
                self.$known.0.insert(vendor.to_owned(), Arc::new(make));
                self
            }
        )+
    };
}

impl Registry {
    with_adapter! {
        /// Registers an outside payment adapter under a vendor's name, over one of the same name.
        with_payment(payment: dyn PaymentProvider);
        /// Registers an outside e-mail adapter.
        with_email(email: dyn EmailProvider);
        /// Registers an outside messaging adapter.
        with_messaging(messaging: dyn MessagingProvider);
        /// Registers an outside adapter for codes.
        with_verification(verification: dyn VerificationProvider);
        /// Registers an outside storage adapter.
        with_storage(storage: dyn StorageProvider);
        /// Registers an outside adapter for webhooks.
        with_webhooks(webhooks: dyn WebhookVerifier);
    }
}

impl Default for Registry {
    fn default() -> Self {
        let registry = Self {
            payment: Known::default(),
            email: Known::default(),
            messaging: Known::default(),
            verification: Known::default(),
            storage: Known::default(),
            webhooks: Known::default(),
        };
        #[cfg(feature = "stripe")]
        let registry = registry
            .with_payment("stripe", built_in::stripe)
            .with_webhooks("stripe", built_in::stripe_webhooks);
        #[cfg(feature = "paypal")]
        let registry = registry
            .with_payment("paypal", built_in::paypal)
            .with_webhooks("paypal", built_in::paypal_webhooks);
        #[cfg(feature = "sendgrid")]
        let registry = registry
            .with_email("sendgrid", built_in::sendgrid)
            .with_webhooks("sendgrid", built_in::sendgrid_webhooks);
        #[cfg(feature = "twilio")]
        let registry = registry
            .with_messaging("twilio", |settings| Ok(built_in::twilio(settings)?))
            .with_verification("twilio", |settings| Ok(built_in::twilio(settings)?))
            .with_webhooks("twilio", built_in::twilio_webhooks);
        #[cfg(feature = "s3")]
        let registry = registry.with_storage("s3", built_in::s3);
        registry
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("payment", &self.payment.0.keys())
            .field("email", &self.email.0.keys())
            .field("messaging", &self.messaging.0.keys())
            .field("verification", &self.verification.0.keys())
            .field("storage", &self.storage.0.keys())
            .field("webhooks", &self.webhooks.0.keys())
            .finish()
    }
}

/// Vendors that anyvendor has an adapter for, by table and feature.
const FEATURES: [(&str, &str); 10] = [
    ("payment", "paypal"),
    ("payment", "stripe"),
    ("email", "sendgrid"),
    ("messaging", "twilio"),
    ("verification", "twilio"),
    ("storage", "s3"),
    ("webhooks", "paypal"),
    ("webhooks", "sendgrid"),
    ("webhooks", "stripe"),
    ("webhooks", "twilio"),
];

/// The adapters of one trait.
pub(crate) struct Known<P: ?Sized>(BTreeMap<String, Make<P>>);

impl<P: ?Sized> Known<P> {
    pub(crate) fn make(&self, settings: VendorSettings) -> Result<Arc<P>, Error> {
        let (name, vendor) = (settings.section.name, settings.section.vendor.as_str());
        if let Some(make) = self.0.get(vendor) {
            return make(settings);
        }
        let table = settings.section.place();
        if FEATURES.contains(&(name, vendor)) {
            let remedy = format!(
                "in [{table}]: {vendor} is not compiled in; switch on the feature \"{vendor}\""
            );
            return Err(Error::config("vendor", remedy));
        }
        let known = match self
            .0
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
        {
            none if none.is_empty() => "none".to_owned(),
            known => known,
        };
        let hint = nearest(vendor, self.0.keys().map(String::as_str))
            .map(|near| format!("; did you mean {near}?"))
            .unwrap_or_default();
        let remedy = format!(
            "in [{table}]: {vendor} is not known; compiled in or registered: {known}{hint}"
        );
        Err(Error::config("vendor", remedy))
    }
}

impl<P: ?Sized> Clone for Known<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: ?Sized> Default for Known<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[cfg(any(
    feature = "paypal",
    feature = "s3",
    feature = "sendgrid",
    feature = "stripe",
    feature = "twilio"
))]
mod built_in {
    //! How each adapter is made from its settings.

    use std::sync::Arc;

    use anyvendor_http::{Connect, ConnectionBuilder};
    use serde::de::DeserializeOwned;

    use super::VendorSettings;
    use crate::{Error, config::Mode};

    /// The settings, and who is told. In sandbox mode the vendor may be a double on this machine; in live mode that must
    /// be said in so many words.
    fn begin<C: Connect>(
        settings: VendorSettings,
        address: &str,
    ) -> Result<ConnectionBuilder<C>, Error>
    where
        C::Config: DeserializeOwned,
    {
        let VendorSettings {
            mode,
            section,
            observer,
        } = settings;
        let section = match mode == Mode::Sandbox && section.has(address) {
            true => section.with_default("allow_private_addresses", true),
            false => section,
        };
        let builder = ConnectionBuilder::new(section.read()?);
        Ok(match observer {
            Some(observer) => builder.observer(observer),
            None => builder,
        })
    }

    /// Refuses a credential of the other mode.
    #[cfg(any(feature = "paypal", feature = "stripe"))]
    fn same_mode(mode: Mode, live: bool, place: &str, field: &'static str) -> Result<(), Error> {
        let remedy = match (mode, live) {
            (Mode::Sandbox, false) | (Mode::Live, true) => return Ok(()),
            (Mode::Sandbox, true) => {
                "a live key while mode is sandbox; use the test key, or set mode = \"live\""
            }
            (Mode::Live, false) => {
                "a test key while mode is live; use the live key, or set mode = \"sandbox\""
            }
        };
        Err(Error::config(field, format!("in [{place}]: {remedy}")))
    }

    #[cfg(feature = "stripe")]
    pub(super) fn stripe(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::payment::PaymentProvider>, Error> {
        use anyvendor_adapter_stripe::Stripe;

        let mode = settings.mode;
        let stripe = begin::<Stripe>(settings, "base_url")?.build()?;
        same_mode(mode, stripe.mode().is_live(), "payment", "api_key")?;
        Ok(Arc::new(stripe))
    }

    #[cfg(feature = "stripe")]
    pub(super) fn stripe_webhooks(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::webhook::WebhookVerifier>, Error> {
        let config = settings.section.read()?;
        Ok(Arc::new(anyvendor_adapter_stripe::StripeWebhook::new(
            &config,
        )?))
    }

    #[cfg(feature = "paypal")]
    pub(super) fn paypal(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::payment::PaymentProvider>, Error> {
        use anyvendor_adapter_paypal::PayPal;

        let mut settings = settings;
        let mode = settings.mode;
        // PayPal's own word for the mode, where the file does not say it.
        settings.section = settings
            .section
            .with_default("environment", mode.to_string());
        let paypal = begin::<PayPal>(settings, "base_url")?.build()?;
        same_mode(
            mode,
            paypal.environment().is_live(),
            "payment",
            "environment",
        )?;
        Ok(Arc::new(paypal))
    }

    #[cfg(feature = "paypal")]
    pub(super) fn paypal_webhooks(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::webhook::WebhookVerifier>, Error> {
        use anyvendor_adapter_paypal::PayPalWebhook;

        let mut settings = settings;
        let (mode, place) = (settings.mode, settings.section.place());
        if mode == Mode::Live && settings.section.has("root_certificates") {
            let remedy =
                format!("in [{place}]: is for a double of PayPal, and mode is live; take it out");
            return Err(Error::config("root_certificates", remedy));
        }
        // As for payments. Where no money moves, certificates of both worlds will do unless the file says which.
        if mode == Mode::Live || settings.section.is("verification", "online") {
            settings.section = settings
                .section
                .with_default("environment", mode.to_string());
        }
        let webhook = begin::<PayPalWebhook>(settings, "base_url")?.build()?;
        if let Some(environment) = webhook.environment() {
            same_mode(mode, environment.is_live(), &place, "environment")?;
        }
        Ok(Arc::new(webhook))
    }

    #[cfg(feature = "twilio")]
    pub(super) fn twilio(
        settings: VendorSettings,
    ) -> Result<Arc<anyvendor_adapter_twilio::Twilio>, Error> {
        Ok(Arc::new(begin(settings, "base_url")?.build()?))
    }

    #[cfg(feature = "twilio")]
    pub(super) fn twilio_webhooks(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::webhook::WebhookVerifier>, Error> {
        let config = settings.section.read()?;
        Ok(Arc::new(anyvendor_adapter_twilio::TwilioWebhook::new(
            &config,
        )?))
    }

    #[cfg(feature = "sendgrid")]
    pub(super) fn sendgrid(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::email::EmailProvider>, Error> {
        use anyvendor_adapter_sendgrid::SendGrid;

        Ok(Arc::new(begin::<SendGrid>(settings, "base_url")?.build()?))
    }

    #[cfg(feature = "sendgrid")]
    pub(super) fn sendgrid_webhooks(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::webhook::WebhookVerifier>, Error> {
        let config = settings.section.read()?;
        Ok(Arc::new(anyvendor_adapter_sendgrid::SendGridWebhook::new(
            &config,
        )?))
    }

    #[cfg(feature = "s3")]
    pub(super) fn s3(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::storage::StorageProvider>, Error> {
        use anyvendor_adapter_s3::S3;

        Ok(Arc::new(begin::<S3>(settings, "endpoint")?.build()?))
    }
}
