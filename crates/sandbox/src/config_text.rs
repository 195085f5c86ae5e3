//! The configuration file and the variables that point an application at a sandbox.

use std::{fs, io, path::Path};

use crate::sandbox::{BUCKET, Keys, Places, REGION};

/// `anyvendor.toml` for this sandbox; secrets stand in variables, because a file must not hold them.
pub(crate) fn config_toml(places: &Places) -> String {
    format!(
        r#"mode = "sandbox"

[payment]
vendor = "stripe"
api_key = "env:STRIPE_SECRET_KEY"
base_url = "{stripe}"

[email]
vendor = "sendgrid"
api_key = "env:SENDGRID_API_KEY"
base_url = "{sendgrid}"

[storage]
vendor = "s3"
bucket = "{bucket}"
region = "{region}"
endpoint = "{s3}"
addressing = "path"
credentials = {{ kind = "static", access_key_id = "env:AWS_ACCESS_KEY_ID", secret_access_key = "env:AWS_SECRET_ACCESS_KEY" }}
"#,
        stripe = places.stripe,
        sendgrid = places.sendgrid,
        bucket = BUCKET,
        region = REGION,
        s3 = places.s3,
    )
}

/// The variables that the configuration refers to, and those of vendors that it does not set up.
pub(crate) fn variables(keys: &Keys) -> Vec<(&'static str, String)> {
    vec![
        ("STRIPE_SECRET_KEY", keys.stripe.clone()),
        ("SENDGRID_API_KEY", keys.sendgrid.clone()),
        ("AWS_ACCESS_KEY_ID", keys.s3_access.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.s3_secret.clone()),
        ("TWILIO_ACCOUNT_SID", keys.twilio.sid.clone()),
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
