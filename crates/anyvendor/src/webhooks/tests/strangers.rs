//! What strangers send does not hold up a vendor, fill the memory or fill the log.

use std::sync::atomic::AtomicUsize;

use anyvendor_core::resilience::Clock;
use anyvendor_http::SystemClock;
use http_body::Frame;

use super::*;

/// A delivery of which only the head arrives, and how many such are being read.
fn idle(signature: Option<&str>) -> Request<StreamBody<BoxedFrames>> {
    let (mut parts, _) = delivery("").into_parts();
    match signature {
        Some(text) => drop(
            parts
                .headers
                .insert("acme-signature", text.parse().unwrap()),
        ),
        None => drop(parts.headers.remove("acme-signature")),
    }
    Request::from_parts(parts, StreamBody::new(stream::pending().boxed()))
}

type BoxedFrames = futures_util::stream::BoxStream<'static, Result<Frame<Bytes>, std::io::Error>>;

/// The delivery's first byte arrives, and nothing after it.
fn stuck() -> Request<StreamBody<BoxedFrames>> {
    let (parts, _) = delivery("").into_parts();
    let first = stream::iter([Ok(Frame::data(Bytes::from_static(b"a")))]);
    let body = StreamBody::new(first.chain(stream::pending()).boxed());
    Request::from_parts(parts, body)
}

#[tokio::test(start_paused = true)]
async fn sf01_a_stranger_is_rejected_by_the_head() {
    let (receiver, _) = receiver();
    // Nothing of the body is awaited.
    let rejected = receiver.receive("acme", idle(None)).now_or_never();
    assert_eq!(rejected.unwrap().status(), 400);
    let mut get = idle(Some("good"));
    *get.method_mut() = http::Method::GET;
    let rejected = receiver.receive("acme", get).now_or_never();
    assert_eq!(rejected.unwrap().status(), 405);
    let mut other = idle(Some("good"));
    other.headers_mut().remove("content-type");
    let rejected = receiver.receive("acme", other).now_or_never();
    assert_eq!(rejected.unwrap().status(), 415);
}

#[tokio::test(start_paused = true)]
async fn sf01_idle_connections_hold_up_nobody() {
    let (builder, app) = builder();
    let receiver = builder
        .endpoint("mail", Arc::new(Acme(32 * 1024 * 1024)))
        .max_in_flight(4)
        .build();
    let mut waiting = Vec::new();
    for number in 0..1_000 {
        // Heads alone, and bodies that stop after a byte; all look genuine.
        let mut strange: std::pin::Pin<Box<dyn Future<Output = _> + Send>> = match number % 2 {
            0 => Box::pin(receiver.receive("mail", idle(Some("good")))),
            _ => Box::pin(receiver.receive("mail", stuck())),
        };
        if strange.as_mut().now_or_never().is_none() {
            waiting.push(strange);
        }
    }
    assert!(waiting.len() >= 500, "heads alone take no place");
    let started = SystemClock.monotonic();
    for id in ["a", "b", "c"] {
        assert_eq!(post(&receiver, id).await, 200, "{id}");
        assert_eq!(app.times(id), 1);
    }
    assert!(
        SystemClock.monotonic() == started,
        "a genuine delivery waits"
    );
    for answer in join_all(waiting).await {
        assert_eq!(answer.status(), 503);
    }
    let elapsed = SystemClock.monotonic() - started;
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}

/// Each of a thousand strangers at one endpoint; the genuine delivery is at the same one, and comes a moment later.
#[tokio::test(start_paused = true)]
async fn sf01_slow_senders_are_given_up_soon() {
    let (builder, app) = builder();
    let receiver = builder.max_in_flight(4).build();
    let mut waiting: Vec<_> = (0..4)
        .map(|_| Box::pin(receiver.receive("acme", stuck())))
        .collect();
    for strange in &mut waiting {
        assert!(strange.as_mut().now_or_never().is_none());
    }
    assert_eq!(post(&receiver, "a").await, 503, "all places are taken");
    for answer in join_all(waiting).await {
        assert_eq!(answer.status(), 503);
    }
    assert_eq!(post(&receiver, "a").await, 200);
    assert_eq!(app.times("a"), 1);
}

#[tokio::test]
async fn sf01_a_long_delivery_counts_for_what_it_costs() {
    const MIB: usize = 1024 * 1024;
    let (builder, _) = builder();
    let long = builder.endpoint("acme", Arc::new(Acme(usize::MAX)));
    let receiver = long.max_in_flight(6).build();
    let send = async |bytes: usize| {
        let request = delivery("").map(|_| Full::<Bytes>::from(vec![b' '; bytes]));
        status_of(receiver.receive("acme", request).await).await
    };
    let mut first = Box::pin(post(&receiver, "waits"));
    assert!(first.as_mut().now_or_never().is_none());
    assert_eq!(send(MIB).await, 200, "one place");
    assert_eq!(send(5 * MIB).await, 503, "one of six places is taken");
    drop(first);
    let alone = builder_of_six().build();
    let request = delivery("").map(|_| Full::<Bytes>::from(vec![b' '; 9 * MIB]));
    let answer = alone.receive("acme", request).await;
    assert_eq!(answer.status(), 200, "more than there are takes all");
}

fn builder_of_six() -> ReceiverBuilder {
    let (builder, _) = builder();
    let long = builder.endpoint("acme", Arc::new(Acme(usize::MAX)));
    long.max_in_flight(6)
}

/// Counts the lines of each level.
#[derive(Default)]
struct Lines {
    warnings: AtomicUsize,
    others: AtomicUsize,
    text: Mutex<Vec<String>>,
}

struct Text(String);

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

struct Subscriber(Arc<Lines>);

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("anyvendor::webhooks")
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.text.lock().unwrap().push(text.0);
        let count = if *event.metadata().level() == tracing::Level::WARN {
            &self.0.warnings
        } else {
            &self.0.others
        };
        count.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

fn listen() -> (Arc<Lines>, tracing::subscriber::DefaultGuard) {
    let lines = Arc::<Lines>::default();
    let guard = tracing::subscriber::set_default(Subscriber(Arc::clone(&lines)));
    (lines, guard)
}

#[tokio::test]
async fn sf14_forged_deliveries_do_not_fill_the_log() {
    let (builder, _) = builder();
    let clock = Arc::new(anyvendor_http::ManualClock::at(Timestamp::UNIX_EPOCH));
    let receiver = builder.clock(clock.clone()).build();
    let (lines, _guard) = listen();
    let forge = async || {
        for _ in 0..100 {
            let mut forged = delivery("a");
            let signature = "bad".parse().unwrap();
            forged.headers_mut().insert("acme-signature", signature);
            assert_eq!(receiver.receive("acme", forged).await.status(), 400);
        }
        lines.warnings.load(Ordering::SeqCst)
    };
    assert_eq!(forge().await, 1);
    assert_eq!(forge().await, 1);
    clock.advance(Duration::from_secs(60));
    assert_eq!(forge().await, 2);
    let text = lines.text.lock().unwrap();
    assert!(text.iter().any(|line| line.contains("suppressed=199")));
}

#[tokio::test]
async fn n08_a_failed_event_is_named() {
    let (receiver, _) = receiver();
    let (lines, _guard) = listen();
    assert_eq!(post(&receiver, "fails").await, 503);
    let text = lines.text.lock().unwrap().join("\n");
    for part in [
        "webhook event not handled",
        "endpoint=\"acme\"",
        "event=\"fails\"",
        "id=\"fails\"",
        "why=\"the handler failed\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
