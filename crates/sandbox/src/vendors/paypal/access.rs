//! What a client needs to use the emulator: its address, its secrets, and the configuration that names them.

use serde_json::{Value, json};

use super::webhooks::ROOT;
use crate::emulator::Setup;
use crate::ids;

/// The address and the credentials of the one client.
pub(super) struct Access {
    pub(super) url: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// The id of the listener that events are signed for.
    pub(super) webhook_id: String,
}

impl Access {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            url: setup.url.clone(),
            client_id: format!("A{}", ids::letters(setup.secret("paypal id"), 79)),
            client_secret: format!("E{}", ids::letters(setup.secret("paypal secret"), 79)),
            webhook_id: ids::capitals(setup.secret("paypal webhook"), 17),
        }
    }

    /// The table is there even if another payment vendor is chosen, so that one word of the configuration swaps them.
    pub(super) fn config_toml(&self) -> String {
        let (url, webhook_id) = (&self.url, &self.webhook_id);
        format!(
            r#"[payment.vendors.paypal]
client_id = "env:PAYPAL_CLIENT_ID"
client_secret = "env:PAYPAL_CLIENT_SECRET"
base_url = "{url}"

[webhooks.paypal]
webhook_ids = ["{webhook_id}"]
base_url = "{url}"
root_certificates = """
{ROOT}"""
"#
        )
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PAYPAL_CLIENT_ID", self.client_id.clone()),
            ("PAYPAL_CLIENT_SECRET", self.client_secret.clone()),
        ]
    }

    pub(super) fn about(&self) -> Value {
        json!({"url": self.url, "client_id": self.client_id, "client_secret": self.client_secret,
            "webhook_id": self.webhook_id, "root_certificate": ROOT})
    }
}
