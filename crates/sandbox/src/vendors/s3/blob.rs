//! Bytes in shared segments, which are stored, sliced and moved without being joined.

use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use s3s::StdError;
use s3s::dto::StreamingBlob;
use s3s::stream::{ByteStream, RemainingLength};

/// Smaller frames are copied, so that an object of ten bytes does not keep a connection's whole read buffer alive.
const COPY_BELOW: usize = 16 * 1024;

/// A byte string in segments.
#[derive(Clone, Debug, Default)]
pub(super) struct Blob {
    segments: Vec<Bytes>,
    len: u64,
}

impl Blob {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn segments(&self) -> &[Bytes] {
        &self.segments
    }

    /// Appends a frame as it was received.
    pub(super) fn push(&mut self, frame: Bytes) {
        if frame.is_empty() {
            return;
        }
        self.len += frame.len() as u64;
        let segment = if frame.len() < COPY_BELOW {
            Bytes::copy_from_slice(&frame)
        } else {
            frame
        };
        self.segments.push(segment);
    }

    /// Moves another blob's segments to the end of this one.
    pub(super) fn append(&mut self, other: Self) {
        self.len += other.len;
        self.segments.extend(other.segments);
    }

    /// The bytes of `range`, shared with this blob. The part of the range beyond the end is left out.
    pub(super) fn slice(&self, range: Range<u64>) -> Self {
        let mut out = Self::default();
        let mut at = 0_u64;
        for segment in &self.segments {
            let end = at + segment.len() as u64;
            let from = range.start.clamp(at, end) - at;
            let to = range.end.clamp(at, end) - at;
            // Both offsets are at most the segment's length, which is a usize.
            if let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to))
                && from < to
            {
                out.len += (to - from) as u64;
                out.segments.push(segment.slice(from..to));
            }
            at = end;
        }
        out
    }

    /// The bytes as a response body of known length.
    pub(super) fn into_stream(self) -> StreamingBlob {
        let left = usize::try_from(self.len).unwrap_or(usize::MAX);
        StreamingBlob::new(BlobStream {
            segments: self.segments.into_iter(),
            left,
        })
    }
}

struct BlobStream {
    segments: std::vec::IntoIter<Bytes>,
    left: usize,
}

impl Stream for BlobStream {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.segments.next();
        if let Some(segment) = &next {
            self.left = self.left.saturating_sub(segment.len());
        }
        Poll::Ready(next.map(Ok))
    }
}

impl ByteStream for BlobStream {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cross_segments_and_share_memory() {
        let big = Bytes::from(vec![7_u8; COPY_BELOW]);
        let mut blob = Blob::default();
        blob.push(Bytes::from_static(b"abc"));
        blob.push(Bytes::new());
        blob.push(big.clone());
        assert_eq!(blob.len(), 3 + COPY_BELOW as u64);
        assert_eq!(blob.segments().len(), 2);
        assert_eq!(
            blob.segments()[1].as_ptr(),
            big.as_ptr(),
            "a large frame is kept, not copied"
        );

        let part = blob.slice(1..5);
        assert_eq!(part.segments().concat(), b"bc\x07\x07");
        assert_eq!(part.segments()[1].as_ptr(), big.as_ptr());
        assert_eq!(blob.slice(3..4).segments().len(), 1);
        assert_eq!(blob.slice(5..5).len(), 0);
        assert_eq!(blob.slice(0..u64::MAX).len(), blob.len());
    }
}
