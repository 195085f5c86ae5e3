//! Twilio's emulator: schedules, WhatsApp's window, opt-outs, redaction, the control address and faults.

mod support;

use anyvendor_sandbox::twilio::{ContentTemplate, MessageStatus};
use anyvendor_sandbox::{Fault, FaultKind, FaultPlan, Sandbox, Vendor};
use reqwest::Method;
use serde_json::{Value, json};
use support::Lab;
use support::twilio::{FROM, TO, ahead, sid, with};

#[tokio::test]
async fn a_scheduled_message_waits_and_can_be_canceled() {
    let lab = Lab::new().await;
    let service = lab.sandbox.twilio().messaging_service().to_owned();
    let at = ahead(3600);
    let scheduled = [
        ("MessagingServiceSid", service.as_str()),
        ("ScheduleType", "fixed"),
        ("SendAt", at.as_str()),
    ];
    let response = lab.text(&with(&scheduled)).await;
    assert_eq!(response.json["status"], "scheduled");
    let waiting = sid(&response);
    for _ in 0..3 {
        assert_eq!(lab.read(&waiting).await.json["status"], "scheduled");
    }
    let canceled = lab.change(&waiting, &[("Status", "canceled")]).await;
    assert_eq!(
        (canceled.status, &canceled.json["status"]),
        (200, &json!("canceled"))
    );
    assert_eq!(lab.read(&waiting).await.json["status"], "canceled");
    let sent = sid(&lab.text(&with(&[])).await);
    for sid in [&waiting, &sent] {
        let rejected = lab.change(sid, &[("Status", "canceled")]).await;
        assert_eq!(
            (rejected.status, &rejected.json["code"]),
            (409, &json!(30409))
        );
    }
    let wrong = lab.change(&sent, &[("Status", "sent")]).await;
    assert_eq!(wrong.json["code"], 20001);
    assert_eq!(
        lab.change("SM00", &[("Status", "canceled")]).await.status,
        404
    );
    assert_eq!(
        lab.sandbox.twilio().state().messages()[0].status,
        MessageStatus::Canceled
    );
}

#[tokio::test]
async fn a_message_is_redacted_and_deleted() {
    let lab = Lab::new().await;
    let sid = sid(&lab.text(&with(&[])).await);
    assert_eq!(lab.change(&sid, &[("Body", "other")]).await.status, 400);
    let redacted = lab.change(&sid, &[("Body", "")]).await;
    assert_eq!((redacted.status, &redacted.json["body"]), (200, &json!("")));
    assert_eq!(lab.sandbox.twilio().state().messages()[0].body, "");
    let path = lab.account(&format!("Messages/{sid}.json"));
    let gone = lab.twilio(Method::DELETE, &path, &[]).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(lab.read(&sid).await.status, 404);
    assert_eq!(lab.twilio(Method::DELETE, &path, &[]).await.status, 404);
    assert_eq!(lab.sandbox.twilio().state().messages().len(), 0);
}

