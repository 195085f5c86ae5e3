//! Limits of time and size. Time is stepped: it passes only when a test advances it.

use std::time::Duration;

use anyvendor_core::{
    Delivery, Error, Kind,
    error::{ProtocolReason, TimeoutPhase},
    resilience::{CallOptions, OperationClass, Policy, StreamingResponse},
};
use anyvendor_testkit::{Step, server::head};
use futures_util::StreamExt;
use http::StatusCode;
use serde_json::Value;

use super::bench::{Bench, Stepped, operation, request};

const SECOND: Duration = Duration::from_secs(1);

fn late() -> Kind {
    Kind::Timeout {
        phase: TimeoutPhase::Body,
    }
}

#[tokio::test(start_paused = true)]
async fn t15_attempt_timeout_covers_the_body() {
    let _stepped = Stepped::new();
    let limit = Policy::default().attempt_timeout;
    let options = CallOptions::default().without_retries();
    // The head alone; the head and half of the body.
    for begun in [head(9), [head(9), b"{".to_vec()].concat()] {
        let bench = Bench::new(&[Step::RespondThenSilence(begun)]).await;
        let call = bench.call_with(OperationClass::Unkeyed, &options);
        let step = async {
            bench.head_arrived().await;
            tokio::time::advance(limit + SECOND).await;
        };
        let (result, ()) = tokio::join!(call, step);
        let error = result.unwrap_err();
        assert_eq!(error.kind(), &late());
        assert_eq!(error.status(), Some(StatusCode::OK), "the status is kept");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}

/// One byte per second is never idle, but it must not keep the attempt alive forever.
#[tokio::test(start_paused = true)]
async fn t15_a_trickle_does_not_stretch_the_attempt() {
    let _stepped = Stepped::new();
    let bench = Bench::new(&[Step::Drip(head(1_000), b" ")]).await;
    let options = CallOptions::default().without_retries();
    let call = bench.call_with(OperationClass::Safe, &options);
    tokio::pin!(call);
    tokio::select! {
        _ = &mut call => panic!("the body is not there yet"),
        () = bench.head_arrived() => {}
    }
    let mut seconds = 0;
    let error = loop {
        bench.server.drip();
        seconds += 1;
        tokio::select! {
            biased;
            result = &mut call => break result.unwrap_err(),
            () = tokio::time::advance(SECOND) => {}
        }
        assert!(seconds < 100, "it goes on for ever");
    };
    assert_eq!(error.kind(), &late());
    let limit = Policy::default().attempt_timeout.as_secs();
    assert!((limit..=limit + 1).contains(&seconds), "{seconds} s");
}

async fn streaming(bench: &Bench) -> Result<StreamingResponse, Error> {
    let request = request(bench.server.address(), OperationClass::Safe);
    let operation = operation(OperationClass::Safe);
    let options = CallOptions::default();
    bench
        .pipeline
        .call_streaming(&operation, request, &options)
        .await
}

#[tokio::test(start_paused = true)]
async fn t16_slow_reader_is_not_a_stall() {
    let _stepped = Stepped::new();
    let bench = Bench::new(&[Step::Drip(head(3), b"abc")]).await;
    let mut body = streaming(&bench).await.unwrap().body;
    let mut read = Vec::new();
    for _ in 0..3 {
        // The reader pauses for an hour and then reads what has arrived.
        tokio::time::advance(3_600 * SECOND).await;
        bench.server.drip();
        read.extend_from_slice(&body.next().await.unwrap().unwrap());
    }
    assert_eq!(read, b"abc");
    assert!(body.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn t16_only_our_own_waiting_counts_as_idle() {
    let _stepped = Stepped::new();
    let idle = Policy::default().idle_timeout;
    let bench = Bench::new(&[Step::Drip(head(9), b"a")]).await;
    let mut body = streaming(&bench).await.unwrap().body;
    for _ in 0..3 {
        // The body is slow, but each piece arrives within the limit, which restarts with each piece.
        let wait = async {
            tokio::time::advance(idle - SECOND).await;
            bench.server.drip();
        };
        let (piece, ()) = tokio::join!(body.next(), wait);
        assert_eq!(piece.unwrap().unwrap().as_ref(), b"a");
    }
    let (piece, ()) = tokio::join!(body.next(), tokio::time::advance(idle + SECOND));
    assert_eq!(piece.unwrap().unwrap_err().kind(), &late());
    assert!(body.next().await.is_none());
}

fn capped(bytes: u64) -> Policy {
    let mut policy = Policy::default();
    policy.max_response_bytes = bytes;
    policy
}

#[tokio::test]
async fn t22_oversized_bodies_are_cut() {
    let zeros = 4 << 20;
    let bomb = gzip_of_zeros(zeros);
    assert!(bomb.len() < 32 << 10, "{} bytes on the wire", bomb.len());
    let zipped = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        bomb.len()
    );
    let bomb = Step::Respond([zipped.into_bytes(), bomb].concat());
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"1000\r\n", &[b' '; 0x1000][..], b"\r\n"].concat();
    for step in [
        bomb.clone(),
        // An oversized length that is announced but never sent is rejected at once.
        Step::RespondThenSilence(head(1 << 40)),
        Step::Endless(chunked, chunk),
    ] {
        let bench = Bench::with_policy(std::slice::from_ref(&step), capped(64 << 10)).await;
        let error = bench.call(OperationClass::Keyed).await.unwrap_err();
        assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::TooLarge));
        assert_eq!(
            error.delivery(),
            Delivery::Accepted,
            "the vendor accepted the call, but its response is malformed"
        );
        // The connection is closed too: otherwise the endless response would block this call.
        assert_eq!(bench.settle().await.count(), 1);
    }
    let bench = Bench::with_policy(&[bomb], capped(zeros as u64)).await;
    let response = bench.call(OperationClass::Safe).await.unwrap();
    assert_eq!(response.body.len(), zeros, "the cap is what rejected it");
}

