//! A request that is reported as not sent never arrives, whatever the threads do.

use std::{
    collections::HashSet,
    convert::Infallible,
    pin::Pin,
    sync::atomic::{AtomicU32, AtomicU64},
    task::{Context, Poll},
};

use anyvendor_core::resilience::{
    BreakerConfig, ByStatus, CallOptions, NoCredentials, Operation, OperationClass, Pipeline,
    Policy, Request, Sleep,
};
use http_body_util::{BodyExt, Empty};
use hyper::{body::Incoming as Received, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{sync::oneshot, task::JoinSet};

use super::*;

/// Together with as many over HTTP/2: at least 50,000.
const ROUNDS: u64 = 25_600;
const CALLERS: u64 = 8;
/// Several, so that this machine does not run out of ports.
const LISTENERS: usize = 8;

/// Limits that run out after some polls, which are finer than any timer. How many follows what happened before, so that
/// the limits stay close to the time that sending takes.
#[derive(Debug)]
struct HastyClock {
    polls: AtomicU32,
}

impl HastyClock {
    fn adapt(&self, was_sent: bool) {
        let polls = self.polls.load(Ordering::Relaxed);
        let step = polls / 64 + 1;
        let next = if was_sent {
            polls.saturating_sub(step)
        } else {
            polls + step
        };
        self.polls.store(next.max(8), Ordering::Relaxed);
    }
}

struct Polls(u32);

impl Future for Polls {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Clock for HastyClock {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> jiff::Timestamp {
        SystemClock.wall()
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }

    fn timer(&self, _: Duration) -> Sleep {
        let polls = self.polls.load(Ordering::Relaxed);
        // Some callers have time for the response too, so that something arrives at all.
        let longest = polls * if fastrand::u8(..) < 32 { 64 } else { 2 };
        Box::pin(Polls(fastrand::u32(polls / 2..longest)))
    }
}

/// Servers that keep the body of every request that arrived completely.
struct Servers {
    addresses: Vec<SocketAddr>,
    received: Arc<Mutex<HashSet<u64>>>,
    stop: Vec<oneshot::Sender<()>>,
    ended: JoinSet<()>,
}

impl Servers {
    async fn start(http2: bool) -> Self {
        let mut servers = Self {
            addresses: Vec::new(),
            received: Arc::default(),
            stop: Vec::new(),
            ended: JoinSet::new(),
        };
        for _ in 0..LISTENERS {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            servers.addresses.push(listener.local_addr().unwrap());
            let (stop, stopped) = oneshot::channel();
            servers.stop.push(stop);
            let received = Arc::clone(&servers.received);
            servers
                .ended
                .spawn(accept(listener, stopped, received, http2));
        }
        servers
    }

    /// Waits until all connections have ended, and returns what arrived.
    async fn settle(self) -> HashSet<u64> {
        drop(self.stop);
        self.ended.join_all().await;
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

async fn accept(
    listener: TcpListener,
    mut stopped: oneshot::Receiver<()>,
    received: Arc<Mutex<HashSet<u64>>>,
    http2: bool,
) {
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            stream = listener.accept() => stream.unwrap().0,
            _ = &mut stopped => break,
        };
        connections.spawn(serve(stream, Arc::clone(&received), http2));
    }
    connections.join_all().await;
}

async fn serve(stream: TcpStream, received: Arc<Mutex<HashSet<u64>>>, http2: bool) {
    let service = service_fn(move |request: http::Request<Received>| {
        let received = Arc::clone(&received);
        async move {
            if let Ok(body) = request.into_body().collect().await {
                let text = String::from_utf8(body.to_bytes().to_vec()).unwrap();
                received.lock().unwrap().insert(text.parse().unwrap());
            }
            Ok::<_, Infallible>(http::Response::new(Empty::<Bytes>::new()))
        }
    });
    let stream = TokioIo::new(stream);
    // How a connection ends does not matter here.
    if http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        // Some requests wait for a free stream; that many are withdrawn is no attack here.
        builder.max_concurrent_streams(4);
        builder.max_pending_accept_reset_streams(usize::MAX);
        builder.max_local_error_reset_streams(None);
        let _ = builder.serve_connection(stream, service).await;
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.keep_alive(false);
        let _ = builder.serve_connection(stream, service).await;
    }
}

/// The transport of production, over HTTP/2 without TLS where that is asked for.
fn transport(http2: bool) -> HttpTransport {
    let transport = HttpTransport::new(local()).unwrap();
    if http2 {
        transport.0.current.write().unwrap().client = http2_client();
    }
    transport
}

/// Calls with limits that run out at every moment; returns how many errors said that nothing was sent, and how many
/// requests arrived.
async fn race(http2: bool) -> (usize, usize) {
    let mut policy = Policy::default();
    policy.breaker = BreakerConfig::disabled();
    let clock = Arc::new(HastyClock {
        polls: AtomicU32::new(64),
    });
    let network = Arc::new(transport(http2));
    let credentials = Arc::new(NoCredentials);
    let pipeline = Pipeline::builder(
        "acme",
        network,
        credentials,
        Arc::new(ByStatus),
        clock.clone(),
    )
    .policy(policy)
    .build()
    .unwrap();
    let servers = Servers::start(http2).await;
    let addresses = servers.addresses.clone();
    let next = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (pipeline, addresses) = (pipeline.clone(), addresses.clone());
        let (next, clock) = (Arc::clone(&next), Arc::clone(&clock));
        callers.spawn(async move {
            const CREATE: Operation =
                Operation::new("thing.make", &Method::POST, "/", OperationClass::Unkeyed);
            let options = CallOptions::default().without_retries();
            let mut not_sent = Vec::new();
            loop {
                let id = next.fetch_add(1, Ordering::Relaxed);
                if id >= ROUNDS {
                    return not_sent;
                }
                let address = addresses[usize::try_from(id).unwrap() % addresses.len()];
                let url = Url::parse(&format!("http://{address}/")).unwrap();
                let request = Request::new(url).with_form(id.to_string());
                let result = pipeline.call(&CREATE, request, &options).await;
                let unsent = result.is_err_and(|error| error.delivery() == Delivery::NotSent);
                clock.adapt(!unsent);
                if unsent {
                    not_sent.push(id);
                }
            }
        });
    }
    let not_sent = callers.join_all().await.concat();
    drop(pipeline);
    let received = servers.settle().await;
    let confused = not_sent.iter().filter(|id| received.contains(id));
    assert_eq!(confused.count(), 0, "reported as not sent, and received");
    (not_sent.len(), received.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f01_what_is_reported_as_not_sent_never_arrives() {
    for http2 in [false, true] {
        let (not_sent, received) = race(http2).await;
        // Both happen often, or the limits are not around the time that sending takes.
        assert!(
            not_sent > 300 && received > 300,
            "{not_sent} {received} {http2}"
        );
    }
}
