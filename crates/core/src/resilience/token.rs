//! A credential that expires: it is fetched early and once for all callers, and a fetch continues if the caller who
//! started it is dropped. After a failure there is a pause before the next try, so that callers do not storm the issuer.

use std::{
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{FutureExt, future::Shared};

use super::{
    backoff::{Jitter, ceiling},
    clock::{Clock, Instant},
};
use crate::error::{Delivery, Error, Kind};

/// Fetches a credential from its issuer.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use anyvendor_core::{Error, resilience::{Token, TokenSource}, values::Secret};
///
/// #[derive(Debug)]
/// struct Issuer;
///
/// #[async_trait::async_trait]
/// impl TokenSource for Issuer {
///     type Value = Secret;
///
///     async fn fetch(&self) -> Result<Token<Secret>, Error> {
///         // A real source asks the vendor here.
///         Ok(Token { value: Secret::new("t-1"), expires_in: Some(Duration::from_secs(3_600)) })
///     }
/// }
/// ```
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// The type of the credential.
    type Value: Clone + Send + Sync + 'static;

    /// Fetches a new credential.
    ///
    /// # Errors
    /// Why it could not be fetched; reported to all waiting callers, and to later ones until the next try is due.
    async fn fetch(&self) -> Result<Token<Self::Value>, Error>;
}

/// A credential and its lifetime.
#[derive(Debug, Clone)]
pub struct Token<V> {
    /// The credential itself.
    pub value: V,
    /// How long it is valid from now; `None` means forever.
    pub expires_in: Option<Duration>,
}

/// The pause after a failed fetch, which doubles with each further failure up to [`LONGEST_PAUSE`]. Our defaults (no vendor
/// source), as the shortest and the longest time that a circuit breaker of ours stays open.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Caches the credential of one connection.
pub struct TokenCell<S: TokenSource> {
    source: Arc<S>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    /// How long before its end a credential is replaced, plus up to a tenth at random.
    margin: Duration,
    state: Mutex<State<S::Value>>,
}

struct State<V: Clone> {
    kept: Option<Kept<V>>,
    /// A fetch that was started and has not finished. Every caller that waits polls it, so that none depends on another
    /// being polled. It stays here when all of them are dropped, and the next caller continues it: a second fetch could
    /// revoke what the first is about to return.
    fetching: Option<Fetching<V>>,
    failed: Option<Failed>,
    /// When a credential was last replaced because the vendor had rejected it.
    rejected_at: Option<Instant>,
}

/// The last fetch failed: nobody asks again before the pause ends.
struct Failed {
    error: Error,
    in_a_row: u32,
    until: Instant,
}

impl Failed {
    /// The error for a caller that comes during the pause.
    fn told_at(&self, now: Instant) -> Error {
        let retry_after = self.until.saturating_duration_since(now);
        let is_permanent = matches!(
            self.error.kind(),
            Kind::Config | Kind::Unauthenticated | Kind::PermissionDenied | Kind::InvalidRequest
        );
        let error = if is_permanent {
            self.error.clone()
        } else {
            let message = "no credential could be fetched; the next try is due later";
            Error::unsent(Kind::CircuitOpen { retry_after }, message)
                .with_source(self.error.clone())
        };
        error.with_retry_after(retry_after)
    }
}

struct Fetching<V: Clone> {
    /// The generation of the credential that is fetched.
    generation: u64,
    /// When the fetch started: the lifetime of the credential is counted from here, which is never too late.
    began: Instant,
    token: Fetch<V>,
}

type Fetch<V> = Shared<Pin<Box<dyn Future<Output = Result<Token<V>, Error>> + Send>>>;

struct Kept<V> {
    value: V,
    generation: u64,
    replace_at: Option<Instant>,
    ends_at: Option<Instant>,
}

