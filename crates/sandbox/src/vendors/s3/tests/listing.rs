//! ListObjectsV2: order, grouping, paging, encoding.

use super::*;

async fn list(fixture: &Fixture, query: &str) -> Reply {
    let reply = fixture.send(get(&format!("/box?list-type=2{query}"))).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text());
    reply
}

/// The keys and the common prefixes of a list.
fn names(reply: &Reply) -> (Vec<String>, Vec<String>) {
    let prefixes = reply
        .all("CommonPrefixes")
        .iter()
        .map(|p| p.trim_start_matches("<Prefix>").to_owned())
        .collect();
    (reply.all("Key"), prefixes)
}

async fn filled() -> Fixture {
    let fixture = Fixture::new();
    for key in ["a/1", "a/2", "a/b/3", "b", "c/4", "d", "Z", "%C3%A9", "z"] {
        fixture.put(key, key).await;
    }
    fixture
}

#[tokio::test]
async fn prefix_delimiter_and_order() {
    let fixture = filled().await;
    let cases: [(&str, &[&str], &[&str]); 9] = [
        (
            "",
            &["Z", "a/1", "a/2", "a/b/3", "b", "c/4", "d", "z", "\u{e9}"],
            &[],
        ),
        ("&prefix=a%2F", &["a/1", "a/2", "a/b/3"], &[]),
        (
            "&delimiter=%2F",
            &["Z", "b", "d", "z", "\u{e9}"],
            &["a/", "c/"],
        ),
        ("&delimiter=%2F&prefix=a%2F", &["a/1", "a/2"], &["a/b/"]),
        ("&delimiter=%2F&prefix=a", &[], &["a/"]),
        ("&start-after=b", &["c/4", "d", "z", "\u{e9}"], &[]),
        (
            "&start-after=a%2F1&delimiter=%2F",
            &["b", "d", "z", "\u{e9}"],
            &["a/", "c/"],
        ),
        ("&prefix=nothing", &[], &[]),
        ("&max-keys=0", &[], &[]),
    ];
    for (query, keys, prefixes) in cases {
        let reply = list(&fixture, query).await;
        assert_eq!(
            names(&reply),
            (
                keys.iter().map(|k| k.to_string()).collect(),
                prefixes.iter().map(|p| p.to_string()).collect()
            ),
            "{query}"
        );
        assert_eq!(reply.one("IsTruncated"), "false", "{query}");
        assert_eq!(
            reply.one("KeyCount"),
            (keys.len() + prefixes.len()).to_string(),
            "{query}"
        );
    }
    let reply = list(&fixture, "&prefix=b").await;
    let seen = [
        "Name",
        "Prefix",
        "Size",
        "StorageClass",
        "LastModified",
        "MaxKeys",
    ]
    .map(|tag| reply.one(tag));
    assert_eq!(
        seen,
        [
            "box",
            "b",
            "1",
            "STANDARD",
            "2027-01-15T08:00:00.000Z",
            "1000"
        ]
    );
    assert!(
        reply
            .text()
            .contains("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">")
    );
    assert_eq!(reply.one("ETag"), "\"92eb5ffee6ae2fec3ad71c777531578f\"");
    assert_eq!(
        list(&fixture, "&fetch-owner=true&prefix=b")
            .await
            .all("Owner")
            .len(),
        1
    );
}

#[tokio::test]
async fn pages_together_are_the_whole_list() {
    let fixture = filled().await;
    for query in [
        "",
        "&delimiter=%2F",
        "&prefix=a",
        "&prefix=a%2F&delimiter=%2F",
        "&start-after=a%2F1",
    ] {
        let whole = names(&list(&fixture, query).await);
        for size in 1..4 {
            let (mut keys, mut prefixes, mut token) = (Vec::new(), Vec::new(), String::new());
            loop {
                let reply = list(&fixture, &format!("{query}&max-keys={size}{token}")).await;
                let (some, groups) = names(&reply);
                assert!(some.len() + groups.len() <= size);
                keys.extend(some);
                prefixes.extend(groups);
                let next = reply.one("NextContinuationToken");
                assert_eq!(reply.one("IsTruncated") == "true", !next.is_empty());
                if next.is_empty() {
                    break;
                }
                token = format!("&continuation-token={next}");
            }
            assert_eq!((keys, prefixes), whole, "{query} by {size}");
        }
    }
}

#[tokio::test]
async fn encoding_and_errors() {
    let fixture = Fixture::new();
    for key in ["a%20b/%01", "a%20b/+%2B", "x%26%3Cy"] {
        fixture.put(key, "v").await;
    }
    let reply = list(
        &fixture,
        "&encoding-type=url&prefix=a%20b%2F&delimiter=%25&start-after=a%20",
    )
    .await;
    assert_eq!(reply.all("Key"), ["a+b/%01", "a+b/%2B%2B"]);
    assert_eq!(
        ["Prefix", "Delimiter", "StartAfter", "EncodingType"].map(|tag| reply.one(tag)),
        ["a+b/", "%25", "a+", "url"]
    );
    assert_eq!(list(&fixture, "&prefix=x").await.one("Key"), "x&amp;&lt;y");
    for query in [
        "&max-keys=-1",
        "&max-keys=many",
        "&encoding-type=base64",
        "&continuation-token=%21",
    ] {
        fixture
            .expect_error(
                get(&format!("/box?list-type=2{query}")),
                400,
                "InvalidArgument",
            )
            .await;
    }
}
