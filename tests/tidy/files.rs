//! The committed files as text, and what the checks need to know about them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// One file: its path from the project's root, and its text.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (path, text) = (path.to_owned(), text.to_owned());
        Self { path, text }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is a test, by its name or its folder.
    pub(crate) fn is_test(&self) -> bool {
        let path = &self.path;
        path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs")
    }

    /// Whether it is a crate's source and not a test next to it.
    pub(crate) fn is_source(&self) -> bool {
        let is_test = self.path.contains("/tests/") || self.path.ends_with("tests.rs");
        self.is_rust() && self.path.contains("/src/") && !is_test
    }

    /// The lines that are neither comments nor documentation.
    pub(crate) fn code(&self) -> impl Iterator<Item = Line<'_>> {
        let of_tests = self.test_lines();
        let lines = self.text.lines().zip(of_tests).enumerate();
        let lines = lines.map(|(at, (line, is_test))| Line {
            number: at + 1,
            text: without_comment(line),
            is_test,
        });
        lines.filter(|line| !line.text.trim().is_empty())
    }

    /// For each line whether it is part of a test. An item under `#[cfg(test)]` ends, as rustfmt sets it, with a line of
    /// the same indentation.
    fn test_lines(&self) -> Vec<bool> {
        let mut open: Option<usize> = None;
        let mark = |line: &str| {
            let start = line.trim_start();
            let indent = line.len() - start.len();
            if open.is_none() && start.starts_with("#[cfg(test)]") {
                open = Some(indent);
            }
            let is_test = open.is_some();
            if open == Some(indent) && (start.starts_with('}') || start.ends_with(';')) {
                open = None;
            }
            is_test || self.is_test()
        };
        self.text.lines().map(mark).collect()
    }
}

/// One line of code.
#[derive(Debug)]
pub(crate) struct Line<'f> {
    pub(crate) number: usize,
    /// The line without its comment.
    pub(crate) text: &'f str,
    pub(crate) is_test: bool,
}

/// Every file of the project that could be committed. `ANYVENDOR_TREE` names another copy of it, for `.ci/figures`.
pub(crate) fn all() -> Vec<File> {
    let root = env::var_os("ANYVENDOR_TREE").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let (mut files, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if matches!(name.as_str(), "target" | ".git") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(&root).unwrap().to_string_lossy();
                files.push(File::new(&path, &text));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(files.len() > 100, "the project was not found");
    files
}

/// The line without its comment; the `//` of a URL does not begin one.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        ""
    } else {
        line.split(" // ").next().unwrap_or_default()
    }
}

/// Whether the line contains this word as a whole word, in any case.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric();
    let mut words = line.split(|letter| !is_name(letter));
    words.any(|one| one.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tests_are_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod b {\n    fn c() {}\n}\nfn d() {} // e\n#[cfg(test)]\nuse f;\nfn g();\n";
        let file = File::new("crates/a/src/x.rs", text);
        let found: Vec<(usize, bool)> = file
            .code()
            .map(|line| (line.number, line.is_test))
            .collect();
        let tests = [2, 3, 4, 5, 7, 8];
        assert_eq!(
            found,
            (1..=9)
                .map(|line| (line, tests.contains(&line)))
                .collect::<Vec<_>>()
        );
        assert!(
            File::new("crates/a/src/x/tests.rs", "a")
                .code()
                .all(|line| line.is_test)
        );
    }
}
