//! The sandbox on a developer's machine: no foreign page and no foreign name reaches it. Requests are written by hand, as no
//! browser and no client would let a test write them.

mod support;

use anyvendor_sandbox::{SandboxError, Vendor};
use reqwest::Method;
use serde_json::json;
use support::Lab;
use support::raw::{Raw, listeners, raw};

const JSON: (&str, &str) = ("content-type", "application/json");

fn port(address: &str) -> &str {
    address.rsplit_once(':').map_or("", |(_, port)| port)
}

#[tokio::test]
async fn sf07_only_own_names_are_answered_and_nothing_is_read_for_others() {
    let lab = Lab::new().await;
    for (name, address) in listeners(&lab.sandbox) {
        let port = port(&address);
        for host in [
            "127.0.0.1",
            "localhost",
            "LOCALHOST",
            "[::1]",
            "receipts.localhost",
            "a.b.localhost",
        ] {
            let response = raw(
                &address,
                &format!("GET /nowhere HTTP/1.1\r\nhost: {host}:{port}\r\n"),
            )
            .await;
            assert_ne!(response.status, 421, "{name}: {host}");
        }
        let before = lab.sandbox.requests().len();
        for head in [
            "host: evil.example".to_owned(),
            format!("host: evil.example:{port}"),
            "host: 127.0.0.1".to_owned(),
            "host: 127.0.0.1:1".to_owned(),
            format!("host: 127.0.0.1.evil.example:{port}"),
            format!("host: localhost.evil.example:{port}"),
            format!("host: evillocalhost:{port}"),
            format!("host: .localhost:{port}"),
            format!("host: a..localhost:{port}"),
            format!("host: 127.1:{port}"),
            format!("host: 0.0.0.0:{port}"),
            format!("host: [::]:{port}"),
            format!("host: 192.168.1.1:{port}"),
            format!("host: me@127.0.0.1:{port}"),
            format!("host: 127.0.0.1:{port}\r\nhost: evil.example:{port}"),
            "host:".to_owned(),
            "x-no-host: 1".to_owned(),
        ] {
            // The body never comes: the response does not wait for it.
            let request = format!(
                "POST /_sandbox/reset HTTP/1.1\r\n{head}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n"
            );
            let response = raw(&address, &request).await;
            assert_eq!(response.status, 421, "{name}: {head}");
        }
        let absolute = format!("GET http://evil.example/ HTTP/1.1\r\nhost: {address}\r\n");
        assert_eq!(raw(&address, &absolute).await.status, 421, "{name}");
        let own = format!("GET http://{address}/nowhere HTTP/1.1\r\nhost: {address}\r\n");
        assert_ne!(raw(&address, &own).await.status, 421, "{name}");
        let seen = lab.sandbox.requests().split_off(before);
        assert!(
            seen.iter().all(|request| request.method == "GET"),
            "{name}: {seen:?}"
        );
    }
}

#[tokio::test]
async fn sf07_pages_of_other_origins_change_nothing() {
    let lab = Lab::new().await;
    let (_, control) = listeners(&lab.sandbox).swap_remove(0);
    let own = format!("http://{control}");
    let site = |value: &'static str| ("sec-fetch-site", value);
    let origin = |value: &'static str| ("origin", value);
    let own = ("origin", own.as_str());
    for (headers, allowed) in [
        (vec![], true),
        (vec![site("same-origin")], true),
        (vec![site("none")], true),
        (vec![own], true),
        (vec![site("same-origin"), own], true),
        (vec![site("same-origin"), origin("null")], true),
        (vec![site("same-site")], false),
        (vec![site("cross-site")], false),
        (vec![site("cross-site"), own], false),
        (vec![site("odd")], false),
        (vec![site("")], false),
        (vec![site("same-origin"), site("cross-site")], false),
        (vec![("sec-fetch-mode", "cors")], false),
        (vec![("sec-fetch-dest", "empty")], false),
        (vec![origin("null")], false),
        (vec![origin("http://evil.example")], false),
        (vec![origin("http://127.0.0.1:1")], false),
        (vec![origin("http://localhost")], false),
        (
            vec![site("same-origin"), origin("http://evil.example")],
            false,
        ),
        (vec![site("none"), origin("http://evil.example")], false),
        (vec![own, origin("http://evil.example")], false),
        (
            vec![
                site("cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
            false,
        ),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let mut sent = vec![JSON];
            sent.extend_from_slice(&headers);
            let response = Raw::new(method, "/_sandbox/reset")
                .headers(&sent)
                .send(&control)
                .await;
            assert_eq!(
                response.status != 403,
                allowed,
                "{method} {headers:?}: {response:?}"
            );
        }
    }
    // An emulator's keys follow from the seed, so a foreign form could carry them.
    for (name, address) in listeners(&lab.sandbox) {
        for foreign in [
            site("cross-site"),
            site("same-site"),
            origin("http://evil.example"),
            origin("null"),
        ] {
            let response = Raw::new("POST", "/")
                .headers(&[JSON, foreign])
                .send(&address)
                .await;
            assert_eq!(response.status, 403, "{name}: {foreign:?}");
        }
    }
    assert!(lab.sandbox.requests().is_empty());
}

#[tokio::test]
async fn sf07_pages_of_other_origins_read_nothing() {
    let lab = Lab::new().await;
    let (_, control) = listeners(&lab.sandbox).swap_remove(0);
    let get = async |headers: &[(&str, &str)]| {
        let response = Raw::new("GET", "/_sandbox")
            .headers(headers)
            .send(&control)
            .await;
        response.status
    };
    let site = |value: &'static str| ("sec-fetch-site", value);
    let mode = |value: &'static str| ("sec-fetch-mode", value);
    let dest = |value: &'static str| ("sec-fetch-dest", value);
    assert_eq!(get(&[]).await, 200);
    assert_eq!(get(&[site("same-origin"), mode("cors")]).await, 200);
    let link = [site("cross-site"), mode("navigate"), dest("document")];
    assert_eq!(get(&link).await, 200, "a link from a chat opens a page");
    assert_eq!(
        get(&[site("cross-site"), mode("navigate"), dest("iframe")]).await,
        403
    );
    assert_eq!(
        get(&[site("cross-site"), mode("no-cors"), dest("image")]).await,
        403
    );
    assert_eq!(
        get(&[site("same-site"), mode("cors"), dest("empty")]).await,
        403
    );
    assert_eq!(get(&[("origin", "http://evil.example")]).await, 403);
}

#[tokio::test]
async fn sf07_control_requests_that_change_something_are_json() {
    let lab = Lab::new().await;
    let (_, control) = listeners(&lab.sandbox).swap_remove(0);
    for path in [
        "/_sandbox/reset",
        "/_sandbox/faults",
        "/_sandbox/webhooks",
        "/_sandbox/twilio/inbound",
        "/_sandbox/paypal/expire/1",
    ] {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a",
            "application/jsonp",
            "",
        ] {
            let headers = [("content-type", content_type)];
            let response = Raw::new("POST", path)
                .headers(&headers)
                .send(&control)
                .await;
            assert_eq!(response.status, 415, "{path} {content_type}");
        }
        let response = Raw::new("POST", path).send(&control).await;
        assert_eq!(response.status, 415, "{path} without a type");
    }
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    let response = Raw::new("POST", "/_sandbox/reset")
        .headers(&headers)
        .send(&control)
        .await;
    assert_eq!(response.status, 200);
    let large =
        Raw::new("POST", "/_sandbox/faults").headers(&[JSON, ("content-length", "1048577")]);
    assert_eq!(
        large
            .body(&vec![b' '; 1_048_577])
            .send(&control)
            .await
            .status,
        413
    );
    let long = format!("/_sandbox/requests?vendor={}", "a".repeat(2048));
    assert_eq!(Raw::new("GET", &long).send(&control).await.status, 414);
}

