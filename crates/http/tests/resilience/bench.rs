//! A pipeline over real sockets, with a fake vendor.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock},
};

use anyvendor_core::{
    Error, Kind,
    resilience::{
        AuthRejection, Authorizer, CallOptions, Classifier, Failure, NoJitter, Operation,
        OperationClass, Pipeline, PipelineBuilder, Policy, Request, Response, ResponseView,
        UnsignedRequest,
    },
    values::IdempotencyKey,
};
use anyvendor_http::{HttpTransport, ManualClock, TransportConfig};
use anyvendor_testkit::{Server, Step};
use async_trait::async_trait;
use http::{HeaderMap, HeaderName, Method};
use tokio::sync::Semaphore;
use url::Url;

/// All four operation classes.
pub(crate) const ALL: [OperationClass; 4] = [
    OperationClass::Safe,
    OperationClass::Idempotent,
    OperationClass::Keyed,
    OperationClass::Unkeyed,
];

/// A vendor that asks for no credentials, has errors inside 200, and reports when a key is still running.
#[derive(Debug)]
pub(crate) struct Acme {
    /// One permit for each head of a response that arrived.
    heads: Semaphore,
}

#[async_trait]
impl Authorizer for Acme {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(true)
    }
}

impl Classifier for Acme {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let contains = |word: &str| {
            response
                .body
                .windows(word.len())
                .any(|part| part == word.as_bytes())
        };
        match response.status.as_u16() {
            200 if contains("InternalError") => Some(Failure::new(
                Kind::Unavailable,
                "the vendor reports an internal error under 200",
            )),
            409 if contains("key_in_use") => Some(Failure::new(
                Kind::IdempotencyInFlight,
                "the same key is still running",
            )),
            _ => Failure::from_status(response.status),
        }
    }

    fn request_id(&self, _: &HeaderMap) -> Option<String> {
        // Called once for each response, before its body is read.
        self.heads.add_permits(1);
        None
    }
}

/// A fake vendor and a pipeline to it, whose waits take no real time.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) pipeline: Pipeline,
    pub(crate) acme: Arc<Acme>,
}

impl Bench {
    pub(crate) async fn new(steps: &[Step]) -> Self {
        Self::with(steps, |builder| builder).await
    }

    pub(crate) async fn with_policy(steps: &[Step], policy: Policy) -> Self {
        Self::with(steps, |builder| builder.policy(policy)).await
    }

    pub(crate) async fn with(
        steps: &[Step],
        set: impl FnOnce(PipelineBuilder) -> PipelineBuilder,
    ) -> Self {
        Self::at(Server::start(steps.to_vec()).await, set)
    }

    pub(crate) fn at(server: Server, set: impl FnOnce(PipelineBuilder) -> PipelineBuilder) -> Self {
        Self::over(transport(), server, set)
    }

    pub(crate) fn over(
        transport: Arc<HttpTransport>,
        server: Server,
        set: impl FnOnce(PipelineBuilder) -> PipelineBuilder,
    ) -> Self {
        let acme = acme();
        let builder = Pipeline::builder(
            "acme",
            transport,
            acme.clone(),
            acme.clone(),
            Arc::new(clock()),
        )
        .jitter(Arc::new(NoJitter));
        Self {
            server,
            pipeline: set(builder).build().unwrap(),
            acme,
        }
    }

    pub(crate) async fn call(&self, class: OperationClass) -> Result<Response, Error> {
        self.call_with(class, &CallOptions::default()).await
    }

    pub(crate) async fn call_with(
        &self,
        class: OperationClass,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let request = request(self.server.address(), class);
        self.pipeline
            .call(&operation(class), request, options)
            .await
    }

    /// Waits until the head of a response has arrived.
    pub(crate) async fn head_arrived(&self) {
        self.acme.heads.acquire().await.unwrap().forget();
    }

    /// Closes the client's connections and waits until the server has read what was sent.
    pub(crate) async fn settle(self) -> Server {
        let Self {
            server, pipeline, ..
        } = self;
        drop(pipeline);
        server.settle().await;
        server
    }
}

pub(crate) fn acme() -> Arc<Acme> {
    Arc::new(Acme {
        heads: Semaphore::new(0),
    })
}

/// The clock of the tests' waits.
pub(crate) fn clock() -> ManualClock {
    ManualClock::at(jiff::Timestamp::from_second(1_760_000_000).unwrap())
}

/// The default transport, allowed to connect to this machine.
pub(crate) fn transport() -> Arc<HttpTransport> {
    // Before the first span or event of the program, so that no callsite decides without it.
    printed();
    Arc::new(HttpTransport::new(local()).unwrap())
}

pub(crate) fn local() -> TransportConfig {
    let mut config = TransportConfig::default();
    config.allow_private_addresses = true;
    config
}

pub(crate) fn operation(class: OperationClass) -> Operation {
    let method = match class {
        OperationClass::Safe => &Method::GET,
        OperationClass::Idempotent => &Method::PUT,
        OperationClass::Keyed | OperationClass::Unkeyed => &Method::POST,
    };
    Operation::new("thing.make", method, "/things", class)
}

/// A read without a body, or a write with one; the key is new each time.
pub(crate) fn request(address: SocketAddr, class: OperationClass) -> Request {
    let request = Request::new(Url::parse(&format!("http://{address}/things")).unwrap());
    match class {
        OperationClass::Safe => request,
        OperationClass::Idempotent | OperationClass::Unkeyed => request.with_form("a=1"),
        OperationClass::Keyed => request
            .with_form("a=1")
            .with_idempotency_key(
                HeaderName::from_static("idempotency-key"),
                IdempotencyKey::random(),
            )
            .unwrap(),
    }
}

/// Keeps a paused clock from running ahead while we wait for a socket: only the test moves it on. Tokio's clock does not
/// advance by itself while a blocking task is running.
pub(crate) struct Stepped(
    #[expect(dead_code, reason = "dropped at the end")] std::sync::mpsc::Sender<()>,
);

impl Stepped {
    pub(crate) fn new() -> Self {
        let (hold, held) = std::sync::mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || held.recv());
        Self(hold)
    }
}

/// The lines of interest that the whole program printed at TRACE: see [`Printed::write`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Printed(pub(crate) Arc<Mutex<Vec<String>>>);

impl io::Write for Printed {
    /// Receives one event or span at a time, and ignores those of other tests.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        if line.contains("canary") {
            self.0.lock().unwrap().push(line.into_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to record what is printed, for all threads.
pub(crate) fn printed() -> &'static Printed {
    static PRINTED: OnceLock<Printed> = OnceLock::new();
    PRINTED.get_or_init(|| {
        let printed = Printed::default();
        let writer = printed.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        printed
    })
}
