//! The cost of a route compared with a direct connection, and the speed of counting segments. No socket is involved.

mod segments;

use std::{cell::Cell, sync::Arc};

use anyvendor::{Config, Registry, Vendors};
use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_bench_support::{
    instantly::Instantly,
    machine,
    stats::{Subject, print, setting, turns},
};
use anyvendor_core::{
    payment::{CreatePayment, PaymentProvider},
    values::{Currency, IdempotencyKey, Money, Secret, VendorId},
};

const CALLS: usize = 100;
const INTENT: &[u8] =
    include_bytes!("../../../crates/adapter-stripe/tests/fixtures/200_payment_intent.json");

fn stripe() -> Arc<dyn PaymentProvider> {
    let config = StripeConfig::new(Secret::new("sk_test_0123456789abcdef"));
    let headers = [("content-type", "application/json")];
    let transport = Arc::new(Instantly::new(headers, INTENT));
    let stripe = Stripe::builder(config).transport(transport).build();
    Arc::new(stripe.expect("good settings"))
}

fn routed(route: &str) -> Arc<dyn PaymentProvider> {
    let text = format!(
        "mode = \"sandbox\"\n[payment]\nvendor = \"one\"\nroutes = \"memory\"\n{route}\n[payment.vendors.two]\n"
    );
    let registry = Registry::default()
        .with_payment("one", |_| Ok(stripe()))
        .with_payment("two", |_| Ok(stripe()));
    let config = Config::from_toml(&text).expect("a configuration");
    let vendors = Vendors::builder().registry(registry).connect(&config);
    vendors.expect("vendors").payment().expect("a vendor")
}

/// Each payment has its own key, as real ones have.
fn payment(number: u64) -> CreatePayment {
    let gbp = Currency::from_code("GBP").expect("a currency");
    let amount = Money::from_minor(2_020, gbp).expect("an amount");
    let key = IdempotencyKey::new(format!("order-{number}")).expect("a key");
    let id = |id| VendorId::new("stripe", id).expect("an id");

    CreatePayment::new(amount, key)
        .with_reference("order-1")
        .with_customer(id("cus_1"))
        .with_source(id("pm_1"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rounds = setting("ROUNDS", 2_000);
    let ways = [
        stripe(),
        routed("failover = [\"two\"]"),
        routed("split = { two = 10 }"),
    ];
    let mut subjects = [
        Subject::new("direct connection"),
        Subject::new("route with failover"),
        Subject::new("route with a share of 10 %"),
    ];
    let number = Cell::new(0);
    for turn in turns(rounds, subjects.len()) {
        if turn.warmed_up {
            subjects.iter_mut().for_each(Subject::warmed_up);
        }
        let provider = &ways[turn.subject];
        let create = || async {
            number.set(number.get() + 1);
            let outcome = provider.create(payment(number.get())).await;
            assert!(outcome.expect("a payment").payment().is_some());
        };
        subjects[turn.subject].round(CALLS, create).await;
    }
    println!("{}\n", machine());
    println!(
        "Creating a payment over a transport that responds immediately, {rounds} interleaved rounds of {CALLS} calls:\n"
    );
    print(&subjects);
    println!("\nCounting segments, 160 characters each:\n");
    segments::run();
}
