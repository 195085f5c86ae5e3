//! What the command line says.

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf};

use anyvendor::values::EmailAddress;
use anyvendor_sandbox::Profile;
use clap::Parser;
use url::Url;

/// Charges, receipts and mails a file of orders. Running it again charges nobody twice.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The orders: CSV, or JSON when the name ends in .json.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/orders.csv"))]
    pub(crate) orders: PathBuf,
    /// A running sandbox, by its control address; without it one is started here.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    pub(crate) sandbox: Option<Url>,
    /// Real vendors, as this file says.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What goes wrong in the sandbox: none, flaky or adversarial.
    #[arg(long, conflicts_with = "config")]
    pub(crate) faults: Option<Profile>,
    /// Who takes the payments, in place of the configuration's vendor; its settings stand under `payment.vendors`.
    #[arg(long, value_name = "VENDOR")]
    pub(crate) payment: Option<String>,
    /// Test cards by vendor and name; without it those that ship with this example.
    #[arg(long, value_name = "FILE")]
    pub(crate) cards: Option<PathBuf>,
    /// Writes what became of each order.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// How many orders are worked on at once.
    #[arg(long, default_value = "8")]
    pub(crate) jobs: NonZeroUsize,
    /// Who the mails are from.
    #[arg(long, default_value = "shop@example.com")]
    pub(crate) from: EmailAddress,
    /// Where payers come back to after confirming.
    #[arg(long, default_value = "https://shop.example.com")]
    pub(crate) site: Url,
    /// Keeps the sandbox that was started here, to look at, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["sandbox", "config"])]
    pub(crate) keep: bool,
    /// Receives webhooks, and waits until events have confirmed every payment, mail and text.
    #[arg(long)]
    pub(crate) wait_for_events: bool,
    /// Where webhooks are received: below `/webhooks/`. With a configuration of your own, what the vendors call must lead here.
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
    /// What goes wrong with the sandbox's webhooks: none, flaky (twice, late, the last first) or adversarial (also forged).
    #[arg(long, conflicts_with = "config", requires = "wait_for_events")]
    pub(crate) event_faults: Option<Profile>,
    /// Allows a configuration that moves real money.
    #[arg(long, requires = "config")]
    pub(crate) live: bool,
}
