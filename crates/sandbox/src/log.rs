//! The request log: what arrived at each emulator, in order, and the response to it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use hyper::body::{Body, Frame, SizeHint};
use serde::Serialize;

use crate::body::{BoxError, RequestBody};
use crate::vendors::name::Vendor;

/// The log keeps the newest requests up to these two limits.
const MAX_ENTRIES: usize = 20_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// One request as an emulator received it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts up from 1 over all vendors, in the order of arrival.
    pub sequence: u64,
    /// The vendor whose emulator received it.
    pub vendor: Vendor,
    /// The method, in capitals.
    pub method: String,
    /// The path as sent, still encoded.
    pub path: String,
    /// The query as sent, without `?`.
    pub query: Option<String>,
    /// Header names in lower case and their values, in the order sent; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// What was read of the body, up to 1 MiB, or less where a vendor stores large bodies; empty when bodies are not recorded.
    pub body: Bytes,
    /// Whether `body` is less than what was read.
    pub body_cut: bool,
    /// The response to it.
    pub response: RecordedResponse,
}

impl RecordedRequest {
    /// The value of a header by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The response to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordedResponse {
    /// There is no response yet, or the client left before there was one.
    Pending,
    /// The emulator responded with this status.
    Status(u16),
    /// A fault was injected.
    Fault {
        /// The fault's name, such as `act_then_cut`.
        name: &'static str,
        /// The status that the client received, if any.
        status: Option<u16>,
    },
}

/// The log of one sandbox.
#[derive(Debug)]
pub(crate) struct RequestLog {
    bodies: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    bytes: usize,
    entries: VecDeque<RecordedRequest>,
}

impl State {
    fn entry(&mut self, sequence: u64) -> Option<&mut RecordedRequest> {
        let first = self.entries.front()?.sequence;
        let at = usize::try_from(sequence.checked_sub(first)?).ok()?;
        self.entries.get_mut(at)
    }

    fn trim(&mut self) {
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(old) = self.entries.pop_front() else {
                return;
            };
            self.bytes = self.bytes.saturating_sub(old.body.len());
        }
    }
}

impl RequestLog {
    pub(crate) fn new(bodies: bool) -> Self {
        Self {
            bodies,
            state: Mutex::default(),
        }
    }

    /// Records a request, with at most `cap` bytes of its body; the returned handle adds the body and the response.
    pub(crate) fn arrived(
        self: &Arc<Self>,
        vendor: Vendor,
        parts: &Parts,
        cap: usize,
    ) -> Recording {
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), text)
            })
            .collect();
        let mut state = self.lock();
        state.next += 1;
        let sequence = state.next;
        state.entries.push_back(RecordedRequest {
            sequence,
            vendor,
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            body: Bytes::new(),
            body_cut: false,
            response: RecordedResponse::Pending,
        });
        state.trim();
        Recording {
            log: Arc::clone(self),
            sequence,
            cap: if self.bodies { cap } else { 0 },
        }
    }

    /// Everything still kept, oldest first.
    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.lock().entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.entries.clear();
        state.bytes = 0;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A recorded request that has no response yet.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    log: Arc<RequestLog>,
    sequence: u64,
    cap: usize,
}

impl Recording {
    pub(crate) fn responded(&self, response: RecordedResponse) {
        if let Some(entry) = self.log.lock().entry(self.sequence) {
            entry.response = response;
        }
    }

    /// The body, recorded as it is read.
    pub(crate) fn watch(&self, body: RequestBody) -> Watched {
        Watched {
            inner: body,
            seen: Vec::new(),
            cut: false,
            recording: self.clone(),
        }
    }
}

/// A request body that leaves a copy of its beginning in the log once it was read or dropped.
pub(crate) struct Watched {
    inner: RequestBody,
    seen: Vec<u8>,
    cut: bool,
    recording: Recording,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let left = self.recording.cap.saturating_sub(self.seen.len());
            self.cut |= data.len() > left;
            self.seen.extend(data.iter().take(left));
        }
        if frame.is_none() {
            self.leave();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Watched {
    fn leave(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        if seen.is_empty() && !self.cut {
            return;
        }
        let mut state = self.recording.log.lock();
        state.bytes = state.bytes.saturating_add(seen.len());
        if let Some(entry) = state.entry(self.recording.sequence) {
            entry.body = seen.into();
            entry.body_cut = self.cut;
        }
        state.trim();
        self.cut = false;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.leave();
    }
}
