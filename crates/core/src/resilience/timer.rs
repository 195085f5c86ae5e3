//! Time limits on futures, based on the clock's timers.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::clock::{Clock, Sleep};

/// One time limit that several futures share, one after the other.
pub(super) struct Limit(Sleep);

impl Limit {
    /// Creates a limit that ends after `duration` from now.
    pub(super) fn new(clock: &dyn Clock, duration: Duration) -> Self {
        Self(clock.timer(duration))
    }

    /// Runs a future; `None` if the time runs out first.
    pub(super) async fn run<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let timer = &mut self.0;
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => timer.as_mut().poll(context).map(|()| None),
        })
        .await
    }
}

/// Runs a future for at most `duration`; `None` if the time runs out first. The timer starts with the first wait.
pub(super) async fn within<F: Future>(
    clock: &dyn Clock,
    duration: Duration,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = None;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer
            .get_or_insert_with(|| clock.timer(duration))
            .as_mut()
            .poll(context)
            .map(|()| None),
    })
    .await
}
