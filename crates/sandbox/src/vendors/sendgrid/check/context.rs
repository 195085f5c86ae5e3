//! The facts outside a request that its validation depends on.

/// The time and the known batches.
pub(in super::super) struct CheckContext<'a> {
    pub(in super::super) now: i64,
    pub(in super::super) has_batch: &'a dyn Fn(&str) -> bool,
}
