//! PayPal's emulator: tokens, authorizations, the vault, requested errors and faults.

mod support;

use std::time::Duration;

use anyvendor_sandbox::{Fault, FaultKind, FaultPlan, RecordedResponse, Sandbox, Vendor};
use reqwest::Method;
use serde_json::json;
use support::paypal::{DAY, Pay, basket, card, issue, money, wallet};

const ORDERS: &str = "/v2/checkout/orders";

#[tokio::test]
async fn a_token_is_reused_until_it_expires() {
    let mut pay = Pay::new().await;
    let second = pay.token("client_credentials").await;
    assert_eq!(second.status, 200);
    assert_eq!(second.json["access_token"], pay.token.as_str());
    assert_eq!(second.json["token_type"], "Bearer");
    assert!(second.json["expires_in"].as_i64().unwrap() > 32_000);
    assert_eq!(pay.token("password").await.status, 400);
    let url = format!("{}/v1/oauth2/token", pay.sandbox().paypal().url());
    let request = pay.lab.client.post(url).basic_auth("me", Some("guess"));
    let refused = request.form(&[("grant_type", "client_credentials")]);
    let refused = support::TestResponse::read(refused.send().await.unwrap())
        .await
        .unwrap();
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (401, &json!("invalid_client"))
    );
    assert_eq!(pay.sandbox().paypal().state().token_requests(), 4);

    pay.sandbox().paypal().state().revoke_token();
    let stale = pay.get(&format!("{ORDERS}/X")).await;
    assert_eq!(
        (stale.status, &stale.json["name"]),
        (401, &json!("AUTHENTICATION_FAILURE"))
    );
    let fresh = pay.token("client_credentials").await;
    assert_ne!(fresh.json["access_token"], pay.token.as_str());
    pay.token = fresh.json["access_token"].as_str().unwrap().to_owned();
    assert_eq!(pay.get(&format!("{ORDERS}/X")).await.status, 404);
    let short = Pay::with(Sandbox::builder().paypal_token_seconds(0)).await;
    assert_eq!(short.get(&format!("{ORDERS}/X")).await.status, 401);
}

#[tokio::test]
async fn an_authorization_is_captured_in_parts_and_voided() {
    let pay = Pay::new().await;
    let (order, auth) = pay.authorized("k1", &wallet("AUTHORIZE")).await;
    let path = format!("/v2/payments/authorizations/{auth}");
    let capture = format!("{path}/capture");
    for (body, expected) in [
        (
            json!({"amount": money("EUR", "1.00")}),
            (422, "AUTH_CAPTURE_CURRENCY_MISMATCH"),
        ),
        (
            json!({"amount": money("USD", "10.01")}),
            (422, "MAX_CAPTURE_AMOUNT_EXCEEDED"),
        ),
        (
            json!({"amount": money("JPY", "1.00")}),
            (422, "DECIMALS_NOT_SUPPORTED"),
        ),
    ] {
        let refused = pay.post("c0", &capture, &body).await;
        assert_eq!(issue(&refused), expected);
    }
    let first = pay
        .post("c1", &capture, &json!({"amount": money("USD", "3.00")}))
        .await;
    assert_eq!(
        (
            first.status,
            &first.json["status"],
            &first.json["final_capture"]
        ),
        (201, &json!("COMPLETED"), &json!(false))
    );
    let related = &first.json["supplementary_data"]["related_ids"];
    assert_eq!(
        (&related["order_id"], &related["authorization_id"]),
        (&json!(order), &json!(auth))
    );
    assert_eq!(pay.get(&path).await.json["status"], "PARTIALLY_CAPTURED");
    let second = pay
        .post("c2", &capture, &json!({"amount": money("USD", "2.00")}))
        .await;
    assert_eq!(second.status, 201);
    // The minimal representation is a 204, for the repeat too.
    let void = format!("{path}/void");
    let headers = [("paypal-request-id", "v1")];
    for _ in 0..2 {
        let done = pay.call(Method::POST, &void, &headers, None).await;
        assert_eq!((done.status, done.text.as_str()), (204, ""));
    }
    let whole = pay.post("v1", &void, &json!({})).await;
    assert_eq!(
        (whole.status, &whole.json["status"]),
        (200, &json!("VOIDED"))
    );
    let again = pay.post("v2", &void, &json!({})).await;
    assert_eq!(issue(&again), (422, "PREVIOUSLY_VOIDED"));
    let late = pay.post("c3", &capture, &json!({})).await;
    assert_eq!(issue(&late), (422, "AUTHORIZATION_VOIDED"));
    let captured: i64 = pay
        .sandbox()
        .paypal()
        .state()
        .captures()
        .iter()
        .map(|c| c.amount)
        .sum();
    assert_eq!(captured, 500);
}

