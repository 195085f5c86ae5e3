//! What a client needs to use the emulator: its address, its secrets, and the configuration that names them.

use serde_json::{Value, json};

use super::account::Account;
use super::address::NUMBER;
use crate::emulator::Setup;

/// The address and the account.
pub(super) struct Access {
    pub(super) url: String,
    pub(super) account: Account,
}

impl Access {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            url: setup.url.clone(),
            account: Account::new(setup.seed),
        }
    }

    /// `endpoint` is the address that events go to, if any: Twilio signs the address, and gets it with each message.
    pub(super) fn config_toml(&self, endpoint: Option<&str>) -> String {
        let callback = endpoint.map_or_else(String::new, |url| {
            // Without the fragment Twilio gives up where it is asked to try later.
            format!("status_callback = \"{url}#rc=5&rp=all\"\n")
        });
        let public = endpoint.map_or_else(String::new, |url| {
            let host = url.split('/').take(3).collect::<Vec<_>>().join("/");
            format!("public_url = \"{host}\"\n")
        });
        let (url, account) = (&self.url, &self.account.sid);
        let verify = &self.account.verify_service;
        format!(
            r#"[messaging]
vendor = "twilio"
account_sid = "{account}"
auth_token = "env:TWILIO_AUTH_TOKEN"
from = "{NUMBER}"
base_url = "{url}"
{callback}
[verification]
vendor = "twilio"
account_sid = "{account}"
auth_token = "env:TWILIO_AUTH_TOKEN"
verify_service_sid = "{verify}"
base_url = "{url}"
verify_base_url = "{url}"

[webhooks.twilio]
auth_tokens = ["env:TWILIO_AUTH_TOKEN"]
{public}"#
        )
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![("TWILIO_AUTH_TOKEN", self.account.auth_token.clone())]
    }

    pub(super) fn about(&self) -> Value {
        let account = &self.account;
        json!({"url": self.url, "account_sid": account.sid, "auth_token": account.auth_token,
            "api_key": account.api_key, "api_secret": account.api_secret,
            "messaging_service": account.messaging_service, "verify_service": account.verify_service,
            "number": NUMBER})
    }
}
