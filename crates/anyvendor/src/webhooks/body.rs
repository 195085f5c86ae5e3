//! Reads the body of a delivery: into one buffer, in limited time, and paid for as it arrives.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use anyvendor_core::{
    resilience::{Clock, Instant},
    webhook::WebhookError,
};
use bytes::{Buf, Bytes};
use http_body::Body;

use super::places::Taken;

/// How long a sender may take before the minimum rate counts. Our default.
const GRACE: Duration = Duration::from_secs(2);
/// The fewest bytes per second after that; a vendor sends a thousand times as many. Our default.
const MIN_RATE: usize = 16 * 1024;
/// The first allocation of a buffer.
const FIRST: usize = 4 * 1024;

/// Reads a whole body of at most `limit` bytes in at most `time`, and faster than the minimum rate.
pub(super) async fn read<B>(
    body: B,
    limit: usize,
    time: Duration,
    clock: &dyn Clock,
    taken: &mut Taken,
) -> Result<Bytes, WebhookError>
where
    B: Body + Send,
{
    let announced = body.size_hint();
    let too_large = WebhookError::BodyTooLarge { limit };
    if usize::try_from(announced.lower()).map_or(true, |length| length > limit) {
        return Err(too_large);
    }
    let exact = announced
        .exact()
        .and_then(|exact| usize::try_from(exact).ok());
    let mut buffer = Buffer::new(exact.unwrap_or(limit).min(limit));
    let mut body = pin!(body);
    let mut patience = Patience::new(clock, time);
    let mut timer = clock.timer(patience.left(0));
    loop {
        let received = buffer.len();
        let next = poll_fn(|cx| {
            loop {
                if let Poll::Ready(frame) = body.as_mut().poll_frame(cx) {
                    return Poll::Ready(Ok(frame));
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let left = patience.waited(received);
                if left.is_zero() {
                    return Poll::Ready(Err(WebhookError::BodySlow));
                }
                timer = clock.timer(left);
            }
        });
        let data = match next.await? {
            None => break,
            Some(Err(_)) => return Err(WebhookError::BodyCut),
            Some(Ok(frame)) => frame.into_data(),
        };
        // Trailers are not signed.
        if let Ok(data) = data {
            let length = received.saturating_add(data.remaining());
            if length > limit {
                return Err(too_large);
            }
            taken.charge(length)?;
            buffer.push(data);
        }
    }
    // An empty body takes a place too, for its events.
    taken.charge(buffer.len())?;
    Ok(buffer.into_bytes())
}

/// How long a sender may still take, by what it has sent.
struct Patience<'a> {
    clock: &'a dyn Clock,
    started: Instant,
    limit: Duration,
    /// What timers have measured; the clock of a test may stand still meanwhile.
    measured: Duration,
    /// How long the current timer runs.
    timer: Duration,
}

impl<'a> Patience<'a> {
    fn new(clock: &'a dyn Clock, limit: Duration) -> Self {
        Self {
            clock,
            started: clock.monotonic(),
            limit,
            measured: Duration::ZERO,
            timer: Duration::ZERO,
        }
    }

    /// How long the sender may still take after this many bytes.
    fn left(&mut self, received: usize) -> Duration {
        let nanos = 1_000_000_000 / u32::try_from(MIN_RATE).unwrap_or(u32::MAX);
        let earned = Duration::from_nanos(u64::from(nanos))
            .saturating_mul(u32::try_from(received).unwrap_or(u32::MAX));
        let allowed = self.limit.min(GRACE.saturating_add(earned));
        let elapsed = self
            .clock
            .monotonic()
            .saturating_duration_since(self.started);
        self.timer = allowed.saturating_sub(elapsed.max(self.measured));
        self.timer
    }

    /// How long the sender may still take once a timer has run out.
    fn waited(&mut self, received: usize) -> Duration {
        self.measured = self.measured.saturating_add(self.timer);
        self.left(received)
    }
}

/// The bytes so far: the first frame as it came, or one buffer that grows to at most the length of the body.
#[derive(Debug)]
struct Buffer {
    first: Option<Bytes>,
    bytes: Vec<u8>,
    /// The longest that the body can become.
    limit: usize,
}

impl Buffer {
    fn new(limit: usize) -> Self {
        Self {
            first: None,
            bytes: Vec::new(),
            limit,
        }
    }

    fn len(&self) -> usize {
        self.bytes.len() + self.first.as_ref().map_or(0, Bytes::len)
    }

    fn push(&mut self, mut data: impl Buf) {
        if self.len() == 0 {
            // Most bodies are one frame, which is not copied.
            self.first = Some(data.copy_to_bytes(data.remaining()));
            return;
        }
        let first = self.first.take().unwrap_or_default();
        self.reserve(first.len() + data.remaining());
        self.bytes.extend_from_slice(&first);
        while data.has_remaining() {
            let chunk = data.chunk();
            self.bytes.extend_from_slice(chunk);
            let length = chunk.len();
            data.advance(length);
        }
    }

    /// Makes space for more bytes: twice as much as before, and all that the body can need once that is less than twice as much
    /// again. So no more than half of the limit is ever moved, and old buffer, new buffer and frame are at most twice the limit.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let doubled = self
                .bytes
                .capacity()
                .saturating_mul(2)
                .max(FIRST)
                .max(needed);
            let capacity = if doubled > self.limit / 2 {
                self.limit.max(needed)
            } else {
                doubled
            };
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
    }

    fn into_bytes(self) -> Bytes {
        self.first.unwrap_or_else(|| self.bytes.into())
    }
}

#[cfg(test)]
mod tests;
