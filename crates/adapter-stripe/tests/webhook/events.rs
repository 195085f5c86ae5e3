//! Each of Stripe's events as a neutral event. The objects have the fields of the events' documentation.

use anyvendor_core::{
    payment::{DeclineCode, RefundStatus},
    webhook::{
        CustomerChange, DisputeStatus, Event, PaymentChange, PaymentEvent, Prefetched,
        SourceChange, WebhookEvent,
    },
};
use jiff::Timestamp;

use super::{BODIES, SECRET, sign, verifier};

fn read(body: &str) -> WebhookEvent {
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let delivery = sign(body, now);
    let webhook = verifier(&[SECRET]);
    let verified = webhook
        .verify(delivery.request(), &Prefetched::none(), now)
        .unwrap();
    let mut events = webhook.events(&verified);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn event(name: &str, object: &str) -> WebhookEvent {
    read(&format!(
        r#"{{"id":"evt_1","object":"event","api_version":"2026-07-29.dahlia","account":"acct_1","created":1759999990,
        "livemode":true,"pending_webhooks":1,"request":{{"id":"req_1","idempotency_key":"order-7"}},
        "data":{{"object":{object},"previous_attributes":{{}}}},"type":"{name}"}}"#
    ))
}

fn payment(name: &str, object: &str) -> PaymentEvent {
    match event(name, object).event {
        Event::Payment(payment) => payment,
        other => panic!("{name}: {other:?}"),
    }
}

const INTENT: &str = r#"{"id":"pi_1","object":"payment_intent","amount":2000,"amount_received":1500,"amount_capturable":0,
    "currency":"usd","customer":"cus_1","latest_charge":"ch_1","status":"succeeded",
    "metadata":{"anyvendor_reference":"order 7","other":"x"},
    "last_payment_error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}}"#;

#[test]
fn the_head_of_an_event_is_read() {
    let event = event("payment_intent.succeeded", INTENT);
    assert_eq!(event.vendor, "stripe");
    assert_eq!(event.id.as_ref().unwrap().to_string(), "stripe:evt_1");
    assert_eq!(
        (event.dedupe_key.as_str(), event.name.as_str()),
        ("evt_1", "payment_intent.succeeded")
    );
    assert_eq!(event.occurred_at.unwrap().as_second(), 1_759_999_990);
    assert_eq!(
        (event.live, event.account.as_deref()),
        (Some(true), Some("acct_1"))
    );
    assert_eq!(event.api_version.as_deref(), Some("2026-07-29.dahlia"));
    assert!(event.raw.0.starts_with(b"{\"id\":\"evt_1\""));
    let Event::Payment(payment) = &event.event else {
        panic!("{event:?}")
    };
    assert_eq!(payment.change, PaymentChange::Captured);
    assert_eq!(payment.payment.as_ref().unwrap().to_string(), "stripe:pi_1");
    assert_eq!(payment.transaction.as_ref().unwrap().id(), "ch_1");
    assert_eq!(payment.customer.as_ref().unwrap().id(), "cus_1");
    assert_eq!(payment.reference.as_deref(), Some("order 7"));
    assert_eq!(payment.amount.unwrap().to_string(), "15.00 USD");
    assert_eq!(payment.captured.unwrap().to_string(), "15.00 USD");
    assert_eq!(
        payment.idempotency_key.as_ref().unwrap().as_str(),
        "order-7"
    );
}

#[test]
fn payment_events_are_mapped_as_documented() {
    for (name, change) in [
        ("created", PaymentChange::Created),
        ("processing", PaymentChange::Processing),
        ("requires_action", PaymentChange::RequiresAction),
        ("amount_capturable_updated", PaymentChange::Authorized),
        ("succeeded", PaymentChange::Captured),
        ("canceled", PaymentChange::Cancelled),
        ("partially_funded", PaymentChange::Updated),
    ] {
        let reported = payment(&format!("payment_intent.{name}"), INTENT);
        assert_eq!(reported.change, change, "{name}");
    }
    let PaymentChange::Failed(decline) = payment("payment_intent.payment_failed", INTENT).change
    else {
        panic!("it failed")
    };
    assert_eq!(decline.code, DeclineCode::InsufficientFunds);
    let ran_out = INTENT.replacen(
        "\"metadata\"",
        "\"cancellation_reason\":\"automatic\",\"metadata\"",
        1,
    );
    assert_eq!(
        payment("payment_intent.canceled", &ran_out).change,
        PaymentChange::Expired
    );
}

#[test]
fn charges_name_their_payment() {
    let charge = r#"{"id":"ch_1","object":"charge","amount":2000,"amount_captured":1500,"currency":"jpy","customer":null,
        "payment_intent":"pi_1","failure_code":"card_declined","metadata":{},
        "outcome":{"type":"issuer_declined","reason":"lost_card","advice_code":"do_not_try_again"}}"#;
    let captured = payment("charge.captured", charge);
    assert_eq!(captured.change, PaymentChange::Captured);
    assert_eq!(captured.amount.unwrap().to_string(), "1500 JPY");
    assert_eq!(
        (
            captured.payment.unwrap().id(),
            captured.transaction.unwrap().id()
        ),
        ("pi_1", "ch_1")
    );
    assert_eq!(captured.customer, None);
    let PaymentChange::Failed(decline) = payment("charge.failed", charge).change else {
        panic!("it failed")
    };
    assert_eq!(decline.code, DeclineCode::LostCard);
    assert_eq!(
        payment("charge.expired", charge).change,
        PaymentChange::Expired
    );
    for trigger in [
        "charge.succeeded",
        "charge.refunded",
        "charge.updated",
        "charge.pending",
    ] {
        assert_eq!(
            payment(trigger, charge).change,
            PaymentChange::Updated,
            "{trigger}"
        );
    }
}