#[tokio::test]
async fn a_final_capture_closes_and_expiry_voids() {
    let mut pay = Pay::new().await;
    let (_, auth) = pay
        .authorized("k1", &basket("AUTHORIZE", "USD", "10.00"))
        .await;
    let path = format!("/v2/payments/authorizations/{auth}");
    let body = json!({"amount": money("USD", "3.00"), "final_capture": true});
    pay.post("c1", &format!("{path}/capture"), &body).await;
    assert_eq!(pay.get(&path).await.json["status"], "CAPTURED");
    let more = pay.post("c2", &format!("{path}/capture"), &json!({})).await;
    assert_eq!(issue(&more), (422, "AUTHORIZATION_ALREADY_CAPTURED"));
    let void = pay.post("v1", &format!("{path}/void"), &json!({})).await;
    assert_eq!(issue(&void), (422, "PREVIOUSLY_CAPTURED"));

    let (_, old) = pay
        .authorized("k2", &basket("AUTHORIZE", "USD", "5.00"))
        .await;
    let again = format!("/v2/payments/authorizations/{old}/reauthorize");
    pay.later(3 * DAY).await;
    let new = pay.post("a2", &again, &json!({})).await;
    assert_eq!((new.status, new.id() == old), (201, false));
    let path = format!("/v2/payments/authorizations/{}", new.id());
    assert!(pay.sandbox().paypal().state().expire(&new.id()));
    assert_eq!(pay.get(&path).await.json["status"], "VOIDED");
    let late = pay.post("c3", &format!("{path}/capture"), &json!({})).await;
    assert_eq!(issue(&late), (422, "AUTHORIZATION_EXPIRED"));
}

#[tokio::test]
async fn a_wallet_is_saved_and_pays_without_its_owner() {
    let pay = Pay::new().await;
    let body = json!({"payment_source": {"paypal": {"experience_context": {
        "return_url": "https://shop.example/saved", "cancel_url": "https://shop.example/no"}}},
        "customer": {"merchant_customer_id": "cus_1"}});
    let setup = pay.post("s1", "/v3/vault/setup-tokens", &body).await;
    assert_eq!(
        (setup.status, &setup.json["status"]),
        (201, &json!("PAYER_ACTION_REQUIRED"))
    );
    let customer = setup.json["customer"]["id"].as_str().unwrap();
    assert_eq!(setup.json["customer"]["merchant_customer_id"], "cus_1");
    let redemption =
        json!({"payment_source": {"token": {"id": setup.id(), "type": "SETUP_TOKEN"}}});
    let early = pay
        .post("t0", "/v3/vault/payment-tokens", &redemption)
        .await;
    assert_eq!(early.status, 422);
    let links = setup.json["links"].as_array().unwrap();
    let page = links.iter().find(|l| l["rel"] == "approve").unwrap();
    let base = pay.sandbox().paypal().url();
    let page = page["href"].as_str().unwrap().strip_prefix(base).unwrap();
    let back = pay.get(&format!("{page}&outcome=approve")).await;
    assert_eq!(back.status, 303);
    let again = pay.post("s1", "/v3/vault/setup-tokens", &body).await;
    assert_eq!(
        (again.status, &again.json["status"]),
        (200, &json!("APPROVED"))
    );
    let token = pay
        .post("t1", "/v3/vault/payment-tokens", &redemption)
        .await;
    assert_eq!(token.status, 201);
    assert!(token.json["payment_source"]["paypal"].is_object());

    let mut order = basket("CAPTURE", "USD", "5.00");
    order["payment_source"] = json!({"paypal": {"vault_id": token.id()}});
    let paid = pay.order("k1", &order).await;
    assert_eq!(
        (paid.status, &paid.json["status"]),
        (201, &json!("COMPLETED"))
    );
    order["payment_source"] = json!({"card": {"vault_id": token.id()}});
    let mixed = pay.order("k2", &order).await;
    assert_eq!(
        issue(&mixed),
        (422, "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE")
    );

    let list = format!("/v3/vault/payment-tokens?customer_id={customer}&total_required=true");
    let found = pay.get(&list).await;
    assert_eq!(
        (&found.json["total_items"], &found.json["total_pages"]),
        (&json!(1), &json!(1))
    );
    let path = format!("/v3/vault/payment-tokens/{}", token.id());
    let gone = pay.call(Method::DELETE, &path, &[], None).await;
    assert_eq!(gone.status, 204);
    assert_eq!(pay.get(&path).await.status, 404);
    assert!(pay.sandbox().paypal().state().payment_tokens().is_empty());
}

