//! One delivery on its way: the request, its tries, and what others make of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::{Delivery, ToSign, WebhookAnswer, WebhookKind, WebhookState, Webhooks, retries};
use crate::clock;

/// Keeps connections, and does not follow redirects.
pub(super) struct Client(legacy::Client<HttpConnector, Full<Bytes>>);

impl Client {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self(legacy::Client::builder(TokioExecutor::new()).build(connector))
    }
}

/// One delivery to one address.
pub(super) struct Job {
    pub(super) number: u64,
    pub(super) delivery: Arc<Delivery>,
    /// With what is not sent, behind the `#`.
    pub(super) url: String,
    pub(super) kind: WebhookKind,
}

/// What is called: without what is not sent. Only this machine: a sandbox posts to nobody else.
pub(super) fn target(url: &str) -> Result<Uri, String> {
    let usage = "webhooks go to this machine only, such as http://127.0.0.1:8080/webhooks/stripe";
    let sent = url.split('#').next().unwrap_or_default();
    let target: Uri = sent.parse().map_err(|_| usage.to_owned())?;
    let host = target.host().unwrap_or_default();
    let is_here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    match target.scheme_str() == Some("http") && is_here {
        true => Ok(target),
        false => Err(usage.to_owned()),
    }
}

/// Whether it is an address that may be posted to.
pub(crate) fn is_callable(url: &str) -> bool {
    target(url).is_ok()
}

impl Webhooks {
    /// Tries until it is taken or given up, `wait` from now, after as many tries as `done`.
    pub(super) fn start(&self, job: Job, done: usize, wait: Duration) {
        let office = self.clone();
        self.later(async move {
            let (mut done, mut next) = (done, Some(wait));
            while let Some(wait) = next {
                tokio::time::sleep(wait).await;
                done += 1;
                next = office.attempt(&job, done).await;
            }
        });
    }

    /// One try, the `number`th; the wait before the next, if there is to be one.
    pub(super) async fn attempt(&self, job: &Job, number: usize) -> Option<Duration> {
        let answer = self.post(job).await;
        let taken = matches!(answer, WebhookAnswer::Status(200..300));
        // Whoever forges tries once.
        let is_own = matches!(job.kind, WebhookKind::Genuine | WebhookKind::Duplicate);
        let wait = match is_own && !taken {
            true => retries::wait(job.delivery.vendor, &job.url, number, answer),
            false => None,
        };
        let state = match (taken, wait) {
            (true, _) => WebhookState::Taken,
            (false, Some(_)) => WebhookState::Waiting,
            (false, None) => WebhookState::GivenUp,
        };
        self.state().records.note(job.number, answer, state);
        wait.map(|wait| self.scaled(wait))
    }

    async fn post(&self, job: &Job) -> WebhookAnswer {
        let Some(request) = self.request(job) else {
            return WebhookAnswer::NotConnected;
        };
        // Never closed.
        let Ok(_place) = self.0.places.acquire().await else {
            return WebhookAnswer::NotConnected;
        };
        let patience = retries::patience(job.delivery.vendor);
        let answer = self.0.client.0.request(request);
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(response)) => WebhookAnswer::Status(response.status().as_u16()),
            Ok(Err(error)) if error.is_connect() => WebhookAnswer::NotConnected,
            Ok(Err(_)) | Err(_) => WebhookAnswer::NoAnswer,
        }
    }

    /// The request, signed now; none when the address or a header cannot be.
    fn request(&self, job: &Job) -> Option<Request<Full<Bytes>>> {
        let delivery = &job.delivery;
        let signers = self.0.signers.get(&delivery.vendor)?;
        let signer = match job.kind {
            WebhookKind::Forged => &signers.forger,
            _ => &signers.genuine,
        };
        let headers = signer.sign(&ToSign {
            url: &job.url,
            body: &delivery.body,
            id: &delivery.id,
            at: clock::now(),
        });
        let body = match job.kind {
            WebhookKind::Tampered => tampered(&delivery.body),
            _ => delivery.body.clone(),
        };
        let request = Request::post(target(&job.url).ok()?)
            .header(header::CONTENT_TYPE, delivery.content_type)
            .header(header::USER_AGENT, "anyvendor-sandbox");
        let signed = headers.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        signed.body(Full::new(body)).ok()
    }
}

/// The same body with another last digit, so that it still reads well.
fn tampered(body: &Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    match bytes.iter_mut().rfind(|byte| byte.is_ascii_digit()) {
        Some(digit) => *digit = if *digit == b'9' { b'8' } else { *digit + 1 },
        None => bytes.push(b' '),
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_posted_to() {
        for url in [
            "http://127.0.0.1:8080/webhooks/stripe",
            "http://localhost:1/x?a='b'#rc=2",
            "http://[::1]:1/",
        ] {
            let target = target(url).unwrap();
            assert!(url.starts_with(&target.to_string()), "{target}");
        }
        for url in [
            "",
            "/webhooks",
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://user@example.com/",
            "http://10.0.0.1/",
        ] {
            assert!(target(url).is_err(), "{url}");
        }
    }

    #[test]
    fn one_digit_is_another() {
        let change = |text: &'static str| tampered(&Bytes::from_static(text.as_bytes()));
        assert_eq!(change("{\"amount\":109}"), "{\"amount\":108}");
        assert_eq!(change("a=5&b=x"), "a=6&b=x");
        assert_eq!(change("[]"), "[] ");
    }
}
