//! What the pipeline writes to the log: enough to see what happened, at levels that a person can live with.

use std::{
    io,
    sync::{Arc, Mutex},
};

use anyvendor_core::{
    Delivery, Kind,
    error::TransportPhase,
    resilience::{
        BreakerConfig, ByStatus, CallOptions, NoCredentials, NoJitter, Operation, OperationClass,
        Pipeline, Policy, Request,
    },
};
use anyvendor_http::{HttpTransport, SystemClock, TransportConfig};
use http::Method;
use tracing::{Level, instrument::WithSubscriber};

use crate::script::{Step, bench, bench_with};

/// The lines that were written, one per event.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes).into_owned();
        self.0.lock().unwrap().push(line);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Runs a future with a subscriber of its own.
    async fn of<T>(future: impl Future<Output = T>) -> (T, Vec<String>) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::DEBUG)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        let output = future.with_subscriber(subscriber).await;
        let lines = lines.0.lock().unwrap().clone();
        let ours = lines
            .into_iter()
            .filter(|line| line.contains("anyvendor_core"));
        (output, ours.collect())
    }
}

/// The line that has all these words.
fn line<'a>(lines: &'a [String], words: &[&str]) -> &'a str {
    let has_all = |line: &&String| words.iter().all(|word| line.contains(word));
    lines
        .iter()
        .find(has_all)
        .unwrap_or_else(|| panic!("no line with {words:?} in {lines:#?}"))
}

#[tokio::test(start_paused = true)]
async fn n08_attempts_and_calls_that_fail_are_logged() {
    let bench = bench(&vec![Step::Response(503, ""); 3]);
    let (result, lines) = Lines::of(bench.call(OperationClass::Keyed)).await;
    result.unwrap_err();
    let failed = line(
        &lines,
        &["DEBUG", "attempt failed; trying again", "attempt=1"],
    );
    for word in [
        "vendor=\"acme\"",
        "operation=\"thing.make\"",
        "error=\"unavailable\"",
        "status=503",
        "wait_ms=",
    ] {
        assert!(failed.contains(word), "{failed}");
    }
    line(&lines, &["DEBUG", "attempt=2"]);
    let failed = line(&lines, &["WARN", "outcome is unknown"]);
    for word in [
        "vendor=\"acme\"",
        "attempts=3",
        "stop=\"attempts_exhausted\"",
    ] {
        assert!(failed.contains(word), "{failed}");
    }
    assert_eq!(lines.len(), 3, "{lines:#?}");

    // A call that certainly did nothing, and a read, are no warnings.
    let bench = crate::script::bench(&[Step::Response(404, crate::script::VENDORS)]);
    let (_, lines) = Lines::of(bench.call(OperationClass::Keyed)).await;
    line(&lines, &["INFO", "call failed", "delivery=\"refused\""]);
    let bench = crate::script::bench(&vec![Step::LostAfterSending; 3]);
    let (_, lines) = Lines::of(bench.call(OperationClass::Safe)).await;
    line(&lines, &["INFO", "call failed", "delivery=\"unknown\""]);
    // A success says nothing.
    let bench = crate::script::bench(&[]);
    let (_, lines) = Lines::of(bench.call(OperationClass::Keyed)).await;
    assert_eq!(lines, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn n08_the_circuit_and_pauses_are_logged() {
    let mut breaker = BreakerConfig::default();
    (breaker.minimum_calls, breaker.probes) = (2, 1);
    let policy = Policy::default().with_attempts(1).with_breaker(breaker);
    let bench = bench_with(&[Step::Response(500, ""), Step::Response(500, "")], policy);
    let (_, lines) = Lines::of(async {
        bench.call(OperationClass::Safe).await.unwrap_err();
        bench.call(OperationClass::Safe).await.unwrap_err();
        bench.clock.advance(std::time::Duration::from_secs(6));
        bench.call(OperationClass::Safe).await.unwrap();
    })
    .await;
    line(&lines, &["WARN", "the circuit is open", "open_ms=5500"]);
    line(&lines, &["INFO", "the circuit is closed again"]);

    let throttled = Step::RespondWith(429, vec![("retry-after", "7")]);
    let bench = crate::script::bench(&[throttled]);
    let (_, lines) = Lines::of(bench.call(OperationClass::Safe)).await;
    line(
        &lines,
        &["INFO", "paused, as the vendor asks", "pause_ms=7000"],
    );
}

/// Where the connection went, and why it failed: both are no secrets.
#[tokio::test]
async fn n17_errors_of_the_network_name_host_port_and_cause() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut config = TransportConfig::default();
    config.allow_private_addresses = true;
    let pipeline = Pipeline::builder(
        "acme",
        Arc::new(HttpTransport::new(config).unwrap()),
        Arc::new(NoCredentials),
        Arc::new(ByStatus),
        Arc::new(SystemClock),
    )
    .jitter(Arc::new(NoJitter))
    .policy(Policy::default().with_attempts(2))
    .build()
    .unwrap();
    const GET: Operation = Operation::new("thing.get", &Method::GET, "/", OperationClass::Safe);
    let url = format!("http://{address}/?secret=canary").parse().unwrap();
    let options = CallOptions::default();
    let call = pipeline.call(&GET, Request::new(url), &options);
    let error = call.await.unwrap_err();
    let phase = TransportPhase::Connect;
    assert_eq!(error.kind(), &Kind::Transport { phase });
    assert_eq!(error.delivery(), Delivery::NotSent);
    let text = error.to_string();
    for words in [&address.to_string(), "connection refused", "attempts 2"] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!text.contains("canary"), "{text}");
}
