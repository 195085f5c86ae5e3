//! Captures everything that a thread logs, for tests that look for what must never be logged.

use std::{
    error::Error as _,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};

use anyvendor_core::Error;
use tracing::{level_filters::LevelFilter, subscriber::DefaultGuard};
use tracing_subscriber::{filter::Targets, fmt::format::FmtSpan, layer::SubscriberExt, registry};

/// What this thread logs, spans and fields included, from [`listen`](Self::listen) until it is dropped.
///
/// Keep such a test alone in its program: tracing decides once for all threads whether anyone listens.
///
/// ```
/// use anyvendor_conformance::Printed;
///
/// let printed = Printed::listen("trace");
/// // Call the adapter with `canary` in every secret and personal field.
/// assert!(!printed.text().contains("canary"));
/// ```
pub struct Printed {
    text: Text,
    _listening: DefaultGuard,
}

impl Printed {
    /// Begins to capture, with a filter such as `trace` or `trace,hyper=off`. A filter that cannot be read lets everything
    /// through, so that a test never passes because nothing was captured.
    #[must_use]
    pub fn listen(filter: &str) -> Self {
        let text = Text::default();
        let writer = text.clone();
        let everything = Targets::new().with_default(LevelFilter::TRACE);
        let output = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_span_events(FmtSpan::FULL);
        let subscriber = registry()
            .with(filter.parse::<Targets>().unwrap_or(everything))
            .with(output);
        Self {
            text,
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// Everything that was logged so far.
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

/// An error in every form that a program may print: with its sources, each as `Display` and `Debug`.
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
