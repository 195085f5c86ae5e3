//! Makes vendors' texts safe to print: what looks like personal data or a key is removed, and long texts are cut.

/// Returns a vendor's text as one line of at most `cap` characters, without addresses, numbers of six digits or more,
/// and long mixed tokens. Neighbouring words that contain digits count together, so that a number written in groups, such
/// as a card's, an IBAN or a phone number, is removed as a whole. Codes and plain words are kept.
///
/// # Examples
/// ```
/// use anyvendor_core::resilience::scrub;
///
/// assert_eq!(scrub("no such customer:\n ann@example.com", 80), "no such customer: REDACTED");
/// assert_eq!(scrub("the card 4242 4242 4242 4242 expired", 80), "the card REDACTED expired");
/// ```
#[must_use]
pub fn scrub(text: &str, cap: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut kept: Vec<&str> = Vec::with_capacity(words.len());
    for group in words.chunk_by(|one, next| is_grouped(one) && is_grouped(next)) {
        let digits: usize = group.iter().map(|word| digits(word)).sum();
        if group.len() > 1 && digits >= 6 {
            kept.push(REDACTED);
        } else {
            kept.extend(
                group
                    .iter()
                    .map(|word| if is_suspect(word) { REDACTED } else { word }),
            );
        }
    }
    kept.join(" ")
        .chars()
        .filter(|character| !character.is_control())
        .take(cap)
        .collect()
}

const REDACTED: &str = "REDACTED";

/// Whether a word may be one group of a number: it has digits, and beside them at most what groups are written with and
/// the letters of an IBAN.
fn is_grouped(word: &str) -> bool {
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-./()'\",:;#".contains(&byte);
    digits(word) > 0 && letters <= 4 && word.bytes().all(allowed)
}

fn digits(word: &str) -> usize {
    word.bytes().filter(u8::is_ascii_digit).count()
}

fn is_suspect(word: &str) -> bool {
    if word.contains('@') || word.contains("://") {
        return true;
    }
    let (digits, letters) = (
        digits(word),
        word.bytes().filter(u8::is_ascii_alphabetic).count(),
    );
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

    #[test]
    fn f27_numbers_in_groups_go_as_a_whole() {
        for (text, shown) in [
            (
                "card 4242 4242 4242 4242 was declined",
                "card REDACTED was declined",
            ),
            ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN REDACTED"),
            ("phone +1 (202) 555-0100, ann", "phone REDACTED ann"),
            ("4242-4242-4242-4242", "REDACTED"),
            ("born 12. 03. 1980", "born REDACTED"),
            (
                "at least 50 usd, at most 99 eur",
                "at least 50 usd, at most 99 eur",
            ),
            ("error 402 of 3 tries", "error 402 of 3 tries"),
        ] {
            assert_eq!(scrub(text, 200), shown);
        }
    }
}
