//! The cost of the call pipeline compared with raw reqwest: over loopback, and without a socket.

mod alone;
mod loopback;
mod subject;

use anyvendor_bench_support::{machine, stats::setting, versions};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // reqwest is built without a default TLS provider here, as anyvendor builds it.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("no provider yet");
    let rounds = setting("ROUNDS", 2_000);
    println!("{}", machine());
    let libraries = [
        "reqwest",
        "reqwest-middleware",
        "reqwest-retry",
        "hyper",
        "tokio",
    ];
    println!("{}\n", versions(&libraries));
    println!("GET over loopback, response of 57 bytes, {rounds} interleaved rounds of 20 calls:\n");
    loopback::run(rounds).await;
    println!(
        "\nWithout a socket (a transport that responds immediately), {rounds} rounds of 200 calls:\n"
    );
    alone::run(rounds).await;
}
