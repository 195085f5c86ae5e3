//! Stores a file and prints a link that works for an hour.
#![allow(clippy::print_stdout, reason = "a program prints its result")]

mod local;

use std::time::Duration;

use anyvendor::{
    Error, Vendors,
    storage::{ContentHeaders, Presign, PutObject},
    values::{ObjectKey, SensitiveUrl},
};
use anyvendor_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let vendors = local::connect(&sandbox)?;
    let link = upload(&vendors, "invoices/1001.txt".parse()?, "24.90 EUR").await?;
    // Anyone who has the link can read the file, so it is not printed by accident.
    println!("{}", link.expose());
    Ok(())
}

/// Stores a text and returns a link to read it.
pub(crate) async fn upload(
    vendors: &Vendors,
    key: ObjectKey,
    text: &'static str,
) -> Result<SensitiveUrl, Error> {
    let storage = vendors.storage()?;
    let content = ContentHeaders::of_type("text/plain; charset=utf-8");
    let put = PutObject::new(key.clone(), text).with_content(content);
    storage.put(put).await?;
    let hour = Duration::from_secs(3600);
    Ok(storage.presign(Presign::get(key, hour)).await?.url)
}
