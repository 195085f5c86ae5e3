//! Doc comments say what an item is, in a sentence.

use super::files::File;

/// Finds blocks of `///` with at most two words.
pub(crate) fn short(files: &[File]) -> Vec<String> {
    let sources = files
        .iter()
        .filter(|file| file.is_rust() && is_of_a_crate(&file.path));
    sources
        .flat_map(|file| {
            let short = blocks(&file.text)
                .into_iter()
                .filter(|(_, text)| words(text) <= 2);
            short.map(|(line, text)| {
                format!(
                    "{}:{line}: `{}` says too little; say in a sentence what the item is",
                    file.path,
                    text.trim()
                )
            })
        })
        .collect()
}

fn is_of_a_crate(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/")
}

/// The number of the first line of each block of `///`, and the block's text.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (at, line) in text.lines().enumerate() {
        let doc = line
            .trim_start()
            .strip_prefix("///")
            .filter(|rest| !rest.starts_with('/'));
        match (doc, blocks.last_mut()) {
            (Some(doc), Some((_, block))) if is_open => block.push_str(doc),
            (Some(doc), _) => blocks.push((at + 1, doc.to_owned())),
            (None, _) => {}
        }
        is_open = doc.is_some();
    }
    blocks
}

fn words(text: &str) -> usize {
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    text.split_whitespace().filter(is_word).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_documents_are_noticed() {
        for (text, count) in [
            ("/// Whose.\npub a: B,", 1),
            ("    /// The `Key`.\n    fn a();", 1),
            ("/// The owner's key.\npub a: B,", 0),
            ("/// Longer than\n/// one line.\nstruct A;", 0),
            ("/// One.\nstruct A;\n/// Two two.\nstruct B;", 2),
            ("// Whose.\nstruct A;", 0),
        ] {
            assert_eq!(
                short(&[File::new("crates/a/src/x.rs", text)]).len(),
                count,
                "{text}"
            );
        }
        assert!(short(&[File::new("examples/x.rs", "/// Whose.\nstruct A;")]).is_empty());
    }
}
