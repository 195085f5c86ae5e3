//! Scheduling emails under a batch id, and cancelling them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_core::{
    Delivery, Kind,
    email::{CancelScheduled, EmailProvider, ScheduleHandle},
    values::VendorId,
};
use anyvendor_testkit::clock::NOW;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::{Step, Vendor, fixture, text};

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

#[tokio::test]
async fn a_failed_batch_id_sends_nothing() {
    let down = || fixture("500_internal_server_error");
    let vendor = Vendor::scripted([down(), down(), down()]).await;
    let message = text().with_send_at(now() + SignedDuration::from_hours(1));
    let error = vendor.provider().send(message).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Unavailable, Delivery::NotSent)
    );
    let paths: Vec<_> = vendor.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        paths, ["/v3/mail/batch"; 3],
        "asking for an id again is harmless"
    );
}

fn handle(id: &str) -> CancelScheduled {
    CancelScheduled::new(ScheduleHandle(VendorId::new("sendgrid", id).unwrap()))
}

#[tokio::test]
async fn cancelling() {
    let created = || Step::response(201, r#"{"batch_id":"b-1","status":"cancel"}"#);
    let twice = || fixture("400_invalid_request");
    let standing = |status: &str| {
        Step::response(
            200,
            format!(
                r#"[{{"batch_id":"b-2","status":"pause"}},{{"batch_id":"b-1","status":"{status}"}}]"#
            ),
        )
    };
    let cases = [
        (vec![created()], Ok(()), 1),
        (vec![twice(), standing("cancel")], Ok(()), 2),
        (
            vec![twice(), standing("pause"), Step::response(204, "")],
            Ok(()),
            3,
        ),
        (
            vec![twice(), standing("new word")],
            Err(Kind::InvalidRequest),
            2,
        ),
        (
            vec![twice(), Step::response(200, "[]")],
            Err(Kind::InvalidRequest),
            2,
        ),
        (
            vec![Step::response(
                400,
                r#"{"errors":[{"message":"invalid batch id"}]}"#,
            )],
            Err(Kind::NotFound),
            1,
        ),
        (vec![fixture("404_not_found")], Err(Kind::NotFound), 1),
        (
            vec![
                fixture("500_internal_server_error"),
                twice(),
                standing("cancel"),
            ],
            Ok(()),
            3,
        ),
    ];
    for (n, (replies, expected, requests)) in cases.into_iter().enumerate() {
        let vendor = Vendor::scripted(replies).await;
        let result = vendor.provider().cancel_scheduled(handle("b-1")).await;
        assert_eq!(
            result.map_err(|error| error.kind().clone()),
            expected,
            "case {n}"
        );
        let seen = vendor.seen();
        assert_eq!(seen.len(), requests, "case {n}: {seen:?}");
        assert_eq!(seen[0].target, "/v3/user/scheduled_sends");
        assert_eq!(
            seen[0].json(),
            json!({"batch_id": "b-1", "status": "cancel"})
        );
        if requests == 3 && n == 2 {
            assert_eq!(
                (seen[2].method.as_str(), seen[2].target.as_str()),
                ("PATCH", "/v3/user/scheduled_sends/b-1")
            );
            assert_eq!(seen[2].json(), json!({"status": "cancel"}));
        }
    }
}

#[tokio::test]
async fn a_malformed_handle_is_rejected_before_anything_is_sent() {
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.provider();
    for id in ["..", "a/b", "a?b", "é"] {
        let error = provider.cancel_scheduled(handle(id)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::InvalidRequest, Some("handle"))
        );
    }
    let other = CancelScheduled::new(ScheduleHandle(VendorId::new("acme", "b-1").unwrap()));
    assert_eq!(
        provider.cancel_scheduled(other).await.unwrap_err().field(),
        Some("handle")
    );
    assert!(vendor.seen().is_empty());
}