#[tokio::test]
async fn a_card_is_saved_while_it_pays() {
    let pay = Pay::new().await;
    let mut order = card("CAPTURE", "Ada");
    order["payment_source"]["card"]["attributes"] = json!({
        "vault": {"store_in_vault": "ON_SUCCESS"}, "customer": {"merchant_customer_id": "cus_1"}});
    let paid = pay.order("k1", &order).await;
    let vault = &paid.json["payment_source"]["card"]["attributes"]["vault"];
    assert_eq!(vault["status"], "VAULTED");
    assert_eq!(vault["customer"]["merchant_customer_id"], "cus_1");
    let customer = vault["customer"]["id"].as_str().unwrap();
    for at in 0..6 {
        let body = json!({"customer": {"id": customer}, "payment_source": {"card":
            {"number": "4012888888881881", "expiry": "2035-01"}}});
        let made = pay
            .post(&format!("t{at}"), "/v3/vault/payment-tokens", &body)
            .await;
        assert_eq!(made.status, 201);
    }
    let list = format!("/v3/vault/payment-tokens?customer_id={customer}");
    let count = |response: &support::TestResponse| {
        response.json["payment_tokens"].as_array().unwrap().len()
    };
    assert_eq!(count(&pay.get(&list).await), 5);
    assert_eq!(count(&pay.get(&format!("{list}&page=2")).await), 2);
    assert_eq!(pay.get(&format!("{list}&page_size=6")).await.status, 400);

    let credential = json!({"payment_initiator": "MERCHANT", "payment_type": "UNSCHEDULED",
        "usage": "SUBSEQUENT"});
    let mut next = basket("CAPTURE", "USD", "5.00");
    next["payment_source"] =
        json!({"card": {"vault_id": vault["id"], "stored_credential": credential}});
    let paid = pay.order("k2", &next).await;
    assert_eq!(paid.json["payment_source"]["card"]["last_digits"], "1881");
    next["payment_source"]["card"]["security_code"] = json!("123");
    let refused = pay.order("k3", &next).await;
    assert_eq!(
        issue(&refused),
        (422, "MERCHANT_INITIATED_WITH_SECURITY_CODE")
    );
}

#[tokio::test]
async fn errors_come_on_request() {
    let pay = Pay::new().await;
    let body = basket("CAPTURE", "USD", "1.00");
    for (issue_, status) in [("INSTRUMENT_DECLINED", 422), ("PERMISSION_DENIED", 403)] {
        let requested = json!({"mock_application_codes": issue_}).to_string();
        let headers = [("paypal-mock-response", requested.as_str())];
        let response = pay.call(Method::POST, ORDERS, &headers, Some(&body)).await;
        assert_eq!(issue(&response), (status, issue_));
    }
    let headers = [(
        "paypal-mock-response",
        r#"{"mock_application_codes":"NOPE"}"#,
    )];
    let real = pay.call(Method::POST, ORDERS, &headers, Some(&body)).await;
    assert_eq!(real.status, 201);
    let url = format!("{}{ORDERS}", pay.sandbox().paypal().url());
    let request = pay.lab.client.post(&url).bearer_auth(&pay.token);
    assert_eq!(
        request.form(&[("a", "b")]).send().await.unwrap().status(),
        415
    );
    let request = pay.lab.client.post(&url).bearer_auth(&pay.token);
    let request = request.header("content-type", "application/json").body("{");
    let broken = support::TestResponse::read(request.send().await.unwrap())
        .await
        .unwrap();
    assert_eq!(issue(&broken), (400, "MALFORMED_REQUEST_JSON"));
}

