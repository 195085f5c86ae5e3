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

use anyvendor_adapter_twilio::{Twilio, TwilioConfig};
use anyvendor_core::{
    messaging::{MessageContent, MessageReference, TextMessage},
    values::{PhoneNumber, Secret, VendorId},
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

/// The wall clock of all tests: 2026-01-01.
pub(crate) const NOW: i64 = 1_767_225_600;

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub(crate) const SERVICE: &str = "MG00000000000000000000000000000002";
pub(crate) const VERIFY_SERVICE: &str = "VA00000000000000000000000000000003";
pub(crate) const SID: &str = "SM00000000000000000000000000000004";
pub(crate) const VERIFICATION: &str = "VE00000000000000000000000000000005";

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    /// The form, in order.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }

    /// Method, path and query.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
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

    /// The yes to a message.
    pub(crate) fn queued() -> Self {
        Self::fixture("201_queued")
    }

    /// A refusal as the vendor writes it.
    pub(crate) fn refusal(status: u16, code: u32) -> Self {
        let body = format!(
            r#"{{"code":{code},"message":"refused","more_info":"https://www.twilio.com/docs/errors/{code}","status":{status}}}"#
        );
        Self::new(status, body)
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
            ..Self::new(201, "")
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
        Self::start(move |_| replies.pop_front().unwrap_or_else(Reply::queued)).await
    }

    pub(crate) fn config(&self) -> TwilioConfig {
        TwilioConfig::new(ACCOUNT, Secret::new("token"))
            .with_from("+15550100001")
            .with_verify_service_sid(VERIFY_SERVICE)
            .with_local_base_url(&self.url)
    }

    pub(crate) fn provider(&self) -> Twilio {
        self.build(self.config())
    }

    pub(crate) fn build(&self, config: TwilioConfig) -> Twilio {
        Twilio::builder(config)
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

pub(crate) fn phone(number: &str) -> PhoneNumber {
    number.parse().unwrap()
}

pub(crate) fn message(content: MessageContent) -> TextMessage {
    TextMessage::new(phone("+15550109999"), content)
        .with_reference(MessageReference::new("ref-1").unwrap())
}

pub(crate) fn text() -> TextMessage {
    message(MessageContent::text("Hi Ann"))
}

/// The id of the message in the fixtures.
pub(crate) fn id() -> VendorId {
    VendorId::new("twilio", SID).unwrap()
}
