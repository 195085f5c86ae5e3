//! Refunds a part of a payment and prints how much.
#![allow(clippy::print_stdout, reason = "a program prints its result")]

mod local;

use anyvendor::{
    Error, Vendors,
    payment::{CreatePayment, PaymentProviderExt, RefundPayment},
    values::{IdempotencyKey, Money, VendorId},
};
use anyvendor_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let vendors = local::connect(&sandbox)?;
    let payment = pay(&vendors, local::card(&vendors, "visa")?).await?;
    println!("{}", refund(&vendors, payment).await?);
    Ok(())
}

/// Gives back 5 EUR. The key belongs to this one refund: a second call with it gives back nothing more.
pub(crate) async fn refund(vendors: &Vendors, payment: VendorId) -> Result<String, Error> {
    let key = IdempotencyKey::new("order-1001-refund-1")?;
    let amount: Money = "5.00 EUR".parse()?;
    let request = RefundPayment::new(payment, key).with_amount(amount);
    let refund = vendors.payment()?.refund(request).await?;
    Ok(format!("{} refunded: {}", refund.amount, refund.id))
}

/// The payment to refund. An application stores its id with the order.
pub(crate) async fn pay(vendors: &Vendors, card: VendorId) -> Result<VendorId, Error> {
    let key = IdempotencyKey::new("order-1001")?;
    let request = CreatePayment::new("24.90 EUR".parse()?, key).with_source(card);
    Ok(vendors.payment()?.charge(request).await?.id)
}
