//! Ids and keys that follow from the seed alone, so that two runs with one seed name everything alike.

use std::sync::atomic::{AtomicU64, Ordering};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8; 10] = b"0123456789";
const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// One step of splitmix64: spreads every bit of its input over its output.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hash that is the same on every machine and in every release.
pub(crate) fn hash(seed: u64, parts: &[&[u8]]) -> u64 {
    let mut state = mix(seed);
    for part in parts {
        for byte in *part {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        state = mix(state ^ part.len() as u64);
    }
    state
}

/// `length` letters and digits that follow from `state`.
pub(crate) fn letters(state: u64, length: usize) -> String {
    spell(state, length, BASE62)
}

/// As `letters`, in capitals and digits.
pub(crate) fn capitals(state: u64, length: usize) -> String {
    spell(state, length, BASE36)
}

/// As `letters`, in the digits of hexadecimal numbers.
pub(crate) fn hex(state: u64, length: usize) -> String {
    spell(state, length, HEX)
}

fn spell(mut state: u64, length: usize, alphabet: &[u8]) -> String {
    (0..length)
        .map(|_| {
            state = mix(state);
            let at = usize::try_from(state % alphabet.len() as u64).unwrap_or(0);
            char::from(alphabet.get(at).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// A source of ids: the n-th id of a seed is always the same.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    count: AtomicU64,
}

impl Ids {
    /// `name` keeps the ids of two vendors with the same seed apart.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        Self {
            seed: hash(seed, &[name.as_bytes()]),
            count: AtomicU64::new(0),
        }
    }

    /// The next `length` letters and digits.
    pub(crate) fn letters(&self, length: usize) -> String {
        letters(self.next(), length)
    }

    /// The next `length` digits of hexadecimal numbers.
    pub(crate) fn hex(&self, length: usize) -> String {
        hex(self.next(), length)
    }

    /// The next `length` decimal digits.
    pub(crate) fn digits(&self, length: usize) -> String {
        spell(self.next(), length, DIGITS)
    }

    /// The next id with a prefix and an underscore before it.
    pub(crate) fn object(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.letters(24))
    }

    /// Starts again: after a reset the ids are the same as after the start.
    pub(crate) fn reset(&self) {
        self.count.store(0, Ordering::Relaxed);
    }

    fn next(&self) -> u64 {
        mix(self.seed ^ mix(self.count.fetch_add(1, Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_one_sequence() {
        let (a, b, c) = (Ids::new(7, "x"), Ids::new(7, "x"), Ids::new(8, "x"));
        let first = a.object("pi");
        assert_eq!(first, b.object("pi"));
        assert_ne!(first, c.object("pi"));
        assert_ne!(first, a.object("pi"));
        a.reset();
        assert_eq!(first, a.object("pi"));
        assert_ne!(first, Ids::new(7, "y").object("pi"));
    }
}
