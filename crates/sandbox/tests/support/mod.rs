//! A sandbox with a client for it, as the test files share them.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test code outside test functions; each test file uses its own part of it"
)]

use std::sync::Once;

use anyvendor_sandbox::{Sandbox, SandboxBuilder};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

pub mod paypal;
pub mod raw;
pub mod receiver;
pub mod twilio;

static PROVIDER: Once = Once::new();

pub struct Lab {
    pub sandbox: Sandbox,
    pub client: Client,
}

/// A response with everything that the tests look at.
#[derive(Debug)]
pub struct TestResponse {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub json: Value,
    pub text: String,
}

impl TestResponse {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap().to_owned()
    }

    pub fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or("")
    }

    pub fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or("")
    }

    pub async fn read(response: Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        Ok(Self {
            status,
            headers,
            json: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }
}

impl Lab {
    pub async fn new() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub async fn with(builder: SandboxBuilder) -> Self {
        Self {
            sandbox: builder.start().await.unwrap(),
            client: client(),
        }
    }

    /// Sends any call to Stripe's emulator, with additional headers.
    pub async fn stripe(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<TestResponse, reqwest::Error> {
        let url = format!("{}{path}", self.sandbox.stripe().url());
        let mut request = self
            .client
            .request(method.clone(), url)
            .bearer_auth(self.sandbox.stripe().key());
        request = match method {
            Method::POST => request.form(form),
            _ => request.query(form),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        TestResponse::read(request.send().await?).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        self.stripe(Method::POST, path, form, &[]).await.unwrap()
    }

    pub async fn keyed(&self, key: &str, path: &str, form: &[(&str, &str)]) -> TestResponse {
        self.stripe(Method::POST, path, form, &[("idempotency-key", key)])
            .await
            .unwrap()
    }

    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> TestResponse {
        self.stripe(Method::GET, path, query, &[]).await.unwrap()
    }

    /// A payment on the given card, confirmed at once.
    pub async fn pay(&self, card: &str, more: &[(&str, &str)]) -> TestResponse {
        let mut form = paid(card);
        form.extend_from_slice(more);
        self.post("/v1/payment_intents", &form).await
    }

    /// Sends any call to SendGrid's emulator, with a JSON body.
    pub async fn sendgrid(&self, method: Method, path: &str, body: Option<&Value>) -> TestResponse {
        let url = format!("{}{path}", self.sandbox.sendgrid().url());
        let mut request = self
            .client
            .request(method, url)
            .bearer_auth(self.sandbox.sendgrid().key());
        if let Some(body) = body {
            request = request.json(body);
        }
        TestResponse::read(request.send().await.unwrap())
            .await
            .unwrap()
    }

    pub async fn send(&self, email: &Value) -> TestResponse {
        self.sendgrid(Method::POST, "/v3/mail/send", Some(email))
            .await
    }

    /// Sends a call to the sandbox's control address.
    pub async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> TestResponse {
        let url = format!("{}{path}", self.sandbox.url());
        let changes = method != Method::GET;
        let mut request = self.client.request(method, url);
        if changes {
            request = request.header("content-type", "application/json");
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        TestResponse::read(request.send().await.unwrap())
            .await
            .unwrap()
    }
}

/// SendGrid's request for an email with this HTML.
pub fn html_email(html: &str) -> Value {
    json!({"personalizations": [{"to": [{"email": "ada@example.org"}]}], "from": {"email": "shop@example.com"},
        "subject": "hello", "content": [{"type": "text/html", "value": html}]})
}

pub fn client() -> Client {
    PROVIDER.call_once(|| {
        let _already = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// The form of a payment of 10.00 USD that is confirmed at once.
pub fn paid(card: &str) -> Vec<(&str, &str)> {
    vec![
        ("amount", "1000"),
        ("currency", "usd"),
        ("payment_method", card),
        ("confirm", "true"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ]
}
