//! What the server does with one request, or with a connection before its first request.

use std::path::Path;

/// What the server does with the next request, or with the connection before there is a request.
///
/// The responses are raw bytes, so that a test can also send what no HTTP library would. [`json`](Self::json),
/// [`response`](Self::response) and [`fixture`](Self::fixture) write well-formed ones.
#[derive(Debug, Clone)]
pub enum Step {
    /// Closes a new connection without reading from it.
    CloseUnread,
    /// Sends these bytes on a new connection before any request arrives, and nothing after them.
    Greet(Vec<u8>),
    /// Reads only the head of the request, then closes. A rule runs after the body, so there this is [`Close`](Self::Close).
    CloseAfterHead,
    /// Reads the whole request and closes without a response.
    Close,
    /// Reads the whole request and sends nothing until the client closes.
    Silence,
    /// Responds; the connection stays open.
    Respond(Vec<u8>),
    /// Responds and closes immediately, without having announced it.
    RespondAndClose(Vec<u8>),
    /// Responds and closes when [`Server::hang_up`](super::Server::hang_up) asks for it.
    RespondAndCloseLater(Vec<u8>),
    /// Sends these bytes and nothing more until the client closes.
    RespondThenSilence(Vec<u8>),
    /// Sends the first bytes, then one byte of the second for each call of [`Server::drip`](super::Server::drip), in a cycle.
    Drip(Vec<u8>, &'static [u8]),
    /// Sends the first bytes, then the second again and again until the client closes.
    Endless(Vec<u8>, Vec<u8>),
}

impl Step {
    /// A response with this status and body; add a content type with [`with_header`](Self::with_header).
    #[must_use]
    pub fn response(status: u16, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        Self::Respond(bytes)
    }

    /// A response with a JSON body, given as text.
    #[must_use]
    pub fn json(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::response(status, body).with_header("content-type", "application/json")
    }

    /// A response whose JSON body is in the file `tests/fixtures/<name>.json` of the crate at `manifest_dir`. The name begins with
    /// the status: `402_card_declined`.
    ///
    /// Pass `env!("CARGO_MANIFEST_DIR")` as the directory.
    ///
    /// # Panics
    ///
    /// If the file does not exist or its name does not begin with a status.
    #[must_use]
    pub fn fixture(manifest_dir: &str, name: &str) -> Self {
        Self::json(name[..3].parse().unwrap(), read_fixture(manifest_dir, name))
    }

    /// Adds a header to a response.
    ///
    /// # Panics
    ///
    /// If this step has no complete head to add it to.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl ToString) -> Self {
        let (Self::Respond(bytes)
        | Self::RespondAndClose(bytes)
        | Self::RespondAndCloseLater(bytes)
        | Self::RespondThenSilence(bytes)
        | Self::Drip(bytes, _)
        | Self::Endless(bytes, _)) = &mut self
        else {
            panic!("{self:?} has no head");
        };
        let end = end_of_head(bytes).unwrap();
        let line = format!("{name}: {}\r\n", value.to_string());
        bytes.splice(end - 2..end - 2, line.into_bytes());
        self
    }

    /// Adds several headers to a response.
    ///
    /// # Panics
    ///
    /// If this step has no complete head to add them to.
    #[must_use]
    pub fn with_headers(self, headers: &[(&str, &str)]) -> Self {
        headers
            .iter()
            .fold(self, |step, (name, value)| step.with_header(name, value))
    }

    /// The same response, but the connection closes before the body is complete.
    ///
    /// # Panics
    ///
    /// If this step is not a plain response with a content length.
    #[must_use]
    pub fn cut(self) -> Self {
        let Self::Respond(bytes) = self else {
            panic!("{self:?} is not a plain response");
        };
        let (head, body) = bytes.split_at(end_of_head(&bytes).unwrap());
        let length = |length: usize| format!("content-length: {length}\r\n");
        let head = str::from_utf8(head).unwrap();
        let longer = head.replace(&length(body.len()), &length(body.len() + 1));
        assert_ne!(longer, head, "no content length");
        Self::RespondAndClose([longer.as_bytes(), body].concat())
    }

    /// The bytes of the response; empty for a step without one.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Greet(bytes)
            | Self::Respond(bytes)
            | Self::RespondAndClose(bytes)
            | Self::RespondAndCloseLater(bytes)
            | Self::RespondThenSilence(bytes)
            | Self::Drip(bytes, _)
            | Self::Endless(bytes, _) => bytes,
            Self::CloseUnread | Self::CloseAfterHead | Self::Close | Self::Silence => &[],
        }
    }
}

/// The head of a successful response that announces a body of `length` bytes.
#[must_use]
pub fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

/// The file `tests/fixtures/<name>.json` of the crate at `manifest_dir`.
///
/// # Panics
///
/// If the file cannot be read.
#[must_use]
pub fn read_fixture(manifest_dir: &str, name: &str) -> Vec<u8> {
    let path = Path::new(manifest_dir).join(format!("tests/fixtures/{name}.json"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where the body begins.
pub(super) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let blank = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(blank + 4)
}
