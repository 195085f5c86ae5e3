//! Requests over a real connection: the HTTP server must not change the emulator's response headers.

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::body::BoxError;

/// Sends one call on a connection of its own. Returns the response's head in lower case, and its body.
async fn exchange(address: std::net::SocketAddr, call: Call) -> (String, Vec<u8>) {
    let signer = Signer {
        host: address.to_string(),
        ..Signer::default()
    };
    let mut bytes = format!(
        "{} {} HTTP/1.1\r\nconnection: close\r\n",
        call.method, call.target
    );
    for (name, value) in signer.headers(&call) {
        bytes += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(&[bytes.as_bytes(), b"\r\n", &call.body].concat())
        .await
        .unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    let end = response.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let body = response.split_off(end + 4);
    (String::from_utf8(response).unwrap().to_lowercase(), body)
}

#[tokio::test]
async fn lengths_and_empty_bodies_survive_the_server() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let emulator = fixture.emulator.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let emulator = emulator.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let emulator = emulator.clone();
                let request = request.map(|body| body.map_err(BoxError::from).boxed_unsync());
                async move { Ok::<_, std::convert::Infallible>(emulator.handle(request).await) }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });

    let big = vec![b'z'; 3 * MIB];
    let (head_of_put, _) = exchange(address, put("/box/big").body(big.clone())).await;
    assert!(head_of_put.starts_with("http/1.1 200"), "{head_of_put}");
    let length = format!("content-length: {}", big.len());
    let (top, body) = exchange(address, get("/box/big")).await;
    assert!(top.contains(&length) && body == big, "{top}");
    let (top, body) = exchange(address, head("/box/big")).await;
    assert!(top.contains(&length) && body.is_empty(), "{top}");
    let (top, body) = exchange(address, get("/box/big").header("if-none-match", "*")).await;
    assert!(
        top.starts_with("http/1.1 304") && top.contains("etag: ") && body.is_empty(),
        "{top}"
    );
    let (top, body) = exchange(address, head("/box/none")).await;
    assert!(top.starts_with("http/1.1 404") && body.is_empty(), "{top}");
    let (top, body) = exchange(address, get("/box/none")).await;
    assert!(
        top.contains(&format!("content-length: {}", body.len())),
        "{top}"
    );
    let (top, body) = exchange(address, delete("/box/big")).await;
    assert!(top.starts_with("http/1.1 204") && body.is_empty(), "{top}");
}
