//! PayPal's emulator as a client sees it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "test code outside test functions; each test file uses its own part of it"
)]

use anyvendor_sandbox::{Sandbox, SandboxBuilder};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Lab};

/// A client with a token.
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
        let answer = pay.token("client_credentials").await;
        pay.token = answer.json["access_token"].as_str().unwrap().to_owned();
        pay
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.lab.sandbox
    }

    pub async fn token(&self, grant: &str) -> Answer {
        let sandbox = self.sandbox();
        let url = format!("{}/v1/oauth2/token", sandbox.paypal().url());
        let (id, secret) = (
            sandbox.paypal().client_id(),
            sandbox.paypal().client_secret(),
        );
        let request = self.lab.client.post(url).basic_auth(id, Some(secret));
        let request = request.form(&[("grant_type", grant)]);
        Answer::read(request.send().await.unwrap()).await.unwrap()
    }

    pub async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
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
        Answer::read(request.send().await?).await
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        self.try_call(method, path, headers, body).await.unwrap()
    }

    /// A POST with a request id that wants the whole resource.
    pub async fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        let headers = [
            ("paypal-request-id", key),
            ("prefer", "return=representation"),
        ];
        self.call(Method::POST, path, &headers, Some(body)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], None).await
    }

    pub async fn order(&self, key: &str, body: &Value) -> Answer {
        self.post(key, "/v2/checkout/orders", body).await
    }

    /// What the payer does on the page.
    pub async fn payer(&self, order: &str, outcome: &str) -> Answer {
        self.get(&format!("/checkoutnow?token={order}&outcome={outcome}"))
            .await
    }

    /// An approved order.
    pub async fn approved(&self, key: &str, body: &Value) -> String {
        let id = self.order(key, body).await.id();
        assert!(matches!(self.payer(&id, "approve").await.status, 200 | 303));
        id
    }

    /// A captured order: the ids of the order and of its capture.
    pub async fn captured(&self, key: &str, body: &Value) -> (String, String) {
        let id = self.approved(key, body).await;
        let path = format!("/v2/checkout/orders/{id}/capture");
        let answer = self.post(&format!("{key}-c"), &path, &json!({})).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let capture = &answer.json["purchase_units"][0]["payments"]["captures"][0]["id"];
        (id, capture.as_str().unwrap().to_owned())
    }

    /// An authorized order: the ids of the order and of its authorization.
    pub async fn authorized(&self, key: &str, body: &Value) -> (String, String) {
        let id = self.approved(key, body).await;
        let path = format!("/v2/checkout/orders/{id}/authorize");
        let answer = self.post(&format!("{key}-a"), &path, &json!({})).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let held = &answer.json["purchase_units"][0]["payments"]["authorizations"][0]["id"];
        (id, held.as_str().unwrap().to_owned())
    }
}

pub fn issue(answer: &Answer) -> (u16, &str) {
    let issue = answer.json["details"][0]["issue"].as_str();
    (answer.status, issue.unwrap_or(""))
}

pub fn money(currency: &str, value: &str) -> Value {
    json!({"currency_code": currency, "value": value})
}

/// An order of one unit.
pub fn basket(intent: &str, currency: &str, value: &str) -> Value {
    json!({"intent": intent, "purchase_units": [{"amount": money(currency, value)}]})
}

/// As `basket`, paid with a wallet, with addresses to come back to.
pub fn wallet(intent: &str) -> Value {
    let mut order = basket(intent, "USD", "10.00");
    order["purchase_units"][0]["invoice_id"] = json!("inv-1");
    order["purchase_units"][0]["custom_id"] = json!("pay_1");
    order["payment_source"] = json!({"paypal": {"experience_context": {
        "return_url": "https://shop.example/back?cart=1", "cancel_url": "https://shop.example/cancel"}}});
    order
}

/// As `basket`, with a card of that name.
pub fn card(intent: &str, name: &str) -> Value {
    let mut order = basket(intent, "USD", "10.00");
    order["payment_source"] = json!({"card": {"number": "4012888888881881", "expiry": "2035-01",
        "security_code": "123", "name": name}});
    order
}
