//! Each fault: what the vendor did, what the client sees, what the log says.
#![expect(
    clippy::disallowed_methods,
    reason = "the emulators run on the machine's time"
)]

mod support;

use std::time::Duration;

use anyvendor_sandbox::{Fault, FaultKind, FaultPlan, Profile, RecordedResponse, Sandbox, Vendor};
use reqwest::Method;
use serde_json::{Value, json};
use support::{Lab, paid};

const PATH: &str = "/v1/payment_intents";

/// One payment under a fault: the client's result, and how often the card was charged.
async fn pay_under(
    kind: FaultKind,
) -> (
    Result<support::TestResponse, reqwest::Error>,
    usize,
    RecordedResponse,
) {
    let lab = Lab::new().await;
    lab.sandbox
        .inject(Fault::new(kind).vendor(Vendor::Stripe).path("/v1/*"));
    let headers = [("idempotency-key", "k1")];
    let form = paid("pm_card_visa");
    let result = lab.stripe(Method::POST, PATH, &form, &headers).await;
    let charges = lab.sandbox.stripe().state().charges().len();
    let response = lab.sandbox.requests().remove(0).response;
    // Whatever happened, a repeat under the same key leads to one charge.
    let settled = lab.keyed("k1", PATH, &form).await;
    assert!(matches!(settled.status, 200 | 500));
    if settled.status == 200 {
        assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
    }
    (result, charges, response)
}

fn fault(name: &'static str, status: Option<u16>) -> RecordedResponse {
    RecordedResponse::Fault { name, status }
}

#[tokio::test]
async fn rejected_calls_have_no_effect() {
    for (kind, name, status) in [
        (FaultKind::status(503), "status", 503),
        (
            FaultKind::RateLimited {
                retry_after: Some(2),
            },
            "rate_limited",
            429,
        ),
        (FaultKind::KeyInUse, "key_in_use", 409),
        (FaultKind::LockTimeout, "lock_timeout", 429),
    ] {
        let (result, charges, response) = pay_under(kind).await;
        let result = result.unwrap();
        assert_eq!((result.status, charges), (status, 0), "{name}");
        assert_eq!(response, fault(name, Some(status)));
        let reason = result.header("stripe-rate-limited-reason");
        assert_eq!(reason.is_some(), name == "rate_limited");
        let retry = result.header("retry-after");
        assert_eq!(retry, (name == "rate_limited").then_some("2"));
    }
    let kind = FaultKind::Status {
        status: 418,
        headers: vec![("x-a".into(), "1".into())],
        body: Some("short".into()),
    };
    let result = pay_under(kind).await.0.unwrap();
    assert_eq!(
        (result.header("x-a"), result.text.as_str()),
        (Some("1"), "short")
    );
}

#[tokio::test]
async fn cut_connections_leave_no_response() {
    for (kind, name, charged) in [
        (FaultKind::CutBeforeRead, "cut_before_read", 0),
        (FaultKind::CutAfterRead, "cut_after_read", 0),
        (FaultKind::ActThenCut, "act_then_cut", 1),
        (
            FaultKind::ActThenHang {
                milliseconds: Some(1),
            },
            "act_then_hang",
            1,
        ),
    ] {
        let (result, charges, response) = pay_under(kind).await;
        assert!(result.is_err(), "{name}");
        assert_eq!((charges, response), (charged, fault(name, None)));
    }
}

