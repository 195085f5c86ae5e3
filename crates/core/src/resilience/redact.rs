//! Makes vendors' texts safe to print: what looks like personal data or a key is removed, and long texts are cut.

/// The fewest digits that may be a card, an account or a phone number, over neighbouring groups.
const DIGITS: usize = 6;
/// The length from which a word of letters and digits may be a key.
const KEY: usize = 12;

/// Returns a vendor's text as one line of at most `cap` characters, without addresses, numbers of six digits or more
/// (also in groups, as cards, IBANs and phone numbers are written), mixed tokens of twelve characters or more, and
/// quoted words that may be a name. Codes and plain words are kept; a name without quotes cannot be recognized.
///
/// # Examples
/// ```
/// use anyvendor_core::resilience::scrub;
///
/// assert_eq!(scrub("no such customer:\n ann@example.com", 80), "no such customer: REDACTED");
/// assert_eq!(scrub("card 4242 4242 4242 4242 of 'Ann Smith'", 80), "card REDACTED of REDACTED");
/// ```
#[must_use]
pub fn scrub(text: &str, cap: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut out = String::new();
    let mut rest = words.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if !out.is_empty() {
            out.push(' ');
        }
        let length = suspect(rest);
        if length > 0 {
            out.push_str("REDACTED");
            rest = rest.get(length..).unwrap_or_default();
        } else {
            out.push_str(first);
            rest = after;
        }
    }
    out.chars()
        .filter(|character| !character.is_control())
        .take(cap)
        .collect()
}

/// How many of these words, from the first on, are suspect together.
fn suspect(words: &[&str]) -> usize {
    let quoted = quoted(words);
    if quoted > 0 {
        return quoted;
    }
    let groups = words.iter().take_while(|word| is_group(word));
    let (count, digits) = groups.fold((0, 0), |(count, digits), word| {
        (count + 1, digits + digits_in(word))
    });
    if digits >= DIGITS {
        return count;
    }
    usize::from(words.first().is_some_and(|word| is_suspect(word)))
}

fn digits_in(word: &str) -> usize {
    word.bytes().filter(u8::is_ascii_digit).count()
}

/// A group of digits, such as a card, an IBAN or a phone number is written in.
fn is_group(word: &str) -> bool {
    let letters = word.chars().filter(|character| character.is_alphabetic());
    digits_in(word) > 0 && letters.count() <= 4
}

fn is_suspect(word: &str) -> bool {
    if word.contains('@') || word.contains("://") {
        return true;
    }
    let digits = digits_in(word);
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_long = word.len() >= 20 && digits > 0;
    digits >= DIGITS || (letters > 0 && (is_long || (word.len() >= KEY && digits >= 3)))
}

/// How many words a quotation takes that may be a name: several words, or one that is written like a name. Names of fields
/// and codes are neither.
fn quoted(words: &[&str]) -> usize {
    let Some(first) = words.first() else {
        return 0;
    };
    let opened = first.trim_start_matches('(');
    let Some(quote) = opened
        .chars()
        .next()
        .filter(|first| "'\"`‘“".contains(*first))
    else {
        return 0;
    };
    let end = match quote {
        '‘' => '’',
        '“' => '”',
        same => same,
    };
    let closes = |word: &&str| {
        let word = word.trim_end_matches(|character: char| ".,;:!?)".contains(character));
        word.chars().count() > 1 && word.ends_with(end)
    };
    let inner = opened.get(quote.len_utf8()..).unwrap_or_default();
    if closes(&opened) {
        let mut letters = inner.chars();
        let begins = letters.next().is_some_and(char::is_uppercase);
        let is_name = begins && letters.next().is_some_and(char::is_lowercase);
        return usize::from(is_name && !inner.contains('_'));
    }
    let length = words.iter().skip(1).position(closes);
    length.map_or(0, |position| position + 2)
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
    fn f27_digits_in_groups_short_keys_and_quoted_names_go() {
        for (text, clean) in [
            ("card 4242 4242 4242 4242 expired", "card REDACTED expired"),
            ("card 4242-4242-4242-4242 expired", "card REDACTED expired"),
            (
                "iban DE89 3704 0044 0532 0130 00 is closed",
                "iban REDACTED is closed",
            ),
            ("call +49 (30) 123 45 67, please", "call REDACTED please"),
            (
                "the token tok_1NqX2eZv9 is used",
                "the token REDACTED is used",
            ),
            (
                "the owner 'Ann Smith' is unknown",
                "the owner REDACTED is unknown",
            ),
            (
                "the owner “Ann” is unknown",
                "the owner REDACTED is unknown",
            ),
            (
                "the owner (\"Ann Mary Smith\"), is unknown",
                "the owner REDACTED is unknown",
            ),
        ] {
            assert_eq!(scrub(text, 200), clean);
        }
        for kept in [
            "it can't be used, don't try: use 'amount' or 'CAPTURE'",
            "must be between 50 and 99 cents",
            "unknown parameter 'statement_descriptor'; see v2 of the API",
            "the 'Transfer_Group' is unknown",
            "3 of 10 parts, HTTP2 500",
            "it's the parents' account",
        ] {
            assert_eq!(scrub(kept, 200), kept);
        }
    }

    #[test]
    fn any_text_is_scrubbed_without_a_panic() {
        for text in ["", "'", "''", "' '", "“", "'é", "(((", "‘ü ‘", "1 2 3 4 5"] {
            let _ = scrub(text, 200);
        }
    }
}
