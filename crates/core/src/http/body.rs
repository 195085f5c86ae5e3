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
        let left = match &body.content {
            OutgoingContent::Empty => 0,
            OutgoingContent::Bytes(bytes) => bytes.len() as u64,
            OutgoingContent::Stream(_, length) => *length,
        };
        Self {
            content: Mutex::new(body.content),
            left,
            polled: body.polled,
        }
    }
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
        if let Some(Ok(piece)) = &piece {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
