//! Each of PayPal's events as a neutral event.

use anyvendor_core::{payment::RefundStatus, webhook::WebhookRequest};
use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;

use super::*;

const NOW: i64 = 1_760_000_000;

fn read(name: &str, resource: &str) -> WebhookEvent {
    let at = Timestamp::from_second(NOW).unwrap();
    let body = format!(
        "{{\"id\":\"WH-1\",\"event_type\":\"{name}\",\"create_time\":\"2025-10-09T08:53:19.000Z\",\"resource_version\":\"2.0\",\"resource\":{resource}}}"
    );
    let (headers, body) = (HeaderMap::new(), Bytes::from(body));
    let request = WebhookRequest::new(&Method::POST, "/webhooks/paypal", &headers, &body);
    event(&Verified::new_unchecked(VENDOR, request, at)).unwrap()
}

fn payment(name: &str, resource: &str) -> PaymentEvent {
    match read(name, resource).event {
        Event::Payment(payment) => payment,
        other => panic!("{name}: {other:?}"),
    }
}

const BOOKING: &str = r#"{"id":"3C6","status":"COMPLETED","amount":{"currency_code":"JPY","value":"1000"},"custom_id":"order 7",
    "supplementary_data":{"related_ids":{"order_id":"5O1"}},"links":[{"href":"https://api.paypal.com/v2/payments/captures/9CA","rel":"up","method":"GET"}]}"#;

#[test]
fn bookings_name_their_order() {
    let event = read("PAYMENT.CAPTURE.COMPLETED", BOOKING);
    assert_eq!(
        (event.dedupe_key.as_str(), event.api_version.as_deref()),
        ("WH-1", Some("2.0"))
    );
    assert_eq!(event.occurred_at.unwrap().as_second(), NOW - 1);
    let event = payment("PAYMENT.CAPTURE.COMPLETED", BOOKING);
    assert_eq!(event.change, PaymentChange::Captured);
    assert_eq!(event.payment.unwrap().to_string(), "paypal:5O1");
    assert_eq!(event.transaction.unwrap().to_string(), "paypal:capture/3C6");
    assert_eq!(
        (
            event.reference.as_deref(),
            event.amount.unwrap().to_string()
        ),
        (Some("order 7"), "1000 JPY".to_owned())
    );
    let alone = BOOKING.replace("related_ids", "others");
    assert_eq!(
        payment("PAYMENT.CAPTURE.PENDING", &alone)
            .payment
            .unwrap()
            .to_string(),
        "paypal:capture/3C6"
    );
    assert_eq!(
        payment("PAYMENT.CAPTURE.PENDING", BOOKING).change,
        PaymentChange::Processing
    );
    for name in ["PAYMENT.CAPTURE.DECLINED", "PAYMENT.CAPTURE.DENIED"] {
        assert!(matches!(
            payment(name, BOOKING).change,
            PaymentChange::Failed(_)
        ));
    }
    assert_eq!(
        payment("PAYMENT.AUTHORIZATION.CREATED", BOOKING).change,
        PaymentChange::Authorized
    );
    assert_eq!(
        payment("PAYMENT.AUTHORIZATION.VOIDED", BOOKING).change,
        PaymentChange::Cancelled
    );
    let refund = payment("PAYMENT.CAPTURE.REFUNDED", &alone);
    assert_eq!(
        refund.change,
        PaymentChange::Refunded(RefundStatus::Succeeded)
    );
    assert_eq!(
        refund.transaction.unwrap().to_string(),
        "paypal:3C6",
        "a refund has its own id"
    );
    assert_eq!(refund.payment.unwrap().to_string(), "paypal:capture/9CA");
    assert_eq!(
        payment("PAYMENT.CAPTURE.REVERSED", BOOKING).change,
        PaymentChange::Reversed
    );
}

