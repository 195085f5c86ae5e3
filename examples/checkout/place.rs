//! The vendors to use: a sandbox that is started here, one that is already running, or real vendors.

use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};

use anyvendor::{
    Config,
    network::{Client, ClientConfig, HttpTransport, TransportConfig},
    resilience::OperationClass,
};
use anyvendor_conformance::{PagePayer, Payer};
use anyvendor_sandbox::{FaultPlan, Sandbox, secrets_in_files};
use serde::Deserialize;
use tokio::net::TcpListener;
use url::Url;

use crate::options::Options;

/// The sandbox may inject a fault that never responds. There is no need to wait for it as long as for a real vendor.
const TIMEOUTS: [(&str, &str); 2] = [
    ("ANYVENDOR_PAYMENT__RESILIENCE__ATTEMPT_TIMEOUT", "2s"),
    ("ANYVENDOR_STORAGE__RESILIENCE__ATTEMPT_TIMEOUT", "2s"),
];

/// The variable that names the payment vendor.
const VENDOR: &str = "ANYVENDOR_PAYMENT__VENDOR";

/// The configuration, and the sandbox that it points to.
pub(crate) struct Place {
    pub(crate) config: Config,
    /// Acts for the payers on a sandbox.
    pub(crate) payer: Option<Arc<dyn Payer>>,
    /// Receives webhooks, if the run waits for them.
    pub(crate) listener: Option<TcpListener>,
    sandbox: Option<Sandbox>,
    /// Keeps the files that contain the configuration's secrets.
    _secrets: Option<tempfile::TempDir>,
}

/// What a running sandbox reports about itself.
#[derive(Deserialize)]
struct About {
    config_toml: String,
    variables: BTreeMap<String, String>,
}

impl Place {
    pub(crate) async fn find(options: &Options) -> Result<Self, Box<dyn Error>> {
        let chosen = options.payment.as_ref();
        let chosen = chosen.map(|vendor| (VENDOR.to_owned(), vendor.clone()));
        let own = std::env::vars().filter(|(name, _)| name.starts_with("ANYVENDOR_"));
        let own = own.chain(chosen);
        let listener = if options.wait_for_events {
            Some(TcpListener::bind(options.listen).await?)
        } else {
            None
        };
        let base = match &listener {
            Some(listener) => Some(format!("http://{}", listener.local_addr()?)),
            None => None,
        };
        if let Some(path) = &options.config {
            let text = std::fs::read_to_string(path)?;
            return Ok(Self {
                config: Config::from_toml_and(&text, own)?,
                payer: None,
                listener,
                sandbox: None,
                _secrets: None,
            });
        }
        let (about, sandbox) = match &options.sandbox {
            Some(url) => (ask(url, options, base.as_deref()).await?, None),
            None => {
                let plan = FaultPlan::from(options.faults.unwrap_or_default());
                let sandbox = Sandbox::builder()
                    .faults(plan)
                    .webhooks(options.event_faults.unwrap_or_default())
                    .start()
                    .await?;
                if let Some(base) = &base {
                    sandbox.send_all_webhooks(base)?;
                }
                println!(
                    "sandbox: {}  (with --keep, open it to see what arrived)",
                    sandbox.url()
                );
                let about = About {
                    config_toml: sandbox.config_toml(),
                    variables: sandbox
                        .variables()
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                };
                (about, Some(sandbox))
            }
        };
        // A configuration only refers to secrets, so the sandbox's secrets are written to files for this run.
        let secrets = tempfile::tempdir()?;
        let text = secrets_in_files(&about.config_toml, &about.variables, secrets.path())?;
        let timeouts = TIMEOUTS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Self {
            config: Config::from_toml_and(&text, timeouts.into_iter().chain(own))?,
            payer: Some(payer()?),
            listener,
            sandbox,
            _secrets: Some(secrets),
        })
    }

    /// With `keep`, prints the sandbox's address and waits for Ctrl-C.
    pub(crate) async fn close(self, keep: bool) -> Result<(), Box<dyn Error>> {
        if let Some(sandbox) = self.sandbox.filter(|_| keep) {
            println!("open {}, then press Ctrl-C", sandbox.url());
            tokio::signal::ctrl_c().await?;
            sandbox.shutdown().await;
        }
        Ok(())
    }
}

/// Opens the sandbox's pages as a payer would.
fn payer() -> Result<Arc<dyn Payer>, anyvendor::Error> {
    let settings = TransportConfig::of(Duration::from_secs(3), true);
    Ok(Arc::new(PagePayer(Arc::new(HttpTransport::new(settings)?))))
}

/// Sets the faults of a running sandbox, and asks it for its configuration.
async fn ask(
    url: &Url,
    options: &Options,
    webhooks: Option<&str>,
) -> Result<About, Box<dyn Error>> {
    let config = ClientConfig::new("sandbox", url.as_str()).with_private_addresses();
    let sandbox = Client::new(config)?;
    if let Some(faults) = options.faults {
        let class = OperationClass::Idempotent;
        let call = sandbox.post("sandbox.faults", "/_sandbox/faults", class);
        call.json(&faults).send().await?;
    }
    if let Some(base) = webhooks {
        let plan = options.event_faults.unwrap_or_default();
        let class = OperationClass::Idempotent;
        let call = sandbox.post("sandbox.webhooks", "/_sandbox/webhooks", class);
        let body = serde_json::json!({"all": base, "plan": plan});
        call.json(&body).send().await?;
    }
    println!("sandbox: {url}  (open it to see what arrived)");
    Ok(sandbox.get("sandbox.about", "/_sandbox").read().await?)
}
