//! One delivery on its way: its tries, its signature, and what the plan makes of it.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;

use super::dispatcher::{Dispatcher, Job};
use super::record::{WebhookKind, WebhookResponse, WebhookState};
use super::sender::ToSign;
use crate::clock;

impl Dispatcher {
    /// Tries until the delivery is accepted or given up, first after `wait`. `done` tries have been made before.
    pub(super) fn start(&self, job: Job, done: usize, wait: Duration) {
        let dispatcher = self.clone();
        self.later(async move {
            let (mut done, mut next) = (done, Some(wait));
            while let Some(wait) = next {
                tokio::time::sleep(wait).await;
                done += 1;
                next = dispatcher.attempt(&job, done).await;
            }
        });
    }

    /// Makes the `number`th try. Returns the wait before the next one, or `None` if there is none.
    pub(super) async fn attempt(&self, job: &Job, number: usize) -> Option<Duration> {
        let response = self.post(job).await;
        let taken = matches!(response, WebhookResponse::Status(200..300));
        // A forger tries only once.
        let is_vendors = matches!(job.kind, WebhookKind::Genuine | WebhookKind::Duplicate);
        let wait = if is_vendors && !taken {
            (job.sender.retry_wait)(&job.url, number, response)
        } else {
            None
        };
        let state = match (taken, wait) {
            (true, _) => WebhookState::Taken,
            (false, Some(_)) => WebhookState::Waiting,
            (false, None) => WebhookState::GivenUp,
        };
        self.state().records.record(job.number, response, state);
        wait.map(|wait| self.scaled(wait))
    }

    async fn post(&self, job: &Job) -> WebhookResponse {
        let Some(request) = self.request(job) else {
            return WebhookResponse::NotConnected;
        };
        // The semaphore is never closed.
        let Ok(_permit) = self.0.permits.acquire().await else {
            return WebhookResponse::NotConnected;
        };
        let response = self.0.client.send(request);
        match tokio::time::timeout(job.sender.timeout, response).await {
            Ok(Ok(response)) => WebhookResponse::Status(response.status().as_u16()),
            Ok(Err(error)) if error.is_connect() => WebhookResponse::NotConnected,
            Ok(Err(_)) | Err(_) => WebhookResponse::NoResponse,
        }
    }

    /// The request, signed now; `None` if the address or a header is invalid.
    fn request(&self, job: &Job) -> Option<Request<Full<Bytes>>> {
        let delivery = &job.delivery;
        let signer = match job.kind {
            WebhookKind::Forged => &job.sender.forger,
            _ => &job.sender.genuine,
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
        let request = Request::post(self.target(&job.url).ok()?)
            .header(header::CONTENT_TYPE, delivery.content_type)
            .header(header::USER_AGENT, "anyvendor-sandbox");
        let signed = headers.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        signed.body(Full::new(body)).ok()
    }
}

/// The same body with another last digit, so that it is still well-formed.
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
    fn one_digit_is_another() {
        let change = |text: &'static str| tampered(&Bytes::from_static(text.as_bytes()));
        assert_eq!(change("{\"amount\":109}"), "{\"amount\":108}");
        assert_eq!(change("a=5&b=x"), "a=6&b=x");
        assert_eq!(change("[]"), "[] ");
    }
}