#[tokio::test]
async fn t22_a_lying_length_is_cut_and_never_answers_another_call() {
    let cut = [head(99), b"{}".to_vec()].concat();
    let bench = Bench::new(&[Step::RespondAndClose(cut)]).await;
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert_eq!((error.delivery(), error.attempts()), (Delivery::Unknown, 1));
    assert_eq!(error.status(), Some(StatusCode::OK));
    // The body is longer than announced: bytes that no request asked for follow the first response.
    let hidden = [head(2), b"{}".to_vec(), head(5), b"false".to_vec()].concat();
    let bench = Bench::new(&[Step::Respond(hidden)]).await;
    for _ in 0..2 {
        let response = bench.call(OperationClass::Safe).await.unwrap();
        assert_eq!(response.body.as_ref(), b"{}");
    }
}

#[tokio::test]
async fn t22_endless_heads_and_deep_json_are_refused() {
    let many = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".repeat(10_000)].concat();
    let bench = Bench::new(&[Step::Endless(many, b"x: y\r\n".repeat(100))]).await;
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(bench.settle().await.count(), 1);
    let deep = "[".repeat(100_000);
    let bench = Bench::new(&[Step::response(200, &deep)]).await;
    let response = bench.call(OperationClass::Unkeyed).await.unwrap();
    let error = response.json::<Value>().unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::BadBody));
    assert_eq!(error.delivery(), Delivery::Accepted);
}

/// This many zeros as one gzip member: a literal, then "repeat the last byte 258 times" as often as needed (RFC 1951,
/// 3.2.6, fixed codes; RFC 1952).
fn gzip_of_zeros(length: usize) -> Vec<u8> {
    const LONGEST: usize = 258;
    let mut bits = Bits::default();
    bits.low_first(0b011, 3);
    let repeats = (length - 1) / LONGEST;
    for _ in 0..length - repeats * LONGEST {
        bits.high_first(0b0011_0000, 8);
    }
    for _ in 0..repeats {
        bits.high_first(0b1100_0101, 8);
        bits.high_first(0, 5);
    }
    bits.high_first(0, 7);
    let mut zipped = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    zipped.append(&mut bits.bytes);
    zipped.extend_from_slice(&crc32_of_zeros(length).to_le_bytes());
    zipped.extend_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
    zipped
}

fn crc32_of_zeros(length: usize) -> u32 {
    !(0..length * 8).fold(u32::MAX, |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn push(&mut self, bit: u8) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        *self.bytes.last_mut().unwrap() |= bit << (self.used % 8);
        self.used += 1;
    }

    fn low_first(&mut self, value: u8, count: u32) {
        (0..count).for_each(|bit| self.push(value >> bit & 1));
    }

    fn high_first(&mut self, value: u8, count: u32) {
        (0..count).rev().for_each(|bit| self.push(value >> bit & 1));
    }
}