#[test]
fn orders_disputes_and_sources() {
    let order = r#"{"id":"5O1","status":"APPROVED","purchase_units":[{"custom_id":"order 7","amount":{"currency_code":"EUR","value":"5.00"}}]}"#;
    let event = payment("CHECKOUT.ORDER.APPROVED", order);
    assert_eq!(
        (event.change, event.payment.unwrap().id()),
        (PaymentChange::RequiresConfirmation, "5O1")
    );
    assert_eq!(
        (
            event.reference.as_deref(),
            event.amount.unwrap().to_string()
        ),
        (Some("order 7"), "5.00 EUR".to_owned())
    );
    let lapsed = payment(
        "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
        r#"{"order_id":"5O1"}"#,
    );
    assert_eq!(
        (lapsed.change, lapsed.payment.unwrap().id()),
        (PaymentChange::Cancelled, "5O1")
    );
    for (status, outcome, stage, expected) in [
        ("OPEN", "", "INQUIRY", DisputeStatus::Inquiry),
        (
            "WAITING_FOR_SELLER_RESPONSE",
            "",
            "CHARGEBACK",
            DisputeStatus::Opened,
        ),
        ("UNDER_REVIEW", "", "CHARGEBACK", DisputeStatus::UnderReview),
        (
            "RESOLVED",
            "RESOLVED_BUYER_FAVOUR",
            "CHARGEBACK",
            DisputeStatus::Lost,
        ),
        (
            "RESOLVED",
            "RESOLVED_SELLER_FAVOUR",
            "CHARGEBACK",
            DisputeStatus::Won,
        ),
        ("RESOLVED", "NONE", "CHARGEBACK", DisputeStatus::Closed),
        ("NOVEL", "", "", DisputeStatus::Other("NOVEL".into())),
    ] {
        let dispute = format!(
            r#"{{"dispute_id":"PP-D-1","status":"{status}","dispute_life_cycle_stage":"{stage}","dispute_outcome":{{"outcome_code":"{outcome}"}},
            "dispute_amount":{{"currency_code":"USD","value":"3.00"}},"disputed_transactions":[{{"seller_transaction_id":"3C6"}}]}}"#
        );
        let event = payment("CUSTOMER.DISPUTE.UPDATED", &dispute);
        assert_eq!(event.change, PaymentChange::Disputed(expected));
        assert_eq!(
            (event.transaction.unwrap().id(), event.payment.unwrap().id()),
            ("PP-D-1", "capture/3C6")
        );
    }
    let token = r#"{"id":"8kk8451t","customer":{"id":"c1"},"payment_source":{"card":{"last_digits":"1111"}}}"#;
    let Event::Source(saved) = read("VAULT.PAYMENT-TOKEN.CREATED", token).event else {
        panic!("a source")
    };
    assert_eq!(
        (
            saved.change,
            saved.source.unwrap().id(),
            saved.customer.unwrap().id()
        ),
        (SourceChange::Saved, "card/8kk8451t", "c1")
    );
    for (name, resource) in [
        ("NOVEL", "{}"),
        ("PAYMENT.CAPTURE.COMPLETED", "[]"),
        ("PAYMENT.CAPTURE.COMPLETED", "{}"),
    ] {
        assert_eq!(
            read(name, resource).event,
            Event::Other,
            "{name} {resource}"
        );
    }
}

#[test]
fn n05_every_event_of_a_payment_is_about_it() {
    use anyvendor_core::payment::{Payment, PaymentStatus, Transaction, TransactionKind};

    let id = |id: &str| VendorId::new(VENDOR, id).unwrap();
    let amount = "1000 JPY".parse().unwrap();
    let mut known = Payment::new(id("5O1"), PaymentStatus::Captured, amount);
    known.transactions = vec![Transaction::new(
        TransactionKind::Capture,
        id("capture/9CA"),
        amount,
    )];
    let other = Payment::new(id("5O2"), PaymentStatus::Captured, amount);
    // PayPal's refunds name their capture alone, and disputes too.
    let refund = BOOKING.replace("related_ids", "others");
    let disputed =
        r#"{"dispute_id":"PP-D-1","disputed_transactions":[{"seller_transaction_id":"9CA"}]}"#;
    for (name, resource) in [
        ("PAYMENT.CAPTURE.COMPLETED", BOOKING),
        ("PAYMENT.CAPTURE.REFUNDED", &refund),
        ("PAYMENT.REFUND.FAILED", &refund),
        ("PAYMENT.CAPTURE.REVERSED", &refund),
        ("CUSTOMER.DISPUTE.CREATED", disputed),
    ] {
        let event = payment(name, resource);
        assert!(event.is_about(&known), "{name}: {event:?}");
        assert!(!event.is_about(&other), "{name}");
    }
}
