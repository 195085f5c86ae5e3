//! The configuration file and the variables that point an application at a sandbox.

use std::{fs, io, path::Path};

use crate::{
    keys::Keys,
    sandbox::{BUCKET, Places, REGION},
    vendors::twilio::NUMBER,
};

/// `anyvendor.toml` for this sandbox; secrets stand in variables, because a file must not hold them. Both payment vendors
/// have a table, so that one word swaps them.
///
/// `twilio` is the address that Twilio's events go to, if any: it signs the address, and is told where with each message.
pub(crate) fn config_toml(keys: &Keys, places: &Places, twilio: Option<&str>) -> String {
    let callback = twilio.map_or_else(String::new, |url| {
        // Without this Twilio gives up where it is told to try later.
        format!("status_callback = \"{url}#rc=5&rp=all\"\n")
    });
    let public = twilio.map_or_else(String::new, |url| {
        let host = url.split('/').take(3).collect::<Vec<_>>().join("/");
        format!("public_url = \"{host}\"\n")
    });
    format!(
        r#"mode = "sandbox"

[payment]
vendor = "stripe"

[payment.vendors.stripe]
api_key = "env:STRIPE_SECRET_KEY"
base_url = "{stripe}"

[payment.vendors.paypal]
client_id = "env:PAYPAL_CLIENT_ID"
client_secret = "env:PAYPAL_CLIENT_SECRET"
base_url = "{paypal}"

[email]
vendor = "sendgrid"
api_key = "env:SENDGRID_API_KEY"
base_url = "{sendgrid}"

[messaging]
vendor = "twilio"
account_sid = "{account}"
auth_token = "env:TWILIO_AUTH_TOKEN"
from = "{number}"
base_url = "{twilio}"
{callback}
[verification]
vendor = "twilio"
account_sid = "{account}"
auth_token = "env:TWILIO_AUTH_TOKEN"
verify_service_sid = "{verify}"
base_url = "{twilio}"
verify_base_url = "{twilio}"

[storage]
vendor = "s3"
bucket = "{bucket}"
region = "{region}"
endpoint = "{s3}"
addressing = "path"
credentials = {{ kind = "static", access_key_id = "env:AWS_ACCESS_KEY_ID", secret_access_key = "env:AWS_SECRET_ACCESS_KEY" }}

[webhooks.stripe]
secrets = ["env:STRIPE_WEBHOOK_SECRET"]

[webhooks.paypal]
webhook_ids = ["{paypal_webhook}"]
base_url = "{paypal}"
root_certificates = """
{paypal_root}"""

[webhooks.sendgrid]
public_keys = ["{sendgrid_key}"]

[webhooks.twilio]
auth_tokens = ["env:TWILIO_AUTH_TOKEN"]
{public}"#,
        stripe = places.stripe,
        paypal = places.paypal,
        paypal_webhook = keys.paypal_webhook,
        paypal_root = keys.paypal_root,
        sendgrid = places.sendgrid,
        sendgrid_key = keys.sendgrid_webhook,
        account = keys.twilio.sid,
        number = NUMBER,
        twilio = places.twilio,
        verify = keys.twilio.verify_service,
        bucket = BUCKET,
        region = REGION,
        s3 = places.s3,
    )
}

/// The variables that the configuration refers to, and those of vendors that it does not set up.
pub(crate) fn variables(keys: &Keys) -> Vec<(&'static str, String)> {
    vec![
        ("STRIPE_SECRET_KEY", keys.stripe.clone()),
        ("STRIPE_WEBHOOK_SECRET", keys.stripe_webhook.clone()),
        ("SENDGRID_API_KEY", keys.sendgrid.clone()),
        ("AWS_ACCESS_KEY_ID", keys.s3_access.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.s3_secret.clone()),
        ("PAYPAL_CLIENT_ID", keys.paypal_id.clone()),
        ("PAYPAL_CLIENT_SECRET", keys.paypal_secret.clone()),
        ("TWILIO_AUTH_TOKEN", keys.twilio.auth_token.clone()),
    ]
}

/// A sandbox's configuration with each secret in a file of `folder`, for a program that cannot set its own variables.
/// Writes at once: call it at the start.
///
/// # Errors
/// When a file cannot be written.
pub fn secrets_in_files<N: AsRef<str>, V: AsRef<str>>(
    config_toml: &str,
    variables: impl IntoIterator<Item = (N, V)>,
    folder: &Path,
) -> io::Result<String> {
    let mut text = config_toml.to_owned();
    for (name, value) in variables {
        let file = folder.join(name.as_ref());
        fs::write(&file, value.as_ref())?;
        let variable = ["env:", name.as_ref()].concat();
        text = text.replace(&variable, &format!("file:{}", file.display()));
    }
    Ok(text)
}
