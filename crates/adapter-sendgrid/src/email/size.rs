//! The size of a request, which SendGrid limits.

use std::io;

use anyvendor_core::{Error, email::EmailMessage};
use serde::Serialize;

/// The vendor says "30 MB"; this is the smaller reading of it.
pub(super) const MAX_REQUEST: usize = 30_000_000;

/// The size of everything in a request except the shared part and the personalizations: a batch id, brackets and a name.
pub(super) const FRAME: usize = 512;

/// How many bytes a value takes as JSON, without writing it anywhere.
pub(super) fn json_len(value: &impl Serialize) -> usize {
    struct Counter(usize);

    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        Err(_) => usize::MAX,
    }
}

/// The error for a message whose request has this size.
pub(super) fn too_large(message: &EmailMessage, size: usize) -> Error {
    let field = if message.attachments.is_empty() {
        "content"
    } else {
        "attachments"
    };
    let megabytes = size.div_ceil(1_000_000);
    Error::invalid(
        field,
        format_args!("make a request of {megabytes} MB, encoded; the vendor takes less than 30 MB"),
    )
}
