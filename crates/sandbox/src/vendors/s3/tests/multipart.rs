//! Multipart uploads from creation to the finished object.

use super::*;

pub(super) const PART: usize = 5 * MIB;

pub(super) async fn create(fixture: &Fixture, call: Call) -> String {
    let reply = fixture.send(call).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("<InitiateMultipartUploadResult"));
    reply.one("UploadId")
}

pub(super) async fn part(
    fixture: &Fixture,
    id: &str,
    number: u32,
    body: impl Into<Vec<u8>>,
) -> Reply {
    let call = put(&format!("/box/k?partNumber={number}&uploadId={id}")).payload(Payload::Unsigned);
    let reply = fixture.send(call.body(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

/// The XML of a complete request: each part's number, ETag and further elements.
pub(super) fn complete(id: &str, parts: &[(u32, &str, &str)]) -> Call {
    let part = |(n, etag, more): &(u32, &str, &str)| {
        format!("<Part><PartNumber>{n}</PartNumber><ETag>\"{etag}\"</ETag>{more}</Part>")
    };
    let parts: String = parts.iter().map(part).collect();
    let xml = format!(
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{parts}</CompleteMultipartUpload>"
    );
    post(&format!("/box/k?uploadId={id}")).body(xml)
}

#[tokio::test]
async fn etag_of_a_known_upload() {
    let fixture = Fixture::new();
    let call = post("/box/k?uploads=")
        .header("content-type", "video/mp4")
        .header("x-amz-meta-nonce", "n")
        .header("x-amz-storage-class", "STANDARD_IA");
    let id = create(&fixture, call).await;
    assert_eq!(fixture.emulator.uploads(), 1);
    let first = part(&fixture, &id, 1, vec![b'a'; PART]).await;
    part(&fixture, &id, 2, "overwritten").await;
    let second = part(&fixture, &id, 2, "bbbbbbbbbb").await;
    part(&fixture, &id, 3, "not named, so not kept").await;
    fixture.expect_error(get("/box/k"), 404, "NoSuchKey").await;

    let parts = [(1, first.etag(), ""), (2, second.etag(), "")];
    let wrong_size = complete(&id, &parts).header("x-amz-mp-object-size", "5242880");
    fixture
        .expect_error(wrong_size, 400, "InvalidRequest")
        .await;
    fixture.step(60);
    let done = fixture
        .send(complete(&id, &parts).header("x-amz-mp-object-size", "5242890"))
        .await;
    done.expect("complete", 200, "");
    assert!(done.text().contains("<CompleteMultipartUploadResult"));
    assert_eq!(
        ["Bucket", "Key", "ETag"].map(|t| done.one(t)),
        ["box", "k", "\"8b0be7847da5564ae08e97af63b60885-2\""]
    );
    assert_eq!(fixture.emulator.uploads(), 0);
    fixture
        .expect_error(complete(&id, &parts), 404, "NoSuchUpload")
        .await;
    fixture
        .expect_error(
            put(&format!("/box/k?partNumber=1&uploadId={id}")).body("late"),
            404,
            "NoSuchUpload",
        )
        .await;

    let reply = fixture
        .send(head("/box/k").header("x-amz-checksum-mode", "ENABLED"))
        .await;
    let seen = [
        "content-type",
        "x-amz-meta-nonce",
        "x-amz-storage-class",
        "content-length",
        "etag",
        "last-modified",
    ]
    .map(|n| reply.header(n));
    assert_eq!(
        seen,
        [
            "video/mp4",
            "n",
            "STANDARD_IA",
            "5242890",
            "\"8b0be7847da5564ae08e97af63b60885-2\"",
            "Fri, 15 Jan 2027 08:01:00 GMT"
        ]
    );
    let mut whole = vec![b'a'; PART];
    whole.extend(b"bbbbbbbbbb");
    fixture.put("whole", whole).await;
    let single = fixture
        .send(head("/box/whole").header("x-amz-checksum-mode", "ENABLED"))
        .await;
    assert_eq!(
        reply.header("x-amz-checksum-crc64nvme"),
        single.header("x-amz-checksum-crc64nvme"),
        "the parts' values combine"
    );

    let seam = fixture
        .send(get("/box/k").header("range", "bytes=5242878-5242881"))
        .await;
    assert_eq!((seam.status.as_u16(), seam.text().as_str()), (206, "aabb"));
    let by_part = fixture.send(get("/box/k?partNumber=2")).await;
    assert_eq!(
        (
            by_part.status.as_u16(),
            by_part.text().as_str(),
            by_part.header("x-amz-mp-parts-count")
        ),
        (206, "bbbbbbbbbb", "2")
    );
    fixture
        .expect_error(get("/box/k?partNumber=3"), 416, "InvalidPartNumber")
        .await;
    let copied = fixture
        .send(put("/box/copy").header("x-amz-copy-source", "/box/k"))
        .await;
    assert!(!copied.one("ETag").contains("-2"), "a copy is one piece");
}

#[tokio::test]
async fn complete_rejects_invalid_requests() {
    let fixture = Fixture::new();
    let id = create(&fixture, post("/box/k?uploads=")).await;
    let small = part(&fixture, &id, 1, "small").await;
    let large = part(&fixture, &id, 2, vec![b'x'; PART]).await;
    let last = part(&fixture, &id, 7, "last").await;
    let (small, large, last) = (small.etag(), large.etag(), last.etag());
    type Case<'a> = (&'a [(u32, &'a str, &'a str)], &'a str);
    let cases: [Case<'_>; 8] = [
        (&[(1, small, ""), (2, large, "")], "EntityTooSmall"),
        (&[(7, last, ""), (2, large, "")], "InvalidPartOrder"),
        (&[(2, large, ""), (1, small, "")], "InvalidPartOrder"),
        (&[(2, large, ""), (2, large, "")], "InvalidPartOrder"),
        (&[(3, large, "")], "InvalidPart"),
        (&[(2, small, "")], "InvalidPart"),
        (
            &[(
                2,
                large,
                "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>",
            )],
            "InvalidPart",
        ),
        (&[], "MalformedXML"),
    ];
    for (parts, code) in cases {
        fixture.expect_error(complete(&id, parts), 400, code).await;
    }
    fixture
        .expect_error(complete("nothing", &[(2, large, "")]), 404, "NoSuchUpload")
        .await;
    assert_eq!(
        fixture.emulator.uploads(),
        1,
        "a rejected request keeps the upload"
    );
    // Part numbers may have gaps.
    assert_eq!(
        fixture
            .send(complete(&id, &[(2, large, ""), (7, last, "")]))
            .await
            .status,
        200
    );

    for number in ["0", "10001"] {
        let id = create(&fixture, post("/box/k?uploads=")).await;
        fixture
            .expect_error(
                put(&format!("/box/k?partNumber={number}&uploadId={id}")).body("x"),
                400,
                "InvalidArgument",
            )
            .await;
    }
}

#[tokio::test]
async fn conditional_complete_and_abort() {
    let fixture = Fixture::new();
    let upload = async || {
        let id = create(&fixture, post("/box/k?uploads=")).await;
        let etag = part(&fixture, &id, 1, "part").await.etag().to_owned();
        (id, etag)
    };
    let (id, etag) = upload().await;
    let parts = [(1, etag.as_str(), "")];
    fixture
        .expect_error(
            complete(&id, &parts).header("if-match", "\"0000\""),
            404,
            "NoSuchKey",
        )
        .await;
    assert_eq!(
        fixture
            .send(complete(&id, &parts).header("if-none-match", "*"))
            .await
            .status,
        200
    );
    let (id, _) = upload().await;
    fixture
        .expect_error(
            complete(&id, &parts).header("if-none-match", "*"),
            412,
            "PreconditionFailed",
        )
        .await;
    fixture
        .expect_error(
            complete(&id, &parts).header("if-match", "\"0000\""),
            412,
            "PreconditionFailed",
        )
        .await;
    let now = fixture.send(head("/box/k")).await.header("etag").to_owned();
    assert_eq!(
        fixture
            .send(complete(&id, &parts).header("if-match", &now))
            .await
            .status,
        200
    );

    let (id, _) = upload().await;
    let target = format!("/box/k?uploadId={id}");
    assert_eq!(fixture.send(delete(&target)).await.status, 204);
    fixture
        .expect_error(delete(&target), 404, "NoSuchUpload")
        .await;
    fixture
        .expect_error(complete(&id, &parts), 404, "NoSuchUpload")
        .await;
    assert_eq!(fixture.emulator.uploads(), 0);
}
