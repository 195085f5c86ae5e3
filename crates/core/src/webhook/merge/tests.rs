//! Tests of states under every order of their events.

use super::*;
use crate::{
    messaging::FailureKind,
    payment::{Decline, DeclineCode, RefundFailure},
    values::{Currency, EmailAddress},
    webhook::BounceKind,
};

fn id(id: &str) -> VendorId {
    VendorId::new("acme", id).unwrap()
}

fn money(minor: i64) -> Money {
    Money::from_minor(minor, Currency::from_code("USD").unwrap()).unwrap()
}

fn second(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(second).unwrap())
}

fn payment(change: PaymentChange) -> PaymentEvent {
    PaymentEvent::new(change, Some(id("pay_1")))
}

fn about(change: PaymentChange, transaction: &str, amount: i64) -> PaymentEvent {
    let mut event = payment(change);
    event.transaction = Some(id(transaction));
    event.amount = Some(money(amount));
    event
}

/// All orders of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let with = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, count - 1);
        order
    };
    shorter
        .iter()
        .flat_map(|order| (0..count).map(move |at| with(order, at)))
        .collect()
}

#[test]
fn a_payment_ends_the_same_in_every_order_and_with_every_event_twice() {
    let failed = PaymentChange::Failed(Decline::new(DeclineCode::Generic));
    let lost = RefundStatus::Failed(RefundFailure::Unknown);
    let events = [
        (payment(PaymentChange::Created), second(10)),
        (payment(failed), second(11)),
        (payment(PaymentChange::RequiresAction), second(12)),
        (about(PaymentChange::Captured, "cap_1", 600), second(13)),
        (
            about(PaymentChange::Refunded(RefundStatus::Pending), "ref_1", 200),
            second(14),
        ),
        (
            about(
                PaymentChange::Refunded(RefundStatus::Succeeded),
                "ref_1",
                200,
            ),
            second(15),
        ),
        (
            about(PaymentChange::Refunded(lost), "ref_2", 100),
            second(15),
        ),
    ];
    let orders = orders(events.len());
    assert_eq!(orders.len(), 5040);
    for order in orders {
        let mut state = PaymentState::new();
        for at in &order {
            let (event, at) = &events[*at];
            state.apply(event, *at);
            assert_eq!(state.apply(event, *at), Merge::Stale, "the same again");
        }
        assert_eq!(state.change(), Some(&PaymentChange::Captured), "{order:?}");
        assert_eq!(state.captured(), Some(money(600)));
        assert_eq!(state.refunded(), Some(money(200)));
        assert_eq!(state.refunds().count(), 2);
    }
}

#[test]
fn open_changes_follow_the_vendors_clock_and_then_their_rank() {
    let mut state = PaymentState::new();
    let failed = PaymentChange::Failed(Decline::new(DeclineCode::Generic));
    assert_eq!(
        state.apply(&payment(failed.clone()), second(20)),
        Merge::Applied
    );
    // A second attempt, with another card.
    assert_eq!(
        state.apply(&payment(PaymentChange::RequiresAction), second(21)),
        Merge::Applied
    );
    assert_eq!(state.apply(&payment(failed), second(20)), Merge::Stale);
    // In the same second the one further along wins.
    assert_eq!(
        state.apply(&payment(PaymentChange::Authorized), second(21)),
        Merge::Applied
    );
    assert_eq!(
        state.apply(&payment(PaymentChange::Processing), second(21)),
        Merge::Stale
    );
    assert_eq!(
        state.apply(&payment(PaymentChange::Cancelled), second(5)),
        Merge::Applied,
        "final"
    );
    assert_eq!(
        state.apply(&payment(PaymentChange::Authorized), second(99)),
        Merge::Stale
    );
    // Captured money outranks everything that was reported before.
    assert_eq!(
        state.apply(&about(PaymentChange::Captured, "cap_1", 5), second(1)),
        Merge::Applied
    );
    assert_eq!(
        state.apply(&payment(PaymentChange::Updated), second(99)),
        Merge::Stale
    );
}

#[test]
fn captures_add_up_and_a_total_counts_once() {
    let mut state = PaymentState::new();
    assert_eq!(
        state.apply(&about(PaymentChange::Captured, "cap_1", 100), None),
        Merge::Applied
    );
    assert_eq!(
        state.apply(&about(PaymentChange::Captured, "cap_2", 50), None),
        Merge::Applied
    );
    assert_eq!(state.captured(), Some(money(150)));
    let mut total = payment(PaymentChange::Captured);
    total.captured = Some(money(150));
    assert_eq!(state.apply(&total, None), Merge::Stale, "the same money");
    total.captured = Some(money(170));
    assert_eq!(state.apply(&total, None), Merge::Applied);
    assert_eq!(state.captured(), Some(money(170)));
    total.captured = Some(money(160));
    assert_eq!(state.apply(&total, None), Merge::Stale);
}

