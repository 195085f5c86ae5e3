//! Tests the receiver with a fake vendor whose signature is `good` and whose body is a list of event ids.

mod faults;
mod modes;
mod parts;
mod strangers;

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{Error, Kind};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::join_all, stream};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::*;
use crate::{Config, Vendors};

/// A fake vendor with a limit on the length of its bodies.
#[derive(Debug)]
struct Acme(usize);

#[async_trait]
impl WebhookVerifier for Acme {
    fn vendor(&self) -> &'static str {
        "acme"
    }

    fn max_body(&self) -> usize {
        self.0
    }

    fn precheck(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        head.check_method(&http::Method::POST)?;
        head.check_content_type("text/plain")?;
        head.header("acme-signature").map(drop)
    }

    async fn prefetch(
        &self,
        request: &WebhookRequest<'_>,
        _: Timestamp,
    ) -> Result<Prefetched, WebhookError> {
        match request.optional_header("acme-unreachable")? {
            Some(_) => Err(WebhookError::Unavailable(Box::new(Error::unsent(
                Kind::Other,
                "away",
            )))),
            None => Ok(Prefetched::none()),
        }
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        self.precheck(&request.head())?;
        match request.header("acme-signature")? {
            "good" => Ok(Verified::new_unchecked("acme", request, now)),
            "early" => Err(WebhookError::TooNew),
            _ => Err(WebhookError::BadSignature),
        }
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        let body = verified.body();
        let ids = std::str::from_utf8(body).unwrap().split_whitespace();
        let event = |id: &str| {
            let key = DedupeKey::new(id);
            let mut event = WebhookEvent::new(verified, id, key, Event::Other, body.clone());
            event.live = match id.split('-').next() {
                Some("live") => Some(true),
                Some("test") => Some(false),
                _ => None,
            };
            event
        };
        ids.map(event).collect()
    }

    fn signed_content(&self, verified: &Verified<'_>) -> Option<SignedContent> {
        let request = verified.request();
        let id = request.optional_header("acme-id").ok()??;
        let content = DedupeKey::digest([verified.body().as_ref()]);
        Some(SignedContent::new(DedupeKey::new(id), content))
    }

    fn is_wanted(&self, event: &WebhookEvent) -> bool {
        event.name != "unwanted"
    }
}

/// How often the handler got each event, and a gate that holds it back.
#[derive(Default)]
struct App {
    seen: Mutex<HashMap<String, u32>>,
    running: AtomicU32,
    together: AtomicU32,
    gate: Notify,
}

impl App {
    fn times(&self, id: &str) -> u32 {
        self.seen.lock().unwrap().get(id).copied().unwrap_or(0)
    }
}

struct Handler(Arc<App>);

#[async_trait]
impl WebhookHandler for Handler {
    async fn handle(&self, event: WebhookEvent) -> Result<(), HandlerError> {
        assert_eq!(event.endpoint.as_deref(), Some("acme"));
        let running = self.0.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.together.fetch_max(running, Ordering::SeqCst);
        let times = {
            let mut seen = self.0.seen.lock().unwrap();
            let times = seen.entry(event.name.clone()).or_default();
            *times += 1;
            *times
        };
        tokio::task::yield_now().await;
        let result = match event.name.as_str() {
            "waits" => {
                self.0.gate.notified().await;
                Ok(())
            }
            "hangs" if times == 1 => std::future::pending().await,
            "panics" if times == 1 => panic!("a bug in the handler"),
            "fails" if times == 1 => Err("not now".into()),
            _ => Ok(()),
        };
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        result
    }
}

fn vendors() -> Vendors {
    Vendors::connect(&Config::from_toml("mode = \"sandbox\"").unwrap()).unwrap()
}

fn builder() -> (ReceiverBuilder, Arc<App>) {
    let app = Arc::new(App::default());
    let builder = Receiver::builder(&vendors(), Handler(Arc::clone(&app)));
    (builder.endpoint("acme", Arc::new(Acme(64))), app)
}

fn receiver() -> (Receiver, Arc<App>) {
    let (builder, app) = builder();
    (builder.build(), app)
}

fn delivery(body: &'static str) -> Request<Full<Bytes>> {
    Request::post("/webhooks/acme")
        .header("content-type", "text/plain")
        .header("acme-signature", "good")
        .body(Full::from(body))
        .unwrap()
}

/// The status of the response, which has no body.
async fn post(receiver: &Receiver, body: &'static str) -> StatusCode {
    status_of(receiver.receive("acme", delivery(body)).await).await
}

async fn status_of(response: http::Response<Full<Bytes>>) -> StatusCode {
    let (parts, body) = response.into_parts();
    assert!(body.collect().await.unwrap().to_bytes().is_empty());
    assert_eq!(
        parts.headers.contains_key("retry-after"),
        parts.status == 503
    );
    parts.status
}

