//! PayPal's orders: their lifecycle, what the payer does, the request id, which orders are rejected.

mod support;

use reqwest::Method;
use serde_json::json;
use support::paypal::{Pay, basket, card, issue, money, wallet};

const ORDERS: &str = "/v2/checkout/orders";

#[tokio::test]
async fn an_order_is_captured_and_refunded_in_parts() {
    let pay = Pay::new().await;
    let made = pay.order("k1", &wallet("CAPTURE")).await;
    assert_eq!(
        (made.status, made.json["status"].as_str()),
        (201, Some("PAYER_ACTION_REQUIRED"))
    );
    let (id, base) = (made.id(), pay.sandbox().paypal().url());
    let links = made.json["links"].as_array().unwrap();
    let page = links.iter().find(|l| l["rel"] == "payer-action").unwrap();
    assert_eq!(page["href"], format!("{base}/checkoutnow?token={id}"));
    let capture = format!("{ORDERS}/{id}/capture");
    let early = pay.post("c0", &capture, &json!({})).await;
    assert_eq!(issue(&early), (422, "ORDER_NOT_APPROVED"));

    let back = pay.payer(&id, "approve").await;
    assert_eq!(back.status, 303);
    let place = back.header("location").unwrap();
    assert!(
        place.starts_with(&format!(
            "https://shop.example/back?cart=1&token={id}&PayerID="
        )),
        "{place}"
    );
    assert_eq!(
        pay.get(&format!("{ORDERS}/{id}")).await.json["status"],
        "APPROVED"
    );

    let paid = pay.post("c1", &capture, &json!({})).await;
    assert_eq!(
        (paid.status, paid.json["status"].as_str()),
        (201, Some("COMPLETED"))
    );
    let shown = &paid.json["purchase_units"][0]["payments"]["captures"][0];
    assert_eq!(shown["status"], "COMPLETED");
    assert_eq!(shown["amount"], money("USD", "10.00"));
    assert_eq!(shown["final_capture"], true);
    assert_eq!(
        (&shown["invoice_id"], &shown["custom_id"]),
        (&json!("inv-1"), &json!("pay_1"))
    );
    assert_eq!(
        shown["supplementary_data"]["related_ids"]["order_id"],
        id.as_str()
    );
    let again = pay.post("c2", &capture, &json!({})).await;
    assert_eq!(issue(&again), (422, "ORDER_ALREADY_CAPTURED"));

    let kept = shown["id"].as_str().unwrap();
    let refund = format!("/v2/payments/captures/{kept}/refund");
    let some = pay
        .post("r1", &refund, &json!({"amount": money("USD", "4.00")}))
        .await;
    assert_eq!(
        (some.status, &some.json["status"]),
        (201, &json!("COMPLETED"))
    );
    let read = pay.get(&format!("/v2/payments/captures/{kept}")).await;
    assert_eq!(read.json["status"], "PARTIALLY_REFUNDED");
    let more = pay
        .post("r2", &refund, &json!({"amount": money("USD", "6.01")}))
        .await;
    assert_eq!(issue(&more), (422, "REFUND_AMOUNT_EXCEEDED"));
    let other = pay
        .post("r3", &refund, &json!({"amount": money("EUR", "1.00")}))
        .await;
    assert_eq!(issue(&other), (422, "REFUND_CAPTURE_CURRENCY_MISMATCH"));
    let rest = pay.post("r4", &refund, &json!({})).await;
    assert_eq!(rest.json["amount"], money("USD", "6.00"));
    assert_eq!(
        rest.json["seller_payable_breakdown"]["total_refunded_amount"],
        money("USD", "10.00")
    );
    let up = rest.json["links"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&up["rel"], &up["href"]),
        (
            &json!("up"),
            &json!(format!("{base}/v2/payments/captures/{kept}"))
        )
    );
    let none = pay.post("r5", &refund, &json!({})).await;
    assert_eq!(issue(&none), (422, "CAPTURE_FULLY_REFUNDED"));

    let state = pay.sandbox().paypal().state();
    let refunds = state.refunds();
    assert_eq!(
        refunds.iter().map(|r| r.amount).collect::<Vec<_>>(),
        [400, 600]
    );
    let captures = state.captures();
    assert_eq!(captures.len(), 1);
    assert_eq!(
        (captures[0].amount, captures[0].refunded, captures[0].status),
        (1000, 1000, "REFUNDED")
    );
    let order = pay.get(&format!("{ORDERS}/{id}")).await;
    let payments = &order.json["purchase_units"][0]["payments"];
    assert_eq!(payments["refunds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_minimal_response_lacks_the_capture() {
    let pay = Pay::new().await;
    let headers = [("paypal-request-id", "k1")];
    let body = card("CAPTURE", "Ada");
    let brief = pay.call(Method::POST, ORDERS, &headers, Some(&body)).await;
    let mut names: Vec<&String> = brief.json.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["id", "links", "status"]);
    let whole = pay.order("k1", &body).await;
    assert_eq!((whole.status, whole.id()), (200, brief.id()));
    assert!(whole.json["purchase_units"][0]["payments"]["captures"][0]["id"].is_string());
}

