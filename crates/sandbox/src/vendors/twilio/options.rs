//! The options that only Twilio's emulator has.

use super::content::ContentTemplate;

/// The options, which the builder and the program's arguments set.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(skip)]
pub(crate) struct Options {
    #[arg(skip)]
    pub(super) contents: Vec<ContentTemplate>,
}