#[tokio::test]
async fn a_rejected_delivery_gets_a_status_and_no_body() {
    let (receiver, app) = receiver();
    let change = |change: fn(&mut Request<Full<Bytes>>)| {
        let mut request = delivery("a");
        change(&mut request);
        request
    };
    for (request, status) in [
        (
            change(|request| *request.method_mut() = http::Method::GET),
            405,
        ),
        (
            change(|request| drop(request.headers_mut().remove("acme-signature"))),
            400,
        ),
        (
            change(|request| {
                drop(
                    request
                        .headers_mut()
                        .insert("acme-signature", "bad".parse().unwrap()),
                )
            }),
            400,
        ),
        (
            change(|request| {
                _ = request
                    .headers_mut()
                    .append("acme-signature", "good".parse().unwrap())
            }),
            400,
        ),
        (
            change(|request| drop(request.headers_mut().remove("content-type"))),
            415,
        ),
        (
            change(|request| {
                _ = request
                    .headers_mut()
                    .insert("acme-unreachable", "1".parse().unwrap())
            }),
            503,
        ),
        (
            change(|request| *request.body_mut() = Full::from(vec![b'a'; 65])),
            413,
        ),
        (
            change(|request| *request.body_mut() = Full::from(vec![b'a'; 64])),
            200,
        ),
    ] {
        let answered = status_of(receiver.receive("acme", request).await).await;
        assert_eq!(answered.as_u16(), status);
    }
    assert_eq!(
        status_of(receiver.receive("ac", delivery("a")).await).await,
        404
    );
    assert_eq!(
        app.seen.lock().unwrap().len(),
        1,
        "only the valid delivery was read"
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_of_unknown_length_is_limited_in_length_and_time() {
    let (receiver, app) = receiver();
    let chunk = |bytes: usize| {
        Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from(vec![b'a'; bytes])))
    };
    let (parts, _) = delivery("").into_parts();
    let send = async |body| {
        let request = Request::from_parts(parts.clone(), StreamBody::new(body));
        status_of(receiver.receive("acme", request).await).await
    };
    let endless = StreamExt::boxed(stream::repeat_with(|| chunk(1)));
    assert_eq!(send(endless).await, 413);
    let cut = StreamExt::boxed(stream::iter([
        chunk(1),
        Err(std::io::ErrorKind::ConnectionReset.into()),
    ]));
    assert_eq!(send(cut).await, 503);
    let slow = StreamExt::boxed(stream::pending());
    assert_eq!(send(slow).await, 503);
    assert!(app.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_event_is_handled_once_however_often_it_comes() {
    let (receiver, app) = receiver();
    for _ in 0..3 {
        assert_eq!(post(&receiver, "a b").await, 200);
    }
    assert_eq!(post(&receiver, "b c").await, 200, "one known, one new");
    assert_eq!((app.times("a"), app.times("b"), app.times("c")), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_concurrent_copies_are_handled_once() {
    let (receiver, app) = receiver();
    let all = join_all((0..100).map(|_| {
        let receiver = receiver.clone();
        tokio::spawn(async move { post(&receiver, "a").await })
    }));
    for status in all.await {
        let status = status.unwrap();
        assert!(status == 200 || status == 503, "{status}");
    }
    assert_eq!(app.times("a"), 1);
    assert_eq!(
        app.together.load(Ordering::SeqCst),
        1,
        "never twice concurrently"
    );
    assert_eq!(post(&receiver, "a").await, 200);
}

#[tokio::test(start_paused = true)]
async fn only_failed_events_of_a_batch_are_handled_again() {
    for bad in ["fails", "panics", "hangs"] {
        let (receiver, app) = receiver();
        let body: &'static str = ["a ", bad, " b"].concat().leak();
        assert_eq!(post(&receiver, body).await, 503, "{bad}");
        assert_eq!((app.times("a"), app.times(bad), app.times("b")), (1, 1, 1));
        assert_eq!(post(&receiver, body).await, 200, "{bad}");
        assert_eq!((app.times("a"), app.times(bad), app.times("b")), (1, 2, 1));
        assert_eq!(post(&receiver, body).await, 200, "{bad}");
        assert_eq!(app.times(bad), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_disconnects_does_not_stop_the_handler() {
    let (receiver, app) = receiver();
    {
        let waiting = post(&receiver, "waits");
        let gave_up = tokio::time::timeout(Duration::from_secs(1), waiting).await;
        assert!(gave_up.is_err());
    }
    assert_eq!(post(&receiver, "waits").await, 503, "still being handled");
    app.gate.notify_one();
    // tidy: sleep: the clock is paused, so this takes no time and lets the handler run
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(
        post(&receiver, "waits").await,
        200,
        "handled in the meantime"
    );
    assert_eq!(
        (app.times("waits"), app.running.load(Ordering::SeqCst)),
        (1, 0)
    );
}

#[tokio::test]
async fn more_deliveries_than_permits_are_rejected() {
    let (builder, app) = builder();
    let receiver = builder.max_in_flight(1).build();
    let mut first = Box::pin(post(&receiver, "waits"));
    assert!(first.as_mut().now_or_never().is_none());
    assert_eq!(post(&receiver, "a").await, 503);
    app.gate.notify_one();
    assert_eq!(first.await, 200);
    assert_eq!(post(&receiver, "a").await, 200);
}

#[tokio::test]
async fn a_closure_is_a_handler() {
    let handler = |_: WebhookEvent| async { Ok(()) };
    let receiver = Receiver::builder(&vendors(), handler)
        .endpoint("acme", Arc::new(Acme(64)))
        .build();
    assert_eq!(post(&receiver, "a").await, 200);
    assert!(format!("{receiver:?}").contains("acme"));
}

/// The future of `receive` is `Send`, so that servers can run it.
fn _is_send(receiver: &Receiver) -> impl Future + Send {
    receiver.receive("acme", delivery("a"))
}