#[test]
fn refunds_and_disputes_have_their_status() {
    let refund = r#"{"id":"re_1","object":"refund","amount":500,"currency":"eur","status":"succeeded","charge":"ch_1","payment_intent":"pi_1"}"#;
    for name in [
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.refund.updated",
    ] {
        let reported = payment(name, refund);
        assert_eq!(
            reported.change,
            PaymentChange::Refunded(RefundStatus::Succeeded),
            "{name}"
        );
        assert_eq!(
            (
                reported.transaction.unwrap().id(),
                reported.payment.unwrap().id()
            ),
            ("re_1", "pi_1")
        );
        assert_eq!(reported.amount.unwrap().to_string(), "5.00 EUR");
    }
    for (name, status, reported) in [
        ("created", "warning_needs_response", DisputeStatus::Inquiry),
        ("created", "needs_response", DisputeStatus::Opened),
        ("updated", "under_review", DisputeStatus::UnderReview),
        ("closed", "won", DisputeStatus::Won),
        ("closed", "lost", DisputeStatus::Lost),
        ("closed", "warning_closed", DisputeStatus::Closed),
        ("closed", "prevented", DisputeStatus::Closed),
        ("updated", "novel", DisputeStatus::Other("novel".into())),
    ] {
        let object = format!(
            r#"{{"id":"dp_1","amount":500,"currency":"eur","status":"{status}","payment_intent":{{"id":"pi_1"}}}}"#
        );
        let event = payment(&format!("charge.dispute.{name}"), &object);
        assert_eq!(event.change, PaymentChange::Disputed(reported));
        assert_eq!(
            (event.transaction.unwrap().id(), event.payment.unwrap().id()),
            ("dp_1", "pi_1")
        );
        let moved = payment("charge.dispute.funds_withdrawn", &object);
        assert_eq!(moved.change, PaymentChange::Updated, "no verdict");
    }
    let warning = r#"{"id":"issfr_1","charge":"ch_1","payment_intent":"pi_1"}"#;
    assert_eq!(
        payment("radar.early_fraud_warning.created", warning).change,
        PaymentChange::FraudWarning
    );
}

#[test]
fn customer_and_source_events_are_mapped() {
    let customer = r#"{"id":"cus_1","object":"customer","metadata":{"anyvendor_reference":"ann"}}"#;
    for (name, change) in [
        ("created", CustomerChange::Created),
        ("updated", CustomerChange::Updated),
        ("deleted", CustomerChange::Deleted),
    ] {
        let Event::Customer(reported) = event(&format!("customer.{name}"), customer).event else {
            panic!("{name}")
        };
        assert_eq!(
            (
                reported.change,
                reported.customer.id(),
                reported.reference.as_deref()
            ),
            (change, "cus_1", Some("ann"))
        );
    }
    let source = |name: &str, object: &str| match event(name, object).event {
        Event::Source(source) => source,
        other => panic!("{name}: {other:?}"),
    };
    let method = r#"{"id":"pm_1","object":"payment_method","type":"card","customer":"cus_1"}"#;
    for (name, change) in [
        ("payment_method.attached", SourceChange::Saved),
        ("payment_method.detached", SourceChange::Removed),
        ("payment_method.updated", SourceChange::Updated),
        (
            "payment_method.automatically_updated",
            SourceChange::Updated,
        ),
    ] {
        let reported = source(name, method);
        assert_eq!(
            (
                reported.change,
                reported.source.unwrap().id(),
                reported.customer.unwrap().id()
            ),
            (change, "pm_1", "cus_1")
        );
    }
    let setup = r#"{"id":"seti_1","payment_method":"pm_1","customer":"cus_1","last_setup_error":{"code":"expired_card"}}"#;
    assert_eq!(
        source("setup_intent.succeeded", setup).change,
        SourceChange::Saved
    );
    assert_eq!(
        source("setup_intent.requires_action", setup).change,
        SourceChange::RequiresAction
    );
    assert_eq!(
        source("setup_intent.canceled", setup).change,
        SourceChange::Cancelled
    );
    let SourceChange::Failed(decline) = source("setup_intent.setup_failed", setup).change else {
        panic!("it failed")
    };
    assert_eq!(decline.code, DeclineCode::Expired);
}

#[test]
fn unmapped_and_unreadable_events_are_kept() {
    for (name, object) in [
        ("invoice.paid", "{}"),
        ("payment_intent.novel", INTENT),
        ("payment_intent.succeeded", r#"{"id":7}"#),
        ("payment_intent.succeeded", r#"{"id":""}"#),
        ("customer.subscription.created", "{}"),
        ("novel", "{}"),
    ] {
        let reported = event(name, object);
        assert_eq!(
            (reported.event, reported.name.as_str()),
            (Event::Other, name)
        );
    }
    let thin = r#"{"id":"evt_9","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered","created":"2026-01-01T00:00:00.000Z","livemode":false}"#;
    let thin = read(thin);
    assert_eq!(
        (
            thin.event,
            thin.occurred_at.is_some(),
            thin.dedupe_key.as_str()
        ),
        (Event::Other, true, "evt_9")
    );
    for malformed in ["", "[]", "null", "{\"id\":1}", "\u{0}", &"[".repeat(10_000)] {
        let reported = read(malformed);
        assert_eq!(
            (reported.event, reported.name.as_str(), &reported.raw.0[..]),
            (Event::Other, "", malformed.as_bytes())
        );
    }
    // An amount that cannot be read does not hide the event.
    let malformed = INTENT.replace("usd", "???");
    assert_eq!(
        payment("payment_intent.succeeded", &malformed).captured,
        None
    );
    assert!(!format!("{:?}", read(BODIES[1])).contains("canary"));
}
