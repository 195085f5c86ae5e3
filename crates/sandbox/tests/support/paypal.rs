//! PayPal's emulator as a client sees it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test code outside test functions; each test file uses its own part of it"
)]

use std::time::Duration;

use anyvendor_sandbox::{Sandbox, SandboxBuilder};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Lab, TestResponse};

/// A client that has an access token.
pub struct Pay {
    pub lab: Lab,
    pub token: String,
}

impl Pay {
    pub async fn new() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub async fn with(builder: SandboxBuilder) -> Self {
        let lab = Lab::with(builder).await;
        let mut pay = Self {
            lab,
            token: String::new(),
        };
        let response = pay.token("client_credentials").await;
        pay.token = response.json["access_token"].as_str().unwrap().to_owned();
        pay
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.lab.sandbox
    }

    pub async fn token(&self, grant: &str) -> TestResponse {
        let sandbox = self.sandbox();
        let url = format!("{}/v1/oauth2/token", sandbox.paypal().url());
        let (id, secret) = (
            sandbox.paypal().client_id(),
            sandbox.paypal().client_secret(),
        );
        let request = self.lab.client.post(url).basic_auth(id, Some(secret));
        let request = request.form(&[("grant_type", grant)]);
        TestResponse::read(request.send().await.unwrap())
            .await
            .unwrap()
    }

    /// Moves the emulator's time forward. The token may have expired then, so a new one is fetched.
    pub async fn later(&mut self, time: Duration) {
        self.sandbox().paypal().state().advance(time);
        let response = self.token("client_credentials").await;
        self.token = response.json["access_token"].as_str().unwrap().to_owned();
    }

    pub async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<TestResponse, reqwest::Error> {
        let url = format!("{}{path}", self.sandbox().paypal().url());
        let mut request = self.lab.client.request(method.clone(), url);
        request = request.bearer_auth(&self.token);
        if method != Method::GET && method != Method::DELETE {
            request = request.header("content-type", "application/json");
            request = request.body(body.map(Value::to_string).unwrap_or_default());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        TestResponse::read(request.send().await?).await
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> TestResponse {
        self.try_call(method, path, headers, body).await.unwrap()
    }

    /// Sends a POST with a request id that asks for the complete resource.
    pub async fn post(&self, key: &str, path: &str, body: &Value) -> TestResponse {
        let headers = [
            ("paypal-request-id", key),
            ("prefer", "return=representation"),
        ];
        self.call(Method::POST, path, &headers, Some(body)).await
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.call(Method::GET, path, &[], None).await
    }

    pub async fn order(&self, key: &str, body: &Value) -> TestResponse {
        self.post(key, "/v2/checkout/orders", body).await
    }

    /// Does what a payer does on the approval page.
    pub async fn payer(&self, order: &str, outcome: &str) -> TestResponse {
        self.get(&format!("/checkoutnow?token={order}&outcome={outcome}"))
            .await
    }

    /// Creates an order and approves it; returns its id.
    pub async fn approved(&self, key: &str, body: &Value) -> String {
        let id = self.order(key, body).await.id();
        assert!(matches!(self.payer(&id, "approve").await.status, 200 | 303));
        id
    }

    /// Creates and captures an order; returns the ids of the order and of its capture.
    pub async fn captured(&self, key: &str, body: &Value) -> (String, String) {
        let id = self.approved(key, body).await;
        let path = format!("/v2/checkout/orders/{id}/capture");
        let response = self.post(&format!("{key}-c"), &path, &json!({})).await;
        assert_eq!(response.status, 201, "{}", response.text);
        let capture = &response.json["purchase_units"][0]["payments"]["captures"][0]["id"];
        (id, capture.as_str().unwrap().to_owned())
    }

    /// Creates and authorizes an order; returns the ids of the order and of its authorization.
    pub async fn authorized(&self, key: &str, body: &Value) -> (String, String) {
        let id = self.approved(key, body).await;
        let path = format!("/v2/checkout/orders/{id}/authorize");
        let response = self.post(&format!("{key}-a"), &path, &json!({})).await;
        assert_eq!(response.status, 201, "{}", response.text);
        let held = &response.json["purchase_units"][0]["payments"]["authorizations"][0]["id"];
        (id, held.as_str().unwrap().to_owned())
    }
}

pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub fn issue(response: &TestResponse) -> (u16, &str) {
    let issue = response.json["details"][0]["issue"].as_str();
    (response.status, issue.unwrap_or(""))
}

pub fn money(currency: &str, value: &str) -> Value {
    json!({"currency_code": currency, "value": value})
}

/// An order with one purchase unit.
pub fn basket(intent: &str, currency: &str, value: &str) -> Value {
    json!({"intent": intent, "purchase_units": [{"amount": money(currency, value)}]})
}

/// Like `basket`, but paid with a wallet, with URLs to return to.
pub fn wallet(intent: &str) -> Value {
    let mut order = basket(intent, "USD", "10.00");
    order["purchase_units"][0]["invoice_id"] = json!("inv-1");
    order["purchase_units"][0]["custom_id"] = json!("pay_1");
    order["payment_source"] = json!({"paypal": {"experience_context": {
        "return_url": "https://shop.example/back?cart=1", "cancel_url": "https://shop.example/cancel"}}});
    order
}

/// Like `basket`, but with a card whose holder has this name.
pub fn card(intent: &str, name: &str) -> Value {
    let mut order = basket(intent, "USD", "10.00");
    order["payment_source"] = json!({"card": {"number": "4012888888881881", "expiry": "2035-01",
        "security_code": "123", "name": name}});
    order
}

/// A card of which the vendor wants 3-D Secure wherever strong authentication is required.
pub fn challenged() -> Value {
    let mut order = card("CAPTURE", "Ada");
    order["payment_source"]["card"]["number"] = json!("4868719460707704");
    order["payment_source"]["card"]["experience_context"] = json!({
        "return_url": "https://shop.example/back", "cancel_url": "https://shop.example/cancel"});
    order
}
