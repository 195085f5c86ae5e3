//! Calls to Twilio's emulator that several test files share.

use reqwest::Method;
use serde_json::Value;

use super::{Lab, TestResponse};

pub const FROM: &str = "+15005550006";
pub const TO: &str = "+491511234567";

/// The form of an accepted message, with fields added or replaced.
pub fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let plain = [("To", TO), ("From", FROM), ("Body", "Hello")];
    let kept = plain
        .into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied()).collect()
}

pub fn sid(response: &TestResponse) -> String {
    assert_eq!(response.status, 201, "{}", response.text);
    response.json["sid"].as_str().unwrap().to_owned()
}

impl Lab {
    /// Sends any call to Twilio's emulator, with a form, or with a query if it is a GET.
    pub async fn twilio(&self, method: Method, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let url = format!("{}{path}", self.sandbox.twilio().url());
        let (user, secret) = (
            self.sandbox.twilio().account_sid(),
            self.sandbox.twilio().auth_token(),
        );
        let request = self.client.request(method.clone(), url);
        let request = request.basic_auth(user, Some(secret));
        let request = match method {
            Method::GET => request.query(form),
            _ => request.form(form),
        };
        TestResponse::read(request.send().await.unwrap())
            .await
            .unwrap()
    }

    /// A path below the Twilio account.
    pub fn account(&self, rest: &str) -> String {
        let sid = self.sandbox.twilio().account_sid();
        format!("/2010-04-01/Accounts/{sid}/{rest}")
    }

    /// Sends a text message with the given fields.
    pub async fn text(&self, form: &[(&str, &str)]) -> TestResponse {
        let path = self.account("Messages.json");
        self.twilio(Method::POST, &path, form).await
    }

    pub async fn read(&self, sid: &str) -> TestResponse {
        let path = self.account(&format!("Messages/{sid}.json"));
        self.twilio(Method::GET, &path, &[]).await
    }

    pub async fn change(&self, sid: &str, form: &[(&str, &str)]) -> TestResponse {
        let path = self.account(&format!("Messages/{sid}.json"));
        self.twilio(Method::POST, &path, form).await
    }

    pub async fn list(&self, query: &[(&str, &str)]) -> TestResponse {
        let path = self.account("Messages.json");
        self.twilio(Method::GET, &path, query).await
    }

    pub async fn inbound(&self, message: Value) -> TestResponse {
        let path = "/_sandbox/twilio/inbound";
        self.control(Method::POST, path, Some(&message)).await
    }
}

/// The time this many seconds from now, in the format of `SendAt`.
#[allow(
    clippy::disallowed_methods,
    reason = "the emulators run on the machine's time"
)]
pub fn ahead(seconds: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).to_string()
}
