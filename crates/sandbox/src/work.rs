//! Tasks of the sandbox's own, which end with it.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Work that goes on after whoever asked for it has left.
#[derive(Debug)]
pub(crate) struct Work {
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
}

impl Work {
    /// On the present runtime, also when it is asked for from outside.
    pub(crate) fn here() -> Self {
        Self {
            runtime: Handle::current(),
            tasks: Mutex::default(),
        }
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    pub(crate) fn stop(&self) {
        self.tasks().abort_all();
    }
}