impl<S: TokenSource + 'static> TokenCell<S> {
    /// Creates an empty cell. `margin` is how long before its end a credential is replaced.
    #[must_use]
    pub fn new(
        source: S,
        clock: Arc<dyn Clock>,
        jitter: Arc<dyn Jitter>,
        margin: Duration,
    ) -> Self {
        Self {
            source: Arc::new(source),
            clock,
            jitter,
            margin,
            state: Mutex::new(State {
                kept: None,
                fetching: None,
                failed: None,
                rejected_at: None,
            }),
        }
    }

    /// Returns the credential and its generation, fetching it if there is none that is valid for long enough.
    ///
    /// # Errors
    /// The errors of the source.
    pub async fn get(&self) -> Result<(S::Value, u64), Error> {
        self.get_newer_than(None).await
    }

    /// Returns a credential of another generation than the one that was rejected. Many callers with the same rejected
    /// credential cause one fetch.
    ///
    /// # Errors
    /// The errors of the source; `Unauthenticated` if the rejected credential itself has just replaced a rejected one.
    pub async fn replace(&self, refused: u64) -> Result<(S::Value, u64), Error> {
        self.get_newer_than(Some(refused)).await
    }

    async fn get_newer_than(&self, refused: Option<u64>) -> Result<(S::Value, u64), Error> {
        let (fetch, generation) = {
            let mut state = self.lock();
            let now = self.clock.monotonic();
            if let Some(good) = good(state.kept.as_ref(), refused, now) {
                return Ok(good);
            }
            let kept = state.kept.as_ref().map(|kept| kept.generation);
            if state.fetching.is_none() {
                if let Some(failed) = state.failed.as_ref().filter(|failed| now < failed.until) {
                    let told = failed.told_at(now);
                    return still_good(state.kept.as_ref(), refused, now).ok_or(told);
                }
                if refused.is_some() && refused == kept {
                    let last = state.rejected_at.replace(now);
                    if last.is_some_and(|last| now.saturating_duration_since(last) < FIRST_PAUSE) {
                        state.rejected_at = last;
                        let message = "the vendor rejected a credential that was just fetched";
                        return Err(Error::unsent(Kind::Unauthenticated, message)
                            .with_retry_after(FIRST_PAUSE));
                    }
                }
            }
            let fetching = state.fetching.get_or_insert_with(|| Fetching {
                generation: kept.map_or(0, |kept| kept.wrapping_add(1)),
                began: now,
                token: fetch(Arc::clone(&self.source)),
            });
            (fetching.token.clone(), fetching.generation)
        };
        let fetched = fetch.clone().await;
        let mut state = self.lock();
        // The first caller to see the result records it for all.
        let is_own = |fetching: &mut Fetching<S::Value>| fetching.token.ptr_eq(&fetch);
        if let Some(Fetching { began, .. }) = state.fetching.take_if(is_own) {
            match &fetched {
                Ok(token) => {
                    state.kept = Some(self.kept(token, generation, began));
                    state.failed = None;
                }
                Err(error) => {
                    let before = state.failed.take().map_or(0, |failed| failed.in_a_row);
                    state.failed = Some(self.failed(error.clone(), before.saturating_add(1)));
                }
            }
        }
        match fetched {
            Ok(token) => Ok((token.value, generation)),
            // Early renewal failed, but the credential is still valid: the next caller tries again.
            Err(error) => {
                let now = self.clock.monotonic();
                still_good(state.kept.as_ref(), refused, now).ok_or(error)
            }
        }
    }

    fn kept(&self, token: &Token<S::Value>, generation: u64, began: Instant) -> Kept<S::Value> {
        let after = |life: Duration| began.checked_add(life);
        Kept {
            value: token.value.clone(),
            generation,
            replace_at: token.expires_in.and_then(|life| {
                // A credential with a lifetime shorter than the margin is used for half its lifetime.
                let early = (self.margin + self.jitter.up_to(self.margin / 10)).min(life / 2);
                after(life.saturating_sub(early))
            }),
            ends_at: token.expires_in.and_then(after),
        }
    }

    fn failed(&self, error: Error, in_a_row: u32) -> Failed {
        let pause = ceiling(FIRST_PAUSE, in_a_row, LONGEST_PAUSE);
        let pause = pause.saturating_add(self.jitter.up_to(pause / 10));
        let now = self.clock.monotonic();
        Failed {
            error,
            in_a_row,
            until: now.checked_add(pause).unwrap_or(now),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<S::Value>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fetches a credential for all who wait. A source that panics fails the fetch and not every later one.
fn fetch<S: TokenSource + 'static>(source: Arc<S>) -> Fetch<S::Value> {
    let fetched = AssertUnwindSafe(async move { source.fetch().await }).catch_unwind();
    fetched
        .map(|fetched| {
            let interrupted = "fetching the credential was interrupted";
            fetched.unwrap_or_else(|_| Err(Error::new(Kind::Other, Delivery::Unknown, interrupted)))
        })
        .boxed()
        .shared()
}

fn good<V: Clone>(kept: Option<&Kept<V>>, refused: Option<u64>, now: Instant) -> Option<(V, u64)> {
    let kept = kept?;
    let fresh = kept.replace_at.is_none_or(|at| now < at);
    (fresh && refused != Some(kept.generation)).then(|| (kept.value.clone(), kept.generation))
}

/// A credential that should be replaced, but has not ended and was not rejected.
fn still_good<V: Clone>(
    kept: Option<&Kept<V>>,
    refused: Option<u64>,
    now: Instant,
) -> Option<(V, u64)> {
    let kept = kept?;
    let lives = kept.ends_at.is_none_or(|at| now < at);
    (lives && refused != Some(kept.generation)).then(|| (kept.value.clone(), kept.generation))
}

impl<S: TokenSource> fmt::Debug for TokenCell<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCell")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
