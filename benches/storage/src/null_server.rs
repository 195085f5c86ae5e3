//! The part of S3 that the benchmark needs, over HTTP/1.1. It discards what is written and generates what is read.
//!
//! The name of an object says how long it is: `bytes-1024-7` is a kibibyte.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

const PIECE: usize = 256 * 1024;
static ZEROES: [u8; PIECE] = [0; PIECE];
const ETAG: &str = "\"0123456789abcdef0123456789abcdef\"";

/// Prints the address, and serves until it is ended.
pub(crate) fn run() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("http://{}", listener.local_addr().expect("an address"));
    for connection in listener.incoming().flatten() {
        thread::spawn(move || serve(&connection));
    }
}

/// The relevant parts of a request's head.
struct Head {
    method: String,
    path: String,
    length: u64,
    expects_continue: bool,
}

fn serve(connection: &TcpStream) {
    let _ = connection.set_nodelay(true);
    let mut reader = BufReader::with_capacity(PIECE, connection);
    while let Some(head) = read_head(&mut reader) {
        if response(&head, &mut reader, connection).is_err() {
            return;
        }
    }
}

fn read_head(reader: &mut impl BufRead) -> Option<Head> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut head = Head {
        method,
        path,
        length: 0,
        expects_continue: false,
    };
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            return Some(head);
        }
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = value.trim().parse().ok()?,
            "expect" => head.expects_continue = true,
            "transfer-encoding" => panic!("a client sent a body without its length"),
            _ => {}
        }
    }
}

fn response(
    head: &Head,
    reader: &mut BufReader<&TcpStream>,
    mut connection: &TcpStream,
) -> std::io::Result<()> {
    if head.expects_continue {
        connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    std::io::copy(&mut reader.by_ref().take(head.length), &mut std::io::sink())?;
    match head.method.as_str() {
        "PUT" => write_head(connection, 0, "")?,
        "POST" => {
            let xml = if head.path.contains("uploads") {
                "<InitiateMultipartUploadResult><Bucket>bench</Bucket><Key>k</Key>\
                 <UploadId>upload-1</UploadId></InitiateMultipartUploadResult>"
            } else {
                "<CompleteMultipartUploadResult><Bucket>bench</Bucket><Key>k</Key>\
                 <ETag>\"0123456789abcdef-1\"</ETag></CompleteMultipartUploadResult>"
            };
            write_head(connection, xml.len(), xml)?;
        }
        _ => {
            let name = head.path.split('?').next().unwrap_or_default();
            let length = name.split('-').nth(1).and_then(|text| text.parse().ok());
            let mut left: usize = length.unwrap_or(0);
            let first = left.min(1024);
            // A small object goes out with its head, in one segment.
            write_head(
                connection,
                left,
                str::from_utf8(&ZEROES[..first]).expect("zeroes"),
            )?;
            left -= first;
            while left > 0 {
                let piece = left.min(PIECE);
                connection.write_all(&ZEROES[..piece])?;
                left -= piece;
            }
        }
    }
    Ok(())
}

fn write_head(mut connection: &TcpStream, length: usize, body: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\netag: {ETAG}\r\n\
         last-modified: Wed, 01 Jan 2025 00:00:00 GMT\r\ndate: Wed, 01 Jan 2025 00:00:00 GMT\r\n\
         x-amz-request-id: 0123456789ABCDEF\r\n\r\n{body}"
    );
    connection.write_all(head.as_bytes())
}
