//! Stripe's pages for payers, what its search finds, and what it refuses today.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use reqwest::Method;
use serde_json::Value;
use support::{Lab, TestResponse};

const SESSIONS: &str = "/v1/checkout/sessions";

/// A page that asks for 20.00 USD.
fn paying() -> Vec<(&'static str, &'static str)> {
    vec![
        ("mode", "payment"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "1000"),
        ("line_items[0][price_data][product_data][name]", "Tea"),
        ("line_items[0][quantity]", "2"),
        (
            "success_url",
            "https://shop.example/paid?s={CHECKOUT_SESSION_ID}",
        ),
        ("cancel_url", "https://shop.example/cart"),
        ("payment_intent_data[metadata][order]", "A-1"),
    ]
}

async fn visit(lab: &Lab, page: &TestResponse, query: &str) -> TestResponse {
    let url = format!("{}{query}", page.json["url"].as_str().unwrap());
    let response = lab.client.get(url).send().await.unwrap();
    TestResponse::read(response).await.unwrap()
}

#[tokio::test]
async fn f20_a_payer_acts_on_the_page() {
    let lab = Lab::new().await;
    let page = lab.post(SESSIONS, &paying()).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.json["status"], "open");
    assert_eq!(page.json["amount_total"], 2000);
    assert_eq!(page.json["payment_intent"], Value::Null);
    let shown = visit(&lab, &page, "").await;
    assert!(
        shown.text.contains("$20.00") || shown.text.contains("20.00"),
        "{}",
        shown.text
    );
    let left = visit(&lab, &page, "?outcome=cancel").await;
    assert_eq!(left.header("location"), Some("https://shop.example/cart"));
    let declined = visit(&lab, &page, "?outcome=refuse").await;
    assert_eq!(declined.status, 200);
    let path = format!("{SESSIONS}/{}", page.id());
    let seen = lab.get(&path, &[("expand[]", "payment_intent")]).await;
    assert_eq!(seen.json["status"], "open");
    let intent = &seen.json["payment_intent"];
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["metadata"]["order"], "A-1");
    // While the page is open, its payment is closed by expiring the page.
    let cancel = format!(
        "/v1/payment_intents/{}/cancel",
        intent["id"].as_str().unwrap()
    );
    let refused = lab.post(&cancel, &[]).await;
    assert_eq!(
        (refused.status, refused.code()),
        (400, "payment_intent_unexpected_state")
    );
    let paid = visit(&lab, &page, "?outcome=approve").await;
    let back = format!("https://shop.example/paid?s={}", page.id());
    assert_eq!((paid.status, paid.header("location")), (303, Some(&*back)));
    let seen = lab
        .get(&path, &[("expand[]", "payment_intent.latest_charge")])
        .await;
    assert_eq!(seen.json["status"], "complete");
    assert_eq!(seen.json["payment_status"], "paid");
    assert_eq!(seen.json["url"], Value::Null);
    assert_eq!(
        seen.json["payment_intent"]["latest_charge"]["captured"],
        true
    );
    // Coming back to the page leads on to the shop, and charges nothing.
    visit(&lab, &page, "?outcome=approve").await;
    let charges = lab.sandbox.stripe().state().charges();
    assert_eq!(charges.iter().filter(|charge| charge.captured).count(), 1);
    let expire = lab.post(&format!("{path}/expire"), &[]).await;
    assert_eq!(expire.status, 400);
    let events = lab
        .get("/v1/events", &[("type", "checkout.session.completed")])
        .await;
    assert_eq!(
        events.json["data"][0]["data"]["object"]["id"],
        page.json["id"]
    );
}

