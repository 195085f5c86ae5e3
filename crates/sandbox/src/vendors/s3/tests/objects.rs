//! Put, get, head and delete: headers, ranges and missing objects.

use md5::{Digest as _, Md5};

use super::super::store::hex;
use super::*;

#[tokio::test]
async fn headers_round_trip() {
    let fixture = Fixture::new();
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment; filename=\"a.html\""),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("expires", "Wed, 21 Oct 2037 07:28:00 GMT"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-website-redirect-location", "/elsewhere"),
        ("x-amz-meta-order", "o-17"),
        ("x-amz-meta-empty", ""),
    ];
    let call = headers
        .iter()
        .fold(put("/box/k"), |call, (n, v)| call.header(n, v));
    let reply = fixture
        .send(call.header("x-amz-tagging", "a=1&b=2").body("<p>"))
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.etag()),
        (200, hex(&Md5::digest("<p>")).as_str())
    );
    for call in [get("/box/k"), head("/box/k")] {
        let is_get = call.method == Method::GET;
        let reply = fixture.send(call).await;
        for (name, value) in headers {
            assert_eq!(reply.header(name), value, "{name}");
        }
        assert_eq!(reply.header("last-modified"), http_date(START));
        assert_eq!(reply.header("content-length"), "3");
        assert_eq!(reply.header("accept-ranges"), "bytes");
        assert_eq!(
            reply.header("x-amz-tagging-count"),
            if is_get { "2" } else { "" }
        );
        assert_eq!(reply.text(), if is_get { "<p>" } else { "" });
    }
    let query = "response-content-type=text%2Fcsv&response-cache-control=no-store&response-content-disposition=inline&response-content-encoding=br&response-content-language=en&response-expires=Thu%2C%2001%20Jan%202037%2000%3A00%3A00%20GMT";
    for call in [
        get(&format!("/box/k?{query}")),
        head(&format!("/box/k?{query}")),
    ] {
        let reply = fixture.send(call).await;
        let seen = [
            "content-type",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "expires",
        ]
        .map(|n| reply.header(n));
        assert_eq!(
            seen,
            [
                "text/csv",
                "no-store",
                "inline",
                "br",
                "en",
                "Thu, 01 Jan 2037 00:00:00 GMT"
            ]
        );
    }
    fixture.put("plain", "").await;
    let plain = fixture.send(get("/box/plain")).await;
    assert_eq!(
        (
            plain.header("content-type"),
            plain.header("content-length"),
            plain.etag()
        ),
        (
            "binary/octet-stream",
            "0",
            "d41d8cd98f00b204e9800998ecf8427e"
        )
    );

    let fits = "v".repeat(2048 - 1);
    assert_eq!(
        fixture
            .send(put("/box/m").header("x-amz-meta-n", &fits))
            .await
            .status,
        200
    );
    fixture
        .expect_error(
            put("/box/m").header("x-amz-meta-nn", &fits),
            400,
            "MetadataTooLarge",
        )
        .await;
    fixture
        .expect_error(
            put("/box/m").header("x-amz-storage-class", "CHEAP"),
            400,
            "InvalidStorageClass",
        )
        .await;
    let tags: Vec<String> = (0..11).map(|n| format!("t{n}=v")).collect();
    fixture
        .expect_error(
            put("/box/m").header("x-amz-tagging", &tags.join("&")),
            400,
            "InvalidArgument",
        )
        .await;
}

#[tokio::test]
async fn ranges() {
    let fixture = Fixture::new();
    fixture.put("k", "0123456789").await;
    fixture.put("empty", "").await;
    for (range, body, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=2-5", "2345", "bytes 2-5/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        for call in [get("/box/k"), head("/box/k")] {
            let is_get = call.method == Method::GET;
            let reply = fixture.send(call.header("range", range)).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("content-range")),
                (206, content_range),
                "{range}"
            );
            assert_eq!(reply.header("content-length"), body.len().to_string());
            assert_eq!(reply.text(), if is_get { body } else { "" });
        }
    }
    for (key, range) in [
        ("k", "bytes=10-"),
        ("k", "bytes=99-100"),
        ("k", "bytes=-0"),
        ("empty", "bytes=0-0"),
        ("empty", "bytes=-1"),
    ] {
        let reply = fixture
            .expect_error(
                get(&format!("/box/{key}")).header("range", range),
                416,
                "InvalidRange",
            )
            .await;
        assert_eq!(reply.one("RangeRequested"), range);
    }
}

#[tokio::test]
async fn missing_objects() {
    let fixture = Fixture::new();
    for (call, code) in [
        (get("/box/none"), "NoSuchKey"),
        (get("/nowhere/k"), "NoSuchBucket"),
        (put("/nowhere/k").body("v"), "NoSuchBucket"),
        (delete("/nowhere/k"), "NoSuchBucket"),
        (get("/nowhere?list-type=2"), "NoSuchBucket"),
        (post("/nowhere/k?uploads="), "NoSuchBucket"),
    ] {
        fixture.expect_error(call, 404, code).await;
    }
    for call in [head("/box/none"), head("/nowhere/k"), head("/nowhere")] {
        let reply = fixture.send(call).await;
        assert_eq!((reply.status.as_u16(), reply.body.len()), (404, 0));
    }
    assert_eq!(fixture.send(delete("/box/none")).await.status, 204);
    fixture
        .expect_error(get("/box/none?versionId=v1"), 400, "InvalidArgument")
        .await;
    fixture
        .expect_error(get("/box?acl="), 501, "NotImplemented")
        .await;
    let long = "k".repeat(1024);
    fixture.put(&long, "v").await;
    fixture
        .expect_error(
            put(&format!("/box/{long}k")).body("v"),
            400,
            "KeyTooLongError",
        )
        .await;
    fixture
        .expect_error(get("/Not_A_Bucket/k"), 400, "InvalidBucketName")
        .await;
}
