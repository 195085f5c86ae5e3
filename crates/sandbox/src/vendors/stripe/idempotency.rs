//! Idempotency keys: the first use's status and body, kept per account, replayed for the same request only.

use std::collections::HashMap;

use bytes::Bytes;
use http::StatusCode;

use super::error::ApiError;

/// Vendor rule.
const MAX_KEY: usize = 255;

/// A key within the account it was used for.
pub(super) type Scoped = (String, String);

/// What a key stands for.
#[derive(Debug)]
struct Use {
    path: String,
    parameters: u64,
    first: First,
}

/// The first use of a key.
#[derive(Debug)]
enum First {
    Running,
    Done(Stored),
}

/// A stored answer.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    pub(super) request_id: String,
}

/// What to do with a request that carries a key.
#[derive(Debug)]
pub(super) enum Turn {
    /// Execute, then `finish` or `forget`.
    Fresh,
    /// Answer this again.
    Replay(Stored),
}

/// All keys of one double.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<Scoped, Use>);

impl Keys {
    /// Takes the key for a request, or says why it cannot have it.
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
            let first = First::Running;
            let path = path.to_owned();
            self.0.insert(
                scoped.clone(),
                Use {
                    path,
                    parameters,
                    first,
                },
            );
            return Ok(Turn::Fresh);
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
        match &known.first {
            First::Running => Err(ApiError::key_in_use(key)),
            First::Done(stored) => Ok(Turn::Replay(stored.clone())),
        }
    }

    /// Stores the first use's answer.
    pub(super) fn finish(&mut self, scoped: &Scoped, stored: Stored) {
        if let Some(known) = self.0.get_mut(scoped) {
            known.first = First::Done(stored);
        }
    }

    /// Gives the key back: nothing was executed.
    pub(super) fn forget(&mut self, scoped: &Scoped) {
        self.0.remove(scoped);
    }
}
