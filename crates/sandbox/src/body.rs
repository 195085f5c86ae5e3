//! The bodies that pass between the listeners and the emulators.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, SizeHint};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type RequestBody = UnsyncBoxBody<Bytes, BoxError>;
pub(crate) type ResponseBody = UnsyncBoxBody<Bytes, BoxError>;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("the body is over {0} bytes")]
    TooLarge(usize),
    #[error("the body broke off: {0}")]
    Broken(BoxError),
}

/// A body whose bytes are all known.
pub(crate) fn full(bytes: impl Into<Bytes>) -> ResponseBody {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Reads a body to its end, and fails if it has more than `cap` bytes; the rest is drained so that the client gets its response.
pub(crate) async fn collect(mut body: RequestBody, cap: usize) -> Result<Bytes, ReadError> {
    let mut whole = Vec::new();
    let mut size = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(ReadError::Broken)?;
        if let Some(data) = frame.data_ref() {
            size = size.saturating_add(data.len());
            if size <= cap {
                whole.extend_from_slice(data);
            }
        }
    }
    if size > cap {
        return Err(ReadError::TooLarge(cap));
    }
    Ok(whole.into())
}

/// A body that breaks off after `left` bytes, whatever its head announced.
pub(crate) struct Truncated {
    inner: ResponseBody,
    left: u64,
    flushed: bool,
}

impl Truncated {
    pub(crate) fn new(inner: ResponseBody, left: u64) -> Self {
        Self {
            inner,
            left,
            flushed: false,
        }
    }
}

impl Body for Truncated {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            // One turn without data lets the server flush the head and the first half.
            if !self.flushed {
                self.flushed = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(Some(Err("cut by a fault".into())));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let Some(Ok(frame)) = frame else {
            self.left = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        };
        let Ok(mut data) = frame.into_data() else {
            return Poll::Ready(None);
        };
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        data.truncate(most);
        self.left = self.left.saturating_sub(data.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(data))))
    }
}

/// A body that arrives in small pieces with a pause before each.
pub(crate) struct Drip {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    sleep: Pin<Box<tokio::time::Sleep>>,
    length: u64,
}

impl Drip {
    pub(crate) fn new(whole: &Bytes, pieces: usize, pause: Duration) -> Self {
        let size = whole.len().div_ceil(pieces.max(1)).max(1);
        Self {
            pieces: whole.chunks(size).map(|c| whole.slice_ref(c)).collect(),
            pause,
            sleep: Box::pin(tokio::time::sleep(pause)),
            length: whole.len() as u64,
        }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.pieces.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.sleep.as_mut().poll(cx));
        self.sleep = Box::pin(tokio::time::sleep(self.pause));
        let piece = self.pieces.pop_front().unwrap_or_default();
        self.length = self.length.saturating_sub(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
