//! The recipe of core's documentation: the return page and the webhook report one payment, and one of them ships.

use std::{collections::BTreeSet, sync::Mutex};

use anyvendor_adapter_stripe::Stripe;
use anyvendor_core::{
    Error,
    payment::{ConfirmPayment, CreatePayment, PaymentOutcome, PaymentProvider, PaymentSource},
    values::{Money, VendorId},
};
use futures_util::future::join;

use crate::{
    setup::{dollars, open, start},
    support::{id, key},
};

struct Order {
    number: String,
    price: Money,
    payment: VendorId,
}

/// The orders that are paid.
#[derive(Default)]
struct Orders(Mutex<BTreeSet<String>>);

impl Orders {
    /// As one statement of a database does it: whether the order was not paid before.
    fn mark_paid(&self, order: &Order) -> bool {
        self.0.lock().unwrap().insert(order.number.clone())
    }
}

async fn complete(payments: &Stripe, orders: &Orders, order: &Order) -> Result<bool, Error> {
    let request = ConfirmPayment::new(order.payment.clone(), key(&order.number));
    Ok(match payments.confirm(request).await? {
        PaymentOutcome::Captured(paid) if paid.captured == order.price => orders.mark_paid(order),
        _ => false,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn return_page_and_webhook_complete_an_order_once() {
    let (sandbox, provider) = start().await;
    let orders = Orders::default();
    let back = || -> url::Url { "https://shop.example/back".parse().unwrap() };
    for round in 0..12 {
        let number = format!("order-{round}");
        let source = match round % 2 {
            0 => PaymentSource::VendorPage,
            _ => id("pm_card_threeDSecure2Required").into(),
        };
        let request = CreatePayment::new(dollars(), key(&number))
            .with_reference(number.clone())
            .with_source(source)
            .with_return_url(back());
        let outcome = provider.create(request).await.unwrap();
        let PaymentOutcome::RequiresAction(payment, action) = outcome else {
            panic!("{outcome:?}")
        };
        let order = Order {
            number,
            price: dollars(),
            payment: payment.id,
        };
        let run = || complete(&provider, &orders, &order);
        // A page or an event that was made up ships nothing.
        assert!(!run().await.unwrap());
        let page = action.page().unwrap().expose();
        open(&format!("{page}?outcome=approve")).await;
        let shipped = match round % 4 {
            // One after the other, and both at the same time.
            0 | 1 => (run().await.unwrap(), run().await.unwrap()),
            _ => {
                let (one, two) = join(run(), run()).await;
                (one.unwrap(), two.unwrap())
            }
        };
        assert!(shipped.0 ^ shipped.1, "round {round}: {shipped:?}");
        assert!(!run().await.unwrap(), "a redelivered event ships nothing");
        // The event names the payment intent, and its reference leads to the order.
        let intents = sandbox.stripe().state().payment_intents();
        let metadata = &intents.last().unwrap().metadata;
        assert_eq!(metadata["anyvendor_reference"], order.number);
    }
    let charges = sandbox.stripe().state().charges();
    assert_eq!(charges.iter().filter(|charge| charge.captured).count(), 12);
}
