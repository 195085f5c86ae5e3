//! Signatures: which are accepted, and which error the others get.

use jiff::SignedDuration;

use super::*;

#[tokio::test]
async fn header_signatures() {
    let fixture = Fixture::new();
    fixture.put("k", "v").await;
    type Change = fn(&mut Signer);
    let cases: [(&str, Change, u16, &str); 8] = [
        ("right", |_| {}, 200, ""),
        (
            "unknown key",
            |s| s.access_key = "NOBODY".into(),
            403,
            "InvalidAccessKeyId",
        ),
        (
            "wrong secret",
            |s| s.secret_key = "guess".into(),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "wrong region",
            |s| s.region = "us-east-1".into(),
            400,
            "AuthorizationHeaderMalformed",
        ),
        (
            "16 minutes late",
            |s| s.time -= SignedDuration::from_mins(16),
            403,
            "RequestTimeTooSkewed",
        ),
        (
            "16 minutes early",
            |s| s.time += SignedDuration::from_mins(16),
            403,
            "RequestTimeTooSkewed",
        ),
        (
            "14 minutes late",
            |s| s.time -= SignedDuration::from_mins(14),
            200,
            "",
        ),
        (
            "unsigned x-amz header",
            |s| s.unsigned = vec!["x-amz-checksum-mode"],
            403,
            "AccessDenied",
        ),
    ];
    for (what, change, status, code) in cases {
        let mut signer = Signer::default();
        change(&mut signer);
        let call = get("/box/k").header("x-amz-checksum-mode", "ENABLED");
        let headers = signer.headers(&call);
        let reply = fixture.deliver(call, headers).await;
        reply.expect(what, status, code);
        if code == "AuthorizationHeaderMalformed" {
            assert_eq!(reply.one("Region"), "eu-west-1");
        }
    }
}

#[tokio::test]
async fn anonymous_and_obsolete_signatures() {
    let fixture = Fixture::new();
    let host = ("host".to_owned(), "127.0.0.1".to_owned());
    fixture
        .deliver(get("/box/k"), vec![host.clone()])
        .await
        .expect("anonymous", 403, "AccessDenied");
    let v2 = ("authorization".to_owned(), "AWS AK:c2lnbmF0dXJl".to_owned());
    fixture
        .deliver(get("/box/k"), vec![host.clone(), v2])
        .await
        .expect("SigV2", 400, "InvalidRequest");
    let mut both = Signer::default().headers(&get("/box/k"));
    both.push(host);
    fixture
        .deliver(get("/box/k?X-Amz-Signature=00"), both)
        .await
        .expect("both", 400, "InvalidArgument");
}

#[tokio::test]
async fn presigned_urls() {
    let fixture = Fixture::new();
    fixture.put("a%20b%2Bc", "v").await;
    let late = |minutes| Signer {
        time: crate::clock::now() - SignedDuration::from_mins(minutes),
        ..Signer::default()
    };
    let cases: [(&str, Signer, u64, u16, &str); 8] = [
        ("right", Signer::default(), 60, 200, ""),
        ("an hour old, valid for two", late(60), 7200, 200, ""),
        ("expired", late(2), 60, 403, "AccessDenied"),
        (
            "from the future",
            late(-20),
            60,
            403,
            "RequestTimeTooSkewed",
        ),
        (
            "a week and a second",
            Signer::default(),
            604_801,
            400,
            "AuthorizationQueryParametersError",
        ),
        (
            "wrong secret",
            Signer {
                secret_key: "guess".into(),
                ..Signer::default()
            },
            60,
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "unknown key",
            Signer {
                access_key: "NOBODY".into(),
                ..Signer::default()
            },
            60,
            403,
            "InvalidAccessKeyId",
        ),
        (
            "wrong region",
            Signer {
                region: "us-east-1".into(),
                ..Signer::default()
            },
            60,
            400,
            "AuthorizationQueryParametersError",
        ),
    ];
    for (what, signer, expires, status, code) in cases {
        let (call, headers) = signer.presign(
            &get("/box/a%20b%2Bc?response-content-type=text%2Fcsv"),
            expires,
        );
        let reply = fixture.deliver(call, headers).await;
        reply.expect(what, status, code);
        if status == 200 {
            assert_eq!(
                (reply.text().as_str(), reply.header("content-type")),
                ("v", "text/csv")
            );
        }
    }

    let upload = put("/box/up")
        .header("content-type", "text/plain")
        .header("x-amz-meta-n", "1")
        .body("payload");
    let (call, headers) = Signer::default().presign(&upload, 60);
    assert_eq!(
        fixture.deliver(call.clone(), headers.clone()).await.status,
        200
    );
    let mut added = headers.clone();
    added.push(("x-amz-meta-extra".into(), "2".into()));
    fixture.deliver(call.clone(), added).await.expect(
        "a header nobody signed",
        403,
        "AccessDenied",
    );
    let swapped = Call {
        target: call.target.replace("/box/up", "/box/down"),
        ..call
    };
    fixture
        .deliver(swapped, headers)
        .await
        .expect("another key", 403, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn virtual_hosts_and_paths() {
    let fixture = Fixture::new();
    fixture.put("k", "v").await;
    for (host, target, status) in [
        ("box.s3.localhost:4711", "/k", 200),
        ("BOX.s3.localhost", "/k", 200),
        ("s3.localhost:4711", "/box/k", 200),
        ("127.0.0.1:4711", "/box/k", 200),
        ("localhost:4711", "/box/k", 200),
        ("other.s3.localhost", "/k", 404),
    ] {
        let signer = Signer {
            host: host.into(),
            ..Signer::default()
        };
        let headers = signer.headers(&get(target));
        assert_eq!(
            fixture.deliver(get(target), headers).await.status,
            status,
            "{host}{target}"
        );
    }
}
