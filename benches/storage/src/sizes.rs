//! The sizes and counts that the parts of the program agree on.

use anyvendor_bench_support::stats::setting;

pub(crate) const MIB: usize = 1024 * 1024;
pub(crate) const PART: usize = 8 * MIB;
pub(crate) const PARTS_AT_ONCE: usize = 3;
pub(crate) const SMALL: usize = 1024;
pub(crate) const SMALL_AT_ONCE: usize = 16;

/// The length of a stream, in bytes.
pub(crate) fn large() -> usize {
    setting("MEBIBYTES", 1024) * MIB
}

/// The number of small objects.
pub(crate) fn small_count() -> usize {
    setting("SMALL_OBJECTS", 4_000)
}
