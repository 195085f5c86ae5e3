//! What the sandbox shows: emails without any outside fetch, escaped text, and no secrets.

mod support;

use reqwest::Method;
use support::raw::{Raw, listeners};
use support::{Lab, html_email};

#[tokio::test]
async fn sf07_an_email_is_shown_without_any_outside_fetch() {
    let lab = Lab::new().await;
    lab.send(&html_email(
        "<script>x</script><img src=https://evil.example/p.png><iframe src=https://evil.example>",
    ))
    .await;
    let shown = lab
        .control(Method::GET, "/_sandbox/sendgrid/messages/1/html", None)
        .await;
    let policy = shown.header("content-security-policy").unwrap();
    let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
    for directive in [
        "sandbox allow-popups allow-popups-to-escape-sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ] {
        assert!(directives.contains(&directive), "{directive}: {policy}");
    }
    assert_eq!(directives.len(), 7, "nothing else is allowed: {policy}");
    assert_eq!(shown.header("x-dns-prefetch-control"), Some("off"));
}

#[tokio::test]
async fn sf07_secrets_are_masked_in_what_is_shown() {
    let lab = Lab::new().await;
    let stripe = lab
        .post(
            "/v1/payment_intents",
            &[("amount", "1000"), ("currency", "usd")],
        )
        .await;
    let secret = stripe.json["client_secret"].as_str().unwrap().to_owned();
    lab.get(
        &format!("/v1/payment_intents/{}", stripe.id()),
        &[("client_secret", &secret)],
    )
    .await;
    let s3 = listeners(&lab.sandbox)[3].1.clone();
    let link = "/receipts/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=canarysig&X-Amz-Security-Token=canarytoken";
    let headers = [
        ("x-amz-security-token", "canarytoken"),
        ("authorization", "canaryauth"),
        ("cookie", "canarycookie"),
    ];
    Raw::new("GET", link).headers(&headers).send(&s3).await;
    let html = "<a href=\"https://b.s3.example/k?X-Amz-Signature=canarysig&amp;x=1\">receipt</a>";
    lab.send(&html_email(html)).await;
    let service = lab.sandbox.twilio().verify_service().to_owned();
    let to = ("To", "+15550100002");
    lab.twilio(
        Method::POST,
        &format!("/v2/Services/{service}/Verifications"),
        &[to, ("Channel", "sms")],
    )
    .await;
    let code = lab.sandbox.twilio().state().verifications()[0].code.clone();
    let sid = lab.sandbox.twilio().state().verifications()[0].sid.clone();
    lab.twilio(
        Method::POST,
        &format!("/v2/Services/{service}/VerificationCheck"),
        &[to, ("Code", &code)],
    )
    .await;

    for path in [
        "/",
        "/_sandbox/requests",
        "/_sandbox/webhooks",
        "/_sandbox/stripe/payment_intents",
        "/_sandbox/stripe/events",
        "/_sandbox/sendgrid/messages",
        "/_sandbox/twilio/messages",
        "/_sandbox/twilio/verifications",
    ] {
        let shown = lab.control(Method::GET, path, None).await;
        assert_eq!(shown.status, 200, "{path}");
        for canary in [
            "canary",
            secret.as_str(),
            &format!("\"{code}\""),
            &format!("Code={code}"),
            &format!(">{code}<"),
        ] {
            assert!(
                !shown.text.contains(canary),
                "{path} shows {canary}: {}",
                shown.text
            );
        }
        for (name, value) in lab.sandbox.variables() {
            assert!(!shown.text.contains(&value), "{path} shows {name}");
        }
    }
    // One verification shows its code to who asks for it; a program reads everything.
    let one = lab
        .control(
            Method::GET,
            &format!("/_sandbox/twilio/verifications/{sid}"),
            None,
        )
        .await;
    assert_eq!(one.json["code"], code.as_str());
    let log = lab.sandbox.requests();
    assert!(
        log.iter()
            .any(|request| request.header("authorization") == Some("canaryauth"))
    );
    // What is no secret is shown.
    let shown = lab
        .control(Method::GET, "/_sandbox/requests?vendor=s3", None)
        .await;
    assert!(
        shown.text.contains("X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        "{}",
        shown.text
    );
}

#[tokio::test]
async fn sf07_foreign_text_is_escaped_on_the_page() {
    const TEXT: &str = "<canary>\"'&</title>";
    let lab = Lab::new().await;
    let mut message = html_email("x");
    message["subject"] = TEXT.into();
    lab.send(&message).await;
    lab.text(&[
        ("To", "+15550100001"),
        ("From", lab.sandbox.twilio().number()),
        ("Body", TEXT),
    ])
    .await;
    Raw::new("GET", "/%3Ccanary%3E<canary>")
        .send(&listeners(&lab.sandbox)[1].1)
        .await;
    let page = lab.control(Method::GET, "/", None).await.text;
    assert!(
        page.contains("&lt;canary&gt;&quot;&#39;&amp;&lt;/title&gt;"),
        "{page}"
    );
    assert!(
        !page.contains("<canary") && page.matches("</title>").count() == 1,
        "{page}"
    );
}
