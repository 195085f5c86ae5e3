//! Rust text as a list of words and signs: what the checks need of a parser, without one.

/// The tokens of a file. Comments are dropped; a string is one token that begins with its quote; `::` is one token.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let (length, keep) = next(rest, first);
        let (token, after) = rest.split_at(length.clamp(first.len_utf8(), rest.len()));
        if keep {
            found.push(token);
        }
        rest = after;
    }
    found
}

/// The length of the token that the text begins with, and whether it is kept.
fn next(text: &str, first: char) -> (usize, bool) {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let word = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
    let until = |end: &str, from: usize| {
        let at = text.get(from..).and_then(|text| text.find(end));
        at.map_or(text.len(), |at| from + at + end.len())
    };
    if first.is_whitespace() {
        (first.len_utf8(), false)
    } else if text.starts_with("//") {
        (until("\n", 2), false)
    } else if text.starts_with("/*") {
        (until("*/", 2), false)
    } else if let Some(string) = raw_string(text) {
        (string, true)
    } else if first == '"' || text.starts_with("b\"") {
        (text_string(text), true)
    } else if first == '\'' || text.starts_with("b'") {
        (character(text), true)
    } else if is_name(first) {
        (word, true)
    } else if text.starts_with("::") {
        (2, true)
    } else {
        (first.len_utf8(), true)
    }
}

/// The length of `r"..."`, `r#"..."#` or `br#"..."#`.
fn raw_string(text: &str) -> Option<usize> {
    let body = text.strip_prefix("r").or_else(|| text.strip_prefix("br"))?;
    let inner = body.trim_start_matches('#');
    let hashes = "#".repeat(body.len() - inner.len());
    let inner = inner.strip_prefix('"')?;
    let end = inner.find(&format!("\"{hashes}")).unwrap_or(inner.len());
    Some(text.len() - inner.len() + end + 1 + hashes.len())
}

fn text_string(text: &str) -> usize {
    let (mut at, mut escaped) = (text.find('"').unwrap_or(0) + 1, false);
    for letter in text.chars().skip(at) {
        at += letter.len_utf8();
        match letter {
            '"' if !escaped => return at,
            letter => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}

/// A character such as `'a'` or `'\n'`, or only the quote that opens a lifetime.
fn character(text: &str) -> usize {
    let open = text.find('\'').unwrap_or(0) + 1;
    let inner = text.get(open..).unwrap_or_default();
    let mut letters = inner.char_indices();
    let first = letters.next().map(|(_, letter)| letter);
    let closing = match first {
        Some('\\') => inner
            .get(2..)
            .and_then(|rest| rest.find('\''))
            .map(|at| at + 2),
        _ => letters
            .next()
            .filter(|(_, letter)| *letter == '\'')
            .map(|(at, _)| at),
    };
    closing.map_or(open, |at| open + at + 1)
}

/// Whether one of these attribute tokens, from `#` on, switches an item on for tests only.
pub(crate) fn is_test_only(tokens: &[&str]) -> bool {
    matches!(
        tokens,
        ["#", "[", "cfg", "(", "test", ")", ..] | ["#", "[", "cfg", "(", "all", "(", "test", ..]
    )
}

/// The number of tokens up to the end of the item that the list begins with, its attributes included.
pub(crate) fn item_length(tokens: &[&str]) -> usize {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth <= 0 {
                    // A `use` with braces ends at the semicolon behind them.
                    return at + 1 + usize::from(tokens.get(at + 1) == Some(&";"));
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay_whole() {
        let text = "use a::b; // c\n/* d */ let x = \"e \\\" // f\"; r#\"g\"h\"# 'i' '\\'' &'j str br\"k\"";
        let expected = [
            "use",
            "a",
            "::",
            "b",
            ";",
            "let",
            "x",
            "=",
            "\"e \\\" // f\"",
            ";",
            "r#\"g\"h\"#",
            "'i'",
            "'\\''",
            "&",
            "'",
            "j",
            "str",
            "br\"k\"",
        ];
        assert_eq!(tokens(text), expected);
    }

    #[test]
    fn an_item_ends_where_it_ends() {
        for (text, rest) in [
            ("#[cfg(test)] mod tests { fn a() {} } use b;", "use b ;"),
            ("#[cfg(test)] use a::{b, c}; use d;", "use d ;"),
            (
                "#[cfg(test)] mod tests; fn a(x: [u8; 4]) {}",
                "fn a ( x : [ u8 ; 4 ] ) { }",
            ),
        ] {
            let tokens = tokens(text);
            assert!(is_test_only(&tokens));
            assert_eq!(tokens[item_length(&tokens)..].join(" "), rest);
        }
    }
}
