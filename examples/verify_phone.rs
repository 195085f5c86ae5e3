//! Texts a code to a phone and checks what its owner types.
#![allow(clippy::print_stdout, reason = "a program prints its result")]

mod local;

use anyvendor::{
    Error, Vendors,
    messaging::{CheckVerification, StartVerification},
    values::{PhoneNumber, Secret, VendorId},
};
use anyvendor_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let vendors = local::connect(&sandbox)?;
    let id = send_code(&vendors, "+14155550100".parse()?).await?;
    // Nobody has this phone, so the sandbox shows the code.
    let sent = sandbox.twilio().state().verifications();
    let code = &sent.first().ok_or("no code was sent")?.code;
    println!("{}", check_code(&vendors, id, code).await?);
    Ok(())
}

/// Texts a code. An application keeps the returned id until the code is typed.
pub(crate) async fn send_code(vendors: &Vendors, to: PhoneNumber) -> Result<VendorId, Error> {
    let start = StartVerification::new(to);
    Ok(vendors.verification()?.start(start).await?.id)
}

/// Checks what the person typed. A wrong code is a status and not an error.
pub(crate) async fn check_code(
    vendors: &Vendors,
    id: VendorId,
    code: &str,
) -> Result<String, Error> {
    let check = CheckVerification::new(id, Secret::parse(code)?);
    let status = vendors.verification()?.check(check).await?;
    Ok(format!("{status:?}"))
}
