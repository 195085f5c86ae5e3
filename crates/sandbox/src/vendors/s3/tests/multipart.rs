//! Multipart uploads from creation to the finished object.

use super::*;

pub(super) const PART: usize = 5 * MIB;

pub(super) async fn create(lab: &Lab, call: Call) -> String {
    let reply = lab.send(call).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("<InitiateMultipartUploadResult"));
    reply.one("UploadId")
}

pub(super) async fn part(lab: &Lab, id: &str, number: u32, body: impl Into<Vec<u8>>) -> Reply {
    let call = put(&format!("/box/k?partNumber={number}&uploadId={id}")).payload(Payload::Unsigned);
    let reply = lab.send(call.body(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply
}

/// Parts by number, ETag and whatever else stands in the element.
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
async fn the_known_answer() {
    let lab = Lab::new();
    let call = post("/box/k?uploads=")
        .header("content-type", "video/mp4")
        .header("x-amz-meta-nonce", "n")
        .header("x-amz-storage-class", "STANDARD_IA");
    let id = create(&lab, call).await;
    assert_eq!(lab.double.uploads(), 1);
    let first = part(&lab, &id, 1, vec![b'a'; PART]).await;
    part(&lab, &id, 2, "overwritten").await;
    let second = part(&lab, &id, 2, "bbbbbbbbbb").await;
    part(&lab, &id, 3, "not named, so not kept").await;
    lab.refused(get("/box/k"), 404, "NoSuchKey").await;

    let parts = [(1, first.etag(), ""), (2, second.etag(), "")];
    let wrong_size = complete(&id, &parts).header("x-amz-mp-object-size", "5242880");
    lab.refused(wrong_size, 400, "InvalidRequest").await;
    lab.step(60);
    let done = lab
        .send(complete(&id, &parts).header("x-amz-mp-object-size", "5242890"))
        .await;
    done.expect("complete", 200, "");
    assert!(done.text().contains("<CompleteMultipartUploadResult"));
    assert_eq!(
        ["Bucket", "Key", "ETag"].map(|t| done.one(t)),
        ["box", "k", "\"8b0be7847da5564ae08e97af63b60885-2\""]
    );
    assert_eq!(lab.double.uploads(), 0);
    lab.refused(complete(&id, &parts), 404, "NoSuchUpload")
        .await;
    lab.refused(
        put(&format!("/box/k?partNumber=1&uploadId={id}")).body("late"),
        404,
        "NoSuchUpload",
    )
    .await;

    let reply = lab
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
    lab.put("whole", whole).await;
    let single = lab
        .send(head("/box/whole").header("x-amz-checksum-mode", "ENABLED"))
        .await;
    assert_eq!(
        reply.header("x-amz-checksum-crc64nvme"),
        single.header("x-amz-checksum-crc64nvme"),
        "the parts' values combine"
    );

    let seam = lab
        .send(get("/box/k").header("range", "bytes=5242878-5242881"))
        .await;
    assert_eq!((seam.status.as_u16(), seam.text().as_str()), (206, "aabb"));
    let by_part = lab.send(get("/box/k?partNumber=2")).await;
    assert_eq!(
        (
            by_part.status.as_u16(),
            by_part.text().as_str(),
            by_part.header("x-amz-mp-parts-count")
        ),
        (206, "bbbbbbbbbb", "2")
    );
    lab.refused(get("/box/k?partNumber=3"), 416, "InvalidPartNumber")
        .await;
    let copied = lab
        .send(put("/box/copy").header("x-amz-copy-source", "/box/k"))
        .await;
    assert!(!copied.one("ETag").contains("-2"), "a copy is one piece");
}

#[tokio::test]
async fn complete_refuses() {
    let lab = Lab::new();
    let id = create(&lab, post("/box/k?uploads=")).await;
    let small = part(&lab, &id, 1, "small").await;
    let large = part(&lab, &id, 2, vec![b'x'; PART]).await;
    let last = part(&lab, &id, 7, "last").await;
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
        lab.refused(complete(&id, parts), 400, code).await;
    }
    lab.refused(complete("nothing", &[(2, large, "")]), 404, "NoSuchUpload")
        .await;
    assert_eq!(lab.double.uploads(), 1, "a refusal keeps the upload");
    // Numbers may have gaps.
    assert_eq!(
        lab.send(complete(&id, &[(2, large, ""), (7, last, "")]))
            .await
            .status,
        200
    );

    for number in ["0", "10001"] {
        let id = create(&lab, post("/box/k?uploads=")).await;
        lab.refused(
            put(&format!("/box/k?partNumber={number}&uploadId={id}")).body("x"),
            400,
            "InvalidArgument",
        )
        .await;
    }
}

#[tokio::test]
async fn conditional_complete_and_abort() {
    let lab = Lab::new();
    let upload = async || {
        let id = create(&lab, post("/box/k?uploads=")).await;
        let etag = part(&lab, &id, 1, "part").await.etag().to_owned();
        (id, etag)
    };
    let (id, etag) = upload().await;
    let parts = [(1, etag.as_str(), "")];
    lab.refused(
        complete(&id, &parts).header("if-match", "\"0000\""),
        404,
        "NoSuchKey",
    )
    .await;
    assert_eq!(
        lab.send(complete(&id, &parts).header("if-none-match", "*"))
            .await
            .status,
        200
    );
    let (id, _) = upload().await;
    lab.refused(
        complete(&id, &parts).header("if-none-match", "*"),
        412,
        "PreconditionFailed",
    )
    .await;
    lab.refused(
        complete(&id, &parts).header("if-match", "\"0000\""),
        412,
        "PreconditionFailed",
    )
    .await;
    let now = lab.send(head("/box/k")).await.header("etag").to_owned();
    assert_eq!(
        lab.send(complete(&id, &parts).header("if-match", &now))
            .await
            .status,
        200
    );

    let (id, _) = upload().await;
    let target = format!("/box/k?uploadId={id}");
    assert_eq!(lab.send(delete(&target)).await.status, 204);
    lab.refused(delete(&target), 404, "NoSuchUpload").await;
    lab.refused(complete(&id, &parts), 404, "NoSuchUpload")
        .await;
    assert_eq!(lab.double.uploads(), 0);
}
