//! The transport against hand-written peers on loopback.

mod race;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Mutex,
};

use anyvendor_core::transport::OutgoingBody;
use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::*;
use crate::clock::ManualClock;

fn local() -> TransportConfig {
    TransportConfig {
        allow_private_addresses: true,
        ..TransportConfig::default()
    }
}

fn outgoing(method: Method, url: &str, body: OutgoingBody) -> Outgoing {
    Outgoing::new(method, Url::parse(url).unwrap(), HeaderMap::new(), body)
}

/// Reads the head of one request, and the body after it.
async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut seen = Vec::new();
    let head = loop {
        if let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut seen).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(seen[..head].to_vec())
        .unwrap()
        .to_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse::<usize>().unwrap());
    while seen.len() < head + length {
        if stream.read_buf(&mut seen).await.ok()? == 0 {
            return None;
        }
    }
    Some((text, seen.split_off(head)))
}

/// Responds to every request on every connection with these bytes, and keeps the heads.
async fn responding(
    address: &str,
    response: &'static [u8],
) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                while let Some((head, _)) = read_request(&mut stream).await {
                    kept.lock().unwrap().push(head);
                    stream.write_all(response).await.unwrap();
                }
            });
        }
    });
    (address, heads)
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn lengths_are_announced() {
    let (address, heads) = responding("127.0.0.1:0", OK).await;
    let transport = HttpTransport::new(local()).unwrap();
    let url = format!("http://{address}/");
    let stream = || {
        let pieces = ["ab", "cde"].map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        Box::pin(futures_util::stream::iter(pieces))
    };
    for (method, content) in [
        (Method::GET, OutgoingBody::empty()),
        (Method::POST, OutgoingBody::empty()),
        (Method::PUT, OutgoingBody::from(Bytes::from_static(b"abc"))),
        (Method::PUT, OutgoingBody::stream(stream(), 5)),
    ] {
        transport
            .send(outgoing(method, &url, content))
            .await
            .unwrap();
    }
    let heads = heads.lock().unwrap();
    let length = |head: &String| {
        assert!(!head.contains("transfer-encoding"), "{head}");
        head.lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(str::to_owned)
    };
    let lengths: Vec<_> = heads.iter().map(length).collect();
    assert_eq!(
        lengths,
        [None, Some("0".into()), Some("3".into()), Some("5".into())]
    );
}

#[tokio::test]
async fn a_stream_of_another_length_is_not_cut_in_silence() {
    let (address, heads) = responding("127.0.0.1:0", OK).await;
    let transport = HttpTransport::new(local()).unwrap();
    for announced in [3, 6] {
        let pieces = ["ab", "cde"].map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        let content = OutgoingBody::stream(Box::pin(futures_util::stream::iter(pieces)), announced);
        let error = transport
            .send(outgoing(
                Method::PUT,
                &format!("http://{address}/"),
                content,
            ))
            .await
            .unwrap_err();
        assert_eq!(error.cause, TransportCause::Network(TransportPhase::Send));
    }
    assert!(heads.lock().unwrap().is_empty(), "no request arrived whole");
}

#[tokio::test]
async fn a_body_that_cannot_be_decoded_is_distinguished_from_one_that_was_cut() {
    let broken =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\nnot gzip at!";
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\nconnection: close\r\n\r\n{";
    for (response, kind) in [
        (&broken[..], Kind::Protocol(ProtocolReason::BadEncoding)),
        (
            &cut[..],
            Kind::Transport {
                phase: TransportPhase::Receive,
            },
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await.unwrap();
            stream.write_all(response).await.unwrap();
        });
        let transport = HttpTransport::new(local()).unwrap();
        let request = outgoing(Method::GET, &url, OutgoingBody::empty());
        let mut body = transport.send(request).await.unwrap().body;
        let error = loop {
            match body.next().await.unwrap() {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), &kind);
    }
}

#[derive(Debug)]
struct Flipping(Mutex<IpAddr>);

#[async_trait]
impl Resolver for Flipping {
    async fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(vec![*self.0.lock().unwrap()])
    }
}

