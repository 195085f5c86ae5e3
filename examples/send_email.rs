//! Sends an email and prints the status of each recipient.
#![allow(clippy::print_stdout, reason = "a program prints its result")]

mod local;

use anyvendor::{
    Error, Vendors,
    email::{EmailContent, EmailMessage, RecipientStatus},
    values::EmailAddress,
};
use anyvendor_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let vendors = local::connect(&sandbox)?;
    println!("{}", welcome(&vendors, "ann@example.com".parse()?).await?);
    Ok(())
}

/// Welcomes a new customer, with a blind copy to the sales team.
pub(crate) async fn welcome(vendors: &Vendors, to: EmailAddress) -> Result<String, Error> {
    let from = EmailAddress::new("shop@example.com")?.with_name("The shop")?;
    let content = EmailContent::text("Welcome", "Your account is ready.");
    let message = EmailMessage::new(from, to, content).with_bcc(["sales@example.com".parse()?]);
    let outcome = vendors.email()?.send(message).await?;
    let lines = outcome.recipients.iter().map(|recipient| {
        let status = match &recipient.status {
            RecipientStatus::Accepted => "accepted".to_owned(),
            other => format!("not accepted: {other:?}"),
        };
        format!("{}: {status}", recipient.to.address())
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
