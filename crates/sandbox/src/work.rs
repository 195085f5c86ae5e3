//! The sandbox's background tasks, which end with it.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Tasks that continue when the request that started them has ended.
#[derive(Debug)]
pub(crate) struct Work {
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
}

impl Work {
    /// Tasks on the current runtime, also if they are started from outside of it.
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
