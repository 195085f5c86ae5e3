//! What a body costs, counted: frames that are kept, and bytes that are allocated.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyvendor_http::{ManualClock, SystemClock};
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use jiff::Timestamp;

use super::*;
use crate::webhooks::places::Places;

const LIMIT: usize = 256 * 1024;
const TIME: Duration = Duration::from_secs(10);

fn taken() -> Taken {
    Places::divide(8, 1)().none()
}

/// The bytes of a frame, counted while they are kept.
struct Counted(Vec<u8>, Arc<AtomicUsize>);

impl Counted {
    fn frame(bytes: Vec<u8>, kept: &Arc<AtomicUsize>) -> Result<Frame<Bytes>, std::io::Error> {
        kept.fetch_add(bytes.len(), Ordering::SeqCst);
        let counted = Self(bytes, Arc::clone(kept));
        Ok(Frame::data(Bytes::from_owner(counted)))
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(self.0.len(), Ordering::SeqCst);
    }
}

#[tokio::test]
async fn sf04_frames_are_not_kept() {
    for chunk in [1, 7, 4096] {
        let (kept, most) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let frames = stream::iter(0..LIMIT / chunk).map(|_| {
            most.fetch_max(kept.load(Ordering::SeqCst), Ordering::SeqCst);
            Counted::frame(vec![b'a'; chunk], &kept)
        });
        let body = StreamBody::new(frames.boxed());
        let read = read(body, LIMIT, TIME, &SystemClock, &mut taken()).await;
        assert_eq!(read.unwrap().len(), LIMIT / chunk * chunk);
        let most = most.load(Ordering::SeqCst);
        assert!(most <= 2 * chunk, "{most} bytes of frames of {chunk}");
        assert_eq!(kept.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn sf04_a_body_takes_at_most_twice_its_announced_limit() {
    for limit in [1, 5_000, LIMIT, LIMIT + 1, 1_000_003] {
        for chunk in [1, 3, 1_000, 65_536] {
            let (mut buffer, mut most) = (Buffer::new(limit), 0);
            while buffer.len() < limit {
                let before = buffer.bytes.capacity();
                let frame = vec![b'a'; chunk.min(limit - buffer.len())];
                let length = frame.len();
                buffer.push(Bytes::from(frame));
                let after = buffer.bytes.capacity();
                // While a buffer moves, there are both; the frame is there in any case.
                let moving = if after == before { 0 } else { before };
                most = most.max(after + moving + length);
            }
            assert!(most <= 2 * limit, "{most} for {limit} in frames of {chunk}");
            assert_eq!(buffer.into_bytes().len(), limit);
        }
    }
}

#[tokio::test]
async fn sf04_a_single_frame_is_not_copied() {
    let sent = Bytes::from(vec![b'a'; 1000]);
    let body = Full::new(sent.clone());
    let read = read(body, LIMIT, TIME, &SystemClock, &mut taken()).await;
    assert_eq!(read.unwrap().as_ptr(), sent.as_ptr());
}

#[tokio::test]
async fn sf01_a_body_that_costs_more_than_is_free_is_busy() {
    let mut each = Places::divide(2, 1);
    let places = each();
    let mut other = places.none();
    other.charge(1).unwrap();
    let long = Full::new(Bytes::from(vec![b'a'; 3 * 1024 * 1024]));
    let read = read(long, usize::MAX, TIME, &SystemClock, &mut places.none()).await;
    assert!(matches!(read, Err(WebhookError::Busy)), "{read:?}");
}

/// A body of one byte per interval, and how long it was read for.
async fn trickle(interval: Duration, bytes: usize) -> (Result<Bytes, WebhookError>, Duration) {
    let frames = stream::iter(0..bytes).then(move |_| async move {
        // tidy: sleep: the clock is paused, so this takes no time
        tokio::time::sleep(interval).await;
        Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"a")))
    });
    let started = SystemClock.monotonic();
    let body = StreamBody::new(frames.boxed());
    let read = read(body, LIMIT, TIME, &SystemClock, &mut taken()).await;
    (read, SystemClock.monotonic() - started)
}

#[tokio::test(start_paused = true)]
async fn sf01_a_sender_keeps_a_minimum_rate() {
    let (read, elapsed) = trickle(Duration::from_millis(100), 1_000).await;
    assert!(matches!(read, Err(WebhookError::BodySlow)), "{read:?}");
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
    let (read, elapsed) = trickle(Duration::from_secs(100), 1).await;
    assert!(matches!(read, Err(WebhookError::BodySlow)), "{read:?}");
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
    let (read, _) = trickle(Duration::from_millis(100), 15).await;
    assert_eq!(read.unwrap().len(), 15, "short enough");
}

#[tokio::test(start_paused = true)]
async fn sf01_the_time_is_that_of_the_clock() {
    let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
    let moved = Arc::clone(&clock);
    // A fast sender by tokio's clock, and a slow one by ours.
    let frames = stream::iter(0..100).then(move |_| {
        moved.advance(Duration::from_secs(1));
        async {
            tokio::task::yield_now().await;
            Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"a")))
        }
    });
    let slow = stream::pending().boxed();
    let body = StreamBody::new(frames.boxed().chain(slow));
    let started = SystemClock.monotonic();
    let read = read(body, LIMIT, TIME, clock.as_ref(), &mut taken()).await;
    assert!(matches!(read, Err(WebhookError::BodySlow)), "{read:?}");
    let elapsed = SystemClock.monotonic() - started;
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}

#[tokio::test]
async fn sf05_a_cut_body_is_told_from_one_that_is_too_long() {
    let cut = stream::iter([
        Ok(Frame::data(Bytes::from_static(b"a"))),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    let cut = read(
        StreamBody::new(cut),
        LIMIT,
        TIME,
        &SystemClock,
        &mut taken(),
    )
    .await;
    assert!(matches!(cut, Err(WebhookError::BodyCut)), "{cut:?}");
    let long = Full::new(Bytes::from(vec![b'a'; LIMIT + 1]));
    let long = read(long, LIMIT, TIME, &SystemClock, &mut taken()).await;
    assert!(
        matches!(long, Err(WebhookError::BodyTooLarge { limit: LIMIT })),
        "{long:?}"
    );
}
