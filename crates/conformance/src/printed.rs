//! Everything that a thread logs, for tests that look for what must never be there.

use std::{
    error::Error as _,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use anyvendor_core::Error;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// What this thread logs, spans and fields included, from [`listen`](Self::listen) until it is dropped.
///
/// Keep such a test alone in its program: whether anybody listens is asked once for all threads.
pub struct Printed {
    text: Text,
    _listening: DefaultGuard,
}

impl Printed {
    /// Begins to listen, by a filter such as `trace`, or `trace,hyper=off`.
    #[must_use]
    pub fn listen(filter: &str) -> Self {
        let text = Text::default();
        let writer = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_span_events(FmtSpan::FULL)
            .finish();
        Self {
            text,
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// What was logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = self.text.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printed").finish_non_exhaustive()
    }
}

/// An error in all the ways that a program may print it: with its sources, each as `Display` and `Debug`.
#[must_use]
pub fn all_prints(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(inner) = source {
        shown += &format!(" {inner} {inner:?}");
        source = inner.source();
    }
    shown
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
