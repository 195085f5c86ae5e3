//! A scripted transport, and a pipeline over it with a clock that the test moves.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use anyvendor_core::{
    Error, Kind,
    error::{Delivery, TransportPhase},
    resilience::{
        AuthRejection, Authorizer, CallOptions, Classifier, Failure, Hint, NoJitter, Operation,
        OperationClass, Pipeline, Policy, Request, Response, ResponseView, UnsignedRequest,
    },
    transport::{ByteStream, Incoming, Outgoing, Transport, TransportCause, TransportError},
    values::IdempotencyKey,
};
use anyvendor_http::ManualClock;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use url::Url;

/// What the vendor does with the next request.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Response(u16, &'static str),
    RespondWith(u16, Vec<(&'static str, &'static str)>),
    NotSent,
    LostAfterSending,
    Silence,
    HeadThenSilence,
    HeadThenCut,
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) steps: Mutex<VecDeque<Step>>,
    /// Method, idempotency key and body of every request that arrived whole.
    pub(crate) seen: Mutex<Vec<(Option<String>, Bytes)>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let step = self
            .steps
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Step::Response(200, "{}"));
        let network = |phase| TransportError {
            cause: TransportCause::Network(phase),
            message: "scripted".to_owned(),
        };
        if matches!(step, Step::NotSent) {
            return Err(network(TransportPhase::Send));
        }
        let key = request
            .headers
            .get("idempotency-key")
            .map(|key| key.to_str().unwrap().to_owned());
        let pieces: Vec<Bytes> = request
            .body
            .into_stream()
            .map(Result::unwrap)
            .collect()
            .await;
        let body = Bytes::from(pieces.concat());
        self.seen.lock().unwrap().push((key, body));
        tokio::task::yield_now().await;
        let whole = |text: &'static str| -> ByteStream {
            stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).boxed()
        };
        let response = |status: u16, body| {
            Ok(Incoming::new(
                StatusCode::from_u16(status).unwrap(),
                HeaderMap::new(),
                body,
            ))
        };
        match step {
            Step::Response(status, text) => response(status, whole(text)),
            Step::RespondWith(status, headers) => {
                let headers = headers
                    .iter()
                    .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                    .collect();
                Ok(Incoming::new(
                    StatusCode::from_u16(status).unwrap(),
                    headers,
                    whole("{}"),
                ))
            }
            Step::LostAfterSending | Step::NotSent => Err(network(TransportPhase::Receive)),
            Step::Silence => std::future::pending().await,
            Step::HeadThenSilence => response(200, stream::pending().boxed()),
            Step::HeadThenCut => response(
                200,
                stream::iter([
                    Ok(Bytes::from_static(b"{")),
                    Err(Error::new(Kind::Other, Delivery::Accepted, "cut")),
                ])
                .boxed(),
            ),
        }
    }
}

/// A body that the classifier knows as the vendor's own.
pub(crate) const VENDORS: &str = "vendor";

#[derive(Debug)]
pub(crate) struct Plain;

#[async_trait]
impl Authorizer for Plain {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(true)
    }
}

impl Classifier for Plain {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.headers.contains_key("x-no-retry") {
            return Failure::from_status(response.status)
                .map(|failure| failure.with_hint(Hint::NEVER));
        }
        let failure = Failure::from_status(response.status)?;
        let is_own = response.body.as_ref() == VENDORS.as_bytes();
        Some(if is_own { failure.authentic() } else { failure })
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("request-id")?.to_str().ok()?.to_owned())
    }
}

pub(crate) struct Bench {
    pub(crate) script: Arc<Script>,
    pub(crate) pipeline: Pipeline,
    pub(crate) clock: Arc<ManualClock>,
}

pub(crate) fn bench(steps: &[Step]) -> Bench {
    bench_with(steps, Policy::default())
}

pub(crate) fn bench_with(steps: &[Step], policy: Policy) -> Bench {
    let script = Arc::new(Script::default());
    script.steps.lock().unwrap().extend(steps.iter().cloned());
    let clock = Arc::new(ManualClock::at(
        jiff::Timestamp::from_second(1_760_000_000).unwrap(),
    ));
    let pipeline = Pipeline::builder(
        "acme",
        script.clone(),
        Arc::new(Plain),
        Arc::new(Plain),
        clock.clone(),
    )
    .policy(policy)
    .jitter(Arc::new(NoJitter))
    .build()
    .unwrap();
    Bench {
        script,
        pipeline,
        clock,
    }
}

impl Bench {
    pub(crate) async fn call(&self, class: OperationClass) -> Result<Response, Error> {
        self.call_with(class, &CallOptions::default()).await
    }

    pub(crate) async fn call_with(
        &self,
        class: OperationClass,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        self.pipeline
            .call(&operation(class), request(class), options)
            .await
    }

    pub(crate) fn seen(&self) -> Vec<(Option<String>, Bytes)> {
        self.script.seen.lock().unwrap().clone()
    }
}

pub(crate) fn operation(class: OperationClass) -> Operation {
    Operation::new("thing.make", &Method::POST, "/things", class)
}

pub(crate) fn request(class: OperationClass) -> Request {
    let request = Request::new(Url::parse("https://acme.example/things").unwrap()).with_form("a=1");
    match class {
        OperationClass::Keyed => request
            .with_idempotency_key(
                HeaderName::from_static("idempotency-key"),
                IdempotencyKey::random(),
            )
            .unwrap(),
        _ => request,
    }
}

pub(crate) const ALL: [OperationClass; 4] = [
    OperationClass::Safe,
    OperationClass::Idempotent,
    OperationClass::Keyed,
    OperationClass::Unkeyed,
];
