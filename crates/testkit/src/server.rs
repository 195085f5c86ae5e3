//! An HTTP server on the loopback that follows a script, counts what reaches it and keeps it.
//!
//! ```
//! use anyvendor_testkit::{Server, Step};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = Server::start([Step::json(503, "{}"), Step::json(200, r#"{"id":"a_1"}"#)]).await;
//! // Point a client at `server.url()` and let it call, then look at what arrived.
//! assert_eq!(server.count(), 0);
//! # }
//! ```

mod seen;
mod step;

use std::{
    collections::VecDeque,
    fmt, io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
};

pub use self::{
    seen::Seen,
    step::{Step, head, read_fixture},
};

type Rule = Box<dyn FnMut(&Seen) -> Step + Send>;

struct State {
    steps: Mutex<VecDeque<Step>>,
    /// What to do when no steps are left.
    rule: Mutex<Rule>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    heads: AtomicUsize,
    open: watch::Sender<usize>,
    silent: Semaphore,
    drip: Semaphore,
    hang_up: Semaphore,
}

/// The server, on a free port of the loopback. It ends with the runtime of the test.
#[derive(Clone)]
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Follows the steps in order, then responds to everything with 200 and `{}`.
    pub async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::start_then(steps, Step::json(200, "{}")).await
    }

    /// Follows the steps in order, then repeats the last one given.
    pub async fn start_then(steps: impl IntoIterator<Item = Step>, then: Step) -> Self {
        let steps = steps.into_iter().collect();
        Self::run(steps, Box::new(move |_| then.clone())).await
    }

    /// Asks a rule about each request, once it arrived completely.
    pub async fn answering(rule: impl FnMut(&Seen) -> Step + Send + 'static) -> Self {
        Self::run(VecDeque::new(), Box::new(rule)).await
    }

    async fn run(steps: VecDeque<Step>, rule: Rule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            steps: Mutex::new(steps),
            rule: Mutex::new(rule),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            heads: AtomicUsize::new(0),
            open: watch::Sender::new(0),
            silent: Semaphore::new(0),
            drip: Semaphore::new(0),
            hang_up: Semaphore::new(0),
        });
        let server = Self { address, state };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.state.connections.fetch_add(1, Ordering::SeqCst);
                accepting.state.open.send_modify(|open| *open += 1);
                let serving = accepting.clone();
                tokio::spawn(async move {
                    // The stream is dropped before the connection counts as closed.
                    serving.serve(stream).await;
                    serving.state.open.send_modify(|open| *open -= 1);
                });
            }
        });
        server
    }

    /// Where the server listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, without a slash at the end: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that arrived completely, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// The only request that arrived.
    ///
    /// # Panics
    ///
    /// If none or several arrived.
    #[must_use]
    pub fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    /// How many requests arrived completely.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.seen.lock().unwrap().len()
    }

    /// How many heads of requests arrived.
    #[must_use]
    pub fn heads(&self) -> usize {
        self.state.heads.load(Ordering::SeqCst)
    }

    /// How many connections were opened.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until the server has fallen silent on a connection.
    pub async fn fell_silent(&self) {
        self.state.silent.acquire().await.unwrap().forget();
    }

    /// Lets one more byte of a [`Step::Drip`] through.
    pub fn drip(&self) {
        self.state.drip.add_permits(1);
    }

    /// Closes one connection that waits in [`Step::RespondAndCloseLater`].
    pub fn hang_up(&self) {
        self.state.hang_up.add_permits(1);
    }

    /// Waits until every connection is closed and everything that was sent has been read. The client must have dropped its
    /// connections.
    pub async fn settle(&self) {
        // Connections are accepted in order, so all earlier ones have been accepted once this one is closed.
        let mut last = TcpStream::connect(self.address).await.unwrap();
        last.shutdown().await.unwrap();
        let _ = last.read_to_end(&mut Vec::new()).await;
        let mut open = self.state.open.subscribe();
        open.wait_for(|open| *open == 0).await.unwrap();
    }

    fn next_if(&self, wanted: impl Fn(&Step) -> bool) -> Option<Step> {
        let mut steps = self.state.steps.lock().unwrap();
        if steps.front().is_some_and(wanted) {
            steps.pop_front()
        } else {
            None
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        match self.next_if(|step| matches!(step, Step::CloseUnread | Step::Greet(_))) {
            Some(Step::Greet(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                return self.silence(&mut stream).await;
            }
            Some(_) => return,
            None => {}
        }
        let mut buffer = Vec::new();
        while let Some(head) = read_head(&mut stream, &mut buffer).await {
            self.state.heads.fetch_add(1, Ordering::SeqCst);
            let step = self.next_if(|_| true);
            if matches!(step, Some(Step::CloseAfterHead)) {
                return;
            }
            let mut seen = Seen::from_head(&head);
            let length = seen
                .header("content-length")
                .map_or(0, |text| text.parse().unwrap());
            let Some(body) = read_body(&mut stream, &mut buffer, length).await else {
                return;
            };
            seen.body = body;
            let step = step.unwrap_or_else(|| (self.state.rule.lock().unwrap())(&seen));
            self.state.seen.lock().unwrap().push(seen);
            if self.respond(&mut stream, step).await.is_err() {
                return;
            }
        }
    }

    /// An error ends the connection.
    async fn respond(&self, stream: &mut TcpStream, step: Step) -> io::Result<()> {
        let close = || Err(io::ErrorKind::ConnectionAborted.into());
        match step {
            Step::Respond(bytes) => stream.write_all(&bytes).await,
            Step::RespondAndClose(bytes) => {
                stream.write_all(&bytes).await?;
                close()
            }
            Step::RespondAndCloseLater(bytes) => {
                stream.write_all(&bytes).await?;
                self.state.hang_up.acquire().await.unwrap().forget();
                close()
            }
            Step::RespondThenSilence(bytes) => {
                stream.write_all(&bytes).await?;
                self.silence(stream).await;
                close()
            }
            Step::Silence => {
                self.silence(stream).await;
                close()
            }
            Step::Drip(bytes, pieces) => {
                stream.write_all(&bytes).await?;
                for piece in pieces.iter().cycle() {
                    self.state.drip.acquire().await.unwrap().forget();
                    stream.write_all(&[*piece]).await?;
                }
                close()
            }
            Step::Endless(bytes, piece) => {
                stream.write_all(&bytes).await?;
                loop {
                    stream.write_all(&piece).await?;
                }
            }
            Step::Close | Step::CloseAfterHead | Step::CloseUnread | Step::Greet(_) => close(),
        }
    }

    async fn silence(&self, stream: &mut TcpStream) {
        self.state.silent.add_permits(1);
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
}

async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(end) = step::end_of_head(buffer) {
            let rest = buffer.split_off(end);
            return Some(std::mem::replace(buffer, rest));
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

async fn read_body(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> Option<Vec<u8>> {
    while buffer.len() < length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let rest = buffer.split_off(length);
    Some(std::mem::replace(buffer, rest))
}

/// A port that refuses connections: bound, so that no other program takes it, but nothing listens on it. Keep the socket.
///
/// # Panics
///
/// If no port is free.
#[must_use]
pub fn refusing() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap(), socket)
}
