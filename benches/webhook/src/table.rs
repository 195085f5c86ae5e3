//! Subjects that are measured in the same run, and the table of their figures.

use std::time::Instant;

use anyvendor_bench_support::stats::{median, turns};
use rustix::time::{ClockId, clock_gettime};

/// Measures for this many milliseconds, and returns the CPU microseconds per delivery.
type Measure<'a> = Box<dyn FnMut(u128) -> f64 + 'a>;

/// One line of a table.
pub(crate) struct Subject<'a> {
    pub(crate) name: String,
    /// `None` if it is not installed.
    measure: Option<Measure<'a>>,
    /// One figure per round.
    took: Vec<f64>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(name: impl Into<String>, mut one: impl FnMut() + 'a) -> Self {
        let measure = move |milliseconds| {
            let (started, worked, mut count) = (Instant::now(), worked(), 0);
            loop {
                // The clock costs something too.
                for _ in 0..8 {
                    one();
                }
                count += 8;
                if started.elapsed().as_millis() >= milliseconds {
                    return (self::worked() - worked) / f64::from(count);
                }
            }
        };
        Self::measured(name, Some(Box::new(measure)))
    }

    /// A subject that another process measures, or none.
    pub(crate) fn measured(name: impl Into<String>, measure: Option<Measure<'a>>) -> Self {
        Self {
            name: name.into(),
            measure,
            took: Vec::new(),
        }
    }
}

/// The subjects of one vendor; anyvendor is the first.
pub(crate) struct Table<'a> {
    pub(crate) vendor: &'static str,
    /// The target.
    pub(crate) target: &'static str,
    pub(crate) bytes: usize,
    pub(crate) subjects: Vec<Subject<'a>>,
}

/// Measures a vendor's subjects in interleaved rounds, and prints them; ratios are taken within a round.
pub(crate) fn run(table: &mut Table<'_>, rounds: usize, milliseconds: u128) {
    for turn in turns(rounds, table.subjects.len()) {
        if turn.warmed_up {
            table
                .subjects
                .iter_mut()
                .for_each(|subject| subject.took.clear());
        }
        let subject = &mut table.subjects[turn.subject];
        if let Some(measure) = &mut subject.measure {
            let took = measure(milliseconds);
            subject.took.push(took);
        }
    }
    println!(
        "{}: {} bytes, target at most {}; {rounds} rounds\n",
        table.vendor, table.bytes, table.target
    );
    println!("| subject | us per delivery | ratio | MB/s |");
    println!("|---|---:|---:|---:|");
    let first = table.subjects[0].took.clone();
    for subject in &table.subjects {
        if subject.took.is_empty() {
            println!("| {} | not installed | | |", subject.name);
            continue;
        }
        let pairs = subject.took.iter().zip(&first);
        let ratio = median(pairs.map(|(one, first)| one / first).collect());
        let took = median(subject.took.clone());
        let rate = table.bytes as f64 / took;
        println!("| {} | {took:.2} | {ratio:.2} | {rate:.0} |", subject.name);
    }
    println!();
}

/// The CPU time of this process in microseconds. A clock would include other processes on the same core.
fn worked() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
