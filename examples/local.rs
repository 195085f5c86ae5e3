//! Connects the small examples to a sandbox in the same process.

use std::error::Error;

use anyvendor::{Config, Vendors, values::VendorId};
use anyvendor_sandbox::{Sandbox, secrets_in_files};

/// Connects to the vendors of the sandbox's configuration. An application reads its own file instead:
/// `Vendors::connect(&Config::load("anyvendor.toml")?)?`.
pub(crate) fn connect(sandbox: &Sandbox) -> Result<Vendors, Box<dyn Error>> {
    // A configuration names the variable or the file of a secret and never contains the secret itself.
    let folder = tempfile::tempdir()?;
    let text = secrets_in_files(&sandbox.config_toml(), sandbox.variables(), folder.path())?;
    Ok(Vendors::connect(&Config::from_toml(&text)?)?)
}

/// The id of a test card at the vendor that takes the payments.
#[allow(dead_code, reason = "only the programs about payments use it")]
pub(crate) fn card(vendors: &Vendors, name: &str) -> Result<VendorId, Box<dyn Error>> {
    let cards: toml::Table = include_str!("data/test-cards.toml").parse()?;
    let vendor = vendors.payment()?.vendor();
    let id = cards
        .get(vendor)
        .and_then(|cards| cards.get(name)?.as_str());
    Ok(VendorId::new(
        vendor,
        id.ok_or("this vendor has no such test card")?,
    )?)
}
