//! S3: streams of 1 GiB and small objects, compared with object_store and the official SDK, against a server that stores nothing.
//!
//! Without arguments it is the whole comparison: it starts itself as the server, and once more for each client and task, so
//! that the memory of a client is measured alone.

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
