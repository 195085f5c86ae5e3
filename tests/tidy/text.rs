//! Checks for every file, whatever its subject.

use super::files::File;

/// Every Rust file opens with a line that says its purpose.
pub(crate) fn first_lines(files: &[File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter(|file| !file.text.starts_with("//! "))
        .map(|file| {
            format!(
                "{}: open it with one `//!` line that says its purpose",
                file.path
            )
        })
        .collect()
}

/// No file over 400 lines, unless it says `// tidy: long: <why>`.
pub(crate) fn lengths(files: &[File]) -> Vec<String> {
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter_map(|file| {
        let lines = file.text.lines().count();
        let is_excused = file
            .text
            .lines()
            .any(|line| line.starts_with("// tidy: long: "));
        if lines > 400 && !is_excused {
            Some(format!(
                "{}: {lines} lines; split it by idea, or say `// tidy: long: <why>` in it",
                file.path
            ))
        } else if lines <= 400 && is_excused {
            Some(format!(
                "{}: fits again; remove its `// tidy: long`",
                file.path
            ))
        } else {
            None
        }
    })
    .collect()
}

/// A test that is ignored by default states what it needs.
pub(crate) fn ignored(files: &[File]) -> Vec<String> {
    let bare = format!("#[{}]", "ignore");
    let rust = files.iter().filter(|file| file.is_rust());
    rust.filter(|file| file.text.contains(&bare))
        .map(|file| {
            format!(
                "{}: say what it needs: {}",
                file.path,
                bare.replace(']', " = \"needs ..\"]")
            )
        })
        .collect()
}

/// One word has one spelling. Fixtures keep the vendors' own.
pub(crate) fn spellings(files: &[File]) -> Vec<String> {
    let spelling = ["e-", "mail"].concat();
    let ours = files
        .iter()
        .filter(|file| !file.path.contains("/fixtures/"));
    let lines = ours.flat_map(|file| file.text.lines().enumerate().map(move |line| (file, line)));
    let wrong = lines.filter(|(_, (_, line))| line.to_ascii_lowercase().contains(&spelling));
    wrong
        .map(|(file, (at, _))| format!("{}:{}: write `email`", file.path, at + 1))
        .collect()
}

/// Documents point only at files that exist: the targets of their links, from the document's own folder.
pub(crate) fn links(files: &[File]) -> Vec<String> {
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    documents
        .flat_map(|file| {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let targets = file
                .text
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next());
            let paths = targets.map(|target| target.split('#').next().unwrap_or_default());
            let own = paths.filter(|path| !path.is_empty() && !path.contains(':'));
            let gone = own.filter(|path| {
                let path = resolve(folder, path);
                let exists =
                    |file: &File| file.path == path || file.path.starts_with(&format!("{path}/"));
                !files.iter().any(exists)
            });
            gone.map(|path| format!("{}: `{path}` does not exist", file.path))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Resolves a path relative to a folder.
fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// No file names the folders of one machine, or the source of its packages.
pub(crate) fn machines(files: &[File]) -> Vec<String> {
    let places = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["regi", "stry.npmjs"],
        ["artifact", "ory"],
    ]
    .map(|halves| halves.concat());
    let named = files.iter().flat_map(|file| {
        let found = places
            .iter()
            .filter(|place| file.text.contains(place.as_str()));
        found.map(|place| {
            format!(
                "{}: names {place}; say it without the machine's places",
                file.path
            )
        })
    });
    let foreign = files
        .iter()
        .filter(|file| file.path == "Cargo.lock")
        .flat_map(|file| {
            let sources = file
                .text
                .lines()
                .filter(|line| line.starts_with("source = "));
            sources
                .filter(|line| {
                    *line != "source = \"registry+https://github.com/rust-lang/crates.io-index\""
                })
                .map(|line| format!("{}: {line}; lock packages of crates.io alone", file.path))
        });
    named.chain(foreign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<File> {
        vec![File::new(path, text)]
    }

    fn notices(check: fn(&[File]) -> Vec<String>, path: &str, bad: &str, good: &str) {
        assert_eq!(check(&file(path, bad)).len(), 1, "{bad}");
        assert_eq!(check(&file(path, good)), Vec::<String>::new(), "{good}");
    }

    #[test]
    fn first_lines_are_noticed() {
        notices(
            first_lines,
            "a/src/x.rs",
            "use a;\n",
            "//! Does x.\nuse a;\n",
        );
    }

    #[test]
    fn lengths_are_noticed() {
        let long = "x\n".repeat(401);
        let excused = format!("// tidy: long: one table\n{long}");
        notices(lengths, "a/src/x.rs", &long, &excused);
        assert_eq!(
            lengths(&file("a/src/x.rs", "// tidy: long: one table\n")).len(),
            1
        );
    }

    #[test]
    fn ignored_tests_are_noticed() {
        let bare = format!("#[{}]\nfn x() {{}}", "ignore");
        notices(
            ignored,
            "a/tests/x.rs",
            &bare,
            &bare.replace(']', " = \"needs a server\"]"),
        );
    }

    #[test]
    fn spellings_are_noticed() {
        notices(
            spellings,
            "docs/x.md",
            &["An e-", "mail."].concat(),
            "An email.",
        );
    }

    #[test]
    fn dead_links_are_noticed() {
        notices(
            links,
            "docs/x.md",
            "[y](../y.md)",
            "[x](x.md#head), [z](https://z.example), [h](#head)",
        );
    }

    #[test]
    fn machines_are_noticed() {
        let path = format!("see {}{}", "/ho", "me/ann/x");
        notices(machines, "docs/x.md", &path, "see docs/x");
        let good = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        notices(
            machines,
            "Cargo.lock",
            "source = \"git+https://example.com/x\"\n",
            good,
        );
    }
}
