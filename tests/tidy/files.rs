//! The committed files as text, and what the checks say of them.

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

    /// Whether it is a crate's source, and no test beside it.
    pub(crate) fn is_source(&self) -> bool {
        self.is_rust()
            && self.path.contains("/src/")
            && !self.path.contains("/tests/")
            && !self.path.ends_with("tests.rs")
    }

    /// The lines with their numbers that are neither comment nor document.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines
            .map(|(at, line)| (at + 1, without_comment(line)))
            .filter(|(_, line)| !line.trim().is_empty())
    }
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

/// The line without its comment; `//` in an address is none.
fn without_comment(line: &str) -> &str {
    match line.trim_start().starts_with("//") {
        true => "",
        false => line.split(" // ").next().unwrap_or_default(),
    }
}

/// Whether the line holds this word by itself, whatever its case.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric();
    line.to_ascii_lowercase()
        .split(|letter| !is_name(letter))
        .any(|one| one == word)
}
