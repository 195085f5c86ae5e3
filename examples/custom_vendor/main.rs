//! An adapter from outside: an imaginary mail vendor behind `EmailProvider`, held to the contract and used by name.
#![allow(
    clippy::print_stdout,
    reason = "a program's output is for the person who started it"
)]

mod acme;
mod double;

use std::{error::Error, process::ExitCode, sync::Arc};

use anyvendor::{Config, Registry, Vendors, email::EmailProviderExt};
use anyvendor_conformance::{EmailHarness, email};

use self::acme::{Acme, VENDOR};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let acme = double::start().await?;
    let key = tempfile::NamedTempFile::new()?;
    std::fs::write(key.path(), double::KEY)?;
    let text = format!(
        "mode = \"sandbox\"\n[email]\nvendor = \"acme\"\nbase_url = \"{}\"\napi_key = \"file:{}\"\n",
        acme.url,
        key.path().display()
    );
    // The application's side: the vendor is a name in a file.
    let registry = Registry::default().with_email(VENDOR, |settings| {
        Ok(Arc::new(Acme::new(&settings.section.read()?)?))
    });
    let vendors = Vendors::builder()
        .registry(registry)
        .connect(&Config::from_toml(&text)?)?;
    let provider = vendors.email()?;

    // The contract, case by case, as the adapter's own tests would run it.
    let harness = EmailHarness {
        provider: Arc::clone(&provider),
        from: "shop@example.com".parse()?,
        to: "ann@example.com".parse()?,
        refused_recipient: Some(double::REFUSED.parse()?),
        template: None,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    let report = email::run(&harness).await;
    for case in &report.cases {
        match &case.failure {
            None => println!("kept    {}", case.name),
            Some(failure) => println!("BROKEN  {}: {failure}", case.name),
        }
    }
    let before = acme.taken();
    provider
        .send_text(harness.from, harness.to, "Hello", "A mail like any other.")
        .await?;
    println!(
        "{} cases; the vendor took {} mails",
        report.cases.len(),
        acme.taken()
    );
    let kept = report.failures().count() == 0 && acme.taken() == before + 1;
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