#[tokio::test]
async fn t18_moved_host_is_followed() {
    let (old, at_old) = responding("127.0.0.1:0", OK).await;
    let (new, at_new) = responding(&format!("127.0.0.2:{}", old.port()), OK).await;
    let names = Arc::new(Flipping(Mutex::new(old.ip())));
    let clock = Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH));
    let transport = HttpTransport::builder(local())
        .resolver(Arc::clone(&names) as Arc<dyn Resolver>)
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .build()
        .unwrap();
    let send = async || {
        let url = format!("http://api.acme.example:{}/", old.port());
        let response = transport
            .send(outgoing(Method::GET, &url, OutgoingBody::empty()))
            .await
            .unwrap();
        // Read to the end, so that the connection goes back to the pool.
        response.body.for_each(async |_| {}).await;
    };
    let counts = || (at_old.lock().unwrap().len(), at_new.lock().unwrap().len());

    send().await;
    *names.0.lock().unwrap() = new.ip();
    send().await;
    assert_eq!(counts(), (2, 0), "a busy pool does not ask again");
    clock.advance(REBUILD_AFTER);
    send().await;
    assert_eq!(counts(), (2, 1), "the new client asks");
}

#[tokio::test]
async fn t18_requests_left_without_an_answer_count_against_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let clock = Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH));
    let transport = HttpTransport::builder(local())
        .clock(clock.clone())
        .build()
        .unwrap();
    let built = || transport.0.current.read().unwrap().built;
    let first = built();
    let give_up_after = async |time| {
        let send = transport.send(outgoing(Method::GET, &url, OutgoingBody::empty()));
        tokio::pin!(send);
        assert!(futures_util::poll!(&mut send).is_pending());
        clock.advance(time);
    };
    for _ in 0..10 * REBUILD_AFTER_FAILURES {
        give_up_after(Duration::from_millis(200)).await;
    }
    transport.0.client();
    assert_eq!(built(), first, "callers with little patience do not count");
    for _ in 0..REBUILD_AFTER_FAILURES {
        give_up_after(ENOUGH_TIME).await;
    }
    assert_eq!(built(), first);
    transport.0.client();
    assert_ne!(built(), first);
    assert_eq!(transport.0.failures_in_a_row.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn tls_offers_http2() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let hello = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).await.unwrap();
        let mut rest = vec![0; usize::from(u16::from_be_bytes([hello[3], hello[4]]))];
        stream.read_exact(&mut rest).await.unwrap();
        rest
    });
    let transport = HttpTransport::new(local()).unwrap();
    let error = transport
        .send(outgoing(Method::GET, &url, OutgoingBody::empty()))
        .await
        .unwrap_err();
    assert!(is_unreachable(&error), "{error:?}");
    let hello = hello.await.unwrap();
    let offer = b"\x02h2\x08http/1.1";
    assert!(hello.windows(offer.len()).any(|window| window == offer));
}

/// One HTTP/2 connection that responds to the first request with these frames, and may then close.
async fn http2_peer(frames: &'static [u8], closes: bool) -> SocketAddr {
    const PREFACE: usize = 24;
    const HEADERS: u8 = 1;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_exact(&mut [0; PREFACE]).await.unwrap();
        // Our settings, empty, and the acknowledgement of theirs.
        stream
            .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0])
            .await
            .unwrap();
        loop {
            let mut head = [0; 9];
            if stream.read_exact(&mut head).await.is_err() {
                return;
            }
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            stream.read_exact(&mut payload).await.unwrap();
            if head[3] == HEADERS {
                stream.write_all(frames).await.unwrap();
                if closes {
                    return;
                }
            }
        }
    });
    address
}

/// Without TLS the protocol is not negotiated, so the client is configured.
fn http2_client() -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls().unwrap())
        .http2_prior_knowledge()
        .retry(retry::never())
        .no_proxy()
        .build()
        .unwrap()
}

#[tokio::test]
async fn t02_http2_refusals_are_evidence_that_nothing_was_done() {
    // RST_STREAM on stream 1: REFUSED_STREAM, and INTERNAL_ERROR.
    const REFUSED: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7];
    const INTERNAL: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    // GOAWAY, NO_ERROR, with nothing processed; and the same with ENHANCE_YOUR_CALM.
    const LEFT: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const CALM: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11];
    // The same two, but stream 1 was looked at before the peer left.
    const LEFT_AFTER: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    const CALM_AFTER: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 11];
    let processed = TransportCause::Network(TransportPhase::Receive);
    for (frames, closes, cause) in [
        (REFUSED, false, TransportCause::Unprocessed),
        (LEFT, false, TransportCause::Unprocessed),
        (CALM, false, TransportCause::Unprocessed),
        (INTERNAL, false, processed),
        (LEFT_AFTER, true, processed),
        (CALM_AFTER, true, processed),
    ] {
        let address = http2_peer(frames, closes).await;
        let error = http2_client()
            .post(format!("http://{address}/"))
            .body("{}")
            .send()
            .await
            .unwrap_err();
        assert_eq!(failure::of_send(error).cause, cause, "{frames:?}");
    }
}
