//! Which authorization of an order counts: reauthorizing makes a new one, and the original stays.
//!
//! See <https://developer.paypal.com/docs/checkout/advanced/authorization-honor>: captures belong to the newest one, and only
//! the original can be voided or reauthorized.

use super::id::Named;
use crate::{
    times::time,
    wire::{Booking, Order, PurchaseUnit},
};

/// Whether an authorization still reserves money.
pub(super) fn is_open(status: &str) -> bool {
    matches!(status, "CREATED" | "PARTIALLY_CAPTURED" | "PENDING")
}

/// The authorization of a unit that counts: the newest one that was not declined or voided, or else the newest.
pub(super) fn current(unit: &PurchaseUnit) -> Option<&Booking> {
    let all = || unit.payments.authorizations.iter().enumerate();
    let is_over = |status: &str| matches!(status, "DENIED" | "VOIDED");
    let age = |(at, one): &(usize, &Booking)| (time(one.create_time.as_deref()), *at);
    let counting = all().filter(|(_, one)| !is_over(&one.status));
    let found = counting.max_by_key(age).or_else(|| all().max_by_key(age));
    found.map(|(_, one)| one)
}

/// The authorization of a unit that the others were made of, if it is still open, or else the oldest open one.
pub(super) fn original(unit: &PurchaseUnit) -> Option<&Booking> {
    let open = unit.payments.authorizations.iter().enumerate();
    let open = open.filter(|(_, one)| is_open(&one.status));
    let age = |(at, one): &(usize, &Booking)| (time(one.create_time.as_deref()), *at);
    open.min_by_key(age).map(|(_, one)| one)
}

/// The authorization that decides the state of an order: of the first unit that still reserves money, or of the last one.
pub(super) fn deciding(order: &Order) -> Option<&Booking> {
    let units = || order.purchase_units.iter().filter_map(current);
    units()
        .find(|authorization| is_open(&authorization.status))
        .or_else(|| units().next_back())
}

/// The authorization to capture: the one that the id names, or the one that decides.
pub(super) fn to_capture(order: &Order, named: Named<'_>) -> Option<String> {
    match named {
        Named::Authorization(id) => Some(id.to_owned()),
        _ => deciding(order).map(|authorization| authorization.id.clone()),
    }
}

/// The unit that still reserves money: the one with the authorization that the id names, or the first one.
pub(super) fn reserving<'a>(order: &'a Order, named: Named<'_>) -> Option<&'a PurchaseUnit> {
    let has = |unit: &&PurchaseUnit| match named {
        Named::Authorization(id) => unit.payments.authorizations.iter().any(|one| one.id == id),
        _ => true,
    };
    let mut units = order.purchase_units.iter().filter(has);
    units.find(|unit| current(unit).is_some_and(|one| is_open(&one.status)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(authorizations: serde_json::Value) -> Order {
        let unit = json!({"payments": {"authorizations": authorizations}});
        let order = json!({"id": "O1", "status": "COMPLETED", "purchase_units": [unit]});
        serde_json::from_value(order).unwrap()
    }

    #[test]
    fn f27_the_newest_is_captured_and_the_original_is_voided() {
        let one = |id: &str, status: &str, day: u32| json!({"id": id, "status": status, "create_time": format!("2026-01-0{day}T00:00:00Z")});
        for (all, captured, voided) in [
            (json!([one("A", "CREATED", 1)]), "A", Some("A")),
            (
                json!([one("A", "CREATED", 1), one("B", "CREATED", 5)]),
                "B",
                Some("A"),
            ),
            (
                json!([one("B", "CREATED", 5), one("A", "CREATED", 1)]),
                "B",
                Some("A"),
            ),
            (
                json!([one("A", "VOIDED", 1), one("B", "CREATED", 5)]),
                "B",
                Some("B"),
            ),
            (
                json!([one("A", "CREATED", 1), one("B", "DENIED", 5)]),
                "A",
                Some("A"),
            ),
            // Captured money is never taken again from the original.
            (
                json!([one("A", "CREATED", 1), one("B", "CAPTURED", 5)]),
                "B",
                None,
            ),
            (
                json!([one("A", "VOIDED", 1), one("B", "VOIDED", 5)]),
                "B",
                None,
            ),
        ] {
            let order = order(all.clone());
            let found = to_capture(&order, Named::Order("O1"));
            assert_eq!(found.as_deref(), Some(captured), "{all}");
            let unit = reserving(&order, Named::Order("O1"));
            let found = unit.and_then(original).map(|one| one.id.as_str());
            assert_eq!(found, voided, "{all}");
        }
        assert!(to_capture(&order(json!([])), Named::Order("O1")).is_none());
    }
}
