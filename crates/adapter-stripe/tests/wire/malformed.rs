//! Responses that are malformed, or about something else than was requested.

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    payment::{CustomerRequest, PaymentProvider, RefundPayment},
};
use serde_json::json;

use crate::{
    calls::{PI, capture, create},
    support::{Vendor, changed, id, intent, key, ok, pounds, reply},
};

const MISMATCH: Kind = Kind::Protocol(ProtocolReason::Mismatch);

/// The vendor responded, but not about what was requested.
fn assert_mismatch<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &MISMATCH, "{error}");
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert_eq!(error.request_id(), Some("req_1"));
    assert_eq!(
        error.attempts(),
        0,
        "made from the response, not by the call"
    );
}

#[tokio::test]
async fn another_amount_currency_mode_or_object_is_a_mismatch() {
    for changes in [
        json!({"amount": 2021}),
        json!({"currency": "eur"}),
        json!({"livemode": true}),
    ] {
        let error = create(ok(&intent(&changes))).await;
        if let Err(error) = &error {
            assert_eq!(error.idempotency_key(), Some(&key("order-1")));
        }
        assert_mismatch(error);
    }
    let declined = changed("402_card_declined", &json!({}));
    let text = declined.to_string().replace("2020", "1");
    assert_mismatch(create(reply(402, text)).await);
    assert_mismatch(capture(ok(&intent(&json!({}))), Some("10")).await);
    for changes in [
        json!({"amount": 1}),
        json!({"currency": "usd"}),
        json!({"payment_intent": "pi_2"}),
    ] {
        let paid = ok(&intent(&json!({})));
        let vendor = Vendor::scripted([paid, ok(&changed("200_refund", &changes))]).await;
        let request = RefundPayment::new(id(PI), key("r-1")).with_amount(pounds());
        assert_mismatch(vendor.provider().refund(request).await);
    }
    let live = changed("200_customer", &json!({"livemode": true}));
    let nobody = json!({"object": "search_result", "data": [], "has_more": false});
    let vendor = Vendor::scripted([ok(&nobody), ok(&live)]).await;
    let request = CustomerRequest::new("user-1");
    assert_mismatch(vendor.provider().get_or_create_customer(request).await);
}

#[tokio::test]
async fn an_accepted_call_with_a_malformed_response_is_not_unsent() {
    for reply in [
        reply(200, "<html>"),
        reply(200, "{}"),
        ok(&intent(&json!({"amount": -1}))),
        ok(&intent(&json!({"currency": "?"}))),
        ok(&intent(&json!({"id": ""}))),
    ] {
        let error = create(reply.clone()).await.unwrap_err();
        let bad = Kind::Protocol(ProtocolReason::BadBody);
        assert_eq!(error.kind(), &bad, "{reply:?}");
        assert_eq!(error.delivery(), Delivery::Accepted, "{reply:?}");
    }
}
