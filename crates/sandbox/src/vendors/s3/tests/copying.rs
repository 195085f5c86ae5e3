//! CopyObject: what is copied, what is replaced, and under which conditions.

use super::*;

fn copy(to: &str, from: &str) -> Call {
    put(to).header("x-amz-copy-source", from)
}

#[tokio::test]
async fn metadata_directives() {
    let fixture = Fixture::new();
    let source = put("/box/a%20b")
        .header("content-type", "text/plain")
        .header("x-amz-meta-n", "1")
        .header("x-amz-storage-class", "STANDARD_IA");
    fixture
        .send(source.header("x-amz-tagging", "t=1").body("data"))
        .await;
    fixture.step(10);
    let reply = fixture
        .send(copy("/other/k", "/box/a%20b").header("x-amz-meta-n", "ignored"))
        .await;
    reply.expect("copy", 200, "");
    assert!(
        reply.text().contains("<CopyObjectResult"),
        "{}",
        reply.text()
    );
    assert_eq!(
        (
            reply.one("ETag").as_str(),
            reply.one("LastModified").as_str()
        ),
        (
            "\"8d777f385d3dfec8815d20f7496026dc\"",
            "2027-01-15T08:00:10.000Z"
        )
    );
    let copied = fixture.send(get("/other/k")).await;
    let seen = [
        "content-type",
        "x-amz-meta-n",
        "x-amz-storage-class",
        "x-amz-tagging-count",
    ]
    .map(|n| copied.header(n));
    assert_eq!(
        (copied.text().as_str(), seen),
        ("data", ["text/plain", "1", "", "1"])
    );

    let replace = |from: &str| {
        copy("/other/k", from)
            .header("x-amz-metadata-directive", "REPLACE")
            .header("x-amz-meta-m", "2")
    };
    assert_eq!(
        fixture.send(replace("box/a%20b")).await.status,
        200,
        "the source's slash is optional"
    );
    let copied = fixture.send(get("/other/k")).await;
    let seen = ["content-type", "x-amz-meta-n", "x-amz-meta-m"].map(|n| copied.header(n));
    assert_eq!(seen, ["binary/octet-stream", "", "2"]);

    fixture
        .expect_error(copy("/other/k", "/other/k"), 400, "InvalidRequest")
        .await;
    assert_eq!(
        fixture.send(replace("/other/k")).await.status,
        200,
        "onto itself with new metadata"
    );
    assert_eq!(
        fixture
            .send(copy("/other/k", "/other/k").header("x-amz-storage-class", "GLACIER_IR"))
            .await
            .status,
        200
    );
    assert_eq!(
        fixture
            .send(head("/other/k"))
            .await
            .header("x-amz-storage-class"),
        "GLACIER_IR"
    );
}

#[tokio::test]
async fn conditions_and_errors() {
    let fixture = Fixture::new();
    let etag = format!("\"{}\"", fixture.put("k", "v").await.etag());
    let past = "Fri, 01 Jan 2021 00:00:00 GMT";
    type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);
    let cases: [Case<'_>; 8] = [
        (&[("if-match", &etag)], 200, ""),
        (&[("if-match", "\"0000\"")], 412, "PreconditionFailed"),
        (&[("if-none-match", &etag)], 412, "PreconditionFailed"),
        (&[("if-none-match", "\"0000\"")], 200, ""),
        (&[("if-modified-since", past)], 200, ""),
        (&[("if-unmodified-since", past)], 412, "PreconditionFailed"),
        (
            &[("if-match", &etag), ("if-unmodified-since", past)],
            200,
            "",
        ),
        (
            &[("if-none-match", &etag), ("if-modified-since", past)],
            412,
            "PreconditionFailed",
        ),
    ];
    for (headers, status, code) in cases {
        let call = headers
            .iter()
            .fold(copy("/box/to", "/box/k"), |call, (n, v)| {
                call.header(&format!("x-amz-copy-source-{n}"), v)
            });
        fixture
            .send(call)
            .await
            .expect(&format!("{headers:?}"), status, code);
    }
    // The conditions on the target.
    fixture
        .expect_error(
            copy("/box/to", "/box/k").header("if-none-match", "*"),
            412,
            "PreconditionFailed",
        )
        .await;
    fixture
        .expect_error(
            copy("/box/new", "/box/k").header("if-match", &etag),
            404,
            "NoSuchKey",
        )
        .await;
    assert_eq!(
        fixture
            .send(copy("/box/new", "/box/k").header("if-none-match", "*"))
            .await
            .status,
        200
    );

    for (from, status, code) in [
        ("/box/none", 404, "NoSuchKey"),
        ("/nowhere/k", 404, "NoSuchBucket"),
        ("/box/k?versionId=v1", 400, "InvalidArgument"),
        ("nonsense", 400, "InvalidArgument"),
    ] {
        fixture
            .expect_error(copy("/box/to", from), status, code)
            .await;
    }
    fixture
        .expect_error(copy("/nowhere/to", "/box/k"), 404, "NoSuchBucket")
        .await;
}
