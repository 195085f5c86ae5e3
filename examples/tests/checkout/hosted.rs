//! Every payer pays on the vendor's own page: the same money is taken, once, at each vendor.

use std::collections::BTreeSet;

use shop::{Order, Outcome};

use crate::{FaultPlan, captured, run, sandbox, shipped_orders, shop_paid_by};

/// The first orders of the file, without those that name an unknown currency or another order.
fn some() -> Vec<Order> {
    shipped_orders().into_iter().take(14).collect()
}

#[tokio::test]
async fn f20_payers_pay_on_the_page_of_either_vendor_and_once() {
    for vendor in ["stripe", "paypal"] {
        let (sandbox, orders) = (sandbox(FaultPlan::none()).await, some());
        let shop = shop_paid_by(&sandbox, vendor).on_vendor_page();
        let (first, report) = run(&shop, &orders).await;
        assert_eq!(report.unsettled, 0, "{vendor}: {first:?}");
        let paid = |(_, outcome): &(&Order, &Outcome)| matches!(outcome, Outcome::Charged { .. });
        let paid: Vec<_> = orders.iter().zip(&first).filter(paid).collect();
        assert!(paid.len() > 5, "{vendor}: {first:?}");
        let taken = captured(&sandbox);
        let numbers: BTreeSet<_> = paid.iter().map(|(order, _)| &order.number).collect();
        assert_eq!(taken.keys().collect::<BTreeSet<_>>(), numbers, "{vendor}");
        // Running again, as a new process would, charges nobody twice.
        let again = shop_paid_by(&sandbox, vendor).on_vendor_page();
        run(&again, &orders).await;
        assert_eq!(captured(&sandbox), taken, "{vendor}");
    }
}
