//! The options that only Twilio's emulator has.

use super::content::ContentTemplate;

/// The options.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Options {
    #[arg(skip)]
    pub(super) contents: Vec<ContentTemplate>,
}
