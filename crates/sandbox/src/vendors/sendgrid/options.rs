//! The options that only SendGrid's emulator has.

use super::template::Template;

/// The options, which the builder and the program's arguments set.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    /// How many emails may be sent; without it there is no limit.
    #[arg(id = "sendgrid_credits", long = "sendgrid-credits")]
    pub(super) credits: Option<u64>,
    #[arg(skip)]
    pub(super) templates: Vec<Template>,
}
