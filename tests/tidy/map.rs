//! `ARCHITECTURE.md` names exactly the crates and the modules that exist, and fits on one screen.
//!
//! A head such as ``## `crates/core`: the contract`` opens the section of a crate. The first column of the table below it
//! names the crate's top-level modules, each in backticks. In the other tables the first column names folders.

use std::collections::BTreeSet;

use super::files::File;

/// The crates whose top-level modules have a section.
const WITH_MODULES: [&str; 4] = ["core", "http", "anyvendor", "sandbox"];

/// The section of all adapters.
const ADAPTERS: &str = "crates/adapter-*";

pub(crate) fn differences(files: &[File]) -> Vec<String> {
    let Some(map) = files.iter().find(|file| file.path == "ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md is missing".to_owned()];
    };
    let mut wrong = Vec::new();
    let lines = map.text.lines().count();
    if lines > 60 {
        wrong.push(format!("{lines} lines; 60 fit on one screen"));
    }
    let rows = rows(&map.text);
    let named = |section: &str| -> BTreeSet<String> {
        let own = rows.iter().filter(|(of, _)| of == section);
        own.flat_map(|(_, names)| names.iter().cloned()).collect()
    };

    let crates = crates(files);
    let sections: BTreeSet<String> = rows.iter().map(|(section, _)| section.clone()).collect();
    let folders = named("");
    let shown: BTreeSet<&String> = sections.iter().chain(&folders).collect();
    for one in &crates {
        let path = format!("crates/{one}");
        let is_adapter = one.starts_with("adapter-") && sections.contains(ADAPTERS);
        if !shown.contains(&path) && !is_adapter {
            wrong.push(format!("`{path}` is missing"));
        }
    }
    let exists = |path: &str| {
        let folder =
            path.trim_end_matches('*').to_owned() + if path.ends_with('*') { "" } else { "/" };
        files
            .iter()
            .any(|file| file.path == path || file.path.starts_with(&folder))
    };
    let gone = shown
        .into_iter()
        .filter(|path| !path.is_empty() && !exists(path));
    wrong.extend(gone.map(|path| format!("`{path}` does not exist")));

    for one in WITH_MODULES.into_iter().filter(|one| crates.contains(*one)) {
        let section = format!("crates/{one}");
        wrong.extend(compare(
            &section,
            &modules(files, &section),
            &named(&section),
        ));
    }
    let adapters: Vec<BTreeSet<String>> = crates
        .iter()
        .filter(|one| one.starts_with("adapter-"))
        .map(|one| modules(files, &format!("crates/{one}")))
        .collect();
    // A module of only one adapter needs no row; a module of two adapters is part of the common layout.
    let count = |name: &String| {
        adapters
            .iter()
            .filter(|modules| modules.contains(name))
            .count()
    };
    let (all, layout) = (adapters.iter().flatten(), named(ADAPTERS));
    let common = all.filter(|name| count(name) > 1 || layout.contains(*name));
    wrong.extend(compare(ADAPTERS, &common.cloned().collect(), &layout));
    wrong
        .into_iter()
        .map(|what| format!("ARCHITECTURE.md: {what}"))
        .collect()
}

fn compare(section: &str, exist: &BTreeSet<String>, named: &BTreeSet<String>) -> Vec<String> {
    let missing = exist
        .difference(named)
        .map(|name| format!("the module `{name}` of `{section}` is missing"));
    let gone = named
        .difference(exist)
        .map(|name| format!("`{section}` has no module `{name}`"));
    missing.chain(gone).collect()
}

/// For each row of a table its section, empty before the first head and under heads without a path, and the names in
/// backticks of its first column.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let mut section = String::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            section = quoted(head).into_iter().next().unwrap_or_default();
        } else if let Some(row) = line.strip_prefix('|') {
            let first = row.split('|').next().unwrap_or_default();
            rows.push((section.clone(), quoted(first)));
        }
    }
    rows
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn crates(files: &[File]) -> BTreeSet<&str> {
    let manifests = files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    manifests
        .filter_map(|folder| folder.strip_prefix("crates/"))
        .collect()
}

/// The top-level modules of a crate: the files next to `lib.rs`, without tests and the program.
fn modules(files: &[File], folder: &str) -> BTreeSet<String> {
    let source = format!("{folder}/src/");
    let names = files
        .iter()
        .filter(|file| !file.is_test())
        .filter_map(|file| {
            let name = file.path.strip_prefix(&source)?.strip_suffix(".rs")?;
            (!name.contains('/') && !matches!(name, "lib" | "main")).then(|| name.to_owned())
        });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(map: &str) -> Vec<File> {
        let mut paths = vec!["benches/Cargo.toml"];
        paths.extend([
            "crates/core/Cargo.toml",
            "crates/core/src/lib.rs",
            "crates/core/src/error.rs",
        ]);
        paths.extend([
            "crates/adapter-a/Cargo.toml",
            "crates/adapter-a/src/wire.rs",
            "crates/adapter-a/src/odd.rs",
        ]);
        paths.extend([
            "crates/adapter-b/Cargo.toml",
            "crates/adapter-b/src/wire.rs",
            "crates/testkit/Cargo.toml",
        ]);
        let files = paths.into_iter().map(|path| File::new(path, ""));
        files.chain([File::new("ARCHITECTURE.md", map)]).collect()
    }

    const RIGHT: &str = "# Map\n\n| folder | holds |\n|---|---|\n| `crates/testkit`, `benches` | x |\n\n\
        ## `crates/core`: values\n\n| module | holds |\n|---|---|\n| `error` | `no` name |\n\n\
        ## `crates/adapter-*`: vendors\n\n| module | holds |\n|---|---|\n| `wire` | x |\n\n## Rules\n- `nothing`\n";

    #[test]
    fn a_true_map_is_left_alone() {
        assert_eq!(differences(&tree(RIGHT)), Vec::<String>::new());
        let with_odd = RIGHT.replace("| `wire`", "| `wire`, `odd`");
        assert_eq!(differences(&tree(&with_odd)), Vec::<String>::new());
    }

    #[test]
    fn each_difference_is_noticed() {
        for (from, to, what) in [
            ("`crates/testkit`, ", "", "`crates/testkit` is missing"),
            ("`benches`", "`bench`", "`bench` does not exist"),
            (
                "`error`",
                "error",
                "the module `error` of `crates/core` is missing",
            ),
            (
                "`error`",
                "`error`, `values`",
                "`crates/core` has no module `values`",
            ),
            (
                "`wire`",
                "wire",
                "the module `wire` of `crates/adapter-*` is missing",
            ),
            (
                "`wire`",
                "`wire`, `even`",
                "`crates/adapter-*` has no module `even`",
            ),
            (
                "- `nothing`",
                &"\n".repeat(60),
                "80 lines; 60 fit on one screen",
            ),
        ] {
            let found = differences(&tree(&RIGHT.replace(from, to)));
            assert_eq!(found, [format!("ARCHITECTURE.md: {what}")], "{from}");
        }
        let without = RIGHT
            .replace("## `crates/core`: values", "## Values")
            .replace("`error`", "error");
        assert_eq!(differences(&tree(&without)).len(), 2);
    }
}
