//! Many recipients: how they are split into requests, and the result for each if one fails.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_adapter_sendgrid::SendGridOptions;
use anyvendor_core::{
    Delivery, Kind,
    email::{
        Attachment, BulkEmail, BulkOutcome, BulkRecipient, EmailContent, EmailProvider,
        MessageReference, RecipientStatus, RejectReason, TemplateData,
    },
    values::Metadata,
};
use anyvendor_testkit::clock::NOW;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::{Step, Vendor, accepted, address, fixture, message, recipients, text};

fn template() -> EmailContent {
    let shared = json!({"shop": "Acme", "name": "you"});
    EmailContent::template("d-1", shared.as_object().unwrap().clone())
}

fn person(n: usize) -> BulkRecipient {
    let mut data = TemplateData::new();
    data.insert("name".to_owned(), n.into());
    BulkRecipient::new(address(&format!("p{n}@example.com")), data)
        .with_reference(MessageReference::new(format!("r-{n}")).unwrap())
}

fn people(count: usize) -> Vec<BulkRecipient> {
    (0..count).map(person).collect()
}

fn bulk(count: usize) -> BulkEmail {
    BulkEmail::new(message(template()), people(count))
}

/// The results as one letter per recipient: accepted, rejected, not sent, unknown.
fn fates(outcome: &BulkOutcome) -> String {
    let letter = |status: &RecipientStatus| match status {
        RecipientStatus::Accepted => 'a',
        RecipientStatus::Rejected(RejectReason::InvalidAddress) => 'r',
        RecipientStatus::Rejected(_) => '?',
        RecipientStatus::NotSent(_) => 'n',
        RecipientStatus::Unknown(_) => 'u',
    };
    outcome
        .recipients
        .iter()
        .map(|recipient| letter(&recipient.status))
        .collect()
}

#[tokio::test]
async fn two_thousand_five_hundred_are_three_requests() {
    let vendor = Vendor::scripted([accepted("a"), accepted("b"), accepted("c")]).await;
    let outcome = vendor.provider().send_bulk(bulk(2_500)).await.unwrap();
    let seen = vendor.seen();
    let sizes: Vec<_> = seen.iter().map(|seen| recipients(seen).len()).collect();
    assert_eq!(sizes, [1_000, 1_000, 500]);
    let sent: Vec<_> = seen.iter().flat_map(recipients).collect();
    let asked: Vec<_> = (0..2_500).map(|n| format!("p{n}@example.com")).collect();
    assert_eq!(sent, asked);
    assert_eq!(fates(&outcome), "a".repeat(2_500));
    for (n, recipient) in outcome.recipients.iter().enumerate() {
        assert_eq!(recipient.reference.as_str(), format!("r-{n}"));
        let id = recipient.id.as_ref().unwrap().id();
        assert_eq!(id, ["a", "b", "c"][n / 1_000]);
    }
    assert!(outcome.schedules.is_empty());
}

#[tokio::test]
async fn each_has_data_and_arguments_of_their_own() {
    let vendor = Vendor::scripted([]).await;
    let shared = message(template())
        .with_metadata(Metadata::try_from_iter([("list", "news"), ("kind", "a")]).unwrap());
    let mut people = people(2);
    people[1].metadata = Metadata::new().with("kind", "b").unwrap();
    vendor
        .provider()
        .send_bulk(BulkEmail::new(shared, people))
        .await
        .unwrap();
    assert_eq!(
        vendor.only().json(),
        json!({
            "personalizations": [
                {
                    "to": [{"email": "p0@example.com"}],
                    "dynamic_template_data": {"shop": "Acme", "name": 0},
                    "custom_args": {"anyvendor_message_id": "r-0", "list": "news", "kind": "a"},
                },
                {
                    "to": [{"email": "p1@example.com"}],
                    "dynamic_template_data": {"shop": "Acme", "name": 1},
                    "custom_args": {"anyvendor_message_id": "r-1", "list": "news", "kind": "b"},
                },
            ],
            "from": {"email": "shop@example.com", "name": "Shop"},
            "template_id": "d-1",
        })
    );
}