#[tokio::test]
async fn whatsapp_accepts_free_text_only_inside_the_window() {
    let template = ContentTemplate::new(format!("HX{}", "1".repeat(32)), "Order {{1}} is {{2}}")
        .default_value("2", "on its way");
    let sid_of_template = template.sid.clone();
    let lab = Lab::with(Sandbox::builder().twilio_content(template)).await;
    let (to, from) = (format!("whatsapp:{TO}"), format!("whatsapp:{FROM}"));
    let free = [("To", to.as_str()), ("From", from.as_str()), ("Body", "Hi")];
    assert_eq!(lab.text(&free).await.json["code"], 63016);
    // Neither a message from yesterday nor an SMS opens the window.
    lab.inbound(json!({"from": to, "body": "hi", "seconds_ago": 86_401}))
        .await;
    lab.inbound(json!({"from": TO, "body": "hi"})).await;
    assert_eq!(lab.text(&free).await.json["code"], 63016);
    let templated = lab
        .text(&[
            ("To", &to),
            ("From", &from),
            ("ContentSid", &sid_of_template),
            ("ContentVariables", r#"{"1":"7"}"#),
        ])
        .await;
    assert_eq!(templated.json["body"], "Order 7 is on its way");
    let inbound = lab
        .inbound(json!({"from": to, "to": from, "body": "hello?"}))
        .await;
    assert_eq!(
        (inbound.status, &inbound.json["direction"]),
        (200, &json!("inbound"))
    );
    assert_eq!(inbound.json["status"], "received");
    let response = lab.text(&free).await;
    let sid = sid(&response);
    for status in ["sending", "sent", "delivered", "read", "read"] {
        assert_eq!(lab.read(&sid).await.json["status"], status);
    }
    // The window of another person is closed.
    let other = [
        ("To", "whatsapp:+15551234567"),
        ("From", &from),
        ("Body", "Hi"),
    ];
    assert_eq!(lab.text(&other).await.json["code"], 63016);
    let inbound = lab.sandbox.twilio().state().messages();
    assert_eq!(inbound.iter().filter(|m| m.is_inbound()).count(), 3);
    for bad in [
        json!({}),
        json!({"from": "Ada"}),
        json!({"from": TO, "to": from}),
    ] {
        let rejected = lab.inbound(bad).await;
        assert_eq!(rejected.status, 400);
        assert!(rejected.json["error"].as_str().unwrap().contains("from"));
    }
}

#[tokio::test]
async fn stop_and_start() {
    let lab = Lab::new().await;
    let service = lab.sandbox.twilio().messaging_service().to_owned();
    let by_service = [
        ("To", TO),
        ("MessagingServiceSid", &service),
        ("Body", "Hi"),
    ];
    lab.inbound(json!({"from": TO, "body": " Stop "})).await;
    for form in [with(&[]), by_service.to_vec()] {
        let rejected = lab.text(&form).await;
        assert_eq!(
            (rejected.status, &rejected.json["code"]),
            (400, &json!(21610))
        );
    }
    // An opt-out applies to one sender.
    assert_eq!(
        lab.text(&with(&[("From", "+15550000001")])).await.status,
        201
    );
    lab.inbound(json!({"from": TO, "body": "please start"}))
        .await;
    assert_eq!(lab.text(&with(&[])).await.status, 400);
    lab.inbound(json!({"from": TO, "body": "START"})).await;
    assert_eq!(lab.text(&with(&[])).await.status, 201);
}

#[tokio::test]
async fn the_control_address_shows_and_resets() {
    let lab = Lab::new().await;
    let first = sid(&lab.text(&with(&[("Body", "<b>code</b>")])).await);
    let about = lab.control(Method::GET, "/_sandbox", None).await.json;
    assert_eq!(about["twilio"]["url"], lab.sandbox.twilio().url());
    assert_eq!(
        about["twilio"]["auth_token"],
        lab.sandbox.twilio().auth_token()
    );
    let variable = |name: &str| about["variables"][name].clone();
    assert_eq!(
        about["twilio"]["account_sid"],
        lab.sandbox.twilio().account_sid()
    );
    assert_eq!(
        variable("TWILIO_AUTH_TOKEN"),
        lab.sandbox.twilio().auth_token()
    );
    let shown = lab
        .control(Method::GET, "/_sandbox/twilio/messages", None)
        .await;
    assert_eq!(shown.json[0]["sid"], first.as_str());
    let page = lab.control(Method::GET, "/", None).await.text;
    assert!(page.contains("Text messages (1)") && page.contains("&lt;b&gt;code"));
    lab.inbound(json!({"from": TO, "body": "STOP"})).await;
    lab.control(Method::POST, "/_sandbox/reset", None).await;
    assert_eq!(lab.sandbox.twilio().state().messages().len(), 0);
    // No number is opted out, and the ids start over.
    assert_eq!(sid(&lab.text(&with(&[])).await), first);
}

#[tokio::test]
async fn faults_use_the_vendors_words() {
    let lab = Lab::new().await;
    let limited = FaultKind::RateLimited {
        retry_after: Some(2),
    };
    for (kind, status, code) in [
        (limited, 429, json!(20429)),
        (FaultKind::status(500), 500, json!(20500)),
        (FaultKind::status(502), 502, Value::Null),
    ] {
        lab.sandbox
            .inject(Fault::new(kind).vendor(Vendor::Twilio).method("POST"));
        let response = lab.text(&with(&[])).await;
        assert_eq!((response.status, &response.json["code"]), (status, &code));
        assert_eq!(response.json["status"], status);
        assert_eq!(response.header("retry-after").is_some(), status == 429);
    }
    assert_eq!(lab.sandbox.twilio().state().messages().len(), 0);
    let log = lab
        .control(Method::GET, "/_sandbox/requests?vendor=twilio", None)
        .await;
    assert_eq!(log.json.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn flaky_rejects_messages_only_before_the_work() {
    let lab = Lab::with(Sandbox::builder().faults(FaultPlan::flaky())).await;
    let (mut accepted, mut rejected) = (0, 0);
    for n in 0..200 {
        let body = n.to_string();
        let response = lab.text(&with(&[("Body", &body)])).await;
        match response.status {
            201 => accepted += 1,
            429 | 503 => rejected += 1,
            other => panic!("{other}: {}", response.text),
        }
    }
    assert_eq!(lab.sandbox.twilio().state().messages().len(), accepted);
    assert!((20..=80).contains(&rejected), "{rejected} of 200");
}