#[test]
fn a_dispute_moves_on_and_ends_once() {
    let dispute = |status| about(PaymentChange::Disputed(status), "dp_1", 100);
    let mut state = PaymentState::new();
    assert_eq!(
        state.apply(&dispute(DisputeStatus::UnderReview), None),
        Merge::Applied
    );
    assert_eq!(
        state.apply(&dispute(DisputeStatus::Opened), None),
        Merge::Stale
    );
    assert_eq!(
        state.apply(&dispute(DisputeStatus::Lost), None),
        Merge::Applied
    );
    assert_eq!(
        state.apply(&dispute(DisputeStatus::Won), None),
        Merge::Stale
    );
    assert_eq!(
        state.disputes().next(),
        Some((&id("dp_1"), &DisputeStatus::Lost))
    );
}

#[test]
fn a_refund_that_failed_after_success_is_money_kept() {
    let refund = |status| about(PaymentChange::Refunded(status), "ref_1", 100);
    let mut state = PaymentState::new();
    state.apply(&refund(RefundStatus::Succeeded), None);
    let failed = RefundStatus::Failed(RefundFailure::Declined);
    assert_eq!(state.apply(&refund(failed), None), Merge::Applied);
    assert_eq!(
        state.apply(&refund(RefundStatus::Succeeded), None),
        Merge::Stale
    );
    assert_eq!(state.refunded(), None);
}

#[test]
fn a_late_delivery_never_erases_a_complaint_or_a_bounce() {
    let event = |change| EmailEvent::new(change, EmailAddress::new("a@example.com").unwrap());
    let bounce = EmailChange::Bounced {
        kind: BounceKind::Hard,
        status: None,
    };
    for (last, earlier) in [
        (
            EmailChange::Complained,
            [EmailChange::Delivered, EmailChange::Opened, bounce.clone()],
        ),
        (
            bounce.clone(),
            [
                EmailChange::Processed,
                EmailChange::Delivered,
                EmailChange::Opened,
            ],
        ),
    ] {
        let mut state = EmailState::new();
        assert_eq!(state.apply(&event(last.clone()), second(1)), Merge::Applied);
        for change in earlier {
            assert_eq!(state.apply(&event(change), second(2)), Merge::Stale);
        }
        assert_eq!(state.change(), Some(&last));
    }
    let mut state = EmailState::new();
    let deferred = |attempt| {
        event(EmailChange::Deferred {
            attempt: Some(attempt),
        })
    };
    assert_eq!(state.apply(&deferred(2), None), Merge::Applied);
    assert_eq!(state.apply(&deferred(1), None), Merge::Stale);
    assert_eq!(
        state.apply(&event(EmailChange::Delivered), None),
        Merge::Applied
    );
    // Subscriptions are independent of the email, and the later change counts.
    let off = event(EmailChange::Unsubscribed { group: None });
    let on = event(EmailChange::Resubscribed { group: None });
    assert_eq!(state.apply(&off, second(5)), Merge::Applied);
    assert_eq!(state.apply(&on, second(4)), Merge::Stale);
    assert!(state.is_unsubscribed());
    assert_eq!(state.apply(&on, second(6)), Merge::Applied);
    assert!(!state.is_unsubscribed() && state.change() == Some(&EmailChange::Delivered));
}

#[test]
fn a_message_moves_on_until_it_is_final_and_may_still_be_read() {
    let mut state = MessageState::new();
    let mut apply = |status| state.apply(&MessageEvent::new(status, id("SM1")));
    assert_eq!(apply(MessageStatus::Sent), Merge::Applied);
    assert_eq!(apply(MessageStatus::Queued), Merge::Stale);
    assert_eq!(
        apply(MessageStatus::Other("malformed".into())),
        Merge::Stale
    );
    assert_eq!(apply(MessageStatus::Delivered), Merge::Applied);
    assert_eq!(
        apply(MessageStatus::Failed(FailureKind::Unknown)),
        Merge::Stale
    );
    assert_eq!(apply(MessageStatus::Read), Merge::Applied);
    assert_eq!(apply(MessageStatus::Delivered), Merge::Stale);
    assert_eq!(state.status(), Some(&MessageStatus::Read));
}
