//! Authentication on Stripe's emulator: on session, off session, set up for later.

mod support;

use reqwest::Method;
use support::{Lab, paid};

const PATH: &str = "/v1/payment_intents";

#[tokio::test]
async fn on_session_authentication_redirects_and_then_charges() {
    let lab = Lab::new().await;
    let more = [("return_url", "https://shop.example/done?x=1")];
    let pending = lab.pay("pm_card_authenticationRequired", &more).await;
    assert_eq!(pending.json["status"], "requires_action");
    let action = &pending.json["next_action"];
    assert_eq!(action["type"], "redirect_to_url");
    assert!(lab.sandbox.stripe().state().charges().is_empty());
    let url = action["redirect_to_url"]["url"].as_str().unwrap();
    let back = lab.client.get(url).send().await.unwrap();
    assert_eq!(back.status(), 303);
    let location = back.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("https://shop.example/done?x=1&payment_intent=pi_"));
    assert!(location.ends_with("redirect_status=succeeded"));
    let after = lab.get(&format!("{PATH}/{}", pending.id()), &[]).await;
    assert_eq!(after.json["status"], "succeeded");
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn a_failed_authentication_requires_another_method() {
    let lab = Lab::new().await;
    let more = [("return_url", "https://shop.example/done")];
    let pending = lab.pay("pm_card_authenticationRequired", &more).await;
    let url = pending.json["next_action"]["redirect_to_url"]["url"]
        .as_str()
        .unwrap();
    lab.client
        .get(format!("{url}?outcome=fail"))
        .send()
        .await
        .unwrap();
    let path = format!("{PATH}/{}", pending.id());
    let after = lab.get(&path, &[]).await;
    assert_eq!(after.json["status"], "requires_payment_method");
    assert_eq!(
        after.json["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );
    let form = [("payment_method", "pm_card_visa")];
    let retried = lab.post(&format!("{path}/confirm"), &form).await;
    assert_eq!(retried.json["status"], "succeeded", "{}", retried.text);
}

#[tokio::test]
async fn off_session_authentication_is_a_402_with_the_payment() {
    let lab = Lab::new().await;
    let response = lab
        .pay("pm_card_authenticationRequired", &[("off_session", "true")])
        .await;
    assert_eq!(
        (response.status, response.code()),
        (402, "authentication_required")
    );
    let intent = &response.json["error"]["payment_intent"];
    assert_eq!(intent["status"], "requires_payment_method");
    let bare = lab
        .pay(
            "pm_card_authenticationRequired",
            &[("error_on_requires_action", "true")],
        )
        .await;
    assert_eq!((bare.status, bare.code()), (402, ""));
    let set_up = lab
        .pay(
            "pm_card_authenticationRequiredSetupForOffSession",
            &[("off_session", "true")],
        )
        .await;
    assert_eq!(set_up.json["status"], "succeeded");
}

#[tokio::test]
async fn a_card_set_up_on_session_is_charged_off_session() {
    let lab = Lab::new().await;
    let customer = lab.post("/v1/customers", &[]).await.id();
    let more = [
        ("customer", customer.as_str()),
        ("setup_future_usage", "off_session"),
        ("return_url", "https://shop.example/done"),
    ];
    let first = lab
        .pay("pm_card_authenticationRequiredOnSetup", &more)
        .await;
    let url = first.json["next_action"]["redirect_to_url"]["url"]
        .as_str()
        .unwrap();
    lab.client.get(url).send().await.unwrap();
    let saved = lab
        .get(&format!("/v1/customers/{customer}/payment_methods"), &[])
        .await;
    let method = saved.json["data"][0]["id"].as_str().unwrap();
    let more = [("customer", customer.as_str()), ("off_session", "true")];
    let later = lab.pay(method, &more).await;
    assert_eq!(later.json["status"], "succeeded", "{}", later.text);
    // If it was not set up before, the same card requires authentication.
    let fresh = lab
        .pay(
            "pm_card_authenticationRequiredOnSetup",
            &[("off_session", "true")],
        )
        .await;
    assert_eq!(fresh.code(), "authentication_required");
}

#[tokio::test]
async fn a_confirm_that_might_redirect_needs_a_return_url() {
    let lab = Lab::new().await;
    let form: Vec<_> = paid("pm_card_visa").into_iter().take(4).collect();
    let response = lab.post(PATH, &form).await;
    assert_eq!(
        (response.status, response.json["error"]["param"].as_str()),
        (400, Some("return_url"))
    );
    assert!(lab.sandbox.stripe().state().payment_intents().is_empty());
}

#[tokio::test]
async fn a_setup_saves_a_card_without_a_payment() {
    let lab = Lab::new().await;
    let customer = lab.post("/v1/customers", &[]).await.id();
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_authenticationRequiredOnSetup"),
        ("confirm", "true"),
        ("return_url", "https://shop.example/saved"),
    ];
    let setup = lab.post("/v1/setup_intents", &form).await;
    assert_eq!(setup.json["status"], "requires_action", "{}", setup.text);
    let url = setup.json["next_action"]["redirect_to_url"]["url"]
        .as_str()
        .unwrap();
    let back = lab.client.get(url).send().await.unwrap();
    assert_eq!(back.status(), 303);
    let path = format!("/v1/setup_intents/{}", setup.id());
    let after = lab.get(&path, &[]).await;
    assert_eq!(after.json["status"], "succeeded");
    let method = after.json["payment_method"].as_str().unwrap();
    let more = [("customer", customer.as_str()), ("off_session", "true")];
    assert_eq!(lab.pay(method, &more).await.json["status"], "succeeded");
    let late = lab
        .stripe(Method::POST, &format!("{path}/cancel"), &[], &[])
        .await;
    assert_eq!(late.unwrap().code(), "setup_intent_unexpected_state");
}
