//! The environment variables that credentials are read from.

use std::sync::Arc;

type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of the process, or those of a test.
#[derive(Clone)]
pub(crate) struct Environment(Arc<Variables>);

impl Environment {
    pub(crate) fn new(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(variable))
    }

    pub(crate) fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// The value of a variable; `None` if it is not set or empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}
