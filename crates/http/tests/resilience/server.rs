//! A TCP server that misbehaves as told, counts what reaches it and keeps it.

use std::{
    collections::VecDeque,
    fmt,
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

/// What the server does with the next request, or with the connection before there is one.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Closes the fresh connection without reading.
    CloseUnread,
    /// Says this to a fresh connection without having been asked, and no more.
    Greet(Vec<u8>),
    /// Reads the head alone and closes.
    CloseAfterHead,
    /// Reads the request whole and closes.
    Close,
    /// Reads the request whole and says nothing until the client is gone.
    Silence,
    /// Answers; the connection stays.
    Response(Vec<u8>),
    /// Answers and closes at once, without having announced it.
    AnswerAndClose(Vec<u8>),
    /// Answers and closes when [`Server::hang_up`] says so.
    AnswerAndCloseLater(Vec<u8>),
    /// Says this and no more until the client is gone.
    AnswerThenSilence(Vec<u8>),
    /// Says the first, then a byte of the second each time that [`Server::drip`] asks, over and over.
    Drip(Vec<u8>, &'static [u8]),
    /// Says the first, then the second over and over until the client is gone.
    Endless(Vec<u8>, Vec<u8>),
}

impl Step {
    /// An answer with a JSON body.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::with(status, &[], body)
    }

    /// An answer with further headers.
    pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        Self::Response(format!("{head}\r\n{body}").into_bytes())
    }
}

/// The head of an answer that is to be followed by `length` bytes.
pub(crate) fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

/// A request that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// A header's value in the head of a request.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

type Rest = Box<dyn Fn(&str) -> Step + Send + Sync>;

struct State {
    steps: Mutex<VecDeque<Step>>,
    /// What to do once the steps are used up, by the head of the request.
    rest: Rest,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    heads: AtomicUsize,
    open: watch::Sender<usize>,
    silent: Semaphore,
    drip: Semaphore,
    hang_up: Semaphore,
}

/// The server, on a free port of this machine.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
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
    /// Follows the steps, then answers 200.
    pub(crate) async fn scripted(steps: &[Step]) -> Self {
        Self::start(steps, Box::new(|_| Step::json(200, "{}"))).await
    }

    /// Decides by the head of each request.
    pub(crate) async fn deciding(decide: impl Fn(&str) -> Step + Send + Sync + 'static) -> Self {
        Self::start(&[], Box::new(decide)).await
    }

    async fn start(steps: &[Step], rest: Rest) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            steps: Mutex::new(steps.iter().cloned().collect()),
            rest,
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
                    // Dropped before the connection counts as closed.
                    serving.serve(stream).await;
                    serving.state.open.send_modify(|open| *open -= 1);
                });
            }
        });
        server
    }

    /// The requests that arrived whole.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// How many requests arrived whole.
    pub(crate) fn count(&self) -> usize {
        self.state.seen.lock().unwrap().len()
    }

    /// How many heads of requests arrived.
    pub(crate) fn heads(&self) -> usize {
        self.state.heads.load(Ordering::SeqCst)
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until the server fell silent over a request, or a connection.
    pub(crate) async fn fell_silent(&self) {
        self.state.silent.acquire().await.unwrap().forget();
    }

    /// Lets one more byte through.
    pub(crate) fn drip(&self) {
        self.state.drip.add_permits(1);
    }

    /// Closes one connection that waits for it.
    pub(crate) fn hang_up(&self) {
        self.state.hang_up.add_permits(1);
    }

    /// Waits until every connection is closed and everything that was sent has been read. The client must have let go.
    pub(crate) async fn settle(&self) {
        // Connections are accepted in order: behind this one there is none.
        let mut last = TcpStream::connect(self.address).await.unwrap();
        last.shutdown().await.unwrap();
        let _ = last.read_to_end(&mut Vec::new()).await;
        let mut open = self.state.open.subscribe();
        open.wait_for(|open| *open == 0).await.unwrap();
    }

    fn next_if(&self, wanted: impl Fn(&Step) -> bool) -> Option<Step> {
        let mut steps = self.state.steps.lock().unwrap();
        steps
            .front()
            .is_some_and(wanted)
            .then(|| steps.pop_front())?
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
            let step = self
                .next_if(|_| true)
                .unwrap_or_else(|| (self.state.rest)(&head));
            if matches!(step, Step::CloseAfterHead) {
                return;
            }
            let length = header(&head, "content-length").map_or(0, |text| text.parse().unwrap());
            let Some(body) = read_body(&mut stream, &mut buffer, length).await else {
                return;
            };
            self.state.seen.lock().unwrap().push(Seen { head, body });
            if self.answer(&mut stream, step).await.is_err() {
                return;
            }
        }
    }

    /// An error ends the connection.
    async fn answer(&self, stream: &mut TcpStream, step: Step) -> std::io::Result<()> {
        let over = || Err(std::io::ErrorKind::ConnectionAborted.into());
        match step {
            Step::Response(bytes) => stream.write_all(&bytes).await,
            Step::AnswerAndClose(bytes) => {
                stream.write_all(&bytes).await?;
                over()
            }
            Step::AnswerAndCloseLater(bytes) => {
                stream.write_all(&bytes).await?;
                self.state.hang_up.acquire().await.unwrap().forget();
                over()
            }
            Step::AnswerThenSilence(bytes) => {
                stream.write_all(&bytes).await?;
                self.silence(stream).await;
                over()
            }
            Step::Silence => {
                self.silence(stream).await;
                over()
            }
            Step::Drip(bytes, pieces) => {
                stream.write_all(&bytes).await?;
                for piece in pieces.iter().cycle() {
                    self.state.drip.acquire().await.unwrap().forget();
                    stream.write_all(&[*piece]).await?;
                }
                over()
            }
            Step::Endless(bytes, piece) => {
                stream.write_all(&bytes).await?;
                loop {
                    stream.write_all(&piece).await?;
                }
            }
            Step::Close | Step::CloseAfterHead | Step::CloseUnread | Step::Greet(_) => over(),
        }
    }

    async fn silence(&self, stream: &mut TcpStream) {
        self.state.silent.add_permits(1);
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
}

async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = buffer.split_off(end + 4);
            let head = std::mem::replace(buffer, rest);
            return Some(String::from_utf8(head).unwrap());
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

/// A port that refuses: bound, so that nobody else gets it, but not listened on.
pub(crate) fn refusing() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap(), socket)
}
