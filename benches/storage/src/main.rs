//! S3: streams of 1 GiB and small objects, beside object_store and the official SDK, against a server that keeps nothing.
//!
//! Without arguments it is the whole comparison: it starts itself as the server, and anew for each client and task, so
//! that a client's memory is its own.

mod clients;
mod compare;
mod null_server;
mod sizes;
mod task;

use anyvendor_bench_support::stats::setting;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["server"] => null_server::run(),
        [client, task, endpoint] => task::run(client, task, endpoint),
        _ => compare::run(setting("ROUNDS", 5)),
    }
}
