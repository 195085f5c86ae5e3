//! The rest of Stripe's emulator: parameters, keys, paging, customers and saved cards.

mod support;

use reqwest::Method;
use support::{Lab, client, paid};

use anyvendor_sandbox::Sandbox;

const PATH: &str = "/v1/payment_intents";

#[tokio::test]
async fn wrong_parameters_are_named() {
    let lab = Lab::new().await;
    let long = "v".repeat(501);
    let key = format!("metadata[{}]", "k".repeat(41));
    for (change, code, param) in [
        (("amount", ""), "parameter_invalid_empty", "amount"),
        (("amount", "ten"), "parameter_invalid_integer", "amount"),
        (("amount", "10.5"), "parameter_invalid_integer", "amount"),
        (("amount", "0"), "parameter_invalid_integer", "amount"),
        (("amount", "-5"), "parameter_invalid_integer", "amount"),
        (("amount", "49"), "amount_too_small", "amount"),
        (("amount", "1000000000000"), "amount_too_large", "amount"),
        (("currency", "xyz"), "", "currency"),
        (("xyz", "1"), "parameter_unknown", "xyz"),
        (
            ("automatic_payment_methods[xyz]", "1"),
            "parameter_unknown",
            "automatic_payment_methods[xyz]",
        ),
        (("confirm", "yes"), "", "confirm"),
        (("capture_method", "later"), "", "capture_method"),
        (("metadata[a]", long.as_str()), "", "metadata[a]"),
        ((key.as_str(), "v"), "", "metadata"),
        (("expand[]", "nothing"), "", "expand"),
    ] {
        let mut form = paid("pm_card_visa");
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        let response = lab.post(PATH, &form).await;
        assert_eq!(
            (response.status, response.code()),
            (400, code),
            "{change:?} {}",
            response.text
        );
        assert_eq!(response.json["error"]["param"], param, "{change:?}");
        assert_eq!(response.json["error"]["type"], "invalid_request_error");
    }
    for missing in ["amount", "currency"] {
        let mut form = paid("pm_card_visa");
        form.retain(|(name, _)| *name != missing);
        let response = lab.post(PATH, &form).await;
        assert_eq!(response.code(), "parameter_missing");
        assert_eq!(
            response.message(),
            format!("Missing required param: {missing}.")
        );
    }
    let form = [("amount", "5124"), ("currency", "kwd")];
    assert_eq!(lab.post(PATH, &form).await.status, 400);
    let unknown = lab.get("/v1/teapots", &[]).await;
    assert_eq!(unknown.status, 404);
    assert!(
        unknown
            .message()
            .starts_with("Unrecognized request URL (GET: /v1/teapots).")
    );
}

#[tokio::test]
async fn keys_of_the_wrong_kind_are_rejected() {
    let lab = Lab::new().await;
    let url = format!("{}{PATH}", lab.sandbox.stripe().url());
    let request_with = async |key: Option<&str>| {
        let mut request = client().get(&url);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body: serde_json::Value = response.json().await.unwrap();
        (
            status,
            body["error"]["message"].as_str().unwrap_or("").to_owned(),
        )
    };
    for key in [
        Some("sk_test_x"),
        Some("rk_test_x"),
        Some(lab.sandbox.stripe().key()),
    ] {
        assert_eq!(request_with(key).await.0, 200, "{key:?}");
    }
    for key in [
        None,
        Some("sk_live_abcdefgh"),
        Some("pk_test_x"),
        Some("sk_test_"),
        Some("x"),
    ] {
        let (status, message) = request_with(key).await;
        assert_eq!(status, 401, "{key:?}");
        assert!(!message.contains("abcdefgh"));
    }
    let basic = client().get(&url).basic_auth("sk_test_x", Some(""));
    assert_eq!(basic.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn lists_page_by_cursor_newest_first() {
    let lab = Lab::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, lab.post("/v1/customers", &[]).await.id());
    }
    let page = async |query: &[(&str, &str)]| {
        let response = lab.get("/v1/customers", query).await;
        let data = response.json["data"].as_array().unwrap();
        let ids: Vec<String> = data
            .iter()
            .map(|c| c["id"].as_str().unwrap().to_owned())
            .collect();
        (ids, response.json["has_more"].as_bool().unwrap())
    };
    assert_eq!(page(&[]).await, (ids.clone(), false));
    assert_eq!(page(&[("limit", "2")]).await, (ids[..2].to_vec(), true));
    let next = [("limit", "2"), ("starting_after", ids[1].as_str())];
    assert_eq!(page(&next).await, (ids[2..4].to_vec(), true));
    let last = [("limit", "2"), ("starting_after", ids[3].as_str())];
    assert_eq!(page(&last).await, (ids[4..].to_vec(), false));
    let back = [("limit", "2"), ("ending_before", ids[3].as_str())];
    assert_eq!(page(&back).await, (ids[1..3].to_vec(), true));
    let top = [("ending_before", ids[1].as_str())];
    assert_eq!(page(&top).await, (ids[..1].to_vec(), false));
    for limit in ["0", "101"] {
        let response = lab.get("/v1/customers", &[("limit", limit)]).await;
        assert_eq!(response.code(), "parameter_invalid_integer");
    }
    let lost = lab
        .get("/v1/customers", &[("starting_after", "cus_no")])
        .await;
    assert_eq!((lost.status, lost.code()), (400, "resource_missing"));
    assert_eq!(page(&[("created[gt]", "4000000000")]).await.0.len(), 0);
}

