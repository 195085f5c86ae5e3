//! Makes vendors' texts safe to print: what looks like personal data or a key is removed, and long texts are cut.

/// Returns a vendor's text as one line of at most `cap` characters, without addresses, numbers of six digits or more,
/// and long mixed tokens. Codes and plain words are kept.
///
/// # Examples
/// ```
/// use anyvendor_core::resilience::scrub;
///
/// assert_eq!(scrub("no such customer:\n ann@example.com", 80), "no such customer: REDACTED");
/// ```
#[must_use]
pub fn scrub(text: &str, cap: usize) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if is_suspect(word) { "REDACTED" } else { word });
    }
    out.chars()
        .filter(|character| !character.is_control())
        .take(cap)
        .collect()
}

fn is_suspect(word: &str) -> bool {
    if word.contains('@') || word.contains("://") {
        return true;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    digits >= 6 || (word.len() >= 20 && digits > 0 && letters > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_numbers_and_keys_go_and_words_stay() {
        let text = "No such customer: 'ann@example.com'\r\nkey sk_test_4eC39HqLyjWDarjtT1zdp7dc (card 4242424242424242)";
        assert_eq!(
            scrub(text, 200),
            "No such customer: REDACTED key REDACTED (card REDACTED"
        );
        assert_eq!(scrub("amount_too_small: at least 50", 10), "amount_too");
    }
}
