//! docs/resilience.md names a test for each trap; this checks that the tests exist.

use std::fs;

use super::types::root;

const ABSENT: &str = "not there yet";

/// The cells of the table's rows, `| T1 | trap | tests | files |`; a trap without a test ends with [`ABSENT`].
fn rows(text: &str) -> Vec<[&str; 4]> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| T")?.strip_suffix(" |"))
        .map(|line| {
            let cells: Vec<_> = line.split(" | ").collect();
            <[&str; 4]>::try_from(cells).unwrap_or_else(|cells| panic!("four cells: {cells:?}"))
        })
        .collect()
}

/// The text between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn defines(source: &str, test: &str) -> bool {
    source.contains(&format!("fn {test}("))
}

#[test]
fn the_table_of_traps_names_tests_that_exist() {
    let text = fs::read_to_string(root().join("docs/resilience.md")).unwrap();
    let mut numbers: Vec<u32> = Vec::new();
    for [number, trap, tests, files] in rows(&text) {
        let number = number.parse().unwrap();
        // A trap may have several rows.
        if numbers.last() != Some(&number) {
            numbers.push(number);
        }
        let (tests, files) = (quoted(tests), quoted(files));
        if tests.is_empty() {
            assert!(
                files.is_empty() && trap.ends_with(ABSENT),
                "T{number} has no test"
            );
            continue;
        }
        assert!(!files.is_empty(), "T{number} names no file");
        for test in &tests {
            // Or a test of a finding, such as f01, that guards the same trap.
            let of_finding = test.starts_with('f') && test.get(3..4) == Some("_");
            assert!(
                of_finding || test.starts_with(&format!("t{number:02}_")),
                "T{number}: {test}"
            );
        }
        for file in files {
            let source = fs::read_to_string(root().join(file))
                .unwrap_or_else(|_| panic!("T{number}: no file {file}"));
            for test in &tests {
                assert!(
                    defines(&source, test),
                    "T{number}: no test {test} in {file}"
                );
            }
        }
    }
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>(), "each trap, in order");
}

#[test]
fn a_row_is_read_as_it_is_written() {
    let row = "| T1 | **Twice.** Words. | `t01_once`, `t01_never` | `a/b.rs` |";
    let [number, _, tests, files] = rows(row)[0];
    assert_eq!(number, "1");
    assert_eq!(quoted(tests), ["t01_once", "t01_never"]);
    assert_eq!(quoted(files), ["a/b.rs"]);
    assert!(defines("async fn t01_once() {}", "t01_once"));
    assert!(!defines("async fn t01_once_more() {}", "t01_once"));
}
