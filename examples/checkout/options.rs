//! The command line's options.

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf};

use anyvendor::values::EmailAddress;
use anyvendor_sandbox::Profile;
use clap::Parser;
use url::Url;

/// Charges a file of orders, stores receipts and sends emails. Running it again charges nobody twice.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The orders: CSV, or JSON if the name ends in .json.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/orders.csv"))]
    pub(crate) orders: PathBuf,
    /// The control address of a running sandbox. Without it a sandbox is started.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    pub(crate) sandbox: Option<Url>,
    /// A configuration file that names real vendors.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What goes wrong in the sandbox: none, flaky or adversarial.
    #[arg(long, conflicts_with = "config")]
    pub(crate) faults: Option<Profile>,
    /// The payment vendor, if not the one of the configuration; its settings are under `payment.vendors`.
    #[arg(long, value_name = "VENDOR")]
    pub(crate) payment: Option<String>,
    /// Lets every payer choose how to pay on the payment vendor's page, in place of the card in the file.
    #[arg(long)]
    pub(crate) hosted: bool,
    /// Test cards by vendor and name. The default is the file of this example.
    #[arg(long, value_name = "FILE")]
    pub(crate) cards: Option<PathBuf>,
    /// Writes the outcome of each order to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// How many orders are settled concurrently.
    #[arg(long, default_value = "8")]
    pub(crate) jobs: NonZeroUsize,
    /// The sender of the emails.
    #[arg(long, default_value = "shop@example.com")]
    pub(crate) from: EmailAddress,
    /// The site that payers return to after confirming.
    #[arg(long, default_value = "https://shop.example.com")]
    pub(crate) site: Url,
    /// Keeps the started sandbox running until Ctrl-C, so that you can look at it.
    #[arg(long, conflicts_with_all = ["sandbox", "config"])]
    pub(crate) keep: bool,
    /// Receives webhooks, and waits until events have confirmed every payment, email and text.
    #[arg(long)]
    pub(crate) wait_for_events: bool,
    /// The address that receives webhooks, below `/webhooks/`. With your own configuration, the vendors must be able to reach it.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        requires = "wait_for_events"
    )]
    pub(crate) listen: SocketAddr,
    /// How many seconds to wait for events after the last order.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        requires = "wait_for_events"
    )]
    pub(crate) events_within: u64,
    /// What goes wrong with the sandbox's webhooks: none, flaky (duplicated, late, out of order) or adversarial (also forged).
    #[arg(long, conflicts_with = "config", requires = "wait_for_events")]
    pub(crate) event_faults: Option<Profile>,
    /// Allows a configuration that moves real money.
    #[arg(long, requires = "config")]
    pub(crate) live: bool,
}
