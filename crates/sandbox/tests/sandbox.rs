//! The sandbox as a whole: ports, runtimes, the request log, the control address, the configuration text.

mod support;

use std::net::TcpListener;

use anyvendor_sandbox::{PortPlan, RecordedResponse, Sandbox, SandboxError, Vendor};
use reqwest::Method;
use serde_json::json;
use support::Lab;

#[expect(clippy::unwrap_used, reason = "test code outside a test function")]
fn port_of(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn shutdown_frees_the_ports() {
    let sandbox = Sandbox::start().await.unwrap();
    let urls = [
        sandbox.url(),
        sandbox.stripe().url(),
        sandbox.sendgrid().url(),
        sandbox.s3().url(),
        sandbox.paypal().url(),
    ]
    .map(port_of);
    sandbox.shutdown().await;
    for port in urls {
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_frees_the_ports_and_ends_the_connections() {
    let lab = Lab::new().await;
    assert_eq!(lab.pay("pm_card_visa", &[]).await.status, 200);
    let (port, url) = (
        port_of(lab.sandbox.stripe().url()),
        lab.sandbox.stripe().url().to_owned(),
    );
    let client = lab.client.clone();
    drop(lab);
    while TcpListener::bind(("127.0.0.1", port)).is_err() {
        tokio::task::yield_now().await;
    }
    assert!(client.get(url).send().await.is_err());
}

#[tokio::test]
async fn a_port_in_use_is_a_typed_error() {
    let first = Sandbox::start().await.unwrap();
    let base = port_of(first.url());
    let second = Sandbox::builder()
        .ports(PortPlan::from_base(base))
        .start()
        .await;
    assert!(matches!(second, Err(SandboxError::Listen { address, .. }) if address.port() == base));
}

#[tokio::test(start_paused = true)]
async fn it_serves_while_the_clock_is_paused() {
    let lab = Lab::new().await;
    assert_eq!(lab.pay("pm_card_visa", &[]).await.status, 200);
}

#[tokio::test]
async fn the_log_keeps_each_request() {
    let lab = Lab::new().await;
    lab.keyed("k1", "/v1/customers", &[("email", "a@b.co")])
        .await;
    lab.get("/v1/customers", &[("limit", "3")]).await;
    let log = lab.sandbox.requests();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].sequence, log[0].vendor, log[0].method.as_str()),
        (1, Vendor::Stripe, "POST")
    );
    assert_eq!(&log[0].body[..], b"email=a%40b.co");
    assert_eq!(log[0].header("idempotency-key"), Some("k1"));
    assert_eq!(log[0].response, RecordedResponse::Status(200));
    assert_eq!(log[1].query.as_deref(), Some("limit=3"));
    let quiet = Lab::with(Sandbox::builder().record_bodies(false)).await;
    quiet.post("/v1/customers", &[("email", "a@b.co")]).await;
    assert!(quiet.sandbox.requests()[0].body.is_empty());
}

#[tokio::test]
async fn the_control_address_shows_everything() {
    let lab = Lab::new().await;
    lab.pay("pm_card_visa", &[]).await;
    let email = json!({"personalizations": [{"to": [{"email": "ada@example.org"}]}],
        "from": {"email": "shop@example.com"}, "subject": "<b>Receipt</b>",
        "content": [{"type": "text/html", "value": "<h1>Grüße</h1>"}]});
    lab.send(&email).await;
    let about = lab.control(Method::GET, "/_sandbox", None).await;
    assert_eq!(about.json["stripe"]["url"], lab.sandbox.stripe().url());
    assert_eq!(about.json["stripe"]["api_key"], lab.sandbox.stripe().key());
    assert_eq!(about.json["s3"]["bucket"], "receipts");
    assert_eq!(about.json["paypal"]["url"], lab.sandbox.paypal().url());
    assert_eq!(about.json["config_toml"], lab.sandbox.config_toml());
    let (name, value) = &lab.sandbox.variables()[0];
    assert_eq!(about.json["variables"][name], value.as_str());
    for (kind, count) in [
        ("payment_intents", 1),
        ("charges", 1),
        ("customers", 0),
        ("refunds", 0),
    ] {
        let list = lab
            .control(Method::GET, &format!("/_sandbox/stripe/{kind}"), None)
            .await;
        assert_eq!(list.json.as_array().unwrap().len(), count, "{kind}");
    }
    let emails = lab
        .control(Method::GET, "/_sandbox/sendgrid/messages", None)
        .await;
    assert_eq!(emails.json[0]["to"]["email"], "ada@example.org");
    let html = lab
        .control(
            Method::GET,
            emails.json[0]["html_url"].as_str().unwrap(),
            None,
        )
        .await;
    assert_eq!(html.text, "<h1>Grüße</h1>");
    let log = lab
        .control(Method::GET, "/_sandbox/requests?vendor=stripe", None)
        .await;
    assert_eq!(log.json.as_array().unwrap().len(), 1);
    assert!(!log.text.contains(lab.sandbox.stripe().key()));
    let page = lab.control(Method::GET, "/", None).await;
    assert!(page.text.contains("&lt;b&gt;Receipt&lt;/b&gt;") && !page.text.contains("<b>Receipt"));
    assert_eq!(
        lab.control(Method::GET, "/_sandbox/s3/objects", None)
            .await
            .json,
        json!([])
    );
    assert_eq!(lab.control(Method::GET, "/nowhere", None).await.status, 404);
    lab.control(Method::POST, "/_sandbox/reset", None).await;
    assert!(lab.sandbox.stripe().state().charges().is_empty());
    assert!(lab.sandbox.sendgrid().state().messages().is_empty());
    assert!(lab.sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_configuration_names_variables_not_secrets() {
    let lab = Lab::new().await;
    let text = lab.sandbox.config_toml();
    for (name, value) in lab.sandbox.variables() {
        assert!(text.contains(&format!("\"env:{name}\"")), "{name}");
        assert!(!text.contains(&value), "{name}");
    }
    assert!(text.starts_with("mode = \"sandbox\"\n"));
    assert!(text.contains(lab.sandbox.s3().url()));
}

#[tokio::test]
async fn s3_responds_on_its_own_port() {
    let lab = Lab::new().await;
    let response = lab
        .client
        .get(format!("{}/receipts/none", lab.sandbox.s3().url()))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    let log = lab.sandbox.requests();
    assert_eq!(
        (log[0].vendor, log[0].path.as_str()),
        (Vendor::S3, "/receipts/none")
    );
}
