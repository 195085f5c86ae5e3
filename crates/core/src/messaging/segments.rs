//! How a text is split into the segments that carriers transmit and vendors charge for.
//!
//! By 3GPP TS 23.038 (the GSM 7-bit alphabet and its extension) and TS 23.040 (concatenation): a text of only these
//! characters has 160 septets in one segment or 153 in each of several; any other character makes the whole text UCS-2,
//! with 70 or 67 UTF-16 code units.

/// How a text is encoded for transmission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The GSM 7-bit alphabet, counted in septets.
    Gsm7,
    /// UTF-16, counted in code units.
    Ucs2,
}

impl Encoding {
    /// How many units fit into a message of one segment.
    #[must_use]
    pub const fn single(self) -> u32 {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// How many units fit into each of several segments.
    #[must_use]
    pub const fn part(self) -> u32 {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    const fn bits(self) -> u32 {
        match self {
            Self::Gsm7 => 7,
            Self::Ucs2 => 16,
        }
    }

    /// How many units a character takes; one that takes two is never cut in the middle.
    fn units(self, character: char) -> u32 {
        match self {
            Self::Gsm7 => gsm7(character).unwrap_or(1),
            Self::Ucs2 => u32::from(character > '\u{ffff}') + 1,
        }
    }
}

/// The segments that a text is split into.
///
/// # Examples
/// ```
/// use anyvendor_core::messaging::{Encoding, Segments};
///
/// assert_eq!(Segments::of(&"a".repeat(160)).count(), 1);
/// assert_eq!(Segments::of(&"a".repeat(161)).count(), 2);
/// // One emoji makes the whole text UCS-2, which has room for 70 code units.
/// let emoji = Segments::of("On its way \u{1f69a}");
/// assert_eq!((emoji.encoding, emoji.forced_by), (Encoding::Ucs2, Some('\u{1f69a}')));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segments {
    /// The encoding of the text.
    pub encoding: Encoding,
    /// How many units each segment contains, in order; septets or UTF-16 code units.
    pub fill: Vec<u32>,
    /// The first character that is not in the GSM alphabet, because of which the text is UCS-2.
    pub forced_by: Option<char>,
}

impl Segments {
    /// Counts the segments of a text. An empty text is one empty segment.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (encoding, units, forced_by) = measure(text);
        let fill = if units <= encoding.single() {
            vec![units]
        } else {
            cut(text, encoding, units)
        };
        Self {
            encoding,
            fill,
            forced_by,
        }
    }

    /// How many segments there are; vendors charge per segment.
    #[must_use]
    pub fn count(&self) -> usize {
        self.fill.len()
    }

    /// How many bits the text takes, without the headers that join segments.
    #[must_use]
    pub fn text_bits(&self) -> u32 {
        self.fill.iter().sum::<u32>() * self.encoding.bits()
    }

    /// How many bits the whole message takes: six bytes more for each of several segments.
    #[must_use]
    pub fn bits(&self) -> u32 {
        let headers = match self.fill.len() {
            0 | 1 => 0,
            parts => u32::try_from(parts).unwrap_or(u32::MAX).saturating_mul(48),
        };
        self.text_bits().saturating_add(headers)
    }
}

/// The encoding that a text needs, its length in units, and the character that forced UCS-2.
fn measure(text: &str) -> (Encoding, u32, Option<char>) {
    let mut septets = 0_u32;
    for character in text.chars() {
        match gsm7(character) {
            Some(units) => septets = septets.saturating_add(units),
            None => {
                let units = text.encode_utf16().count();
                let units = u32::try_from(units).unwrap_or(u32::MAX);
                return (Encoding::Ucs2, units, Some(character));
            }
        }
    }
    (Encoding::Gsm7, septets, None)
}

fn cut(text: &str, encoding: Encoding, units: u32) -> Vec<u32> {
    let limit = encoding.part();
    let mut parts = Vec::with_capacity(usize::try_from(units / limit).unwrap_or(0) + 1);
    let mut filled = 0;
    for character in text.chars() {
        let units = encoding.units(character);
        if filled + units > limit {
            parts.push(filled);
            filled = 0;
        }
        filled += units;
    }
    parts.push(filled);
    parts
}

/// How many septets a character takes in the GSM alphabet; `None` if it is not in it.
fn gsm7(character: char) -> Option<u32> {
    let code = u32::from(character);
    match usize::try_from(code).ok().and_then(|at| LATIN.get(at)) {
        Some(0) => None,
        Some(units) => Some(u32::from(*units)),
        None => match character {
            '\u{394}' | '\u{3a6}' | '\u{393}' | '\u{39b}' | '\u{3a9}' | '\u{3a0}' | '\u{3a8}'
            | '\u{3a3}' | '\u{398}' | '\u{39e}' => Some(1),
            '\u{20ac}' => Some(2),
            _ => None,
        },
    }
}

/// Septets of the characters below U+0100; 0 for those that are not in the alphabet.
static LATIN: [u8; 256] = {
    let ascii = b"@\n\r !\"#%&'()*+,-./0123456789:;<=>?$_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // In the order of the alphabet: pound, yen, e grave and so on.
    let high = [
        0xa3, 0xa5, 0xe8, 0xe9, 0xf9, 0xec, 0xf2, 0xc7, 0xd8, 0xf8, 0xc5, 0xe5, 0xc6, 0xe6, 0xdf,
        0xc9, 0xa4, 0xa1, 0xc4, 0xd6, 0xd1, 0xdc, 0xa7, 0xbf, 0xe4, 0xf6, 0xf1, 0xfc, 0xe0,
    ];
    let table = with([0; 256], ascii, 1);
    let table = with(table, &high, 1);
    with(table, b"^{}\\[~]|\x0c", 2)
};

