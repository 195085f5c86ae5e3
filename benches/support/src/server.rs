//! The smallest HTTP/1.1 server: one thread per connection, the same response to everything.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// Responds to every request with these bytes, from separate threads, for as long as the process runs.
///
/// # Panics
/// If no loopback port can be bound.
pub fn serve_all(response: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let response: Arc<[u8]> = response.into();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let response = Arc::clone(&response);
            thread::spawn(move || serve(connection, &response));
        }
    });
    address
}

/// Records the whole first request of a client, to compare bytes.
///
/// # Panics
/// If no loopback port can be bound.
pub fn record_one(response: Vec<u8>) -> (SocketAddr, thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let recorded = thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a connection");
        let mut buffer = Vec::new();
        let end = read_request(&mut connection, &mut buffer).expect("a request");
        connection.write_all(&response).expect("a response");
        buffer.truncate(end);
        buffer
    });
    (address, recorded)
}

/// A whole response with status 200 and these headers.
#[must_use]
pub fn ok(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        response.push_str(&format!("{name}: {value}\r\n"));
    }
    response.push_str("\r\n");
    [response.as_bytes(), body].concat()
}

fn serve(mut connection: TcpStream, response: &[u8]) {
    let _ = connection.set_nodelay(true);
    let mut buffer = Vec::with_capacity(16 * 1024);
    while let Some(end) = read_request(&mut connection, &mut buffer) {
        buffer.drain(..end);
        if connection.write_all(response).is_err() {
            return;
        }
    }
}

/// Reads until there is a whole request, and returns where it ends.
fn read_request(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<usize> {
    let mut piece = [0; 16 * 1024];
    loop {
        if let Some(end) = end_of_request(buffer)
            && buffer.len() >= end
        {
            return Some(end);
        }
        match connection.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(read) => buffer.extend_from_slice(&piece[..read]),
        }
    }
}

fn end_of_request(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let length = buffer[..head]
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let (name, value) = line.split_at_checked(15)?;
            name.eq_ignore_ascii_case(b"content-length:")
                .then_some(value)
        })
        .find_map(|value| str::from_utf8(value).ok()?.trim().parse::<usize>().ok());
    Some(head + length.unwrap_or(0))
}
