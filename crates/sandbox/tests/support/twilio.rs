//! Twilio's calls, as the test files share them.

use reqwest::Method;
use serde_json::Value;

use super::{Answer, Lab};

pub const FROM: &str = "+15005550006";
pub const TO: &str = "+491511234567";

/// A message that is accepted, with more or other fields.
pub fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let plain = [("To", TO), ("From", FROM), ("Body", "Hello")];
    let kept = plain
        .into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied()).collect()
}

pub fn sid(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json["sid"].as_str().unwrap().to_owned()
}

impl Lab {
    /// Twilio: any call with a form, or with a query when it is a GET.
    pub async fn twilio(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Answer {
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
        Answer::read(request.send().await.unwrap()).await.unwrap()
    }

    /// A path of the Twilio account.
    pub fn account(&self, rest: &str) -> String {
        let sid = self.sandbox.twilio().account_sid();
        format!("/2010-04-01/Accounts/{sid}/{rest}")
    }

    /// A text message with the given fields.
    pub async fn text(&self, form: &[(&str, &str)]) -> Answer {
        let path = self.account("Messages.json");
        self.twilio(Method::POST, &path, form).await
    }

    pub async fn read(&self, sid: &str) -> Answer {
        let path = self.account(&format!("Messages/{sid}.json"));
        self.twilio(Method::GET, &path, &[]).await
    }

    pub async fn change(&self, sid: &str, form: &[(&str, &str)]) -> Answer {
        let path = self.account(&format!("Messages/{sid}.json"));
        self.twilio(Method::POST, &path, form).await
    }

    pub async fn list(&self, query: &[(&str, &str)]) -> Answer {
        let path = self.account("Messages.json");
        self.twilio(Method::GET, &path, query).await
    }

    pub async fn inbound(&self, message: Value) -> Answer {
        let path = "/_sandbox/twilio/inbound";
        self.control(Method::POST, path, Some(&message)).await
    }
}

/// In so many seconds, as `SendAt` is written.
#[allow(
    clippy::disallowed_methods,
    reason = "the emulators run on the machine's time"
)]
pub fn ahead(seconds: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).to_string()
}