#[tokio::test]
async fn customers_are_found_by_exact_email_and_can_be_deleted() {
    let lab = Lab::new().await;
    let form = [
        ("email", "Ada@example.org"),
        ("name", "Ada"),
        ("metadata[our_id]", "7"),
    ];
    let ada = lab.post("/v1/customers", &form).await;
    lab.post("/v1/customers", &[("email", "ada@example.org")])
        .await;
    let found = lab
        .get("/v1/customers", &[("email", "Ada@example.org")])
        .await;
    assert_eq!(found.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(found.json["data"][0]["metadata"]["our_id"], "7");
    let path = format!("/v1/customers/{}", ada.id());
    let form = [("metadata[our_id]", ""), ("metadata[b]", "2"), ("name", "")];
    let changed = lab.post(&path, &form).await;
    assert_eq!(changed.json["metadata"], serde_json::json!({"b": "2"}));
    assert!(changed.json["name"].is_null());
    let gone = lab.stripe(Method::DELETE, &path, &[], &[]).await.unwrap();
    assert_eq!(gone.json["deleted"], true);
    let read = lab.get(&path, &[]).await;
    assert_eq!((read.status, &read.json["deleted"]), (200, &true.into()));
    let pay = lab.pay("pm_card_visa", &[("customer", &ada.id())]).await;
    assert_eq!((pay.status, pay.code()), (400, "resource_missing"));
    let bad = lab.post("/v1/customers", &[("email", "nobody")]).await;
    assert_eq!(bad.code(), "email_invalid");
}

#[tokio::test]
async fn cards_are_attached_used_again_and_detached() {
    let lab = Lab::new().await;
    let customer = lab.post("/v1/customers", &[]).await.id();
    let owner = [("customer", customer.as_str())];
    let attach = async |card: &str| {
        lab.post(&format!("/v1/payment_methods/{card}/attach"), &owner)
            .await
    };
    let card = attach("pm_card_visa").await;
    assert_ne!(card.id(), "pm_card_visa");
    assert_eq!(attach("pm_card_visa_chargeDeclined").await.status, 402);
    assert_eq!(attach("pm_card_chargeCustomerFail").await.status, 200);
    for _ in 0..2 {
        assert_eq!(
            lab.pay(&card.id(), &owner).await.json["status"],
            "succeeded"
        );
    }
    assert_eq!(lab.pay(&card.id(), &[]).await.status, 400);
    let path = format!("/v1/payment_methods/{}/detach", card.id());
    assert!(lab.post(&path, &[]).await.json["customer"].is_null());
    assert_eq!(lab.post(&path, &[]).await.status, 400);
    assert_eq!(attach(&card.id()).await.status, 400);
    let list = lab
        .get(&format!("/v1/customers/{customer}/payment_methods"), &[])
        .await;
    assert_eq!(list.json["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_card_paid_with_once_is_spent_unless_kept() {
    let lab = Lab::new().await;
    let form = [("type", "card"), ("card[token]", "tok_visa")];
    let card = lab.post("/v1/payment_methods", &form).await.id();
    assert_eq!(lab.pay(&card, &[]).await.status, 200);
    assert_eq!(lab.pay(&card, &[]).await.status, 400);
}

#[tokio::test]
async fn search_and_events_show_what_happened() {
    let lab = Lab::new().await;
    lab.pay("pm_card_visa", &[("metadata[order]", "A-1")]).await;
    lab.pay("pm_card_visa", &[("metadata[order]", "A-2")]).await;
    let query = [("query", "metadata['order']:'A-2' AND status:'succeeded'")];
    let found = lab.get("/v1/payment_intents/search", &query).await;
    assert_eq!(found.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(found.json["object"], "search_result");
    let events = lab
        .get("/v1/events", &[("type", "payment_intent.succeeded")])
        .await;
    assert_eq!(events.json["data"].as_array().unwrap().len(), 2);
    assert_eq!(
        events.json["data"][0]["data"]["object"]["metadata"]["order"],
        "A-2"
    );
}

#[tokio::test]
async fn one_seed_gives_the_same_ids() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let lab = Lab::with(Sandbox::builder().seed(seed)).await;
        runs.push((
            lab.pay("pm_card_visa", &[]).await.id(),
            lab.sandbox.stripe().key().to_owned(),
        ));
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}
