//! The checksum that AWS gets of whole puts, and that compatible stores do not.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;
mod support;

use anyvendor_adapter_s3::{CredentialsConfig, S3Config};
use anyvendor_core::storage::{PutObject, StorageProvider};
use anyvendor_testkit::transport::response;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use harness::build_over;
use support::{key, over_network};

const HEADER: &str = "x-amz-checksum-crc64nvme";

/// CRC-64/NVME of the CRC catalogue, bit by bit: reflected, all ones before and after.
fn crc64nvme(bytes: &[u8]) -> u64 {
    !bytes.iter().fold(u64::MAX, |sum, byte| {
        (0..8).fold(sum ^ u64::from(*byte), |sum, _| {
            (sum >> 1)
                ^ if sum & 1 == 1 {
                    0x9a6c_9329_ac4b_c9b5
                } else {
                    0
                }
        })
    })
}

async fn sent(config: S3Config, body: Bytes) -> Option<String> {
    let between = over_network(|_| async { Some(response(200, &[("etag", "\"e\"")], "")) });
    let s3 = build_over(config, between.clone());
    s3.put(PutObject::new(key("k"), body)).await.unwrap();
    let sent = between.sent();
    assert_eq!(sent.len(), 1);
    sent.first().unwrap().header(HEADER).map(str::to_owned)
}

fn aws() -> S3Config {
    S3Config::new(
        "bucket",
        "us-east-1",
        CredentialsConfig::fixed("id", "secret"),
    )
}

#[tokio::test]
async fn aws_gets_the_checksum_of_the_catalogue() {
    assert_eq!(
        crc64nvme(b"123456789"),
        0xae8b_1486_0a79_9888,
        "the catalogue's check value"
    );
    let nine = sent(aws(), Bytes::from_static(b"123456789")).await;
    assert_eq!(nine.as_deref(), Some("rosUhgp5mIg="));
    let bodies = [
        Bytes::new(),
        Bytes::from_static(b"Hello, world!"),
        Bytes::from(vec![0; 1024 * 1024]),
        (0..=255).collect(),
    ];
    for body in bodies {
        let expected = STANDARD.encode(crc64nvme(&body).to_be_bytes());
        let length = body.len();
        assert_eq!(sent(aws(), body).await, Some(expected), "{length} bytes");
    }
}

#[tokio::test]
async fn a_compatible_store_gets_none() {
    let config = aws().with_local_endpoint("http://127.0.0.1:9000");
    assert_eq!(sent(config, Bytes::from_static(b"123456789")).await, None);
}