#[tokio::test]
async fn written_content_takes_subjects_and_marked_data() {
    let vendor = Vendor::scripted([]).await;
    let shared = message(EmailContent::text("", "Hi %name%"))
        .with_extension(SendGridOptions::default().with_substitution_marks("%", "%"));
    let mut one = person(0);
    one.data["name"] = "Ann".into();
    one.subject = Some("For Ann".to_owned());
    let bulk = BulkEmail::new(shared, vec![one]);
    vendor.provider().send_bulk(bulk.clone()).await.unwrap();
    let body = vendor.only().json();
    assert_eq!(body["personalizations"][0]["subject"], "For Ann");
    assert_eq!(
        body["personalizations"][0]["substitutions"],
        json!({"%name%": "Ann"})
    );
    assert!(body.get("subject").is_none());

    let mut unmarked = bulk.clone();
    unmarked.shared = message(EmailContent::text("Hello", "Hi"));
    let mut without_subject = bulk.clone();
    without_subject.recipients[0].subject = None;
    let mut beside_template = bulk;
    beside_template.shared = message(template());
    for (bulk, kind) in [
        (unmarked, Kind::Unsupported),
        (without_subject, Kind::InvalidRequest),
        (beside_template, Kind::Unsupported),
    ] {
        assert_eq!(
            vendor.provider().send_bulk(bulk).await.unwrap_err().kind(),
            &kind
        );
    }
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn requests_stay_below_the_size_limit() {
    let vendor = Vendor::scripted([]).await;
    let mut bulk = bulk(40);
    for person in &mut bulk.recipients {
        person
            .data
            .insert("text".to_owned(), "x".repeat(100_000).into());
    }
    bulk.shared.attachments = vec![Attachment::new("a.bin", "a/b", vec![0; 21_000_000])];
    let outcome = vendor.provider().send_bulk(bulk.clone()).await.unwrap();
    assert_eq!(fates(&outcome), "a".repeat(40));
    let seen = vendor.seen();
    assert!(
        seen.iter().all(|seen| seen.body.len() < 30_000_000),
        "over the limit"
    );
    assert_eq!(
        seen.iter()
            .map(|seen| recipients(seen).len())
            .collect::<Vec<_>>(),
        [19, 19, 2]
    );

    bulk.shared.attachments = vec![Attachment::new("a.bin", "a/b", vec![0; 22_499_000])];
    let error = vendor.provider().send_bulk(bulk).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("attachments"))
    );
    assert_eq!(vendor.seen().len(), 3);
}

