//! An adapter from outside: an imaginary email vendor, run through the conformance suite and then used by name.
#![allow(
    clippy::print_stdout,
    reason = "a program's output is for the person who started it"
)]

#[allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "written like a crate of its own, of which this program uses a part"
)]
mod acme;
mod fake;

use std::{error::Error, process::ExitCode, sync::Arc};

use anyvendor::{Config, Registry, Vendors, email::EmailProviderExt};
use anyvendor_conformance::{EmailHarness, email};

use self::acme::{Acme, VENDOR};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let acme = fake::start().await?;
    let key = tempfile::NamedTempFile::new()?;
    std::fs::write(key.path(), fake::KEY)?;
    let text = format!(
        "mode = \"sandbox\"\n[email]\nvendor = \"acme\"\nbase_url = \"{}\"\n\
         allow_private_addresses = true\napi_key = \"file:{}\"\n",
        acme.url,
        key.path().display()
    );
    // The application registers the adapter under a name; the configuration chooses it by that name.
    let registry = Registry::default().with_email(VENDOR, |settings| {
        Ok(Arc::new(Acme::new(settings.section.read()?)?))
    });
    let vendors = Vendors::builder()
        .registry(registry)
        .connect(&Config::from_toml(&text)?)?;
    let provider = vendors.email()?;

    // The contract, case by case. The adapter's own tests run the same suite.
    let harness = EmailHarness {
        provider: Arc::clone(&provider),
        from: "shop@example.com".parse()?,
        to: "ann@example.com".parse()?,
        refused_recipient: Some(fake::REJECTED.parse()?),
        template: None,
        now: anyvendor::Timestamp::UNIX_EPOCH,
    };
    let report = email::run(&harness).await;
    for case in &report.cases {
        match &case.failure {
            None => println!("kept    {}", case.name),
            Some(failure) => println!("BROKEN  {}: {failure}", case.name),
        }
    }
    let before = acme.messages().len();
    provider
        .send_text(harness.from, harness.to, "Hello", "Your parcel is here.")
        .await?;
    println!(
        "{} cases; the vendor accepted {} emails",
        report.cases.len(),
        acme.messages().len()
    );
    let kept = report.failures().count() == 0 && acme.messages().len() == before + 1;
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
