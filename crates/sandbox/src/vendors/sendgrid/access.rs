//! What a client needs to use the emulator: its address, its secrets, and the configuration that names them.

use serde_json::{Value, json};

use crate::emulator::Setup;
use crate::ids;

/// The address and the keys.
pub(super) struct Access {
    pub(super) url: String,
    pub(super) key: String,
    /// The public half of the key that events are signed with.
    pub(super) webhook_key: String,
}

impl Access {
    pub(super) fn new(setup: &Setup, webhook_key: String) -> Self {
        let id = ids::letters(setup.secret("sendgrid id"), 22);
        let secret = ids::letters(setup.secret("sendgrid secret"), 43);
        Self {
            url: setup.url.clone(),
            key: format!("SG.{id}.{secret}"),
            webhook_key,
        }
    }

    pub(super) fn config_toml(&self) -> String {
        let (url, webhook_key) = (&self.url, &self.webhook_key);
        format!(
            r#"[email]
vendor = "sendgrid"
api_key = "env:SENDGRID_API_KEY"
base_url = "{url}"

[webhooks.sendgrid]
public_keys = ["{webhook_key}"]
"#
        )
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("SENDGRID_API_KEY", self.key.clone())]
    }

    pub(super) fn about(&self) -> Value {
        json!({"url": self.url, "api_key": self.key, "webhook_key": self.webhook_key})
    }
}
