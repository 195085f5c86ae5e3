//! Reading all pages of a list, one call after the other.

use std::future::Future;

use futures_util::stream::{self, BoxStream, StreamExt};

use crate::error::Error;

/// Requests page after page and yields their items; ends after the last page or the first error.
pub(crate) fn walk<'a, R, T, F, Fut>(first: R, fetch: F) -> BoxStream<'a, Result<T, Error>>
where
    R: Send + 'a,
    T: Send + 'a,
    F: Fn(R) -> Fut + Send + 'a,
    Fut: Future<Output = Result<(Vec<T>, Option<R>), Error>> + Send + 'a,
{
    stream::unfold((Some(first), fetch), |(request, fetch)| async move {
        let (items, next) = match fetch(request?).await {
            Ok((items, next)) => (items.into_iter().map(Ok).collect(), next),
            Err(error) => (vec![Err(error)], None),
        };
        Some((items, (next, fetch)))
    })
    .flat_map(stream::iter)
    .boxed()
}
