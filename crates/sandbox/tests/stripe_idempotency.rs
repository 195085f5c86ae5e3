//! Idempotency keys as Stripe documents them: status and body of the first use, its 500 included.

mod support;

use std::time::Duration;

use anyvendor_sandbox::{Fault, FaultKind, Vendor};
use reqwest::Method;
use support::{Lab, paid};

const PATH: &str = "/v1/payment_intents";

#[tokio::test]
async fn the_same_key_returns_the_same_response_and_charges_once() {
    let lab = Lab::new().await;
    let first = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    let again = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.text, again.text);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("idempotency-key"), Some("k1"));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn another_parameter_under_the_same_key_is_rejected() {
    let lab = Lab::new().await;
    lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    let other = lab.keyed("k1", PATH, &paid("pm_card_mastercard")).await;
    assert_eq!(other.status, 400);
    assert_eq!(other.json["error"]["type"], "idempotency_error");
    assert_eq!(
        other.message(),
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a \
         key other than 'k1' if you meant to execute a different request."
    );
    let elsewhere = lab.keyed("k1", "/v1/customers", &[]).await;
    assert_eq!(elsewhere.json["error"]["type"], "idempotency_error");
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn the_order_of_parameters_does_not_matter() {
    let lab = Lab::new().await;
    let mut form = paid("pm_card_visa");
    let first = lab.keyed("k1", PATH, &form).await;
    form.reverse();
    assert_eq!(lab.keyed("k1", PATH, &form).await.text, first.text);
}

#[tokio::test]
async fn a_key_in_use_is_409_and_the_work_goes_on_without_its_client() {
    let lab = Lab::new().await;
    let slow = FaultKind::delay(Duration::from_secs(3600));
    lab.sandbox.inject(Fault::new(slow).vendor(Vendor::Stripe));
    let url = format!("{}{PATH}", lab.sandbox.stripe().url());
    let first = lab
        .client
        .post(url)
        .bearer_auth(lab.sandbox.stripe().key())
        .header("idempotency-key", "k1")
        .form(&paid("pm_card_visa"));
    let first = tokio::spawn(first.send());
    // The emulator records the body in the log just before it claims the key; the test has only this thread.
    while lab
        .sandbox
        .requests()
        .first()
        .is_none_or(|r| r.body.is_empty())
    {
        tokio::task::yield_now().await;
    }
    let second = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    assert_eq!(
        (second.status, second.code()),
        (409, "idempotency_key_in_use")
    );
    first.abort();
    let third = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    assert_eq!(third.status, 409);
}

#[tokio::test]
async fn a_client_that_disconnects_is_still_charged() {
    let lab = Lab::new().await;
    let slow = FaultKind::delay(Duration::from_millis(20));
    lab.sandbox.inject(Fault::new(slow).vendor(Vendor::Stripe));
    let url = format!("{}{PATH}", lab.sandbox.stripe().url());
    let request = lab
        .client
        .post(url)
        .bearer_auth(lab.sandbox.stripe().key())
        .header("idempotency-key", "k1")
        .form(&paid("pm_card_visa"));
    let task = tokio::spawn(request.send());
    while lab
        .sandbox
        .requests()
        .first()
        .is_none_or(|r| r.body.is_empty())
    {
        tokio::task::yield_now().await;
    }
    task.abort();
    while lab.sandbox.stripe().state().charges().is_empty() {
        tokio::task::yield_now().await;
    }
    let again = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn a_500_of_the_execution_is_stored_and_never_charges() {
    let lab = Lab::new().await;
    lab.sandbox
        .inject(Fault::new(FaultKind::StoredServerError { status: 500 }));
    let first = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    let again = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    assert_eq!((first.status, again.status), (500, 500));
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert!(lab.sandbox.stripe().state().charges().is_empty());
}

#[tokio::test]
async fn a_decline_is_stored() {
    let lab = Lab::new().await;
    let card = "pm_card_visa_chargeDeclined";
    let first = lab.keyed("k1", PATH, &paid(card)).await;
    let again = lab.keyed("k1", PATH, &paid(card)).await;
    assert_eq!((first.status, again.status), (402, 402));
    assert_eq!(first.text, again.text);
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn nothing_is_stored_when_validation_failed() {
    let lab = Lab::new().await;
    let bad = lab.keyed("k1", PATH, &[("amount", "1000")]).await;
    assert_eq!((bad.status, bad.code()), (400, "parameter_missing"));
    let good = lab.keyed("k1", PATH, &paid("pm_card_visa")).await;
    assert_eq!(good.status, 200);
    assert_eq!(good.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn keys_are_per_account_and_mean_nothing_on_reads() {
    let lab = Lab::new().await;
    let form = paid("pm_card_visa");
    let own = lab.keyed("k1", PATH, &form).await;
    let headers = [("idempotency-key", "k1"), ("stripe-account", "acct_other")];
    let other = lab
        .stripe(Method::POST, PATH, &form, &headers)
        .await
        .unwrap();
    assert_ne!(own.id(), other.id());
    assert_eq!(other.header("stripe-account"), Some("acct_other"));
    // The payment of a connected account is not found in the main account.
    let path = format!("{PATH}/{}", other.id());
    assert_eq!(lab.get(&path, &[]).await.code(), "resource_missing");
    let read = lab
        .stripe(Method::GET, PATH, &[], &[("idempotency-key", "k1")])
        .await
        .unwrap();
    assert_eq!(read.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(read.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn a_key_over_255_characters_is_rejected() {
    let lab = Lab::new().await;
    let form = paid("pm_card_visa");
    assert_eq!(lab.keyed(&"k".repeat(255), PATH, &form).await.status, 200);
    let long = lab.keyed(&"k".repeat(256), PATH, &form).await;
    assert_eq!(long.status, 400, "{}", long.text);
}
