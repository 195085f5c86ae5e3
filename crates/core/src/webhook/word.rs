//! A vendor's word in debug output: printed only if it looks like a name or a code.

use std::fmt;

/// The longest word that is printed; our default (no vendor source).
const MAX_WORD: usize = 64;

/// A word of the vendor, such as the name of an event. In place of what may be free text, an address or a number of a
/// person, `..` is printed.
#[derive(Clone, Copy)]
pub(super) struct Word<'a>(pub(super) &'a str);

impl Word<'_> {
    fn is_plain(self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
        let letters = self.0.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = self.0.bytes().filter(u8::is_ascii_digit).count();
        self.0.len() <= MAX_WORD && self.0.bytes().all(plain) && (letters > 0 || digits < 6)
    }
}

impl fmt::Debug for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_plain() {
            write!(f, "{:?}", self.0)
        } else {
            f.write_str("..")
        }
    }
}

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_plain() { self.0 } else { ".." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_printed_and_free_text_is_not() {
        for name in [
            "",
            "charge.refunded",
            "5.1.1",
            "acct_1032D82eZvKYlo2C",
            "21610",
            "image/jpeg",
        ] {
            assert_eq!(
                format!("{:?} {}", Word(name), Word(name)),
                format!("{name:?} {name}")
            );
        }
        for text in [
            "550 no such user",
            "ann@example.com",
            "15550109999",
            "+4912",
            &"a".repeat(65),
        ] {
            assert_eq!(
                format!("{:?} {}", Word(text), Word(text)),
                ".. ..",
                "{text}"
            );
        }
    }
}
