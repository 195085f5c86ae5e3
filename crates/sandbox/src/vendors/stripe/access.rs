//! What a client needs to use the emulator: its address, its secrets, and the configuration that names them.

use serde_json::{Value, json};

use crate::emulator::Setup;
use crate::ids;

/// The address and the secrets.
pub(super) struct Access {
    pub(super) url: String,
    pub(super) key: String,
    pub(super) webhook_secret: String,
}

impl Access {
    pub(super) fn new(setup: &Setup) -> Self {
        let webhook_secret = ids::letters(setup.secret("stripe webhook"), 32);
        Self {
            url: setup.url.clone(),
            key: format!("sk_test_{}", ids::letters(setup.secret("stripe"), 24)),
            webhook_secret: format!("whsec_{webhook_secret}"),
        }
    }

    /// Stripe is the payment vendor that the sandbox's configuration chooses.
    pub(super) fn config_toml(&self) -> String {
        let url = &self.url;
        format!(
            r#"[payment]
vendor = "stripe"

[payment.vendors.stripe]
api_key = "env:STRIPE_SECRET_KEY"
base_url = "{url}"

[webhooks.stripe]
secrets = ["env:STRIPE_WEBHOOK_SECRET"]
"#
        )
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("STRIPE_SECRET_KEY", self.key.clone()),
            ("STRIPE_WEBHOOK_SECRET", self.webhook_secret.clone()),
        ]
    }

    pub(super) fn about(&self) -> Value {
        json!({"url": self.url, "api_key": self.key, "webhook_secret": self.webhook_secret})
    }
}
