//! A vendor on the loopback that notes every request and answers as a test tells it.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use anyvendor_adapter_sendgrid::{SendGrid, SendGridConfig};
use anyvendor_core::{
    email::{EmailContent, EmailMessage, MessageReference},
    values::{EmailAddress, Secret},
};
use anyvendor_http::ManualClock;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use serde_json::Value;

/// The wall clock of all tests: 2026-01-01.
pub(crate) const NOW: i64 = 1_767_225_600;

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The recipients of the request, one per personalization.
    pub(crate) fn to(&self) -> Vec<String> {
        let body = self.json();
        let all = body["personalizations"].as_array().unwrap();
        all.iter()
            .map(|one| one["to"][0]["email"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    fault: Fault,
}

/// What goes wrong after the request was read.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Nothing,
    /// The connection ends before the answer's head.
    Lost,
    /// The connection ends in the answer's body.
    Cut,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            fault: Fault::Nothing,
        }
    }

    /// The yes of `mail/send`.
    pub(crate) fn accepted(id: &str) -> Self {
        Self::new(202, "").with("x-message-id", id)
    }

    /// A documented body: the status is in its name.
    pub(crate) fn fixture(name: &str) -> Self {
        let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        Self::new(name[..3].parse().unwrap(), std::fs::read(path).unwrap())
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// The same, broken off in its body.
    pub(crate) fn cut(mut self) -> Self {
        self.fault = Fault::Cut;
        self
    }

    /// No answer at all, though the request was read and acted upon.
    pub(crate) fn lost() -> Self {
        Self {
            fault: Fault::Lost,
            ..Self::new(202, "")
        }
    }
}

/// The vendor.
pub(crate) struct Vendor {
    pub(crate) url: String,
    pub(crate) clock: Arc<ManualClock>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Vendor {
    /// Answers by a rule.
    pub(crate) async fn start(rule: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let state = (Arc::clone(&seen), Arc::new(Mutex::new(rule)));
        let app = Router::new().fallback(move |request: Request| {
            let (seen, rule) = state.clone();
            async move {
                let (head, body) = request.into_parts();
                let one = Seen {
                    method: head.method.to_string(),
                    path: head.uri.to_string(),
                    headers: head.headers,
                    body: to_bytes(body, usize::MAX).await.unwrap(),
                };
                let reply = (rule.lock().unwrap())(&one);
                seen.lock().unwrap().push(one);
                let mut response = Response::builder().status(reply.status);
                for (name, value) in reply.headers {
                    response = response.header(name, value);
                }
                let broken = || Err(std::io::Error::other("cut"));
                let body = match reply.fault {
                    Fault::Nothing => Body::from(reply.body),
                    Fault::Lost => Body::from_stream(stream::iter([broken()])),
                    // The head goes out when the body has nothing more to give for a moment.
                    Fault::Cut => Body::from_stream(stream::unfold(0, move |step| async move {
                        for _ in 0..step * 50 {
                            tokio::task::yield_now().await;
                        }
                        let piece = match step {
                            0 => Ok(Bytes::from_static(b"{")),
                            _ => broken(),
                        };
                        Some((piece, step + 1))
                    })),
                };
                response.body(body).unwrap()
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let now = jiff::Timestamp::from_second(NOW).unwrap();
        Self {
            url,
            clock: Arc::new(ManualClock::at(now)),
            seen,
        }
    }

    /// Answers in order, then says yes.
    pub(crate) async fn scripted(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: VecDeque<_> = replies.into_iter().collect();
        Self::start(move |_| replies.pop_front().unwrap_or(Reply::accepted("more"))).await
    }

    pub(crate) fn config(&self) -> SendGridConfig {
        SendGridConfig::new(Secret::new("SG.test.key")).with_local_base_url(&self.url)
    }

    pub(crate) fn provider(&self) -> SendGrid {
        self.build(self.config())
    }

    pub(crate) fn build(&self, config: SendGridConfig) -> SendGrid {
        SendGrid::builder(config)
            .clock(self.clock.clone())
            .build()
            .unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request that came.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

pub(crate) fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(crate) fn message(content: EmailContent) -> EmailMessage {
    EmailMessage::new(
        address("Shop <shop@example.com>"),
        address("ann@example.com"),
        content,
    )
    .with_reference(MessageReference::new("ref-1").unwrap())
}

pub(crate) fn text() -> EmailMessage {
    message(EmailContent::text("Hello", "Hi Ann"))
}
