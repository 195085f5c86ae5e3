//! Charges a card and prints the outcome.
#![allow(clippy::print_stdout, reason = "a program prints its result")]

mod local;

use anyvendor::{
    Error, Vendors,
    payment::{CreatePayment, PaymentOutcome},
    values::{IdempotencyKey, Money, VendorId},
};
use anyvendor_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let vendors = local::connect(&sandbox)?;
    // The payment page in the browser sends the card to the vendor and gives us only this id.
    let card = local::card(&vendors, "visa")?;
    println!("{}", charge(&vendors, card).await?);
    Ok(())
}

/// Charges order 1001. A second call with the same key returns the same payment and charges nothing.
pub(crate) async fn charge(vendors: &Vendors, card: VendorId) -> Result<String, Error> {
    let amount: Money = "24.90 EUR".parse()?;
    let key = IdempotencyKey::new("order-1001")?;
    let request = CreatePayment::new(amount, key).with_source(card);
    Ok(match vendors.payment()?.create(request).await? {
        PaymentOutcome::Captured(payment) => format!("{} paid: {}", payment.captured, payment.id),
        PaymentOutcome::Declined(decline, _) => format!("declined: {}", decline.code.as_str()),
        PaymentOutcome::RequiresAction(..) => "the payer has to confirm first".to_owned(),
        other => format!("not paid yet: {other:?}"),
    })
}
