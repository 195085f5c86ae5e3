//! The number of parts of a text: GSM-7 has 160 characters in a single part and 153 in each of several, UCS-2 has 70 and
//! 67: <https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding>.

use super::message::Encoding;

/// The characters that need one septet.
const BASE: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The characters that need two septets.
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// The encoding of a text, and the number of its parts, which is at least one.
pub(super) fn count(text: &str) -> (Encoding, u32) {
    let septets: Option<Vec<usize>> = text
        .chars()
        .map(|c| match (BASE.contains(c), EXTENSION.contains(c)) {
            (true, _) => Some(1),
            (_, true) => Some(2),
            _ => None,
        })
        .collect();
    match septets {
        Some(sizes) => (Encoding::Gsm7, parts(sizes, 160, 153)),
        None => (
            Encoding::Ucs2,
            parts(text.chars().map(char::len_utf16), 70, 67),
        ),
    }
}

/// The number of parts. A character that counts 2 is not divided between two parts.
fn parts(sizes: impl IntoIterator<Item = usize>, single: usize, many: usize) -> u32 {
    let (mut total, mut count, mut filled) = (0_usize, 1_u32, 0_usize);
    for size in sizes {
        total = total.saturating_add(size);
        filled = filled.saturating_add(size);
        if filled > many {
            count = count.saturating_add(1);
            filled = size;
        }
    }
    if total <= single { 1 } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_table() {
        use Encoding::{Gsm7, Ucs2};
        let digits = |n: usize| "1".repeat(n);
        let mut rows = vec![
            (String::new(), Gsm7, 1),
            (digits(160), Gsm7, 1),
            (digits(161), Gsm7, 2),
            (digits(306), Gsm7, 2),
            (digits(307), Gsm7, 3),
            ("]".repeat(153), Gsm7, 3),
            (format!("this is a {}\u{1F618}", "]".repeat(74)), Ucs2, 2),
            (format!("\u{1F600}{}", "]".repeat(68)), Ucs2, 1),
            (format!("\u{1F600}{}", "]".repeat(69)), Ucs2, 2),
            (format!("e\u{301}\u{301}\u{301}{}", "a".repeat(66)), Ucs2, 1),
            (format!("e\u{301}\u{301}\u{301}{}", "a".repeat(67)), Ucs2, 2),
        ];
        for (n, parts) in [(68, 1), (69, 2), (133, 3)] {
            rows.push((format!("\u{1F61C}{}", digits(n)), Ucs2, parts));
        }
        for (n, parts) in [(66, 1), (67, 2)] {
            rows.push((format!("\u{1F1EE}\u{1F1F9}{}", digits(n)), Ucs2, parts));
        }
        for (n, parts) in [(64, 1), (65, 2)] {
            let flag = "\u{1F3F3}\u{FE0F}\u{200D}\u{1F308}";
            rows.push((format!("{flag}{}", digits(n)), Ucs2, parts));
        }
        for c in "|^€{}[]~\\".chars() {
            rows.push((format!("{c}{}", digits(158)), Gsm7, 1));
            rows.push((format!("{c}{}", digits(159)), Gsm7, 2));
        }
        for c in "ÁÚúçíÍóÓ".chars() {
            rows.push((c.to_string().repeat(70), Ucs2, 1));
            rows.push((c.to_string().repeat(71), Ucs2, 2));
        }
        for (text, encoding, parts) in rows {
            assert_eq!(count(&text), (encoding, parts), "{text}");
        }
    }
}
