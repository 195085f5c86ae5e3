//! Shared by the benchmarks: a server and a transport that respond immediately, medians, and the versions of the libraries.

pub mod instantly;
pub mod server;
pub mod stats;

/// The workspace's lock file, from which the versions are read.
const LOCK: &str = include_str!("../../Cargo.lock");

/// `name version` of each locked package; the highest version if there are several.
#[must_use]
pub fn versions(packages: &[&str]) -> String {
    let versions = packages.iter().map(|package| {
        let head = format!("name = \"{package}\"\nversion = \"");
        let version = LOCK
            .split(&head)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .last();
        format!("{package} {}", version.unwrap_or("?"))
    });
    versions.collect::<Vec<_>>().join(", ")
}

/// The machine, the load and the date, as a line above the figures.
#[must_use]
pub fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown CPU", |model| {
            model.trim_start_matches([' ', '\t', ':'])
        });
    // Not those that this process may use: it is run on one of them.
    let cores = cpus
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?");
    format!("{model}, {cores} cores, load {load}")
}
