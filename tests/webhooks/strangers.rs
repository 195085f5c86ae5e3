//! Strangers with many connections, on a real server: a vendor's deliveries are answered meanwhile.

use std::time::Duration;

use anyvendor::{network::SystemClock, resilience::Clock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{post, server_with, stripe};

const EVENT: &str = r#"{"id":"ID","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","amount":1,"currency":"eur"}}}"#;

/// A connection that sends this head, and of a body of `length` bytes only the first.
async fn stranger(address: &str, path: &str, headers: &str, length: usize) -> TcpStream {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {length}\r\n\r\nx"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn status(stream: &mut TcpStream) -> String {
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.unwrap();
    String::from_utf8_lossy(&line["HTTP/1.1 ".len()..]).into_owned()
}

#[tokio::test]
async fn sf01_strangers_are_answered_by_their_head() {
    let (address, ..) = server_with(|receiver| receiver.max_in_flight(5)).await;
    let multipart = "content-type: multipart/form-data; boundary=xYzZY\r\n";
    let json = "content-type: application/json\r\n";
    for (path, headers, expected) in [
        (
            "/webhooks/mail",
            "content-type: text/plain\r\n".to_owned(),
            "415",
        ),
        ("/webhooks/mail", multipart.to_owned(), "400"),
        (
            "/webhooks/mail",
            format!("{multipart}authorization: Basic eDp5\r\n"),
            "400",
        ),
        (
            "/webhooks/mail",
            format!("{multipart}authorization: Bearer x\r\n"),
            "400",
        ),
        ("/webhooks/stripe", json.to_owned(), "400"),
        (
            "/webhooks/stripe",
            format!("{json}stripe-signature: t=1,v1=x\r\n"),
            "400",
        ),
        ("/webhooks/twilio", json.to_owned(), "400"),
        (
            "/webhooks/paypal",
            format!("{json}paypal-transmission-id: 1\r\n"),
            "400",
        ),
    ] {
        // The body is never completed.
        let mut stream = stranger(&address, path, &headers, 1_000).await;
        assert_eq!(status(&mut stream).await, expected, "{path} {headers}");
    }
}

#[tokio::test]
async fn sf01_strangers_with_the_right_form_hold_up_one_endpoint_at_most() {
    let (address, seen, _folder) = server_with(|receiver| receiver.max_in_flight(8)).await;
    let signature = format!("t={},v1={}", SystemClock.wall().as_second(), "0".repeat(64));
    let headers = format!("content-type: application/json\r\nstripe-signature: {signature}\r\n");
    let mut strangers = Vec::new();
    for _ in 0..40 {
        strangers.push(stranger(&address, "/webhooks/stripe-eu", &headers, 1_000).await);
    }
    for number in 0..5 {
        let body = EVENT.replace("ID", &format!("evt_{number}"));
        let genuine = post(
            &address,
            "/webhooks/stripe",
            "application/json",
            stripe("whsec_one", &body),
            body.clone(),
        );
        let answered = tokio::time::timeout(Duration::from_secs(5), genuine).await;
        assert_eq!(answered.unwrap(), 200);
    }
    assert_eq!(seen.lock().unwrap().len(), 5);
    for mut stream in strangers {
        assert_eq!(status(&mut stream).await, "503", "busy, or too slow");
    }
}

/// The smallest pieces that a chunked body can have.
#[tokio::test]
async fn sf04_a_body_in_pieces_of_a_byte_is_read() {
    let (address, seen, _folder) = server_with(|receiver| receiver).await;
    let padding = " ".repeat(20_000);
    let body = EVENT.replace("ID", "evt_1") + &padding;
    let (name, signature) = stripe("whsec_one", &body);
    let host = address.trim_start_matches("http://");
    let mut request = format!(
        "POST /webhooks/stripe HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         {name}: {signature}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    for byte in body.chars() {
        request.push_str("1\r\n");
        request.push(byte);
        request.push_str("\r\n");
    }
    request.push_str("0\r\n\r\n");
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(status(&mut stream).await, "200");
    assert_eq!(seen.lock().unwrap()[0].raw.0, body);
}
