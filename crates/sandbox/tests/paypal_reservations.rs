//! PayPal's reservations: the honor period, reauthorizing, 3-D Secure, and the transaction search.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::paypal::{DAY, Pay, basket, card, challenged, issue, money, wallet};

const ORDERS: &str = "/v2/checkout/orders";
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_reservation_is_renewed_after_the_honor_period() {
    let mut pay = Pay::new().await;
    let (order, original) = pay
        .authorized("k1", &basket("AUTHORIZE", "USD", "100.00"))
        .await;
    let at = |id: &str, step: &str| format!("/v2/payments/authorizations/{id}/{step}");
    let again = at(&original, "reauthorize");
    let early = pay.post("a1", &again, &json!({})).await;
    assert_eq!(issue(&early), (422, "REAUTHORIZATION_TOO_SOON"));
    pay.later(3 * DAY).await;
    for (amount, expected) in [
        (money("EUR", "100.00"), "AUTH_CURRENCY_MISMATCH"),
        (money("USD", "115.01"), "AUTHORIZATION_AMOUNT_EXCEEDED"),
    ] {
        let refused = pay.post("a1", &again, &json!({"amount": amount})).await;
        assert_eq!(issue(&refused), (422, expected));
    }
    let new = pay.post("a1", &again, &json!({})).await;
    assert_eq!((new.status, &new.json["status"]), (201, &json!("CREATED")));
    assert_eq!(new.json["amount"], money("USD", "100.00"));
    assert_eq!(pay.post("a1", &again, &json!({})).await.id(), new.id());
    let early = pay.post("a2", &again, &json!({})).await;
    assert_eq!(issue(&early), (422, "REAUTHORIZATION_TOO_SOON"));
    let of_new = pay
        .post("a3", &at(&new.id(), "reauthorize"), &json!({}))
        .await;
    assert_eq!(issue(&of_new), (422, "REAUTHORIZATION_NOT_SUPPORTED"));

    // Both are one reservation.
    let part = json!({"amount": money("USD", "60.00")});
    let first = pay.post("c1", &at(&new.id(), "capture"), &part).await;
    assert_eq!(first.status, 201);
    let more = pay.post("c2", &at(&original, "capture"), &part).await;
    assert_eq!(issue(&more), (422, "MAX_CAPTURE_AMOUNT_EXCEEDED"));
    let void = pay.post("v1", &at(&new.id(), "void"), &json!({})).await;
    assert_eq!(issue(&void), (422, "CANNOT_BE_VOIDED"));
    let void = pay.post("v2", &at(&original, "void"), &json!({})).await;
    assert_eq!(void.status, 200);
    let shown = pay.get(&format!("{ORDERS}/{order}")).await;
    let all = &shown.json["purchase_units"][0]["payments"]["authorizations"];
    let statuses: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["status"])
        .collect();
    assert_eq!(statuses, ["VOIDED", "VOIDED"]);
}

#[tokio::test]
async fn an_authorization_ends_after_29_days() {
    let mut pay = Pay::new().await;
    let (_, id) = pay
        .authorized("k1", &basket("AUTHORIZE", "EUR", "10.00"))
        .await;
    let path = format!("/v2/payments/authorizations/{id}");
    pay.later(27 * DAY).await;
    let new = pay
        .post("a1", &format!("{path}/reauthorize"), &json!({}))
        .await;
    assert_eq!(new.status, 201);
    // The new one ends with the original, two days later.
    pay.later(2 * DAY).await;
    let path = format!("/v2/payments/authorizations/{}", new.id());
    assert_eq!(pay.get(&path).await.json["status"], "VOIDED");
    let late = pay.post("c1", &format!("{path}/capture"), &json!({})).await;
    assert_eq!(issue(&late), (422, "AUTHORIZATION_EXPIRED"));
}

#[tokio::test]
async fn a_card_that_wants_its_owner_is_not_charged_before() {
    let pay = Pay::new().await;
    let mut always = card("CAPTURE", "Ada");
    always["payment_source"]["card"]["attributes"] =
        json!({"verification": {"method": "SCA_ALWAYS"}});
    for (name, body) in [("k1", challenged()), ("k2", always)] {
        let made = pay.order(name, &body).await;
        assert_eq!(
            (made.status, &made.json["status"]),
            (201, &json!("PAYER_ACTION_REQUIRED"))
        );
        let links = made.json["links"].as_array().unwrap();
        assert!(links.iter().any(|link| link["rel"] == "payer-action"));
        let path = format!("{ORDERS}/{}/capture", made.id());
        let early = pay.post(&format!("{name}-c"), &path, &json!({})).await;
        assert_eq!(issue(&early), (422, "ORDER_NOT_APPROVED"));
        pay.payer(&made.id(), "approve").await;
        let paid = pay.post(&format!("{name}-c"), &path, &json!({})).await;
        assert_eq!(
            (paid.status, &paid.json["status"]),
            (201, &json!("COMPLETED"))
        );
        let result = &paid.json["payment_source"]["card"]["authentication_result"];
        assert_eq!(result["liability_shift"], "POSSIBLE");
    }
    // The merchant charges while the owner is away: there is nobody to ask.
    let mut away = challenged();
    away["payment_source"]["card"]
        .as_object_mut()
        .unwrap()
        .remove("security_code");
    away["payment_source"]["card"]["stored_credential"] = json!({"payment_initiator": "MERCHANT", "payment_type": "UNSCHEDULED", "usage": "SUBSEQUENT"});
    assert_eq!(pay.order("k3", &away).await.json["status"], "COMPLETED");
}

