//! One word of the configuration chooses another vendor; and the texts to customers' phones.

use anyvendor_sandbox::FaultPlan;
use shop::{NoticeState, Order, Outcome};

use crate::{captured, flaky, reported, run, sandbox, shipped_orders, shop, shop_paid_by, texts};

/// Whether both vendors support the order's currency.
fn both_take(order: &Order) -> bool {
    !matches!(order.amount.currency().code(), "KRW" | "KWD")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_word_swaps_the_vendor_and_the_totals_agree() {
    let orders: Vec<Order> = shipped_orders().into_iter().filter(both_take).collect();
    assert!(orders.len() > 45);
    let one = sandbox(FaultPlan::none()).await;
    let (outcomes, expected) = run(&shop_paid_by(&one, "stripe"), &orders).await;
    assert_eq!(one.paypal().state().orders().len(), 0);
    let charged = reported(&orders, &outcomes);
    assert_eq!(captured(&one), charged);
    for faults in [FaultPlan::none(), flaky()] {
        let other = sandbox(faults).await;
        let (outcomes, report) = run(&shop_paid_by(&other, "paypal"), &orders).await;
        assert!(other.stripe().state().charges().is_empty());
        assert_eq!(report.unsettled, 0, "{:#?}", report.orders);
        assert_eq!(captured(&other), charged);
        assert_eq!(reported(&orders, &outcomes), charged);
        for (currency, sums) in &report.totals {
            assert_eq!(
                sums.charged, expected.totals[currency].charged,
                "{currency}"
            );
        }
        assert_eq!(texts(&other), texts(&one));
        // A second run, also after a swap, charges nobody again: the record says that it is paid.
        other.set_faults(FaultPlan::none());
        for vendor in ["paypal", "stripe"] {
            let paid = |order: &&Order| charged.contains_key(&order.number);
            let paid: Vec<Order> = orders.iter().filter(paid).cloned().collect();
            let (again, _) = run(&shop_paid_by(&other, vendor), &paid).await;
            assert_eq!(reported(&paid, &again), charged);
        }
        assert_eq!(captured(&other), charged);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_vendor_cannot_take_is_refused_with_the_reason() {
    let sandbox = sandbox(FaultPlan::none()).await;
    let orders: Vec<Order> = shipped_orders()
        .into_iter()
        .filter(|order| !both_take(order) && order.repeats.is_none())
        .collect();
    let (outcomes, report) = run(&shop_paid_by(&sandbox, "paypal"), &orders).await;
    assert_eq!(report.unsettled, 0);
    for outcome in &outcomes {
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
        assert!(
            outcome.detail().unwrap().contains("currency"),
            "{outcome:?}"
        );
    }
    assert!(sandbox.paypal().state().orders().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_with_a_phone_get_one_text() {
    let orders = shipped_orders();
    for faults in [FaultPlan::none(), flaky()] {
        let sandbox = sandbox(faults).await;
        let (outcomes, _) = run(&shop(&sandbox), &orders).await;
        let (mut sent, mut refused) = (0, 0);
        for (order, outcome) in orders.iter().zip(&outcomes) {
            if let Outcome::Charged { text, .. } = outcome {
                match (text, order.phone.as_deref()) {
                    (Some(NoticeState::Sent(_)), Some(_)) => sent += 1,
                    // Not in the international form.
                    (Some(NoticeState::Refused(_)), Some(phone)) => {
                        assert!(phone.starts_with("00"), "{phone}");
                        refused += 1;
                    }
                    (None, None) => {}
                    other => panic!("{order:?}: {other:?}"),
                }
            }
        }
        assert!(sent > 5 && refused > 0, "{sent} sent, {refused} refused");
        assert_eq!(texts(&sandbox).len(), sent);
        run(&shop(&sandbox), &orders).await;
        assert_eq!(texts(&sandbox).len(), sent, "a second run sends nothing");
    }
}
