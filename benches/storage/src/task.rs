//! One client doing one task in its own process.

use std::{fs, time::Instant};

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::{
    clients::{Anyvendor, Client, Official, Store},
    sizes::{SMALL, SMALL_AT_ONCE, large, small_count},
};

/// Prints the seconds that it took, and its peak memory above idle in KiB.
pub(crate) fn run(client: &str, task: &str, endpoint: &str) {
    // object_store's reqwest has no TLS provider here, because the comparison uses plain http.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("no provider yet");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        match client {
            "anyvendor" => measure(Anyvendor::new(endpoint), task).await,
            "object_store" => measure(Store::new(endpoint), task).await,
            "aws-sdk-s3" => measure(Official::new(endpoint), task).await,
            _ => panic!("no such client: {client}"),
        }
    });
}

async fn measure(client: impl Client, task: &str) {
    // One small object each way: the connection is open and the code is loaded.
    client.put("bytes-1024-0", small()).await;
    assert_eq!(client.get_stream("bytes-1024-0").await, SMALL);
    // Resets the high-water mark; see proc(5).
    fs::write("/proc/self/clear_refs", "5").expect("Linux");
    let (idle, started) = (memory("VmRSS:"), Instant::now());
    match task {
        "put_stream" => client.put_stream("large", large()).await,
        "get_stream" => {
            let key = format!("bytes-{}", large());
            assert_eq!(client.get_stream(&key).await, large());
        }
        "put_small" => {
            all(|number| {
                let client = &client;
                async move {
                    client
                        .put(&format!("bytes-{SMALL}-{number}"), small())
                        .await
                }
            })
            .await;
        }
        "get_small" => {
            all(|number| {
                let client = &client;
                async move {
                    let key = format!("bytes-{SMALL}-{number}");
                    assert_eq!(client.get_stream(&key).await, SMALL);
                }
            })
            .await;
        }
        _ => panic!("no such task: {task}"),
    }
    let took = started.elapsed().as_secs_f64();
    println!("{took} {}", memory("VmHWM:").saturating_sub(idle));
}

async fn all<F: Future<Output = ()>>(call: impl Fn(usize) -> F) {
    stream::iter(0..small_count())
        .map(call)
        .buffer_unordered(SMALL_AT_ONCE)
        .collect::<()>()
        .await;
}

fn small() -> Bytes {
    Bytes::from_static(&crate::clients::PIECE[..SMALL])
}

/// A line of this process's status, in KiB.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let value = status.lines().find_map(|text| text.strip_prefix(line));
    let value = value.and_then(|text| text.split_whitespace().next());
    value.and_then(|text| text.parse().ok()).expect("a number")
}
