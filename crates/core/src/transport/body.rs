//! The body of a request: it is either read or withdrawn, never both, and has exactly the announced length.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body::{Body, Frame, SizeHint};

use crate::error::{Delivery, Error, Kind};

/// A body as a stream of pieces.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// A body that can be read until it is withdrawn.
///
/// A transport sends it as an [`http_body::Body`] of exact size, or through [`into_stream`](Self::into_stream).
pub struct OutgoingBody {
    content: OutgoingContent,
    /// How many of the announced bytes are left.
    left: u64,
    claim: BodyClaim,
}

impl OutgoingBody {
    pub(crate) fn new(content: OutgoingContent, claim: BodyClaim) -> Self {
        Self {
            left: content.len(),
            content,
            claim,
        }
    }

    /// Creates a body without bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(OutgoingContent::Empty, BodyClaim::default())
    }

    /// Creates a body of exactly `length` bytes from a stream.
    #[must_use]
    pub fn stream(stream: ByteStream, length: u64) -> Self {
        let content = OutgoingContent::stream(stream, length);
        Self::new(content, BodyClaim::default())
    }

    /// How many bytes are left to send.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.left
    }

    /// Whether no bytes are left to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the pieces to send. From the first read on, the request counts as sent; a body that was withdrawn yields an
    /// error instead of its bytes.
    #[must_use]
    pub fn into_stream(self) -> ByteStream {
        let mut body = self;
        Box::pin(stream::poll_fn(move |context| {
            let piece = Pin::new(&mut body).poll_frame(context);
            piece.map(|piece| Some(piece?.map(|frame| frame.into_data().unwrap_or_default())))
        }))
    }
}

fn wrong_length() -> Error {
    Error::invalid("body", "must be exactly as long as announced")
}

fn withdrawn() -> Error {
    Error::new(
        Kind::Cancelled,
        Delivery::NotSent,
        "the request was withdrawn before it was sent",
    )
}

// The inner stream is boxed and nothing else is pinned, so the body may move.
impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if !self.claim.take() {
            return Poll::Ready(Some(Err(withdrawn())));
        }
        let piece = match &mut self.content {
            OutgoingContent::Empty => None,
            OutgoingContent::Bytes(bytes) if bytes.is_empty() => None,
            OutgoingContent::Bytes(bytes) => Some(Ok(std::mem::take(bytes))),
            OutgoingContent::Stream(stream, _) => {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                match stream.as_mut().poll_next(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(piece) => piece,
                }
            }
        };
        let given = match &piece {
            Some(Ok(piece)) => piece.len() as u64,
            Some(Err(_)) => return Poll::Ready(piece.map(|piece| piece.map(Frame::data))),
            None if self.left > 0 => return Poll::Ready(Some(Err(wrong_length()))),
            None => return Poll::Ready(None),
        };
        // The connection would silently cut off more bytes than announced, and the vendor would store a truncated
        // body.
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

impl From<Bytes> for OutgoingBody {
    fn from(bytes: Bytes) -> Self {
        Self::new(OutgoingContent::Bytes(bytes), BodyClaim::default())
    }
}

impl fmt::Debug for OutgoingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingBody")
            .field("taken", &self.claim.is_taken())
            .finish_non_exhaustive()
    }
}

/// The content of a request body.
pub(crate) enum OutgoingContent {
    /// The body has no bytes.
    Empty,
    /// Bytes in memory.
    Bytes(Bytes),
    /// A stream and its exact length. The mutex is never locked: it only allows the body to be shared between threads,
    /// which a connection requires and never does.
    Stream(Mutex<ByteStream>, u64),
}

impl OutgoingContent {
    pub(crate) fn stream(stream: ByteStream, length: u64) -> Self {
        Self::Stream(Mutex::new(stream), length)
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream(_, length) => *length,
        }
    }
}

/// Who has a body: nobody yet, the transport that reads it, or the caller that has withdrawn it. It changes once, in one
/// atomic step, so that a request that was withdrawn can never be sent completely, on any thread and over any transport.
#[derive(Debug, Clone, Default)]
pub struct BodyClaim(Arc<AtomicU8>);

const UNREAD: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl BodyClaim {
    /// Takes the body for sending; `false` if it was withdrawn before.
    #[must_use]
    pub fn take(&self) -> bool {
        self.change(TAKEN)
    }

    /// Withdraws the body; `false` if its reading has begun, so that some of it may have been sent.
    #[must_use]
    pub fn withdraw(&self) -> bool {
        self.change(WITHDRAWN)
    }

    /// Whether reading has begun.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.0.load(Ordering::Acquire) == TAKEN
    }

    /// Changes an unread body to `to`; `true` if it is in that state now.
    fn change(&self, to: u8) -> bool {
        match self
            .0
            .compare_exchange(UNREAD, to, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => true,
            Err(found) => found == to,
        }
    }
}
