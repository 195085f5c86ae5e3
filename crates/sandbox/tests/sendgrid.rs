//! SendGrid's emulator: which requests it rejects with which message, what it keeps, batches and credits.
#![expect(
    clippy::disallowed_methods,
    reason = "the emulators run on the machine's time"
)]

mod support;

use anyvendor_sandbox::Sandbox;
use anyvendor_sandbox::sendgrid::{Line, MessageStatus, Template};
use reqwest::Method;
use serde_json::{Value, json};
use support::{Lab, client};

/// An email that the emulator accepts.
fn email() -> Value {
    json!({
        "personalizations": [{"to": [{"email": "ada@example.org", "name": "Ada"}]}],
        "from": {"email": "shop@example.com"},
        "subject": "Receipt",
        "content": [{"type": "text/plain", "value": "Thanks"}, {"type": "text/html", "value": "<p>Thanks</p>"}],
    })
}

/// An email with one value changed.
#[expect(clippy::unwrap_used, reason = "test code outside a test function")]
fn with(pointer: &str, value: Value) -> Value {
    let mut email = email();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    email.pointer_mut(parent).unwrap()[name] = value;
    email
}

#[expect(clippy::unwrap_used, reason = "test code outside a test function")]
fn without(name: &str) -> Value {
    let mut email = email();
    email.as_object_mut().unwrap().remove(name);
    email
}

