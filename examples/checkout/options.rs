//! What the command line says.

use std::{num::NonZeroUsize, path::PathBuf};

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
    /// What goes wrong in the sandbox: none, rough or hostile.
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
    /// Allows a configuration that moves real money.
    #[arg(long, requires = "config")]
    pub(crate) live: bool,
}
