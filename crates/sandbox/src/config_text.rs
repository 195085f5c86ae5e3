//! The configuration file and the variables that point an application at a sandbox.

use crate::sandbox::Sandbox;

/// `anyvendor.toml` for this sandbox; secrets stand in variables, because a file must not hold them.
pub(crate) fn config_toml(sandbox: &Sandbox) -> String {
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
        stripe = sandbox.stripe_url(),
        sendgrid = sandbox.sendgrid_url(),
        bucket = sandbox.s3_bucket(),
        region = sandbox.s3_region(),
        s3 = sandbox.s3_url(),
    )
}

/// The variables that the configuration refers to.
pub(crate) fn variables(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    vec![
        ("STRIPE_SECRET_KEY", sandbox.stripe_key().to_owned()),
        ("SENDGRID_API_KEY", sandbox.sendgrid_key().to_owned()),
        ("AWS_ACCESS_KEY_ID", sandbox.s3_access_key().to_owned()),
        ("AWS_SECRET_ACCESS_KEY", sandbox.s3_secret_key().to_owned()),
    ]
}
