//! Rounds of several subjects, reported as medians.

use std::{fs, future::Future, time::Instant};

/// One subject's figures.
#[derive(Debug)]
pub struct Subject {
    name: &'static str,
    /// The median call of each round, in microseconds.
    p50: Vec<f64>,
    /// The CPU time of the client's thread per call in each round, in microseconds.
    cpu: Vec<f64>,
}

impl Subject {
    /// A subject without figures.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            p50: Vec::new(),
            cpu: Vec::new(),
        }
    }

    /// Measures one round: `calls` calls, one after the other.
    pub async fn round<F: Future<Output = ()>>(&mut self, calls: usize, call: impl Fn() -> F) {
        let mut took = Vec::with_capacity(calls);
        let worked = thread_microseconds();
        for _ in 0..calls {
            let started = Instant::now();
            call().await;
            took.push(started.elapsed().as_secs_f64() * 1e6);
        }
        let worked = thread_microseconds() - worked;
        self.p50.push(median(took));
        self.cpu.push(worked / calls as f64);
    }

    /// Discards the rounds so far.
    pub fn warmed_up(&mut self) {
        self.p50.clear();
        self.cpu.clear();
    }
}

/// One turn of a subject.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// The number of the subject.
    pub subject: usize,
    /// Whether the warm-up ends here and the figures so far are to be discarded.
    pub warmed_up: bool,
}

/// The turns of all rounds, a warm-up of a tenth before them; another subject begins each round.
pub fn turns(rounds: usize, subjects: usize) -> impl Iterator<Item = Turn> {
    let warm_up = rounds / 10 + 1;
    (0..rounds + warm_up).flat_map(move |round| {
        (0..subjects).map(move |turn| Turn {
            subject: (round + turn) % subjects,
            warmed_up: round == warm_up && turn == 0,
        })
    })
}

/// Prints a table in which the first subject is what the others are compared with. Differences and ratios are taken
/// within a round, and their median is reported, so that a slow minute of the machine affects both sides.
pub fn print(subjects: &[Subject]) {
    let Some(first) = subjects.first() else {
        return;
    };
    println!("| subject | p50 us | vs first | ratio | thread CPU us per call | vs first |");
    println!("|---|---:|---:|---:|---:|---:|");
    for subject in subjects {
        println!(
            "| {} | {:.2} | {:+.2} | {:.3} | {:.2} | {:+.2} |",
            subject.name,
            median(subject.p50.clone()),
            median(paired(&subject.p50, &first.p50, |a, b| a - b)),
            median(paired(&subject.p50, &first.p50, |a, b| a / b)),
            median(subject.cpu.clone()),
            median(paired(&subject.cpu, &first.cpu, |a, b| a - b)),
        );
    }
}

fn paired(one: &[f64], other: &[f64], tell: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    one.iter().zip(other).map(|(a, b)| tell(*a, *b)).collect()
}

/// The median; 0 for no figures.
#[must_use]
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// The CPU time of this thread, in microseconds.
fn thread_microseconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    nanos.unwrap_or_default() / 1e3
}

/// A setting of a benchmark from the environment.
#[must_use]
pub fn setting(name: &str, default: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