#[tokio::test]
async fn a_hang_lasts_until_the_client_leaves() {
    let lab = Lab::new().await;
    lab.sandbox
        .inject(Fault::new(FaultKind::ActThenHang { milliseconds: None }));
    let url = format!("{}{PATH}", lab.sandbox.stripe().url());
    let request = lab
        .client
        .post(url)
        .bearer_auth(lab.sandbox.stripe().key())
        .timeout(Duration::from_millis(50))
        .form(&paid("pm_card_visa"));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn responses_that_break_after_the_work() {
    let (result, charges, response) = pay_under(FaultKind::TruncateBody).await;
    assert!(result.is_err());
    assert_eq!((charges, response), (1, fault("truncate_body", Some(200))));
    let kind = FaultKind::ServerErrorAfterActing {
        status: 500,
        should_retry: true,
    };
    let (result, charges, _) = pay_under(kind).await;
    let result = result.unwrap();
    assert_eq!((result.status, charges), (500, 1));
    assert_eq!(result.header("stripe-should-retry"), Some("true"));
    let (result, charges, _) = pay_under(FaultKind::StoredServerError { status: 500 }).await;
    assert_eq!((result.unwrap().status, charges), (500, 0));
}

#[tokio::test]
async fn slow_responses_are_complete() {
    for kind in [
        FaultKind::delay(Duration::from_millis(1)),
        FaultKind::DripBody {
            pieces: 7,
            milliseconds: 1,
        },
    ] {
        let (result, charges, _) = pay_under(kind).await;
        let result = result.unwrap();
        assert_eq!((result.status, charges), (200, 1));
        assert_eq!(result.json["status"], "succeeded");
    }
}

#[tokio::test]
async fn an_empty_response_is_cut_too() {
    let lab = Lab::new().await;
    lab.sandbox
        .inject(Fault::new(FaultKind::TruncateBody).vendor(Vendor::SendGrid));
    let url = format!("{}/v3/mail/send", lab.sandbox.sendgrid().url());
    let response = lab
        .client
        .post(url)
        .bearer_auth(lab.sandbox.sendgrid().key())
        .json(&email(0))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    assert!(response.bytes().await.is_err());
    assert_eq!(lab.sandbox.sendgrid().state().messages().len(), 1);
}

fn email(number: usize) -> Value {
    json!({"personalizations": [{"to": [{"email": format!("u{number}@example.org")}]}],
        "from": {"email": "shop@example.com"}, "subject": "s", "content": [{"type": "text/plain", "value": "t"}]})
}

#[tokio::test]
async fn sendgrid_limits_in_its_own_words() {
    let lab = Lab::new().await;
    lab.sandbox.inject(
        Fault::new(FaultKind::RateLimited {
            retry_after: Some(5),
        })
        .times(1),
    );
    let limited = lab.send(&email(0)).await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.json["errors"][0]["message"], "too many requests");
    let reset: i64 = limited
        .header("x-ratelimit-reset")
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=5).contains(&(reset - jiff::Timestamp::now().as_second())));
    assert_eq!(lab.send(&email(0)).await.status, 202);
}

#[tokio::test]
async fn flaky_keeps_the_totals_for_a_client_that_retries() {
    let plan = FaultPlan::flaky().hang(Duration::from_millis(1));
    let lab = Lab::with(Sandbox::builder().seed(3).faults(plan)).await;
    let mut attempts = 0;
    for order in 0..60 {
        let key = format!("order-{order}");
        let headers = [("idempotency-key", key.as_str())];
        let mut tries = 0;
        loop {
            tries += 1;
            attempts += 1;
            assert!(tries <= 3, "{key} got more than two faults in a row");
            let form = paid("pm_card_visa");
            match lab.stripe(Method::POST, PATH, &form, &headers).await {
                Ok(response) if response.status == 200 => break,
                Ok(response) => assert!(matches!(response.status, 409 | 429 | 500)),
                Err(_) => {}
            }
        }
    }
    assert_eq!(lab.sandbox.stripe().state().charges().len(), 60);
    assert!(attempts > 65, "the profile injected no faults: {attempts}");
    for number in 0..30 {
        let mut tries = 0;
        while lab.send(&email(number)).await.status != 202 {
            tries += 1;
            assert!(tries <= 2);
        }
    }
    assert_eq!(lab.sandbox.sendgrid().state().messages().len(), 30);
}

#[tokio::test]
async fn faults_are_set_over_the_control_address() {
    let lab = Lab::new().await;
    let script = json!([{"vendor": "stripe", "method": "POST", "path": "/v1/refunds", "times": 2,
        "fault": {"kind": "status", "status": 502}}]);
    let set = lab
        .control(Method::POST, "/_sandbox/faults", Some(&script))
        .await;
    assert_eq!(set.status, 200, "{}", set.text);
    assert_eq!(lab.sandbox.waiting_faults().len(), 1);
    assert_eq!(lab.post("/v1/refunds", &[]).await.status, 502);
    assert_eq!(lab.pay("pm_card_visa", &[]).await.status, 200);
    for body in [
        json!("flaky"),
        json!({"profile": "none", "hang_milliseconds": 5}),
    ] {
        let set = lab
            .control(Method::POST, "/_sandbox/faults", Some(&body))
            .await;
        assert_eq!(set.status, 200);
    }
    for wrong in [
        json!("gentle"),
        json!([{"fault": {"kind": "melt"}}]),
        json!(7),
    ] {
        let set = lab
            .control(Method::POST, "/_sandbox/faults", Some(&wrong))
            .await;
        assert_eq!(set.status, 400, "{wrong}");
    }
    lab.sandbox.set_faults(Profile::None);
    lab.sandbox.reset();
    assert!(lab.sandbox.waiting_faults().is_empty());
}
