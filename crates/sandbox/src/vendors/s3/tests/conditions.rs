//! Conditional requests: reads by RFC 9110's precedence, writes by S3's rules.

use super::*;

const DAY: i64 = 86_400;

#[tokio::test]
async fn conditional_reads_by_precedence() {
    let fixture = Fixture::new();
    let etag = format!("\"{}\"", fixture.put("k", "v").await.etag());
    let (past, now, future) = (
        http_date(START - DAY),
        http_date(START),
        http_date(START + DAY),
    );
    let (im, inm, ims, ius) = (
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
    );
    let wrong = "\"0000\"";
    let cases: [(&[(&str, &str)], u16); 16] = [
        (&[(im, &etag)], 200),
        (&[(im, "*")], 200),
        (&[(im, wrong)], 412),
        (&[(inm, &etag)], 304),
        (&[(inm, "*")], 304),
        (&[(inm, wrong)], 200),
        (&[(ims, &past)], 200),
        (&[(ims, &now)], 304),
        (&[(ims, &future)], 304),
        (&[(ius, &past)], 412),
        (&[(ius, &now)], 200),
        (&[(ius, &future)], 200),
        // A matching ETag takes precedence over a date.
        (&[(im, &etag), (ius, &past)], 200),
        (&[(inm, wrong), (ims, &future)], 200),
        (&[(inm, &etag), (ims, &past)], 304),
        (&[(im, wrong), (inm, &etag)], 412),
    ];
    for (headers, status) in cases {
        for call in [get("/box/k"), head("/box/k")] {
            let is_get = call.method == Method::GET;
            let reply = fixture
                .send(headers.iter().fold(call, |call, (n, v)| call.header(n, v)))
                .await;
            assert_eq!(reply.status, status, "{headers:?}");
            match status {
                304 => {
                    assert_eq!(
                        (reply.header("etag"), reply.header("last-modified")),
                        (etag.as_str(), now.as_str())
                    );
                    assert!(reply.body.is_empty());
                }
                412 if is_get => assert_eq!(reply.one("Code"), "PreconditionFailed"),
                _ => assert_eq!(reply.text(), if is_get { "v" } else { "" }),
            }
        }
    }
}

#[tokio::test]
async fn conditional_writes() {
    let fixture = Fixture::new();
    fixture
        .expect_error(
            put("/box/k").header("if-match", "\"0000\"").body("1"),
            404,
            "NoSuchKey",
        )
        .await;
    let create = || put("/box/k").header("if-none-match", "*").body("1");
    let etag = fixture.send(create()).await.header("etag").to_owned();
    let reply = fixture
        .expect_error(create(), 412, "PreconditionFailed")
        .await;
    assert_eq!(reply.one("Condition"), "If-None-Match");
    fixture
        .expect_error(
            put("/box/k").header("if-none-match", &etag).body("2"),
            501,
            "NotImplemented",
        )
        .await;
    assert_eq!(
        fixture
            .send(put("/box/k").header("if-match", &etag).body("2"))
            .await
            .status,
        200
    );
    fixture
        .expect_error(
            put("/box/k").header("if-match", &etag).body("3"),
            412,
            "PreconditionFailed",
        )
        .await;
    assert_eq!(fixture.send(get("/box/k")).await.text(), "2");

    fixture
        .expect_error(
            delete("/box/k").header("if-match", &etag),
            412,
            "PreconditionFailed",
        )
        .await;
    for condition in ["*", "\"0000\""] {
        // The first request deletes the object; the second finds nothing that its condition could contradict.
        assert_eq!(
            fixture
                .send(delete("/box/k").header("if-match", condition))
                .await
                .status,
            204,
            "{condition}"
        );
    }
}

#[tokio::test]
async fn one_of_many_concurrent_creates_wins() {
    let fixture = Arc::new(Fixture::new());
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let fixture = Arc::clone(&fixture);
            tokio::spawn(async move {
                fixture
                    .send(
                        put("/box/race")
                            .header("if-none-match", "*")
                            .body(n.to_string()),
                    )
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1]), (200, 412));
}
