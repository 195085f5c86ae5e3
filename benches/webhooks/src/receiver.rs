//! The receiver under load over loopback: how many verified events per second on one core, how long they wait at half that
//! load, and whether memory stays flat.
//!
//! The server has one thread on core 0, the client another on core 1, each a runtime of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyvendor::{Config, Vendors, webhooks};
use anyvendor_bench_support::stats::setting;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, runtime::Builder, sync::oneshot};

use crate::samples::{self, SECRET};

/// Connections of the client. A vendor has hundreds, with less on each.
const CONNECTIONS: usize = 32;

static HANDLED: AtomicU64 = AtomicU64::new(0);

pub(crate) fn run() {
    let events = u64::try_from(setting("EVENTS", 1_000_000)).unwrap_or(u64::MAX);
    let address = serve();
    let client = Builder::new_current_thread().enable_all().build().expect("a runtime");
    client.block_on(async {
        // The caches and the table of known events fill first.
        load(address, 0, 250_000.min(events), None).await;
        let before = resident();
        let started = Instant::now();
        let handled = HANDLED.load(Ordering::Relaxed);
        load(address, 1_000_000_000, events, None).await;
        let rate = events as f64 / started.elapsed().as_secs_f64();
        assert_eq!(HANDLED.load(Ordering::Relaxed) - handled, events, "each handled once");
        println!("| {events} events, as fast as they go | {rate:.0} events/s |");
        println!("| memory before and after them | {:.1} MiB, {:.1} MiB |", before, resident());
        let half = (events / 4).max(1);
        let mut waits = load(address, 2_000_000_000, half, Some(rate / 2.0)).await;
        waits.sort_by(f64::total_cmp);
        let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
        println!(
            "| at half that rate: p50, p99, p99.9 | {:.2} ms, {:.2} ms, {:.2} ms |",
            at(0.5),
            at(0.99),
            at(0.999)
        );
    });
}

/// Starts the receiver as an application would, on a thread of its own.
fn serve() -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let server = Builder::new_current_thread().enable_all().build().expect("a runtime");
        server.block_on(async {
            let folder = std::env::temp_dir().join(format!("anyvendor-bench-{}", std::process::id()));
            std::fs::write(&folder, SECRET).expect("a file for the secret");
            let text = format!(
                "mode = \"sandbox\"\n[webhooks.stripe]\nsecrets = [\"file:{}\"]\n",
                folder.display()
            );
            let config = Config::from_toml(&text).expect("a configuration");
            let vendors = Vendors::connect(&config).expect("vendors");
            let _ = std::fs::remove_file(&folder);
            let router = webhooks::router(&vendors, |_event| async {
                HANDLED.fetch_add(1, Ordering::Relaxed);
                Ok(())
            });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            tell.send(listener.local_addr().expect("an address")).expect("somebody waits");
            axum::serve(listener, router).await.expect("serves");
        });
    });
    told.recv().expect("an address")
}

/// Sends `count` events, all different, over all connections; at a rate if one is given, and then tells how long each waited,
/// in ms: from when it was due, so that a server that falls behind is seen.
async fn load(address: SocketAddr, first: u64, count: u64, rate: Option<f64>) -> Vec<f64> {
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let next = Arc::clone(&next);
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
            tokio::spawn(connection);
            let mut waits = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break;
                }
                let delivery = samples::stripe(first + number);
                let due = match rate {
                    Some(rate) => started + Duration::from_secs_f64(number as f64 / rate),
                    None => Instant::now(),
                };
                tokio::time::sleep_until(due.into()).await;
                let request = Request::post("/webhooks/stripe")
                    .header(header::HOST, "127.0.0.1")
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("stripe-signature", delivery.header)
                    .body(Full::from(delivery.payload))
                    .expect("a request");
                let response = sender.send_request(request).await.expect("an answer");
                assert_eq!(response.status(), 200);
                response.into_body().collect().await.expect("a body");
                if rate.is_some() {
                    waits.push(due.elapsed().as_secs_f64() * 1e3);
                }
            }
            let _ = tell.send(waits);
        });
        connections.push(told);
    }
    let mut waits = Vec::new();
    for told in connections {
        waits.extend(told.await.expect("its waits"));
    }
    waits
}

/// The memory of this process, in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kibibytes.unwrap_or(0.0) / 1024.0
}
