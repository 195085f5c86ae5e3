//! Idempotency keys: the first response is stored per account and replayed for the same request only:
//! <https://docs.stripe.com/api/idempotent_requests>.

use std::collections::HashMap;

use bytes::Bytes;
use http::StatusCode;

use super::error::ApiError;

/// The greatest length of a key, in characters.
const MAX_KEY: usize = 255;

/// An account and a key; the same key in another account is another key.
pub(super) type Scoped = (String, String);

/// The request that a key was first used for.
#[derive(Debug)]
struct FirstUse {
    path: String,
    parameters: u64,
    progress: Progress,
}

/// How far the first request has come.
#[derive(Debug)]
enum Progress {
    Running,
    Done(Stored),
}

/// A stored response.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    pub(super) request_id: String,
}

/// What to do with a request that carries a key.
#[derive(Debug)]
pub(super) enum Turn {
    /// Execute the request, then call `finish` or `forget`.
    First,
    /// Return this response again.
    Replay(Stored),
}

/// All keys, with their first use.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<Scoped, FirstUse>);

impl Keys {
    /// Reserves the key for a request, or returns why the request cannot use it.
    pub(super) fn begin(
        &mut self,
        scoped: &Scoped,
        path: &str,
        parameters: u64,
    ) -> Result<Turn, ApiError> {
        let key = &scoped.1;
        if key.chars().count() > MAX_KEY {
            let message = format!(
                "Idempotency keys cannot be longer than {MAX_KEY} characters, and yours is {}.",
                key.chars().count()
            );
            return Err(ApiError::invalid(message));
        }
        let Some(known) = self.0.get(scoped) else {
            let first_use = FirstUse {
                path: path.to_owned(),
                parameters,
                progress: Progress::Running,
            };
            self.0.insert(scoped.clone(), first_use);
            return Ok(Turn::First);
        };
        if known.path != path {
            return Err(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for \
                 ('{path}' vs '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
                known.path
            )));
        }
        if known.parameters != parameters {
            return Err(ApiError::idempotency(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
                 using a key other than '{key}' if you meant to execute a different request."
            )));
        }
        match &known.progress {
            Progress::Running => Err(ApiError::key_in_use(key)),
            Progress::Done(stored) => Ok(Turn::Replay(stored.clone())),
        }
    }

    /// Stores the response to the first request.
    pub(super) fn finish(&mut self, scoped: &Scoped, stored: Stored) {
        if let Some(known) = self.0.get_mut(scoped) {
            known.progress = Progress::Done(stored);
        }
    }

    /// Releases the key, because nothing was executed.
    pub(super) fn forget(&mut self, scoped: &Scoped) {
        self.0.remove(scoped);
    }
}