#[tokio::test]
async fn sf07_every_response_has_the_headers_that_protect_a_browser() {
    let lab = Lab::new().await;
    lab.send(&support::html_email("<p>hello")).await;
    let mail = "/_sandbox/sendgrid/messages/1/html";
    for (name, address) in listeners(&lab.sandbox) {
        for path in [
            "/",
            "/_sandbox",
            "/_sandbox/requests",
            "/style.css",
            mail,
            "/nowhere",
            "/_sandbox/authenticate/pi_1",
            "/checkoutnow?token=1",
        ] {
            for (method, headers) in [
                ("GET", vec![]),
                ("GET", vec![("origin", "http://evil.example")]),
                (
                    "OPTIONS",
                    vec![
                        ("origin", "http://evil.example"),
                        ("access-control-request-method", "POST"),
                    ],
                ),
            ] {
                let response = Raw::new(method, path)
                    .headers(&headers)
                    .send(&address)
                    .await;
                let place = format!("{name} {method} {path}: {response:?}");
                assert_eq!(
                    response.header("x-content-type-options"),
                    Some("nosniff"),
                    "{place}"
                );
                assert_eq!(
                    response.header("referrer-policy"),
                    Some("no-referrer"),
                    "{place}"
                );
                assert_eq!(
                    response.header("cache-control"),
                    Some("no-store"),
                    "{place}"
                );
                let policy = response.header("content-security-policy").unwrap();
                for part in [
                    "default-src 'none'",
                    "base-uri 'none'",
                    "form-action",
                    "frame-ancestors",
                ] {
                    assert!(policy.contains(part), "{place}");
                }
                assert!(
                    !policy.contains("script-src") && !policy.contains("http"),
                    "{place}"
                );
                let cors = response
                    .headers
                    .iter()
                    .find(|(name, _)| name.starts_with("access-control-"));
                assert_eq!(cors, None, "{place}");
            }
        }
    }
    // A stranger's page in a bucket runs nothing and loads nothing.
    let html = Raw::new("GET", "/receipts/x.html")
        .send(&listeners(&lab.sandbox)[3].1)
        .await;
    assert!(
        html.header("content-security-policy")
            .unwrap()
            .starts_with("sandbox;")
    );
    let page = lab.control(Method::GET, "/", None).await;
    assert!(
        !page.text.contains("<style") && !page.text.contains("style="),
        "no inline style"
    );
    let style = lab.control(Method::GET, "/style.css", None).await;
    assert_eq!(style.header("content-type"), Some("text/css"));
}

#[tokio::test]
async fn sf07_webhooks_do_not_go_to_the_sandbox_itself() {
    let lab = Lab::new().await;
    for (name, address) in listeners(&lab.sandbox) {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let url = format!("http://{host}:{}/_sandbox/reset", port(&address));
            let set = lab.sandbox.send_webhooks(Vendor::Stripe, url.clone());
            assert!(
                matches!(set, Err(SandboxError::Options(_))),
                "{name}: {url}"
            );
            let body = json!({"endpoints": {"twilio": url}});
            let set = lab
                .control(Method::POST, "/_sandbox/webhooks", Some(&body))
                .await;
            assert_eq!(set.status, 400, "{name}: {url}");
            // The vendor accepts any callback; the sandbox does not call it.
            let callback = [
                ("To", "+15550100001"),
                ("From", lab.sandbox.twilio().number()),
                ("Body", "x"),
                ("StatusCallback", &url),
            ];
            assert_eq!(lab.text(&callback).await.status, 201, "{name}: {url}");
        }
    }
    lab.sandbox.webhooks_settled().await;
    assert!(lab.sandbox.webhooks().is_empty());
}