#[tokio::test]
async fn faults_use_the_vendors_format() {
    let pay = Pay::new().await;
    let body = card("CAPTURE", "Ada");
    let fault = |kind| Fault::new(kind).vendor(Vendor::PayPal).path("/v2/*");
    for (kind, status, name) in [
        (FaultKind::status(503), 503, "SERVICE_UNAVAILABLE"),
        (FaultKind::KeyInUse, 409, "RESOURCE_CONFLICT"),
        (
            FaultKind::RateLimited {
                retry_after: Some(2),
            },
            429,
            "RATE_LIMIT_REACHED",
        ),
    ] {
        pay.sandbox().inject(fault(kind));
        let refused = pay.order("k1", &body).await;
        assert_eq!(
            (refused.status, &refused.json["name"]),
            (status, &json!(name))
        );
        assert_eq!(refused.header("retry-after").is_some(), status == 429);
        assert!(refused.header("paypal-debug-id").is_some());
    }
    assert!(pay.sandbox().paypal().state().orders().is_empty());
    pay.sandbox().inject(fault(FaultKind::ActThenCut));
    let headers = [("paypal-request-id", "k1")];
    let cut = pay
        .try_call(Method::POST, ORDERS, &headers, Some(&body))
        .await;
    assert!(cut.is_err());
    assert_eq!(pay.sandbox().paypal().state().captures().len(), 1);
    assert_eq!(pay.order("k1", &body).await.status, 200);
    assert_eq!(pay.sandbox().paypal().state().captures().len(), 1);
    let last = pay.sandbox().requests().pop().unwrap();
    assert_eq!(
        (last.vendor, last.response),
        (Vendor::PayPal, RecordedResponse::Status(200))
    );
}

#[tokio::test]
async fn concurrent_calls_with_one_id() {
    let pay = Pay::new().await;
    let slow = FaultKind::delay(Duration::from_millis(300));
    pay.sandbox()
        .inject(Fault::new(slow).vendor(Vendor::PayPal).path("/v2/*"));
    let body = card("CAPTURE", "Ada");
    // Each future sends on its first poll; the request that the emulator sees first is the slow one.
    let (a, b) = tokio::join!(pay.order("k1", &body), pay.order("k1", &body));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let second = if a.status == 409 { &a } else { &b };
    assert_eq!(issue(second), (409, "PREVIOUS_REQUEST_IN_PROGRESS"));
    assert_eq!(pay.sandbox().paypal().state().orders().len(), 1);
}

#[tokio::test]
async fn a_flaky_run_keeps_its_totals() {
    let plan = FaultPlan::flaky().hang(Duration::from_millis(1));
    let pay = Pay::new().await;
    pay.sandbox().set_faults(plan);
    let body = card("CAPTURE", "Ada");
    let mut faults = 0;
    for at in 0..30 {
        let key = format!("k{at}");
        let mut tries = 0;
        loop {
            tries += 1;
            assert!(tries <= 3, "{key}");
            let headers = [("paypal-request-id", key.as_str())];
            let sent = pay
                .try_call(Method::POST, ORDERS, &headers, Some(&body))
                .await;
            if sent.is_ok_and(|response| matches!(response.status, 200 | 201)) {
                break;
            }
            faults += 1;
        }
    }
    assert!(faults > 0);
    let state = pay.sandbox().paypal().state();
    assert_eq!((state.orders().len(), state.captures().len()), (30, 30));
}

#[tokio::test]
async fn control_shows_the_state_and_reset_clears_it() {
    let pay = Pay::new().await;
    let (_, capture) = pay.captured("k1", &wallet("CAPTURE")).await;
    for (kind, count) in [
        ("orders", 1),
        ("captures", 1),
        ("authorizations", 0),
        ("refunds", 0),
        ("payment_tokens", 0),
    ] {
        let path = format!("/_sandbox/paypal/{kind}");
        let list = pay.lab.control(Method::GET, &path, None).await;
        assert_eq!(list.json.as_array().unwrap().len(), count, "{kind}");
    }
    let page = pay.lab.control(Method::GET, "/", None).await;
    assert!(page.text.contains("PayPal orders (1)"));
    let seen = pay
        .lab
        .control(Method::GET, "/_sandbox/requests?vendor=paypal", None)
        .await;
    assert!(!seen.text.contains(&pay.token));
    assert!(seen.text.contains("/v2/checkout/orders"));
    pay.lab.control(Method::POST, "/_sandbox/reset", None).await;
    assert!(pay.sandbox().paypal().state().orders().is_empty());
    let gone = pay.get(&format!("/v2/payments/captures/{capture}")).await;
    assert_eq!(gone.status, 401);
}
