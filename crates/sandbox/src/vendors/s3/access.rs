//! What a client needs to use the emulator: its address, its secrets, and the configuration that names them.

use serde_json::{Value, json};

use crate::emulator::Setup;
use crate::ids;

/// The region that requests are signed for.
pub(super) const REGION: &str = "us-east-1";
/// The bucket that exists from the start.
pub(super) const BUCKET: &str = "receipts";

/// The address and the one access key.
pub(super) struct Access {
    pub(super) url: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
}

impl Access {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            url: setup.url.clone(),
            access_key: format!("AKIA{}", ids::capitals(setup.secret("s3 id"), 16)),
            secret_key: ids::letters(setup.secret("s3 secret"), 40),
        }
    }

    pub(super) fn config_toml(&self) -> String {
        let url = &self.url;
        format!(
            r#"[storage]
vendor = "s3"
bucket = "{BUCKET}"
region = "{REGION}"
endpoint = "{url}"
addressing = "path"
credentials = {{ kind = "static", access_key_id = "env:AWS_ACCESS_KEY_ID", secret_access_key = "env:AWS_SECRET_ACCESS_KEY" }}
"#
        )
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", self.access_key.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_key.clone()),
        ]
    }

    pub(super) fn about(&self) -> Value {
        json!({"url": self.url, "access_key": self.access_key, "secret_key": self.secret_key,
            "region": REGION, "bucket": BUCKET})
    }
}
