//! All clients and tasks in turn, round after round.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use anyvendor_bench_support::{machine, stats::median, versions};

use crate::sizes::{MIB, large, small_count};

const CLIENTS: [&str; 3] = ["anyvendor", "object_store", "aws-sdk-s3"];
const TASKS: [&str; 4] = ["put_stream", "get_stream", "put_small", "get_small"];

pub(crate) fn run(rounds: usize) {
    let program = env::current_exe().expect("a program");
    let mut server = Command::new(&program)
        .arg("server")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut endpoint = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut endpoint)
        .expect("its address");

    let mut figures = [const { [const { (Vec::new(), Vec::new()) }; TASKS.len()] }; CLIENTS.len()];
    for round in 0..rounds {
        for (task, name) in TASKS.iter().enumerate() {
            for turn in 0..CLIENTS.len() {
                // Another one begins each round.
                let client = (round + turn) % CLIENTS.len();
                let ran = Command::new(&program)
                    .args([CLIENTS[client], name, endpoint.trim()])
                    .output()
                    .expect("a client");
                assert!(
                    ran.status.success(),
                    "{}",
                    String::from_utf8_lossy(&ran.stderr)
                );
                let figures = String::from_utf8(ran.stdout).expect("text");
                let figures = figures.trim().split_once(' ').expect("two figures");
                let (seconds, memory) = &mut figures[client][task];
                seconds.push(figures.0.parse::<f64>().expect("seconds"));
                memory.push(figures.1.parse::<f64>().expect("KiB") / 1024.0);
            }
        }
    }
    let _ = server.kill();
    let _ = server.wait();

    println!("{}", machine());
    println!(
        "{}\n",
        versions(&["object_store", "aws-sdk-s3", "reqwest", "hyper"])
    );
    let count = small_count();
    println!(
        "Streams of {} MiB, {count} small objects of 1 KiB; medians of {rounds} interleaved rounds, ratios to the first:\n",
        large() / MIB
    );
    println!("| task | client | rate | ratio | peak RSS above idle, MiB (highest) |");
    println!("|---|---|---:|---:|---:|");
    for (task, name) in TASKS.iter().enumerate() {
        let (work, unit) = if task < 2 {
            ((large() / MIB) as f64, "MiB/s")
        } else {
            (count as f64, "objects/s")
        };
        let first = &figures[0][task].0;
        for (client, figures) in CLIENTS.iter().zip(&figures) {
            let (seconds, memory) = &figures[task];
            let ratios = first.iter().zip(seconds).map(|(first, own)| first / own);
            println!(
                "| {name} | {client} | {:.0} {unit} | {:.2} | {:.1} ({:.1}) |",
                work / median(seconds.clone()),
                median(ratios.collect()),
                median(memory.clone()),
                memory.iter().copied().fold(0.0, f64::max),
            );
        }
    }
}