#[tokio::test]
async fn an_accepted_email_is_kept_per_recipient() {
    let lab = Lab::new().await;
    let mut email = email();
    email["personalizations"] = json!([
        {"to": [{"email": "ada@example.org"}], "cc": [{"email": "c@example.org"}],
         "bcc": [{"email": "b@example.org"}], "custom_args": {"our_id": "u1"}, "headers": {"X-A": "1"}},
        {"to": [{"email": "bob@example.org"}], "subject": "Yours", "custom_args": {"our_id": "u2"}},
    ]);
    email["attachments"] =
        json!([{"content": "aGVsbG8=", "filename": "r.txt", "type": "text/plain"}]);
    email["categories"] = json!(["receipt"]);
    let response = lab.send(&email).await;
    assert_eq!(
        (response.status, response.text.as_str()),
        (202, ""),
        "{}",
        response.text
    );
    let id = response.header("x-message-id").unwrap();
    let kept = lab.sandbox.sendgrid().state().messages();
    let lines: Vec<_> = kept.iter().map(|m| (m.to.email.as_str(), m.line)).collect();
    assert_eq!(
        lines,
        [
            ("ada@example.org", Line::To),
            ("c@example.org", Line::Cc),
            ("b@example.org", Line::Bcc),
            ("bob@example.org", Line::To),
        ]
    );
    assert!(
        kept.iter()
            .all(|m| m.id.starts_with(&format!("{id}.")) && m.request_id == id)
    );
    assert_eq!(kept[0].custom_args["our_id"], "u1");
    assert_eq!(kept[0].headers["X-A"], "1");
    assert_eq!(kept[0].attachments[0].size, 5);
    assert_eq!(kept[0].html.as_deref(), Some("<p>Thanks</p>"));
    assert_eq!(kept[3].subject.as_deref(), Some("Yours"));
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let lab = Lab::new().await;
    let many = |n: usize| -> Value {
        (0..n)
            .map(|i| json!({"email": format!("u{i}@example.org")}))
            .collect()
    };
    let far = i64::from(u32::MAX);
    let long_args = json!({"a": "x".repeat(10_001)});
    for (email, field) in [
        (without("from"), "from"),
        (with("/from", json!({"email": "nobody"})), "from.email"),
        (
            with("/from", json!({"email": "a@b.co", "name": "A; B"})),
            "from.name",
        ),
        (without("personalizations"), "personalizations"),
        (with("/personalizations", json!([])), "personalizations"),
        (
            with(
                "/personalizations",
                (0..1001)
                    .map(|i| json!({"to": [{"email": format!("u{i}@x.org")}]}))
                    .collect(),
            ),
            "personalizations",
        ),
        (
            with("/personalizations", json!([{}])),
            "personalizations.0.to",
        ),
        (
            with("/personalizations/0/to", many(1001)),
            "personalizations",
        ),
        (
            with(
                "/personalizations/0/to",
                json!([{"email": "not an address"}]),
            ),
            "personalizations.0.to.0.email",
        ),
        (
            with(
                "/personalizations/0/cc",
                json!([{"email": "ADA@example.org"}]),
            ),
            "personalizations",
        ),
        (
            with("/personalizations/0/subject", json!("")),
            "personalizations.0.subject",
        ),
        (
            with("/personalizations/0/headers", json!({"Subject": "x"})),
            "personalizations.0.headers.Subject",
        ),
        (
            with("/personalizations/0/custom_args", json!({"n": 1})),
            "personalizations.0.custom_args.n",
        ),
        (
            with("/personalizations/0/custom_args", long_args),
            "personalizations.0.custom_args",
        ),
        (
            with("/personalizations/0/send_at", json!(far)),
            "personalizations.0.send_at",
        ),
        (
            with("/personalizations/0/dynamic_template_data", json!({})),
            "personalizations.0.dynamic_template_data",
        ),
        (without("subject"), "subject"),
        (with("/subject", json!("")), "subject"),
        (without("content"), "content"),
        (
            with("/content", json!([{"type": "text/html", "value": ""}])),
            "content.0.value",
        ),
        (
            with(
                "/content",
                json!([{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]),
            ),
            "content",
        ),
        (
            with("/attachments", json!([{"content": "%%%", "filename": "a"}])),
            "attachments.0.content",
        ),
        (
            with("/attachments", json!([{"content": "aGk="}])),
            "attachments.0.filename",
        ),
        (
            with(
                "/attachments",
                json!([{"content": "aGk=", "filename": "a", "disposition": "inline"}]),
            ),
            "attachments.0.content_id",
        ),
        (with("/headers", json!({"X-SG-ID": "x"})), "headers.X-SG-ID"),
        (with("/headers", json!({"X-A": 1})), "headers.X-A"),
        (with("/categories", json!(["a", "a"])), "categories"),
        (
            with(
                "/categories",
                (0..11).map(|i| json!(i.to_string())).collect(),
            ),
            "categories",
        ),
        (with("/send_at", json!(far)), "send_at"),
        (with("/send_at", json!("soon")), "send_at"),
        (with("/batch_id", json!("unknown")), "batch_id"),
        (with("/template_id", json!("nope")), "template_id"),
        (with("/ip_pool_name", json!("x")), "ip_pool_name"),
        (
            with(
                "/reply_to_list",
                json!([{"email": "a@b.co"}, {"email": "A@b.co"}]),
            ),
            "reply_to_list",
        ),
        (
            with(
                "/mail_settings",
                json!({"sandbox_mode": {"enable": "true"}}),
            ),
            "mail_settings.sandbox_mode.enable",
        ),
        (with("/surprise", json!(1)), "surprise"),
    ] {
        let response = lab.send(&email).await;
        let text = &response.text;
        assert_eq!(response.status, 400, "{field}: {text}");
        assert_eq!(response.json["errors"][0]["field"], field, "{text}");
    }
    let bad = lab
        .send(&with("/personalizations/0/to", json!([{"email": "x"}])))
        .await;
    assert_eq!(
        bad.json["errors"][0]["message"],
        "Does not contain a valid address."
    );
    assert!(lab.sandbox.sendgrid().state().messages().is_empty());
    let full = with("/personalizations/0/to", many(1000));
    assert_eq!(lab.send(&full).await.status, 202);
}

#[tokio::test]
async fn headers_are_checked_before_the_email() {
    let lab = Lab::new().await;
    let url = format!("{}/v3/mail/send", lab.sandbox.sendgrid().url());
    let (key, text) = (lab.sandbox.sendgrid().key(), email().to_string());
    let base = || client().post(&url).body(text.clone());
    let json = ("content-type", "application/json");
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    assert_eq!(status(base().header(json.0, json.1)).await, 401);
    assert_eq!(
        status(base().bearer_auth("sk_test_x").header(json.0, json.1)).await,
        401
    );
    assert_eq!(status(base().bearer_auth(key)).await, 415);
    let html = base()
        .bearer_auth(key)
        .header(json.0, json.1)
        .header("accept", "text/html");
    assert_eq!(status(html).await, 406);
    let broken = client()
        .post(&url)
        .bearer_auth(key)
        .header(json.0, json.1)
        .body("{");
    assert_eq!(status(broken).await, 400);
    let large = client().post(&url).bearer_auth(key).header(json.0, json.1);
    assert_eq!(status(large.body(vec![b' '; 31 * 1024 * 1024])).await, 413);
    assert_eq!(status(client().get(&url).bearer_auth(key)).await, 405);
    let elsewhere = url.replace("/send", "/fly");
    assert_eq!(status(client().get(elsewhere).bearer_auth(key)).await, 404);
}

#[tokio::test]
async fn sandbox_mode_validates_and_keeps_nothing() {
    let lab = Lab::with(Sandbox::builder().sendgrid_credits(1)).await;
    let mode = json!({"sandbox_mode": {"enable": true}});
    let response = lab.send(&with("/mail_settings", mode)).await;
    assert_eq!((response.status, response.text.as_str()), (200, ""));
    assert!(lab.sandbox.sendgrid().state().messages().is_empty());
    assert_eq!(lab.sandbox.sendgrid().state().credits(), Some(1));
}

#[tokio::test]
async fn exhausted_credits_are_a_distinct_401() {
    let lab = Lab::with(Sandbox::builder().sendgrid_credits(2)).await;
    assert_eq!(lab.send(&email()).await.status, 202);
    let two = with(
        "/personalizations/0/cc",
        json!([{"email": "c@example.org"}]),
    );
    let over = lab.send(&two).await;
    assert_eq!(over.status, 401);
    assert_eq!(
        over.json["errors"][0]["message"],
        "Maximum credits exceeded"
    );
    let left = lab.sendgrid(Method::GET, "/v3/user/credits", None).await;
    assert_eq!(
        (&left.json["remain"], &left.json["total"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(lab.sandbox.sendgrid().state().messages().len(), 1);
}

#[tokio::test]
async fn a_scheduled_batch_is_cancelled_once() {
    let lab = Lab::new().await;
    let made = lab.sendgrid(Method::POST, "/v3/mail/batch", None).await;
    assert_eq!(made.status, 201);
    let batch = made.json["batch_id"].as_str().unwrap();
    let found = lab
        .sendgrid(Method::GET, &format!("/v3/mail/batch/{batch}"), None)
        .await;
    assert_eq!(found.status, 200);
    let mut later = email();
    later["batch_id"] = json!(batch);
    later["send_at"] = json!(jiff::Timestamp::now().as_second() + 3600);
    assert_eq!(lab.send(&later).await.status, 202);
    let path = "/v3/user/scheduled_sends";
    let cancel = json!({"batch_id": batch, "status": "cancel"});
    let first = lab.sendgrid(Method::POST, path, Some(&cancel)).await;
    assert_eq!((first.status, &first.json), (201, &cancel));
    let status = || lab.sandbox.sendgrid().state().messages()[0].status;
    assert_eq!(status(), MessageStatus::Cancelled);
    assert_eq!(
        lab.sendgrid(Method::POST, path, Some(&cancel)).await.status,
        400
    );
    let one = format!("{path}/{batch}");
    let pause = json!({"status": "pause"});
    assert_eq!(
        lab.sendgrid(Method::PATCH, &one, Some(&pause)).await.status,
        204
    );
    assert_eq!(status(), MessageStatus::Paused);
    assert_eq!(
        lab.sendgrid(Method::GET, &one, None).await.json[0]["status"],
        "pause"
    );
    assert_eq!(lab.sendgrid(Method::DELETE, &one, None).await.status, 204);
    assert_eq!(status(), MessageStatus::Queued);
    assert_eq!(lab.sendgrid(Method::DELETE, &one, None).await.status, 404);
    let unknown = json!({"batch_id": "none", "status": "cancel"});
    let rejected = lab.sendgrid(Method::POST, path, Some(&unknown)).await;
    assert_eq!(rejected.status, 400);
}

#[tokio::test]
async fn templates_are_read_and_filled() {
    let id = "d-0123456789abcdef0123456789abcdef";
    let template = Template::new(id, "Order {{order}}", "<p>Hi {{name}}</p>");
    let lab = Lab::with(Sandbox::builder().sendgrid_template(template)).await;
    let read = lab
        .sendgrid(Method::GET, &format!("/v3/templates/{id}"), None)
        .await;
    assert_eq!(read.json["versions"][0]["subject"], "Order {{order}}");
    assert_eq!(
        lab.sendgrid(Method::GET, "/v3/templates/d-0", None)
            .await
            .status,
        404
    );
    let email = json!({
        "personalizations": [{"to": [{"email": "ada@example.org"}],
            "dynamic_template_data": {"order": 7, "name": "<Ada>"}}],
        "from": {"email": "shop@example.com"}, "template_id": id,
    });
    assert_eq!(lab.send(&email).await.status, 202);
    let kept = &lab.sandbox.sendgrid().state().messages()[0];
    assert_eq!(kept.subject.as_deref(), Some("Order 7"));
    assert_eq!(kept.html.as_deref(), Some("<p>Hi &lt;Ada&gt;</p>"));
}

#[tokio::test]
async fn activity_finds_an_email_by_a_custom_argument() {
    let lab = Lab::new().await;
    for (to, id) in [("a@example.org", "u1"), ("b@example.org", "u2")] {
        let mut email = email();
        email["personalizations"] = json!([{"to": [{"email": to}], "custom_args": {"our_id": id}}]);
        lab.send(&email).await;
    }
    for (query, expected) in [
        ("unique_args%5B'our_id'%5D%3D%22u2%22", 1),
        ("unique_args%3D%22u2%22", 1),
        ("to_email%3D%22a%40example.org%22", 1),
        (
            "to_email%3D%22a%40example.org%22%20AND%20unique_args%3D%22u2%22",
            0,
        ),
    ] {
        let path = format!("/v3/messages?limit=10&query={query}");
        let found = lab.sendgrid(Method::GET, &path, None).await;
        assert_eq!(
            found.json["messages"].as_array().unwrap().len(),
            expected,
            "{query}"
        );
    }
    for bad in ["limit=0", "limit=10&query=nonsense"] {
        let path = format!("/v3/messages?{bad}");
        assert_eq!(lab.sendgrid(Method::GET, &path, None).await.status, 400);
    }
}