#[expect(
    clippy::indexing_slicing,
    reason = "the compiler runs it, and refuses an index out of range"
)]
const fn with(mut table: [u8; 256], characters: &[u8], septets: u8) -> [u8; 256] {
    let mut at = 0;
    while at < characters.len() {
        table[characters[at] as usize] = septets;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(count: usize) -> String {
        "0123456789".chars().cycle().take(count).collect()
    }

    #[test]
    fn the_calculators_of_others_agree() {
        use Encoding::{Gsm7, Ucs2};
        // From the tests of TwilioDevEd/message-segment-calculator.
        let cases = [
            (digits(160), Gsm7, 1, Some((1120, 1120))),
            (digits(161), Gsm7, 2, Some((1127, 1223))),
            (digits(307), Gsm7, 3, Some((2149, 2293))),
            (
                format!("\u{1f61c}{}", digits(68)),
                Ucs2,
                1,
                Some((1120, 1120)),
            ),
            (
                format!("\u{1f61c}{}", digits(69)),
                Ucs2,
                2,
                Some((1136, 1232)),
            ),
            (
                format!("\u{1f61c}{}", digits(133)),
                Ucs2,
                3,
                Some((2160, 2304)),
            ),
            (
                format!("\u{1f1ee}\u{1f1f9}{}", digits(66)),
                Ucs2,
                1,
                Some((1120, 1120)),
            ),
            (
                format!("\u{1f1ee}\u{1f1f9}{}", digits(67)),
                Ucs2,
                2,
                Some((1136, 1232)),
            ),
            (
                format!("\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}{}", digits(64)),
                Ucs2,
                1,
                Some((1120, 1120)),
            ),
            (
                format!("\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}{}", digits(65)),
                Ucs2,
                2,
                Some((1136, 1232)),
            ),
            (format!("\u{1f600}{}", "]".repeat(68)), Ucs2, 1, None),
            (format!("\u{1f600}{}", "]".repeat(69)), Ucs2, 2, None),
            (
                format!("e\u{301}\u{301}\u{301}{}", "a".repeat(66)),
                Ucs2,
                1,
                None,
            ),
            (
                format!("e\u{301}\u{301}\u{301}{}", "a".repeat(67)),
                Ucs2,
                2,
                None,
            ),
            ("]".repeat(153), Gsm7, 3, None),
            (
                format!("this is a {}\u{1f618}", "]".repeat(74)),
                Ucs2,
                2,
                None,
            ),
            (String::new(), Gsm7, 1, Some((0, 0))),
        ];
        for (text, encoding, parts, bits) in cases {
            let segments = Segments::of(&text);
            assert_eq!(
                (segments.encoding, segments.count()),
                (encoding, parts),
                "{text}"
            );
            if let Some(bits) = bits {
                assert_eq!((segments.text_bits(), segments.bits()), bits, "{text}");
            }
        }
        for extension in "|^\u{20ac}{}[]~\\".chars() {
            for (others, parts, bits) in [(158, 1, (1120, 1120)), (159, 2, (1127, 1223))] {
                let segments = Segments::of(&format!("{extension}{}", digits(others)));
                assert_eq!(
                    (segments.encoding, segments.count()),
                    (Gsm7, parts),
                    "{extension}"
                );
                assert_eq!((segments.text_bits(), segments.bits()), bits, "{extension}");
            }
        }
        for foreign in "\u{c1}\u{da}\u{fa}\u{e7}\u{ed}\u{cd}\u{f3}\u{d3}".chars() {
            for (count, parts) in [(70, 1), (71, 2)] {
                let segments = Segments::of(&foreign.to_string().repeat(count));
                assert_eq!(
                    (segments.encoding, segments.count()),
                    (Ucs2, parts),
                    "{foreign}"
                );
                assert_eq!(segments.forced_by, Some(foreign));
            }
        }
    }

    #[test]
    fn the_whole_alphabet_is_in() {
        let alphabet = "@\u{a3}$\u{a5}\u{e8}\u{e9}\u{f9}\u{ec}\u{f2}\u{c7}\n\u{d8}\u{f8}\r\u{c5}\u{e5}\u{394}_\u{3a6}\u{393}\u{39b}\u{3a9}\u{3a0}\u{3a8}\u{3a3}\u{398}\u{39e}\u{c6}\u{e6}\u{df}\u{c9} !\"#\u{a4}%&'()*+,-./0123456789:;<=>?\u{a1}ABCDEFGHIJKLMNOPQRSTUVWXYZ\u{c4}\u{d6}\u{d1}\u{dc}\u{a7}\u{bf}abcdefghijklmnopqrstuvwxyz\u{e4}\u{f6}\u{f1}\u{fc}\u{e0}";
        assert_eq!(alphabet.chars().count(), 127);
        assert_eq!(Segments::of(alphabet).fill, [127]);
        assert_eq!(Segments::of("\u{c}^{}\\[~]|\u{20ac}").fill, [20]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_overfull(text in "\\PC{0,400}") {
            let segments = Segments::of(&text);
            let units: u32 = text.chars().map(|c| segments.encoding.units(c)).sum();
            prop_assert_eq!(segments.fill.iter().sum::<u32>(), units);
            let limit = match segments.count() {
                1 => segments.encoding.single(),
                _ => segments.encoding.part(),
            };
            prop_assert!(segments.fill.iter().all(|fill| *fill <= limit));
            prop_assert_eq!(segments.forced_by.is_some(), segments.encoding == Encoding::Ucs2);
        }
    }
}