#[tokio::test]
async fn each_failed_request_has_its_own_result() {
    let ok = || accepted("x");
    let internal = || fixture("500_internal_server_error");
    let throttled = || fixture("429_too_many_requests");
    let bad = || fixture("400_invalid_request");
    let cases = [
        (vec![ok(), internal(), ok()], "aua", 3),
        (vec![ok(), Step::Close, ok()], "aua", 3),
        (vec![internal(), ok(), ok()], "uaa", 3),
        (vec![ok(), bad(), ok()], "ana", 3),
        (
            vec![ok(), throttled(), throttled(), throttled(), ok()],
            "ana",
            5,
        ),
        (vec![ok(), throttled(), ok(), ok()], "aaa", 4),
        (
            vec![throttled(), throttled(), throttled(), ok(), ok()],
            "naa",
            5,
        ),
        (vec![ok(), fixture("401_authorization_required")], "ann", 2),
        (vec![ok(), fixture("401_credits"), internal()], "ann", 3),
        (vec![ok(), bad(), internal()], "anu", 3),
        (vec![ok(), ok().cut(), ok()], "aaa", 3),
    ];
    for (n, (replies, expected, requests)) in cases.into_iter().enumerate() {
        let vendor = Vendor::scripted(replies).await;
        let outcome = vendor.provider().send_bulk(bulk(2_500)).await.unwrap();
        let parts: Vec<_> = expected.chars().map(String::from).collect();
        let expected = parts[0].repeat(1_000) + &parts[1].repeat(1_000) + &parts[2].repeat(500);
        assert!(fates(&outcome) == expected, "case {n}");
        assert_eq!(vendor.seen().len(), requests, "case {n}");
        for recipient in &outcome.recipients {
            match &recipient.status {
                RecipientStatus::Unknown(error) => assert_eq!(error.delivery(), Delivery::Unknown),
                RecipientStatus::NotSent(error) => assert_ne!(error.delivery(), Delivery::Unknown),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_callers_error_in_the_first_request_is_an_error() {
    for (reply, kind) in [
        (fixture("400_invalid_request"), Kind::InvalidRequest),
        (fixture("400_from"), Kind::InvalidRequest),
        (fixture("401_authorization_required"), Kind::Unauthenticated),
        (fixture("404_not_found"), Kind::NotFound),
    ] {
        let vendor = Vendor::scripted([reply]).await;
        let error = vendor.provider().send_bulk(bulk(1_001)).await.unwrap_err();
        assert_eq!(error.kind(), &kind);
        vendor.only();
    }
}

#[tokio::test]
async fn rejected_addresses_are_left_out_of_a_second_request() {
    let vendor = Vendor::scripted([fixture("400_two_addresses"), accepted("x")]).await;
    let outcome = vendor.provider().send_bulk(bulk(5)).await.unwrap();
    assert_eq!(fates(&outcome), "arara");
    let seen = vendor.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        recipients(&seen[1]),
        ["p0@example.com", "p2@example.com", "p4@example.com"]
    );

    // All are rejected, so no recipient is left.
    let one = r#"{"errors":[{"message":"x","field":"personalizations.0.to.0.email"}]}"#;
    let vendor = Vendor::scripted([Step::response(400, one)]).await;
    assert_eq!(
        fates(&vendor.provider().send_bulk(bulk(1)).await.unwrap()),
        "r"
    );
    vendor.only();

    // A vendor that names one at a time is not asked for ever, nor one that names strangers.
    let vendor = Vendor::start(move |_| Step::response(400, one)).await;
    assert_eq!(
        fates(&vendor.provider().send_bulk(bulk(8)).await.unwrap()),
        "rrrrrnnn"
    );
    assert_eq!(vendor.seen().len(), 5);
    let stranger = r#"{"errors":[{"message":"x","field":"personalizations.9.to.0.email"}]}"#;
    let vendor = Vendor::start(move |_| Step::response(400, stranger)).await;
    assert_eq!(
        fates(&vendor.provider().send_bulk(bulk(2)).await.unwrap()),
        "nn"
    );
    vendor.only();

    // The second request failed: its recipients alone are unknown.
    let vendor = Vendor::scripted([fixture("400_two_addresses"), Step::Close]).await;
    assert_eq!(
        fates(&vendor.provider().send_bulk(bulk(5)).await.unwrap()),
        "ururu"
    );
}

#[tokio::test]
async fn one_batch_id_schedules_all_requests() {
    let vendor = Vendor::scripted([Step::response(201, r#"{"batch_id":"b-1"}"#)]).await;
    let mut bulk = bulk(1_500);
    let at = Timestamp::from_second(NOW).unwrap() + SignedDuration::from_hours(72);
    bulk.shared.send_at = Some(at);
    let outcome = vendor.provider().send_bulk(bulk).await.unwrap();
    let handles: Vec<_> = outcome
        .schedules
        .iter()
        .map(|handle| handle.0.to_string())
        .collect();
    assert_eq!(handles, ["sendgrid:b-1"]);
    let seen = vendor.seen();
    assert_eq!(seen.len(), 3);
    for request in &seen[1..] {
        assert_eq!(request.json()["batch_id"], "b-1");
        assert_eq!(request.json()["send_at"], at.as_second());
    }
}

#[tokio::test]
async fn no_recipients_are_no_request() {
    let vendor = Vendor::scripted([]).await;
    let outcome = vendor
        .provider()
        .send_bulk(BulkEmail::new(text(), Vec::new()))
        .await
        .unwrap();
    assert!(outcome.recipients.is_empty() && outcome.schedules.is_empty());
    assert!(vendor.seen().is_empty());
}
