//! Unusual keys in every operation, and many keys in one request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::*;

#[tokio::test]
async fn unusual_keys() {
    let fixture = Fixture::new();
    // Each key as it is encoded in the path, and as the emulator stores it.
    let keys = [
        ("a%20b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%2520b", "a%20b"),
        ("a//b", "a//b"),
        ("/lead", "/lead"),
        ("%C3%A9", "\u{e9}"),
        ("e%CC%81", "e\u{301}"),
        (".hidden", ".hidden"),
        ("dir/", "dir/"),
        ("%01%0A%7F", "\u{1}\n\u{7f}"),
        ("a%26b%3D%3Fc%23", "a&b=?c#"),
        ("%F0%9F%93%A6", "\u{1f4e6}"),
        ("../up/./x", "../up/./x"),
    ];
    for (encoded, key) in keys {
        fixture.put(encoded, key).await;
    }
    let mut stored: Vec<String> = fixture
        .emulator
        .objects()
        .into_iter()
        .map(|r| r.key)
        .collect();
    let mut expected: Vec<String> = keys.iter().map(|(_, key)| (*key).to_owned()).collect();
    stored.sort();
    expected.sort();
    assert_eq!(stored, expected);
    for (encoded, key) in keys {
        assert_eq!(
            fixture.send(get(&format!("/box/{encoded}"))).await.text(),
            key
        );
        let copied = fixture
            .send(put("/other/copy").header("x-amz-copy-source", &format!("/box/{encoded}")))
            .await;
        copied.expect(encoded, 200, "");
        let (call, headers) = Signer::default().presign(&get(&format!("/box/{encoded}")), 60);
        assert_eq!(
            fixture.deliver(call, headers).await.text(),
            key,
            "presigned {encoded}"
        );
    }
    let page = fixture
        .send(get("/box?list-type=2&encoding-type=url"))
        .await;
    let decode = |name: &String| {
        url::form_urlencoded::parse(format!("k={}", name.replace('&', "%26")).as_bytes())
            .next()
            .unwrap()
            .1
            .into_owned()
    };
    let mut listed: Vec<String> = page.all("Key").iter().map(decode).collect();
    listed.sort();
    assert_eq!(listed, expected);
    for (encoded, _) in keys {
        assert_eq!(
            fixture
                .send(delete(&format!("/box/{encoded}")))
                .await
                .status,
            204
        );
    }
    assert!(
        fixture
            .emulator
            .objects()
            .iter()
            .all(|r| r.bucket == "other")
    );
}

fn delete_call(xml: &str) -> Call {
    post("/box?delete=")
        .header("content-md5", &STANDARD.encode(Md5::digest(xml)))
        .body(xml)
}

#[tokio::test]
async fn delete_many() {
    let fixture = Fixture::new();
    for key in ["a", "b", "c", "e%26f"] {
        fixture.put(key, "v").await;
    }
    let long = "k".repeat(1025);
    let object = |key: &str| format!("<Object><Key>{key}</Key></Object>");
    let xml = format!(
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}{}{}{}<Object><Key>b</Key><ETag>\"0000\"</ETag></Object></Delete>",
        object("a"),
        object("none"),
        object("e&amp;f"),
        object(&long)
    );
    let reply = fixture.send(delete_call(&xml)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.all("Deleted").len(), 3);
    assert_eq!(reply.all("Code"), ["KeyTooLongError", "PreconditionFailed"]);
    assert_eq!(
        reply.all("Key"),
        ["a", "none", "e&amp;f", long.as_str(), "b"]
    );

    let quiet = format!(
        "<Delete><Quiet>true</Quiet>{}{}</Delete>",
        object("b"),
        object("none")
    );
    let reply = fixture.send(delete_call(&quiet)).await;
    assert_eq!(
        (
            reply.status.as_u16(),
            reply.all("Deleted").len(),
            reply.all("Error").len()
        ),
        (200, 0, 0)
    );
    assert_eq!(fixture.emulator.objects().len(), 1);

    let many: String = (0..1001).map(|n| object(&n.to_string())).collect();
    fixture
        .expect_error(
            delete_call(&format!("<Delete>{many}</Delete>")),
            400,
            "MalformedXML",
        )
        .await;
    fixture
        .expect_error(delete_call("<Delete></Delete>"), 400, "MalformedXML")
        .await;
    fixture
        .expect_error(delete_call("<Delete>"), 400, "MalformedXML")
        .await;
    let xml = format!("<Delete>{}</Delete>", object("c"));
    fixture
        .expect_error(
            post("/box?delete=").body(xml.as_str()),
            400,
            "InvalidRequest",
        )
        .await;
    fixture
        .expect_error(
            post("/box?delete=")
                .header("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")
                .body(xml.as_str()),
            400,
            "BadDigest",
        )
        .await;
    fixture
        .expect_error(
            post("/box?delete=")
                .header("x-amz-checksum-crc32", "AAAAAA==")
                .body(xml.as_str()),
            400,
            "BadDigest",
        )
        .await;
    let sha = STANDARD.encode(sha2::Sha256::digest(&xml));
    assert_eq!(
        fixture
            .send(
                post("/box?delete=")
                    .header("x-amz-checksum-sha256", &sha)
                    .body(xml)
            )
            .await
            .status,
        200
    );
    assert_eq!(fixture.emulator.objects().len(), 0);

    // The keys contain white space and control characters.
    for (encoded, xml) in [
        ("%20lead", " lead"),
        ("trail%20", "trail "),
        ("a%0Db", "a&#13;b"),
        ("a%0Ab", "a&#10;b"),
    ] {
        fixture.put(encoded, "v").await;
        let reply = fixture
            .send(delete_call(&format!("<Delete>{}</Delete>", object(xml))))
            .await;
        assert_eq!(
            (reply.status.as_u16(), fixture.emulator.objects().len()),
            (200, 0),
            "{encoded}: {}",
            reply.text()
        );
    }
    // XML 1.0 cannot represent this key, so S3 requires DeleteObject for it.
    fixture
        .expect_error(
            delete_call(&format!("<Delete>{}</Delete>", object("&#1;"))),
            400,
            "MalformedXML",
        )
        .await;
}
