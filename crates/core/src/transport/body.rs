//! The body of a request: it records when it is first read, and enforces the announced length.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body::{Body, Frame, SizeHint};

use crate::error::Error;

/// A body as a stream of pieces.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// A body that records whether reading it has begun.
///
/// A transport sends it as an [`http_body::Body`] of exact size, or through [`into_stream`](Self::into_stream).
pub struct OutgoingBody {
    content: OutgoingContent,
    /// How many of the announced bytes are left.
    left: u64,
    sent: SentFlag,
}

impl OutgoingBody {
    pub(crate) fn new(content: OutgoingContent, sent: SentFlag) -> Self {
        Self {
            left: content.len(),
            content,
            sent,
        }
    }

    /// Creates a body without bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(OutgoingContent::Empty, SentFlag::default())
    }

    /// Creates a body of exactly `length` bytes from a stream.
    #[must_use]
    pub fn stream(stream: ByteStream, length: u64) -> Self {
        let content = OutgoingContent::stream(stream, length);
        Self::new(content, SentFlag::default())
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

    /// The bytes, if they are in memory: for a transport that records. Calling this does not count as sending.
    #[must_use]
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.content {
            OutgoingContent::Bytes(bytes) => Some(bytes),
            OutgoingContent::Empty | OutgoingContent::Stream(..) => None,
        }
    }

    /// Returns the pieces to send. The first read is recorded: from then on the request counts as sent.
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

// The inner stream is boxed and nothing else is pinned, so the body may move.
impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.sent.set();
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
        Self::new(OutgoingContent::Bytes(bytes), SentFlag::default())
    }
}

impl fmt::Debug for OutgoingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingBody")
            .field("sent", &self.sent.is_set())
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

/// Set when a body is read for the first time: while it is unset, no byte of the body has left this process.
#[derive(Debug, Clone, Default)]
pub struct SentFlag(Arc<AtomicBool>);

impl SentFlag {
    /// Records that the body was read.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the body was ever read.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
