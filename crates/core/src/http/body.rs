//! A request body that notes when it is first asked for bytes.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::{
    error::Error,
    transport::{OutgoingBody, OutgoingContent, SentFlag},
};

/// The size is exact, so that `content-length` is still sent.
pub(super) struct FlaggedBody {
    /// Never locked: the mutex only makes the stream inside shareable, which the connection asks for and never uses.
    content: Mutex<OutgoingContent>,
    left: u64,
    polled: SentFlag,
}

impl FlaggedBody {
    pub(super) fn new(body: OutgoingBody) -> Self {
        Self {
            left: body.len(),
            content: Mutex::new(body.content),
            polled: body.polled,
        }
    }
}

fn wrong_length() -> Error {
    Error::invalid("body", "must be exactly as long as announced")
}

// The stream inside is boxed and nothing else is pinned, so the whole may move.
impl Body for FlaggedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.polled.set();
        let content = self
            .content
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let piece = match content {
            OutgoingContent::Empty => None,
            OutgoingContent::Bytes(bytes) if bytes.is_empty() => None,
            OutgoingContent::Bytes(bytes) => Some(Ok(std::mem::take(bytes))),
            OutgoingContent::Stream(stream, _) => match stream.as_mut().poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(piece) => piece,
            },
        };
        let given = match &piece {
            Some(Ok(piece)) => piece.len() as u64,
            Some(Err(_)) => return Poll::Ready(piece.map(|piece| piece.map(Frame::data))),
            None if self.left > 0 => return Poll::Ready(Some(Err(wrong_length()))),
            None => return Poll::Ready(None),
        };
        // More than announced would be cut by the connection without a word, and the vendor would keep a torso.
        let Some(left) = self.left.checked_sub(given) else {
            return Poll::Ready(Some(Err(wrong_length())));
        };
        self.left = left;
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