#[tokio::test]
async fn an_order_that_was_prepared_asks_for_the_owner_when_it_is_captured() {
    let pay = Pay::new().await;
    let id = pay
        .order("k1", &basket("CAPTURE", "USD", "10.00"))
        .await
        .id();
    let path = format!("{ORDERS}/{id}/capture");
    let body = json!({"payment_source": challenged()["payment_source"]});
    let refused = pay.post("c1", &path, &body).await;
    assert_eq!(issue(&refused), (422, "PAYER_ACTION_REQUIRED"));
    let links = refused.json["links"].as_array().unwrap();
    let page = links.iter().find(|link| link["rel"] == "payer-action");
    let base = pay.sandbox().paypal().url();
    assert_eq!(
        page.unwrap()["href"],
        format!("{base}/checkoutnow?token={id}")
    );
    let back = pay.payer(&id, "refuse").await;
    assert!(
        back.header("location")
            .unwrap()
            .starts_with("https://shop.example/back")
    );
    let seen = pay.get(&format!("{ORDERS}/{id}")).await;
    let result = &seen.json["payment_source"]["card"]["authentication_result"];
    assert_eq!(
        (
            &result["liability_shift"],
            &result["three_d_secure"]["authentication_status"]
        ),
        (&json!("NO"), &json!("N"))
    );
}

#[tokio::test]
async fn transactions_are_found_hours_later_and_within_31_days() {
    let mut pay = Pay::new().await;
    let (order, capture) = pay.captured("k1", &wallet("CAPTURE")).await;
    let mut held = wallet("AUTHORIZE");
    held["purchase_units"][0]["invoice_id"] = json!("inv-2");
    pay.authorized("k2", &held).await;
    let refund = format!("/v2/payments/captures/{capture}/refund");
    let part = json!({"amount": money("USD", "2.50")});
    pay.post("r1", &refund, &part).await;
    let list = |from: &str, to: &str, more: &str| {
        format!("/v1/reporting/transactions?start_date={from}&end_date={to}{more}")
    };
    let made = pay.get(&format!("{ORDERS}/{order}")).await;
    let now = made.json["create_time"].as_str().unwrap();
    let now: jiff::Timestamp = now.parse().unwrap();
    let day = |days: i64| (now + jiff::SignedDuration::from_hours(24 * days)).to_string();
    let all = list(&day(-1), &day(1), "&balance_affecting_records_only=N");
    let none = pay.get(&all).await;
    assert_eq!(
        (none.status, &none.json["transaction_details"]),
        (200, &json!([]))
    );
    let recent = list(&day(0), &day(1), "");
    assert_eq!(pay.get(&recent).await.status, 400, "not shown yet");
    pay.later(3 * HOUR).await;
    let found = pay.get(&all).await;
    assert_eq!(found.json["total_items"], 3);
    let balance = pay
        .get(&list(&day(-1), &day(1), "&page_size=1&page=2"))
        .await;
    assert_eq!(
        (&balance.json["total_items"], &balance.json["total_pages"]),
        (&json!(2), &json!(2))
    );
    let info = &balance.json["transaction_details"][0]["transaction_info"];
    assert_eq!(
        (
            &info["transaction_event_code"],
            &info["paypal_reference_id"]
        ),
        (&json!("T1107"), &json!(capture))
    );
    assert_eq!(info["transaction_amount"], money("USD", "-2.50"));
    let first = pay.get(&list(&day(-1), &day(1), "")).await;
    let info = &first.json["transaction_details"][0]["transaction_info"];
    assert_eq!(
        (&info["invoice_id"], &info["custom_field"]),
        (&json!("inv-1"), &json!("pay_1"))
    );
    for wrong in [
        list(&day(-31), &day(1), ""),
        list(&day(1), &day(-1), ""),
        list(&day(-1), &day(1), "&page_size=501"),
        "/v1/reporting/transactions".to_owned(),
    ] {
        assert_eq!(pay.get(&wrong).await.status, 400, "{wrong}");
    }
}
