//! The receiver on one core: events per second, the latency at half of that rate, and the memory.
//!
//! Called with `serve`, it is the server that is measured; without, it starts that on one core and loads it from another.

#[path = "receiver/load.rs"]
mod load;
#[path = "receiver/serve.rs"]
mod serve;

use std::{env, fs, time::Duration};

use anyvendor_bench_support::{
    machine,
    stats::{median, setting},
    versions,
};

use crate::{load::Load, serve::Server};

/// Enough to keep the server busy, and fewer than the deliveries that it accepts at the same time.
const CONNECTIONS: usize = 32;
/// The memory of events is full after 200,000.
const FULL: usize = 250_000;
const SLICES: usize = 10;

fn main() {
    if env::args().nth(1).as_deref() == Some("serve") {
        serve::run();
        return;
    }
    let slice = setting("EVENTS", 1_000_000) / SLICES;
    let seconds = setting("SECONDS", 10);
    println!("{}, {}\n", machine(), versions(&["axum", "hyper", "tokio"]));
    let server = Server::start();
    let mut load = Load::new(server.address, CONNECTIONS);
    load.all_at_once(FULL);

    let (mut rates, mut work, mut resident) = (Vec::new(), Vec::new(), vec![server.resident()]);
    for _ in 0..SLICES {
        let worked = server.worked();
        let took = load.all_at_once(slice).as_secs_f64();
        rates.push(slice as f64 / took);
        work.push((server.worked() - worked) / slice as f64);
        resident.push(server.resident());
    }
    let rate = median(rates.clone());
    rates.sort_by(f64::total_cmp);
    println!(
        "| {} events over {CONNECTIONS} connections | |",
        slice * SLICES
    );
    println!("|---|---:|");
    println!("| events per second, median of {SLICES} slices | {rate:.0} |");
    println!(
        "| slowest and fastest slice | {:.0}, {:.0} |",
        rates[0],
        rates[SLICES - 1]
    );
    println!("| the server's CPU per event, us | {:.1} |", median(work));
    for slices in [0, 3, SLICES] {
        let events = FULL + slices * slice;
        println!("| resident after {events}, MiB | {:.1} |", resident[slices]);
    }
    println!();

    println!("| events per second, sent by a schedule | p50 ms | p99 ms | longest ms |");
    println!("|---:|---:|---:|---:|");
    for rate in [7_500.0, rate / 2.0] {
        let count = (rate * seconds as f64) as usize;
        let mut waited = load.by_schedule(count, Duration::from_secs_f64(1.0 / rate));
        waited.sort();
        let at =
            |part: f64| waited[((waited.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
        println!(
            "| {rate:.0} | {:.2} | {:.2} | {:.2} |",
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    assert_eq!(server.handled(), load.sent(), "each event is handled once");
}

/// Reads a number about a process from the kernel.
fn read_proc(process: u32, file: &str, read: impl Fn(&str) -> Option<f64>) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    read(&text).unwrap_or_default()
}
