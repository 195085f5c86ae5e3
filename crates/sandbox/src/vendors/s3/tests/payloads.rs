//! Payloads: hashed, unsigned and chunked, with every kind of digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::signer::sha256;
use super::*;

fn chunk(data: &[u8], signature: Option<&str>) -> Vec<u8> {
    let extension = signature.map_or(String::new(), |s| format!(";chunk-signature={s}"));
    [
        format!("{:x}{extension}\r\n", data.len()).as_bytes(),
        data,
        b"\r\n",
    ]
    .concat()
}

#[tokio::test]
async fn payload_kinds() {
    let fixture = Fixture::new();
    for (payload, status, code) in [
        (Payload::Hashed, 200, ""),
        (Payload::Unsigned, 200, ""),
        (Payload::Forged, 400, "XAmzContentSHA256Mismatch"),
    ] {
        let key = format!("/box/{payload:?}");
        let reply = fixture.send(put(&key).body("hello").payload(payload)).await;
        reply.expect(&key, status, code);
        assert_eq!(
            fixture.send(get(&key)).await.status == 200,
            status == 200,
            "a rejected body is not stored"
        );
    }
    let body = "<Delete><Object><Key>Hashed</Key></Object></Delete>";
    let forged = post("/box?delete=")
        .header("content-md5", &STANDARD.encode(Md5::digest(body)))
        .body(body)
        .payload(Payload::Forged);
    fixture
        .expect_error(forged, 400, "XAmzContentSHA256Mismatch")
        .await;
    assert_eq!(fixture.emulator.objects().len(), 2);
    fixture
        .expect_error(
            put("/box/cut")
                .header("content-length", "9")
                .body("short")
                .payload(Payload::Unsigned),
            400,
            "IncompleteBody",
        )
        .await;
}

#[tokio::test]
async fn aws_chunked_bodies() {
    let fixture = Fixture::new();
    let signer = Signer::default();
    let data = [vec![b'a'; 65_536], vec![b'b'; 10]];
    let call = |payload, len: usize| {
        put("/box/chunked")
            .header("content-encoding", "aws-chunked,gzip")
            .header("x-amz-decoded-content-length", &len.to_string())
            .payload(Payload::Literal(payload))
    };

    // In signed chunks each signature covers the previous one.
    let seed = call("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", 65_546);
    let headers = signer.headers(&seed);
    let mut previous = headers
        .last()
        .unwrap()
        .1
        .rsplit('=')
        .next()
        .unwrap()
        .to_owned();
    let mut body = Vec::new();
    for data in [data[0].as_slice(), &data[1], b""] {
        previous = signer.sign(
            "AWS4-HMAC-SHA256-PAYLOAD",
            &format!("{previous}\n{}\n{}", sha256(""), sha256(data)),
        );
        body.extend(chunk(data, Some(&previous)));
    }
    let headers: Vec<_> = headers
        .into_iter()
        .filter(|(n, _)| n != "content-length")
        .collect();
    let reply = fixture
        .deliver(
            Call {
                body: body.clone(),
                ..seed.clone()
            },
            headers.clone(),
        )
        .await;
    reply.expect("signed chunks", 200, "");
    let stored = fixture.send(get("/box/chunked")).await;
    assert_eq!(
        (
            stored.body,
            stored.headers["content-encoding"].to_str().unwrap()
        ),
        (data.concat(), "gzip")
    );
    body[65_700] ^= 1;
    fixture
        .deliver(Call { body, ..seed }, headers)
        .await
        .expect("a changed chunk", 403, "SignatureDoesNotMatch");

    // Unsigned chunks, followed by a checksum in a trailer.
    for (what, value, status, code) in [
        ("right trailer", "y/Q5Jg==", 200, ""),
        ("wrong trailer", "AAAAAA==", 400, "BadDigest"),
        ("bad trailer", "zzz", 400, "InvalidRequest"),
    ] {
        let call = call("STREAMING-UNSIGNED-PAYLOAD-TRAILER", 9)
            .header("x-amz-trailer", "x-amz-checksum-crc32");
        let headers: Vec<_> = signer
            .headers(&call)
            .into_iter()
            .filter(|(n, _)| n != "content-length")
            .collect();
        let body = [
            chunk(b"123456789", None),
            format!("0\r\nx-amz-checksum-crc32:{value}\r\n\r\n").into_bytes(),
        ]
        .concat();
        let reply = fixture.deliver(Call { body, ..call }, headers).await;
        reply.expect(what, status, code);
        if status == 200 {
            assert_eq!(reply.header("x-amz-checksum-crc32"), value);
        }
    }
}

#[tokio::test]
async fn digests_are_verified_and_echoed() {
    let fixture = Fixture::new();
    let data = "123456789";
    let sha = STANDARD.encode(sha2::Sha256::digest(data));
    for (header, value, status, code) in [
        ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==", 200, ""),
        ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", 400, "BadDigest"),
        ("content-md5", "not base64", 400, "InvalidDigest"),
        ("content-md5", "AAAA", 400, "InvalidDigest"),
        ("x-amz-checksum-crc32", "y/Q5Jg==", 200, ""),
        ("x-amz-checksum-crc32", "AAAAAA==", 400, "BadDigest"),
        (
            "x-amz-checksum-crc32",
            "rosUhgp5mIg=",
            400,
            "InvalidRequest",
        ),
        ("x-amz-checksum-crc32c", "4waSgw==", 200, ""),
        ("x-amz-checksum-crc64nvme", "rosUhgp5mIg=", 200, ""),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", 400, "BadDigest"),
        (
            "x-amz-checksum-sha1",
            "EfatjsUqKYSrqv18O1FlA3hcIHI=",
            400,
            "BadDigest",
        ),
        (
            "x-amz-checksum-sha1",
            "98O8HYCOBHMq32eZZczDTKeuNEE=",
            200,
            "",
        ),
        ("x-amz-checksum-sha256", sha.as_str(), 200, ""),
    ] {
        let what = format!("{header}: {value}");
        let reply = fixture
            .send(put("/box/sum").header(header, value).body(data))
            .await;
        reply.expect(&what, status, code);
        if status == 200 && header != "content-md5" {
            assert_eq!(reply.header(header), value);
            assert_eq!(reply.header("x-amz-checksum-type"), "FULL_OBJECT");
            let shown = fixture
                .send(head("/box/sum").header("x-amz-checksum-mode", "ENABLED"))
                .await;
            assert_eq!(shown.header(header), value);
            assert_eq!(
                fixture.send(head("/box/sum")).await.header(header),
                "",
                "only on request"
            );
            let part = fixture
                .send(
                    get("/box/sum")
                        .header("x-amz-checksum-mode", "ENABLED")
                        .header("range", "bytes=0-3"),
                )
                .await;
            assert_eq!(part.header(header), "", "not for a range");
        }
    }
    let two = put("/box/sum")
        .header("x-amz-checksum-crc32", "y/Q5Jg==")
        .header("x-amz-checksum-sha256", &sha)
        .body(data);
    fixture.expect_error(two, 400, "InvalidRequest").await;
    assert_eq!(
        fixture
            .put("plain", data)
            .await
            .header("x-amz-checksum-crc64nvme"),
        "rosUhgp5mIg=",
        "S3 adds one of its own"
    );
}
