//! Parts of uploads: checksums, copies and lists.

use super::multipart::{PART, complete, create, part};
use super::*;

#[tokio::test]
async fn part_checksums() {
    let fixture = Fixture::new();
    let create_with = |algorithm: &str, kind: &str| {
        post("/box/k?uploads=")
            .header("x-amz-checksum-algorithm", algorithm)
            .header("x-amz-checksum-type", kind)
    };
    for (algorithm, kind) in [
        ("CRC64NVME", "COMPOSITE"),
        ("SHA256", "FULL_OBJECT"),
        ("MD4", "COMPOSITE"),
    ] {
        fixture
            .expect_error(create_with(algorithm, kind), 400, "InvalidRequest")
            .await;
    }
    let crc = "<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>";
    // The checksum type, the checksum in the part element, the status, and the object's checksum.
    for (kind, said, status, value) in [
        ("COMPOSITE", crc, 200, "7kxlUA==-1"),
        ("COMPOSITE", "", 400, ""),
        ("FULL_OBJECT", "", 200, "y/Q5Jg=="),
        ("FULL_OBJECT", crc, 200, "y/Q5Jg=="),
    ] {
        let id = create(&fixture, create_with("CRC32", kind)).await;
        let target = format!("/box/k?partNumber=1&uploadId={id}");
        fixture
            .expect_error(
                put(&target)
                    .header("x-amz-checksum-crc32", "AAAAAA==")
                    .body("123456789"),
                400,
                "BadDigest",
            )
            .await;
        fixture
            .expect_error(
                put(&target)
                    .header("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")
                    .body("123456789"),
                400,
                "InvalidRequest",
            )
            .await;
        let sent = fixture
            .send(
                put(&target)
                    .header("x-amz-checksum-crc32", "y/Q5Jg==")
                    .body("123456789"),
            )
            .await;
        assert_eq!(sent.header("x-amz-checksum-crc32"), "y/Q5Jg==");
        let listed = fixture.send(get(&format!("/box/k?uploadId={id}"))).await;
        assert_eq!(
            ["ChecksumCRC32", "ChecksumAlgorithm", "ChecksumType"].map(|t| listed.one(t)),
            ["y/Q5Jg==", "CRC32", kind]
        );
        if kind == "FULL_OBJECT" {
            fixture
                .expect_error(
                    complete(&id, &[(1, sent.etag(), said)])
                        .header("x-amz-checksum-crc32", "AAAAAA=="),
                    400,
                    "BadDigest",
                )
                .await;
        }
        let done = fixture.send(complete(&id, &[(1, sent.etag(), said)])).await;
        assert_eq!(
            (done.status.as_u16(), done.one("ChecksumType")),
            (
                status,
                if status == 200 {
                    kind.to_owned()
                } else {
                    String::new()
                }
            ),
            "{}",
            done.text()
        );
        assert_eq!(done.one("ChecksumCRC32"), value);
    }
    // An upload without an algorithm accepts any, and the object gets S3's default (CRC64NVME).
    let id = create(&fixture, post("/box/k?uploads=")).await;
    let target = format!("/box/k?partNumber=1&uploadId={id}");
    let call = || put(&target).body("123456789");
    fixture
        .expect_error(
            call().header("x-amz-checksum-crc32", "AAAAAA=="),
            400,
            "BadDigest",
        )
        .await;
    let sent = fixture
        .send(call().header("x-amz-checksum-crc32", "y/Q5Jg=="))
        .await;
    assert_eq!(sent.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    let done = fixture.send(complete(&id, &[(1, sent.etag(), crc)])).await;
    assert_eq!(
        ["ChecksumCRC64NVME", "ChecksumCRC32"].map(|t| done.one(t)),
        ["rosUhgp5mIg=", ""]
    );
}

#[tokio::test]
async fn part_copies() {
    let fixture = Fixture::new();
    fixture
        .put(
            "source",
            (0..=255_u8).cycle().take(PART + 100).collect::<Vec<_>>(),
        )
        .await;
    let id = create(&fixture, post("/box/k?uploads=")).await;
    let copy = |number: u32, range: &str| {
        let call = put(&format!("/box/k?partNumber={number}&uploadId={id}"))
            .header("x-amz-copy-source", "/box/source");
        if range.is_empty() {
            call
        } else {
            call.header("x-amz-copy-source-range", range)
        }
    };
    let first = fixture.send(copy(1, "")).await;
    let second = fixture.send(copy(2, "bytes=5-9")).await;
    assert!(
        second.text().contains("<CopyPartResult") && !second.one("LastModified").is_empty(),
        "{}",
        second.text()
    );
    let etags = [&first, &second].map(|reply| reply.one("ETag").replace('"', ""));
    for range in ["bytes=5-", "bytes=-5", "5-9", "bytes=5242900-5242980"] {
        fixture
            .expect_error(copy(3, range), 400, "InvalidArgument")
            .await;
    }
    fixture
        .expect_error(
            copy(3, "").header("x-amz-copy-source-if-match", "\"0000\""),
            412,
            "PreconditionFailed",
        )
        .await;
    let done = fixture
        .send(complete(&id, &[(1, &etags[0], ""), (2, &etags[1], "")]))
        .await;
    done.expect("complete", 200, "");
    let tail = fixture
        .send(get("/box/k").header("range", "bytes=-6"))
        .await;
    assert_eq!(tail.body, [99, 5, 6, 7, 8, 9]);
}

#[tokio::test]
async fn lists_of_parts_and_uploads() {
    let fixture = Fixture::new();
    let id = create(&fixture, post("/box/k?uploads=")).await;
    for number in [5, 1, 3] {
        part(&fixture, &id, number, format!("part {number}")).await;
    }
    let page = fixture
        .send(get(&format!("/box/k?uploadId={id}&max-parts=2")))
        .await;
    assert_eq!(page.all("PartNumber"), ["1", "3"]);
    assert_eq!(
        [
            "IsTruncated",
            "NextPartNumberMarker",
            "MaxParts",
            "UploadId"
        ]
        .map(|t| page.one(t)),
        ["true", "3", "2", &id]
    );
    assert_eq!(page.all("Size"), ["6", "6"]);
    let rest = fixture
        .send(get(&format!("/box/k?uploadId={id}&part-number-marker=3")))
        .await;
    assert_eq!(
        (rest.all("PartNumber"), rest.one("IsTruncated")),
        (vec!["5".to_owned()], "false".to_owned())
    );
    fixture
        .expect_error(get("/box/k?uploadId=none"), 404, "NoSuchUpload")
        .await;

    let mut ids = vec![id];
    for key in ["k", "dir/a", "dir/b", "z%20z"] {
        ids.push(create(&fixture, post(&format!("/box/{key}?uploads="))).await);
    }
    let all = fixture.send(get("/box?uploads=")).await;
    assert_eq!(all.all("Key"), ["dir/a", "dir/b", "k", "k", "z z"]);
    assert_eq!(
        all.all("UploadId"),
        [2, 3, 0, 1, 4].map(|n: usize| ids[n].clone()),
        "by key, then by age"
    );
    for size in 1..4 {
        let (mut seen, mut from) = (Vec::new(), String::new());
        loop {
            let page = fixture
                .send(get(&format!(
                    "/box?uploads=&max-uploads={size}{from}&encoding-type=url"
                )))
                .await;
            seen.extend(page.all("UploadId"));
            if page.one("IsTruncated") == "false" {
                break;
            }
            from = format!(
                "&key-marker={}&upload-id-marker={}",
                page.one("NextKeyMarker").replace('/', "%2F"),
                page.one("NextUploadIdMarker")
            );
        }
        assert_eq!(seen, all.all("UploadId"), "by {size}");
    }
    let grouped = fixture.send(get("/box?uploads=&delimiter=%2F")).await;
    assert_eq!(
        (
            grouped.all("Key").len(),
            grouped.all("CommonPrefixes").len()
        ),
        (3, 1)
    );
    assert_eq!(
        fixture
            .send(get("/box?uploads=&prefix=dir%2F"))
            .await
            .all("Key"),
        ["dir/a", "dir/b"]
    );
}