#[tokio::test]
async fn the_payer_cancels_or_the_payment_fails() {
    let pay = Pay::new().await;
    let id = pay.order("k1", &wallet("CAPTURE")).await.id();
    let page = pay.get(&format!("/checkoutnow?token={id}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("outcome=approve") && page.text.contains("10.00 USD"));
    let left = pay.payer(&id, "cancel").await;
    assert_eq!(
        left.header("location"),
        Some(format!("https://shop.example/cancel?token={id}").as_str())
    );
    let path = format!("{ORDERS}/{id}/capture");
    let early = pay.post("c1", &path, &json!({})).await;
    assert_eq!(issue(&early), (422, "ORDER_NOT_APPROVED"));

    assert_eq!(pay.payer(&id, "refuse").await.status, 303);
    let declined = pay.post("c1", &path, &json!({})).await;
    assert_eq!(issue(&declined), (422, "INSTRUMENT_DECLINED"));
    let links = declined.json["links"].as_array().unwrap();
    let way = links.iter().find(|l| l["rel"] == "redirect").unwrap();
    let base = pay.sandbox().paypal().url();
    assert_eq!(way["href"], format!("{base}/checkoutnow?token={id}"));
    assert!(pay.sandbox().paypal().state().captures().is_empty());

    assert_eq!(pay.payer(&id, "approve").await.status, 303);
    assert_eq!(pay.post("c1", &path, &json!({})).await.status, 201);
    assert_eq!(pay.payer(&id, "approve").await.status, 410);
    assert_eq!(pay.payer("NONE", "approve").await.status, 404);
    // Without return URLs the page does not redirect.
    let plain = pay.order("k2", &basket("CAPTURE", "USD", "1.00")).await;
    assert_eq!(plain.json["links"][1]["rel"], "approve");
    assert_eq!(pay.payer(&plain.id(), "approve").await.status, 200);
}

#[tokio::test]
async fn an_e_check_is_pending_until_it_is_read() {
    let pay = Pay::new().await;
    let id = pay.order("k1", &wallet("CAPTURE")).await.id();
    pay.payer(&id, "pending").await;
    let path = format!("{ORDERS}/{id}/capture");
    let paid = pay.post("c1", &path, &json!({})).await;
    let shown = &paid.json["purchase_units"][0]["payments"]["captures"][0];
    assert_eq!(
        (&shown["status"], &shown["status_details"]["reason"]),
        (&json!("PENDING"), &json!("ECHECK"))
    );
    let capture = format!("/v2/payments/captures/{}", shown["id"].as_str().unwrap());
    let early = pay
        .post("r1", &format!("{capture}/refund"), &json!({}))
        .await;
    assert_eq!(issue(&early), (422, "PENDING_CAPTURE"));
    assert_eq!(pay.get(&capture).await.json["status"], "COMPLETED");
    // The repeat shows the latest status, not the first response.
    let again = pay.post("c1", &path, &json!({})).await;
    assert_eq!(again.status, 200);
    let shown = &again.json["purchase_units"][0]["payments"]["captures"][0];
    assert_eq!(shown["status"], "COMPLETED");
}

#[tokio::test]
async fn a_declined_card_completes_the_order() {
    let pay = Pay::new().await;
    for (at, (name, code)) in [("CCREJECT-EC", "5400"), ("CCREJECT-CVV_F", "00N7")]
        .into_iter()
        .enumerate()
    {
        let paid = pay.order(&format!("k{at}"), &card("CAPTURE", name)).await;
        assert_eq!(
            (paid.status, &paid.json["status"]),
            (201, &json!("COMPLETED"))
        );
        let shown = &paid.json["purchase_units"][0]["payments"]["captures"][0];
        assert_eq!(shown["status"], "DECLINED");
        assert_eq!(
            shown["processor_response"],
            json!({"avs_code": "G", "cvv_code": "P", "response_code": code})
        );
    }
    let good = pay.order("k9", &card("CAPTURE", "Ada")).await;
    let source = &good.json["payment_source"]["card"];
    assert_eq!(
        (&source["last_digits"], &source["brand"]),
        (&json!("1881"), &json!("VISA"))
    );
    assert!(!good.text.contains("4012888888881881"));
    let held = pay.order("k10", &card("AUTHORIZE", "CCREJECT-IF")).await;
    let shown = &held.json["purchase_units"][0]["payments"]["authorizations"][0];
    assert_eq!(shown["status"], "DENIED");
    let body = card("CAPTURE", "Ada");
    let bare = pay.call(Method::POST, ORDERS, &[], Some(&body)).await;
    assert_eq!(issue(&bare), (400, "PAYPAL_REQUEST_ID_REQUIRED"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_id_makes_one_order() {
    let pay = Pay::new().await;
    let body = card("CAPTURE", "Ada");
    let calls = (0..50).map(|_| pay.order("same", &body));
    let responses = futures_util::future::join_all(calls).await;
    let created = responses.iter().filter(|a| a.status == 201).count();
    let rest = responses
        .iter()
        .filter(|a| matches!(a.status, 200 | 409))
        .count();
    assert_eq!((created, rest), (1, 49));
    let state = pay.sandbox().paypal().state();
    assert_eq!((state.orders().len(), state.captures().len()), (1, 1));
    // A rejected request leaves the id unused.
    let wrong = pay.order("free", &basket("CAPTURE", "USD", "0.00")).await;
    assert_eq!(issue(&wrong), (422, "CANNOT_BE_ZERO_OR_NEGATIVE"));
    let right = pay.order("free", &basket("CAPTURE", "USD", "1.00")).await;
    assert_eq!(right.status, 201);
    let long = "k".repeat(109);
    let refused = pay.order(&long, &body).await;
    assert_eq!(issue(&refused), (400, "INVALID_STRING_LENGTH"));
}

#[tokio::test]
async fn an_invoice_is_paid_once() {
    let pay = Pay::new().await;
    pay.captured("k1", &wallet("CAPTURE")).await;
    let second = pay.approved("k2", &wallet("CAPTURE")).await;
    let path = format!("{ORDERS}/{second}/capture");
    let refused = pay.post("c2", &path, &json!({})).await;
    assert_eq!(issue(&refused), (422, "DUPLICATE_INVOICE_ID"));
    assert_eq!(pay.sandbox().paypal().state().captures().len(), 1);
}

#[tokio::test]
async fn orders_that_are_rejected() {
    let pay = Pay::new().await;
    let unit = json!({"amount": money("USD", "1.00")});
    let named = |name: &str, amount| json!({"reference_id": name, "amount": amount});
    let long = json!({"amount": money("USD", "1.00"), "custom_id": "x".repeat(128)});
    let parts = json!({"currency_code": "USD", "value": "10.00", "breakdown": {
        "item_total": money("USD", "8.00"), "shipping": money("USD", "1.00")}});
    for (body, status, expected, field) in [
        (
            json!({"purchase_units": [unit]}),
            400,
            "MISSING_REQUIRED_PARAMETER",
            "/intent",
        ),
        (
            json!({"intent": "GIVE", "purchase_units": [unit]}),
            400,
            "INVALID_PARAMETER_VALUE",
            "/intent",
        ),
        (
            json!({"intent": "CAPTURE", "purchase_units": []}),
            400,
            "INVALID_ARRAY_MIN_ITEMS",
            "/purchase_units",
        ),
        (
            json!({"intent": "CAPTURE", "purchase_units": [unit, unit]}),
            422,
            "REFERENCE_ID_REQUIRED",
            "/purchase_units/0/reference_id",
        ),
        (
            json!({"intent": "CAPTURE", "purchase_units": [named("a", money("USD", "1.00")), named("b", money("EUR", "1.00"))]}),
            422,
            "MULTI_CURRENCY_ORDER",
            "/purchase_units",
        ),
        (
            json!({"intent": "CAPTURE", "purchase_units": [long]}),
            400,
            "INVALID_STRING_LENGTH",
            "/purchase_units/0/custom_id",
        ),
        (
            json!({"intent": "CAPTURE", "purchase_units": [{"amount": parts}]}),
            422,
            "AMOUNT_MISMATCH",
            "/purchase_units/0/amount/value",
        ),
        (
            basket("CAPTURE", "HUF", "10.00"),
            422,
            "DECIMAL_PRECISION",
            "/purchase_units/0/amount/value",
        ),
        (
            basket("CAPTURE", "KWD", "1.000"),
            422,
            "INVALID_CURRENCY_CODE",
            "/purchase_units/0/amount/currency_code",
        ),
    ] {
        let refused = pay.order("k", &body).await;
        assert_eq!(issue(&refused), (status, expected), "{body}");
        assert_eq!(refused.json["details"][0]["field"], field);
        assert_eq!(
            refused.header("paypal-debug-id"),
            refused.json["debug_id"].as_str()
        );
    }
    for (currency, value, minor) in [("HUF", "1500", 1500), ("JPY", "7", 7), ("TWD", "99", 99)] {
        let (id, _) = pay
            .captured(currency, &basket("CAPTURE", currency, value))
            .await;
        let state = pay.sandbox().paypal().state().orders();
        let order = state.iter().find(|o| o.id == id).unwrap();
        assert_eq!((order.amount, order.currency.as_str()), (minor, currency));
    }
    let gone = pay.get(&format!("{ORDERS}/NONE")).await;
    assert_eq!(issue(&gone), (404, "INVALID_RESOURCE_ID"));
    assert_eq!(gone.json["name"], "RESOURCE_NOT_FOUND");
    let wrong = format!(
        "{ORDERS}/{}/authorize",
        pay.approved("x", &wallet("CAPTURE")).await
    );
    let refused = pay.post("x2", &wrong, &json!({})).await;
    assert_eq!(issue(&refused), (422, "ACTION_DOES_NOT_MATCH_INTENT"));
}

#[tokio::test]
async fn an_order_is_patched_until_it_is_paid() {
    let pay = Pay::new().await;
    let id = pay.order("k1", &wallet("CAPTURE")).await.id();
    let path = format!("{ORDERS}/{id}");
    let at = "/purchase_units/@reference_id=='default'";
    let change = |name: &str, value| json!([{"op": "replace", "path": format!("{at}/{name}"), "value": value}]);
    let body = change("amount", money("USD", "12.00"));
    let done = pay.call(Method::PATCH, &path, &[], Some(&body)).await;
    assert_eq!((done.status, done.text.as_str()), (204, ""));
    let shown = pay.get(&path).await.json;
    assert_eq!(shown["purchase_units"][0]["amount"], money("USD", "12.00"));
    let body = change("items", json!([]));
    let refused = pay.call(Method::PATCH, &path, &[], Some(&body)).await;
    assert_eq!(issue(&refused), (422, "NOT_PATCHABLE"));
    pay.payer(&id, "approve").await;
    pay.post("c1", &format!("{path}/capture"), &json!({})).await;
    assert_eq!(pay.sandbox().paypal().state().captures()[0].amount, 1200);
    let body = change("invoice_id", json!("other"));
    let late = pay.call(Method::PATCH, &path, &[], Some(&body)).await;
    assert_eq!(issue(&late), (422, "ORDER_ALREADY_COMPLETED"));
}

#[tokio::test]
async fn an_approval_expires() {
    let pay = Pay::new().await;
    let id = pay.approved("k1", &wallet("AUTHORIZE")).await;
    let expire = format!("/_sandbox/paypal/expire/{id}");
    assert_eq!(
        pay.lab.control(Method::POST, &expire, None).await.status,
        200
    );
    let path = format!("{ORDERS}/{id}/authorize");
    let late = pay.post("a1", &path, &json!({})).await;
    assert_eq!(issue(&late), (422, "ORDER_EXPIRED"));
    assert!(!pay.sandbox().paypal().state().expire("NONE"));
}
