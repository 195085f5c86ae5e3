//! A client that costs little: requests written by hand over connections that stay open, one thread that never sleeps.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use ring::hmac;

pub(crate) const SECRET: &str = "whsec_benchmark";

/// The event but for its number, 1.4 KB.
const EVENT: &str = include_str!("../../event.json");

/// Sends events, each another one and signed when it is sent.
pub(crate) struct Load {
    key: hmac::Key,
    connections: Vec<Connection>,
    sent: usize,
}

impl Load {
    pub(crate) fn new(server: SocketAddr, connections: usize) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()),
            connections: (0..connections).map(|_| Connection::new(server)).collect(),
            sent: 0,
        }
    }

    /// How many were sent so far.
    pub(crate) const fn sent(&self) -> usize {
        self.sent
    }

    /// Sends this many with every connection busy, and waits for all responses.
    pub(crate) fn all_at_once(&mut self, count: usize) -> Duration {
        let (started, end) = (Instant::now(), self.sent + count);
        while self.sent < end || self.busy() {
            for at in 0..self.connections.len() {
                self.connections[at].response_time();
                if self.connections[at].since.is_none() && self.sent < end {
                    self.send(at, Instant::now());
                }
            }
        }
        started.elapsed()
    }

    /// Sends one event each time it is due, whether or not the server keeps up, and returns how long after that moment each
    /// response came. An event that waits for a free connection keeps its due time.
    pub(crate) fn by_schedule(&mut self, count: usize, every: Duration) -> Vec<Duration> {
        let (started, mut begun) = (Instant::now(), 0);
        let mut waited = Vec::with_capacity(count);
        while waited.len() < count {
            for at in 0..self.connections.len() {
                waited.extend(self.connections[at].response_time());
                if begun == count || self.connections[at].since.is_some() {
                    continue;
                }
                let due = started + every.mul_f64(begun as f64);
                if due <= Instant::now() {
                    self.send(at, due);
                    begun += 1;
                }
            }
        }
        waited
    }

    fn busy(&self) -> bool {
        self.connections.iter().any(|one| one.since.is_some())
    }

    fn send(&mut self, at: usize, due: Instant) {
        let body = EVENT
            .trim_end()
            .replacen("NUMBER", &format!("{:020}", self.sent), 1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = now.unwrap_or_default().as_secs();
        let mut signed = hmac::Context::with_key(&self.key);
        signed.update(format!("{time}.").as_bytes());
        signed.update(body.as_bytes());
        let signature = signed.sign();
        let mut hex = String::with_capacity(64);
        for byte in signature.as_ref() {
            hex.extend(
                [byte >> 4, byte & 15]
                    .map(|half| char::from(b"0123456789abcdef"[usize::from(half)])),
            );
        }
        let request = format!(
            "POST /webhooks/stripe HTTP/1.1\r\nhost: hooks.example.com\r\nuser-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n\
             accept: */*; q=0.5, application/xml\r\ncache-control: no-cache\r\ncontent-type: application/json; charset=utf-8\r\n\
             content-length: {}\r\nstripe-signature: t={time},v1={hex}\r\n\r\n{body}",
            body.len(),
        );
        self.connections[at].send(request.as_bytes(), due);
        self.sent += 1;
    }
}

/// A connection, and the moment since when it waits for a response.
struct Connection {
    stream: TcpStream,
    since: Option<Instant>,
    read: Vec<u8>,
}

impl Connection {
    fn new(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        stream.set_nonblocking(true).expect("no waiting");
        Self {
            stream,
            since: None,
            read: Vec::new(),
        }
    }

    fn send(&mut self, mut request: &[u8], due: Instant) {
        self.since = Some(due);
        while !request.is_empty() {
            match self.stream.write(request) {
                Ok(written) => request = &request[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("the server hung up: {error}"),
            }
        }
    }

    /// The time between the moment when the request was due and its response, once that has arrived. Responses have no body.
    fn response_time(&mut self) -> Option<Duration> {
        let since = self.since?;
        let mut piece = [0; 1024];
        match self.stream.read(&mut piece) {
            Ok(0) => panic!("the server hung up"),
            Ok(read) => self.read.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("the server hung up: {error}"),
        }
        if !self.read.ends_with(b"\r\n\r\n") {
            return None;
        }
        let taken = self.read.starts_with(b"HTTP/1.1 200 ");
        assert!(taken, "{}", String::from_utf8_lossy(&self.read));
        self.read.clear();
        self.since = None;
        Some(since.elapsed())
    }
}
