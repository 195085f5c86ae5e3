//! A credential that expires: it is fetched early and once for all callers, and a fetch continues if the caller who
//! started it is dropped.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{
    backoff::Jitter,
    clock::{Clock, Instant},
};
use crate::error::Error;

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
    /// Why it could not be fetched; reported to all waiting callers, and not remembered.
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

/// Caches the credential of one connection.
pub struct TokenCell<S: TokenSource> {
    source: Arc<S>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    /// How long before its end a credential is replaced, plus up to a tenth at random.
    margin: Duration,
    /// An async mutex on purpose: other callers wait for the one that fetches.
    state: Mutex<State<S::Value>>,
}

struct State<V> {
    kept: Option<Kept<V>>,
    /// A fetch that was started and has not finished. It stays here when the caller who polls it is dropped, and the
    /// next caller continues it: a second fetch could revoke what the first is about to return.
    fetching: Option<Fetching<V>>,
}

struct Fetching<V> {
    /// When the fetch started: the lifetime of the credential is counted from here, which is never too late.
    began: Instant,
    token: Pin<Box<dyn Future<Output = Result<Token<V>, Error>> + Send>>,
}

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
    /// The errors of the source.
    pub async fn replace(&self, refused: u64) -> Result<(S::Value, u64), Error> {
        self.get_newer_than(Some(refused)).await
    }

    async fn get_newer_than(&self, refused: Option<u64>) -> Result<(S::Value, u64), Error> {
        // Held while fetching, so that other callers wait.
        let mut state = self.state.lock().await;
        if let Some(good) = good(state.kept.as_ref(), refused, self.clock.monotonic()) {
            return Ok(good);
        }
        let fetching = state.fetching.get_or_insert_with(|| {
            let source = Arc::clone(&self.source);
            Fetching {
                began: self.clock.monotonic(),
                token: Box::pin(async move { source.fetch().await }),
            }
        });
        let began = fetching.began;
        let fetched = fetching.token.as_mut().await;
        state.fetching = None;
        let token = match fetched {
            Ok(token) => token,
            // Early renewal failed, but the credential is still valid: the next caller tries again.
            Err(error) => {
                let now = self.clock.monotonic();
                return still_good(state.kept.as_ref(), refused, now).ok_or(error);
            }
        };
        let generation = state
            .kept
            .as_ref()
            .map_or(0, |kept| kept.generation.wrapping_add(1));
        let after = |life: Duration| began.checked_add(life);
        state.kept = Some(Kept {
            value: token.value.clone(),
            generation,
            replace_at: token.expires_in.and_then(|life| {
                // A credential with a lifetime shorter than the margin is used for half its lifetime.
                let early = (self.margin + self.jitter.up_to(self.margin / 10)).min(life / 2);
                after(life.saturating_sub(early))
            }),
            ends_at: token.expires_in.and_then(after),
        });
        Ok((token.value, generation))
    }
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
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;

    use super::*;
    use crate::{
        error::Kind,
        resilience::{backoff::NoJitter, clock::TestClock},
    };

    /// Returns 0, 1, 2 and so on; from `FAILS` on it fails.
    #[derive(Debug, Default)]
    struct Counting(Arc<AtomicU32>);

    const FAILS: u32 = 5;

    #[async_trait]
    impl TokenSource for Counting {
        type Value = u32;

        async fn fetch(&self) -> Result<Token<u32>, Error> {
            tokio::task::yield_now().await;
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            if number >= FAILS {
                return Err(Error::new(Kind::Unavailable, "no more"));
            }
            Ok(Token {
                value: number,
                expires_in: Some(Duration::from_secs(3_600)),
            })
        }
    }

    fn cell() -> (Arc<TokenCell<Counting>>, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let source = Counting(Arc::clone(&count));
        let margin = Duration::from_secs(300);
        (
            Arc::new(TokenCell::new(
                source,
                Arc::new(TestClock),
                Arc::new(NoJitter),
                margin,
            )),
            count,
        )
    }

    #[tokio::test]
    async fn t25_hundred_401s_one_refresh() {
        let (cell, count) = cell();
        let (_, refused) = cell.get().await.unwrap();
        let replaced = join_all((0..100).map(|_| cell.replace(refused))).await;
        assert!(replaced.iter().all(|token| token.as_ref().unwrap().0 == 1));
        assert_eq!(
            count.load(Ordering::SeqCst),
            2,
            "one fetch for the first, one for all the refused"
        );
    }

    #[tokio::test]
    async fn t25_the_refresh_outlives_its_leader() {
        let (cell, count) = cell();
        {
            let leader = cell.get();
            let mut leader = std::pin::pin!(leader);
            // Polled until the fetch has begun, then dropped.
            let _ = futures_util::poll!(&mut leader);
        }
        assert_eq!(cell.get().await.unwrap().0, 0);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_early_renewal_is_no_outage() {
        let (cell, count) = cell();
        let (_, generation) = cell.get().await.unwrap();
        count.store(FAILS, Ordering::SeqCst);
        tokio::time::advance(Duration::from_secs(3_600 - 1)).await;
        assert_eq!(cell.get().await.unwrap(), (0, generation));
        assert!(
            cell.replace(generation).await.is_err(),
            "a refused one is no good"
        );
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(cell.get().await.is_err(), "it has ended");
        assert_eq!(
            count.load(Ordering::SeqCst),
            FAILS + 3,
            "asked anew each time"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_credential_is_replaced_before_its_end() {
        let (cell, count) = cell();
        cell.get().await.unwrap();
        tokio::time::advance(Duration::from_secs(3_600 - 331)).await;
        cell.get().await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        cell.get().await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}