#[tokio::test]
async fn f20_a_page_expires_and_takes_nothing_after_that() {
    let lab = Lab::new().await;
    for how in ["call", "time"] {
        let page = lab.post(SESSIONS, &paying()).await;
        if how == "call" {
            let path = format!("{SESSIONS}/{}/expire", page.id());
            assert_eq!(lab.post(&path, &[]).await.json["status"], "expired");
        } else {
            visit(&lab, &page, "?outcome=expire").await;
        }
        let late = visit(&lab, &page, "?outcome=approve").await;
        assert_eq!(late.status, 410);
    }
    assert!(lab.sandbox.stripe().state().charges().is_empty());
    let expired = lab.get(SESSIONS, &[("status", "expired")]).await;
    assert_eq!(expired.json["data"].as_array().map(Vec::len), Some(2));
    let events = lab
        .get("/v1/events", &[("type", "checkout.session.expired")])
        .await;
    assert_eq!(events.json["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn f20_a_card_is_saved_on_a_page() {
    let lab = Lab::new().await;
    let customer = lab.post("/v1/customers", &[]).await.id();
    let form = [
        ("mode", "setup"),
        ("currency", "usd"),
        ("customer", customer.as_str()),
        ("success_url", "https://shop.example/saved"),
    ];
    let page = lab.post(SESSIONS, &form).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let declined = visit(&lab, &page, "?outcome=refuse").await;
    assert_eq!(declined.status, 200);
    let saved = visit(&lab, &page, "?outcome=approve&card=pm_card_mastercard").await;
    assert_eq!(saved.header("location"), Some("https://shop.example/saved"));
    let path = format!("/v1/customers/{customer}/payment_methods");
    let cards = lab.get(&path, &[]).await;
    assert_eq!(cards.json["data"][0]["card"]["brand"], "mastercard");
}

#[tokio::test]
async fn f20_a_page_is_refused_as_stripe_refuses_it() {
    let lab = Lab::new().await;
    let without = |name: &str| -> Vec<_> {
        let fields = paying().into_iter();
        fields
            .filter(|(field, _)| !field.starts_with(name))
            .collect()
    };
    let with = |field| -> Vec<_> { paying().into_iter().chain([field]).collect() };
    for (form, param) in [
        (without("mode"), "mode"),
        (without("line_items"), "line_items"),
        (
            without("line_items[0][quantity]"),
            "line_items[0][quantity]",
        ),
        (without("success_url"), "success_url"),
        (with(("expires_at", "1")), "expires_at"),
        (with(("ui_mode", "embedded_page")), "ui_mode"),
        (with(("customer", "cus_unknown")), "customer"),
        (
            with(("payment_intent_data[statement_descriptor]", "SHOP")),
            "payment_intent_data[statement_descriptor]",
        ),
        (with(("return_url", "https://shop.example")), "return_url"),
    ] {
        let refused = lab.post(SESSIONS, &form).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert_eq!(refused.json["error"]["param"], param, "{}", refused.text);
    }
    let setup = [("mode", "setup"), ("success_url", "https://shop.example")];
    let refused = lab.post(SESSIONS, &setup).await;
    assert_eq!(refused.json["error"]["param"], "currency");
}

#[tokio::test]
async fn f19_a_whole_statement_descriptor_is_refused_where_a_card_may_pay() {
    let lab = Lab::new().await;
    let refused = lab
        .pay("pm_card_visa", &[("statement_descriptor", "SHOP")])
        .await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(refused.json["error"]["param"], "statement_descriptor");
    assert!(refused.message().contains("statement_descriptor_suffix"));
    for text in ["12345", "A*B", "a<b", "much longer than 22 letters"] {
        let refused = lab
            .pay("pm_card_visa", &[("statement_descriptor_suffix", text)])
            .await;
        assert_eq!(refused.status, 400, "{text}");
    }
    let paid = lab
        .pay("pm_card_visa", &[("statement_descriptor_suffix", "SPRING")])
        .await;
    assert_eq!(paid.json["statement_descriptor_suffix"], "SPRING");
    assert_eq!(lab.sandbox.stripe().state().payment_intents().len(), 1);
}

#[tokio::test]
async fn f22_customers_are_searched_by_metadata() {
    let lab = Lab::new().await;
    let name = "it's user 7";
    let made = lab.post("/v1/customers", &[("metadata[ref]", name)]).await;
    lab.post("/v1/customers", &[("metadata[ref]", "user 8")])
        .await;
    let query = [("query", r"metadata['ref']:'it\'s user 7'")];
    let found = lab.get("/v1/customers/search", &query).await;
    assert_eq!(found.json["object"], "search_result");
    assert_eq!(found.json["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(found.json["data"][0]["id"], made.json["id"]);
    let path = format!("/v1/customers/{}", made.id());
    lab.stripe(Method::DELETE, &path, &[], &[]).await.unwrap();
    let found = lab.get("/v1/customers/search", &query).await;
    assert_eq!(found.json["data"].as_array().map(Vec::len), Some(0));
    let refused = lab
        .get("/v1/customers/search", &[("query", "metadata[")])
        .await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn f21_a_transfer_is_reversed_only_where_there_was_one() {
    let lab = Lab::new().await;
    let plain = lab.pay("pm_card_visa", &[]).await.id();
    let form = [
        ("payment_intent", plain.as_str()),
        ("reverse_transfer", "true"),
    ];
    let refused = lab.post("/v1/refunds", &form).await;
    assert_eq!(refused.json["error"]["param"], "reverse_transfer");
    let to_seller = [
        ("transfer_data[destination]", "acct_seller"),
        ("application_fee_amount", "100"),
    ];
    let paid = lab.pay("pm_card_visa", &to_seller).await.id();
    let form = [
        ("payment_intent", paid.as_str()),
        ("reverse_transfer", "true"),
        ("refund_application_fee", "true"),
    ];
    let refund = lab.post("/v1/refunds", &form).await;
    assert_eq!(refund.status, 200, "{}", refund.text);
    assert!(refund.json["transfer_reversal"].is_string());
}
