//! Twilio's verifications: codes, their limits, and what is not found.

mod support;

use anyvendor_sandbox::Sandbox;
use anyvendor_sandbox::twilio::VerificationStatus;
use reqwest::Method;
use serde_json::json;
use support::{Lab, TestResponse};

const TO: &str = "+491511234567";

impl Lab {
    async fn verify(&self, rest: &str, form: &[(&str, &str)]) -> TestResponse {
        let path = self.service(rest);
        self.twilio(Method::POST, &path, form).await
    }

    async fn start(&self) -> TestResponse {
        self.verify("Verifications", &[("To", TO), ("Channel", "sms")])
            .await
    }

    async fn check(&self, code: &str) -> TestResponse {
        self.verify("VerificationCheck", &[("To", TO), ("Code", code)])
            .await
    }

    fn service(&self, rest: &str) -> String {
        let service = self.sandbox.twilio().verify_service();
        format!("/v2/Services/{service}/{rest}")
    }

    #[expect(clippy::unwrap_used, reason = "test code outside a test function")]
    fn code(&self) -> String {
        self.sandbox
            .twilio()
            .state()
            .verifications()
            .last()
            .unwrap()
            .code
            .clone()
    }
}

/// A different code of the same length.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

#[tokio::test]
async fn a_code_is_sent_and_checked() {
    let lab = Lab::new().await;
    let started = lab.start().await;
    assert_eq!(started.status, 201, "{}", started.text);
    let sid = started.json["sid"].as_str().unwrap().to_owned();
    assert!(sid.starts_with("VE") && sid.len() == 34, "{sid}");
    assert_eq!(
        (&started.json["status"], &started.json["valid"]),
        (&json!("pending"), &json!(false))
    );
    assert_eq!(
        started.json["send_code_attempts"].as_array().unwrap().len(),
        1
    );
    let code = lab.code();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
    assert!(!started.text.contains(&code));
    let shown = lab
        .control(Method::GET, "/_sandbox/twilio/verifications", None)
        .await;
    assert_eq!(shown.json[0]["code"], "(hidden)");
    let one = format!("/_sandbox/twilio/verifications/{sid}");
    let page = lab.control(Method::GET, "/", None).await;
    assert!(page.text.contains(&one) && !page.text.contains(&code));
    let shown = lab.control(Method::GET, &one, None).await;
    assert_eq!(shown.json["code"], code.as_str());

    let wrong = lab.check(other_than(&code)).await;
    assert_eq!(
        (wrong.status, &wrong.json["status"]),
        (201, &json!("pending"))
    );
    assert_eq!(wrong.json["valid"], false);
    let path = lab.service(&format!("Verifications/{sid}"));
    assert_eq!(
        lab.twilio(Method::GET, &path, &[]).await.json["sid"],
        sid.as_str()
    );
    let right = lab.check(&code).await;
    assert_eq!(
        (&right.json["status"], &right.json["valid"]),
        (&json!("approved"), &json!(true))
    );
    assert_eq!(right.json["sid"], sid.as_str());
    // After the approval the verification is gone.
    for response in [
        lab.check(&code).await,
        lab.twilio(Method::GET, &path, &[]).await,
    ] {
        assert_eq!(
            (response.status, &response.json["code"]),
            (404, &json!(20404))
        );
    }
    let kept = lab.sandbox.twilio().state().verifications();
    assert_eq!(
        (kept.len(), kept[0].status),
        (1, VerificationStatus::Approved)
    );
    assert_ne!(lab.start().await.json["sid"], sid.as_str());
}

#[tokio::test]
async fn five_wrong_codes_are_too_many() {
    let lab = Lab::new().await;
    lab.start().await;
    let code = lab.code();
    for _ in 0..5 {
        assert_eq!(lab.check(other_than(&code)).await.status, 201);
    }
    let refused = lab.check(&code).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (429, &json!(60202))
    );
    assert_eq!(
        lab.sandbox.twilio().state().verifications()[0].status,
        VerificationStatus::Pending
    );
}

#[tokio::test]
async fn a_code_is_sent_five_times() {
    let lab = Lab::new().await;
    let sid = lab.start().await.json["sid"].clone();
    let code = lab.code();
    for sends in 2..=5 {
        let again = lab.start().await;
        assert_eq!((again.status, &again.json["sid"]), (201, &sid));
        assert_eq!(
            again.json["send_code_attempts"].as_array().unwrap().len(),
            sends
        );
    }
    let refused = lab.start().await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (429, &json!(60203))
    );
    assert_eq!(
        (
            lab.code(),
            lab.sandbox.twilio().state().verifications().len()
        ),
        (code, 1)
    );
    // Sends are counted for each address separately.
    let other = [("To", "ada@example.org"), ("Channel", "email")];
    assert_eq!(lab.verify("Verifications", &other).await.status, 201);
}

#[tokio::test]
async fn wrong_or_unknown_input_is_rejected() {
    let lab = Lab::new().await;
    for form in [
        vec![("Channel", "sms")],
        vec![("To", TO)],
        vec![("To", TO), ("Channel", "pigeon")],
        vec![("To", "ada@example.org"), ("Channel", "sms")],
        vec![("To", TO), ("Channel", "email")],
    ] {
        let response = lab.verify("Verifications", &form).await;
        assert_eq!(
            (response.status, &response.json["code"]),
            (400, &json!(60200)),
            "{form:?}"
        );
    }
    for form in [vec![("To", TO)], vec![("Code", "123456")]] {
        assert_eq!(
            lab.verify("VerificationCheck", &form).await.json["code"],
            60200
        );
    }
    assert_eq!(lab.check("123456").await.status, 404);
    let elsewhere = format!("/v2/Services/VA{}/Verifications", "0".repeat(32));
    let form = [("To", TO), ("Channel", "sms")];
    assert_eq!(
        lab.twilio(Method::POST, &elsewhere, &form).await.status,
        404
    );
    let sid = lab.start().await.json["sid"].as_str().unwrap().to_owned();
    let path = format!("Verifications/{sid}");
    assert_eq!(
        lab.verify(&path, &[("Status", "lost")]).await.json["code"],
        60200
    );
    let canceled = lab.verify(&path, &[("Status", "canceled")]).await;
    assert_eq!(canceled.json["status"], "canceled");
    assert_eq!(lab.check(&lab.code()).await.status, 404);
}

#[tokio::test]
async fn codes_follow_from_the_seed() {
    let mut codes = Vec::new();
    for seed in [1, 1, 2] {
        let lab = Lab::with(Sandbox::builder().seed(seed)).await;
        lab.start().await;
        codes.push(lab.code());
    }
    assert_eq!(codes[0], codes[1]);
    assert_ne!(codes[0], codes[2]);
}
