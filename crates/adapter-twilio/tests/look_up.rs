//! Looking up, cancelling and listing messages: requests and responses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::num::NonZeroU32;

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    messaging::{
        CancelMessage, FailureKind, GetMessage, ListMessages, Message, MessageStatus,
        MessagingProvider, MessagingProviderExt,
    },
    values::{Cursor, PageRequest},
};
use futures_util::StreamExt;
use support::{ACCOUNT, SID, Step, Vendor, fixture, id, phone, rejection};

fn path() -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}.json")
}

#[tokio::test]
async fn a_message_is_looked_up() {
    let replies = ["200_undelivered", "200_whatsapp"].map(fixture);
    let vendor = Vendor::scripted(replies).await;
    let provider = vendor.provider();
    let message = provider.get(GetMessage::new(id())).await.unwrap();
    assert_eq!(
        (&message.status, message.vendor_code.as_deref()),
        (
            &MessageStatus::Undelivered(FailureKind::Hard),
            Some("30005")
        )
    );
    assert_eq!(message.sent_at, "2023-08-24T05:01:47Z".parse().ok());
    assert_eq!((&message.id, message.reference), (&id(), None));
    assert_eq!(vendor.only().line(), format!("GET {}", path()));
    let message = provider.get(GetMessage::new(id())).await.unwrap();
    assert_eq!(
        (message.status, message.to),
        (MessageStatus::Read, Some(phone("+15550109999")))
    );
}

#[tokio::test]
async fn reading_is_repeated_and_an_unknown_message_is_not_found() {
    let replies = [Step::response(500, ""), fixture("200_delivered")];
    let vendor = Vendor::scripted(replies).await;
    let message = vendor.provider().get(GetMessage::new(id())).await.unwrap();
    assert_eq!(
        (message.status, vendor.seen().len()),
        (MessageStatus::Delivered, 2)
    );
    let vendor = Vendor::scripted([fixture("404_not_found")]).await;
    let error = vendor.provider().get(GetMessage::new(id())).await;
    assert_eq!(error.unwrap_err().kind(), &Kind::NotFound);
}

async fn cancel(replies: Vec<Step>) -> (Result<Message, Error>, Vec<String>) {
    let vendor = Vendor::scripted(replies).await;
    let outcome = vendor
        .provider()
        .cancel_scheduled(CancelMessage::new(id()))
        .await;
    let lines = vendor.seen().into_iter().map(|seen| {
        let body = std::str::from_utf8(&seen.body).unwrap();
        format!("{} {body}", seen.line())
    });
    (outcome, lines.collect())
}

#[tokio::test]
async fn cancelling_twice_is_a_success_and_too_late_is_a_conflict() {
    let post = format!("POST {} Status=canceled", path());
    let get = format!("GET {} ", path());
    let (outcome, lines) = cancel(vec![fixture("200_canceled")]).await;
    assert_eq!(outcome.unwrap().status, MessageStatus::Cancelled);
    assert_eq!(lines, [post.as_str()]);

    let refusal = || rejection(400, 30409);
    let (outcome, lines) = cancel(vec![refusal(), fixture("200_canceled")]).await;
    assert_eq!(outcome.unwrap().status, MessageStatus::Cancelled);
    assert_eq!(lines, [post.as_str(), get.as_str()]);

    let (outcome, lines) = cancel(vec![refusal(), fixture("200_delivered")]).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery(), error.vendor_code()),
        (&Kind::Conflict, Delivery::Refused, Some("30409"))
    );
    assert_eq!(error.status().unwrap().as_u16(), 400);
    assert_eq!(lines.len(), 2);

    // The vendor says yes, but the message is not cancelled.
    let (outcome, _) = cancel(vec![fixture("200_delivered")]).await;
    assert_eq!(outcome.unwrap_err().kind(), &Kind::Conflict);
    // The current state cannot be read: the rejection is the error.
    let (outcome, _) = cancel(vec![refusal(), Step::response(403, "")]).await;
    assert_eq!(outcome.unwrap_err().kind(), &Kind::InvalidRequest);
    let (outcome, lines) = cancel(vec![fixture("404_not_found")]).await;
    assert_eq!(
        (outcome.unwrap_err().kind(), lines.len()),
        (&Kind::NotFound, 1)
    );
    // Cancelling has the same effect once or twice.
    let (outcome, lines) = cancel(vec![Step::Close, fixture("200_canceled")]).await;
    assert_eq!((outcome.is_ok(), lines.len()), (true, 2));
}

fn request() -> ListMessages {
    ListMessages::new()
        .with_to(phone("+15550109999"))
        .with_created_from("2023-08-24T00:00:00.5Z".parse().unwrap())
        .with_created_before("2023-08-24T05:01:45.5Z".parse().unwrap())
}

#[tokio::test]
async fn lists_are_requested_by_day_and_filtered_by_second() {
    let replies = ["200_list", "200_list_last"].map(fixture);
    let vendor = Vendor::scripted(replies).await;
    let two = PageRequest::first().with_limit(NonZeroU32::new(2).unwrap());
    let provider = vendor.provider();
    let messages: Vec<_> = provider.messages(request().with_page(two)).collect().await;
    let ids: Vec<_> = messages
        .into_iter()
        .map(|message| message.unwrap().id)
        .collect();
    // The second one was taken the day before.
    assert_eq!(ids, [id()]);
    let lines: Vec<_> = vendor.seen().iter().map(|seen| seen.line()).collect();
    let start = format!("GET /2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    assert_eq!(
        lines,
        [
            format!(
                "{start}?To=%2B15550109999&DateSent%3E=2023-08-24&DateSent%3C=2023-09-29&PageSize=2"
            ),
            format!("{start}?To=%2B15550109999&PageSize=2&Page=1&PageToken=PASM1"),
        ]
    );
}

#[tokio::test]
async fn the_second_of_the_filter_counts() {
    let at = |text: &str| text.parse().unwrap();
    let all = ListMessages::new();
    for (request, count) in [
        (all.clone(), 2),
        (
            all.clone().with_created_from(at("2023-08-24T05:01:45.9Z")),
            1,
        ),
        (all.clone().with_created_from(at("2023-08-24T05:01:46Z")), 0),
        (
            all.clone().with_created_before(at("2023-08-24T05:01:45Z")),
            1,
        ),
        (
            all.clone().with_created_before(at("2023-08-23T23:59:59Z")),
            0,
        ),
        (all.clone().with_to(phone("+15550109998")), 0),
    ] {
        let vendor = Vendor::scripted([fixture("200_list")]).await;
        let page = vendor.provider().list(request.clone()).await.unwrap();
        assert_eq!(page.items.len(), count, "{request:?}");
        assert!(page.next.is_some());
    }
    let vendor = Vendor::scripted([fixture("200_list_last")]).await;
    let limit = PageRequest::first().with_limit(NonZeroU32::new(5_000).unwrap());
    let page = vendor.provider().list(all.with_page(limit)).await.unwrap();
    assert_eq!((page.items.len(), page.next), (0, None));
    assert!(vendor.only().target.ends_with("?PageSize=1000"));
}

#[tokio::test]
async fn messages_over_whats_app_are_listed_too() {
    // Two pages over WhatsApp, after the one of SMS.
    let replies = ["200_list_last", "200_list", "200_list_last"].map(fixture);
    let vendor = Vendor::scripted(replies).await;
    let provider = vendor.build(vendor.config().with_whats_app_from("+15550100003"));
    let to = ListMessages::new().with_to(phone("+15550109999"));
    let messages: Vec<_> = provider.messages(to).collect().await;
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(Result::is_ok), "{messages:?}");
    let seen = vendor.seen();
    let queries: Vec<_> = seen
        .iter()
        .map(|seen| seen.target.split_once('?').unwrap().1)
        .collect();
    assert_eq!(
        queries,
        [
            "To=%2B15550109999",
            "To=whatsapp%3A%2B15550109999",
            "To=%2B15550109999&PageSize=2&Page=1&PageToken=PASM1",
        ]
    );
    // Without a recipient one list has all.
    let vendor = Vendor::scripted([fixture("200_list_last")]).await;
    let provider = vendor.build(vendor.config().with_whats_app_from("+15550100003"));
    let page = provider.list(ListMessages::new()).await.unwrap();
    assert_eq!(page.next, None);
    assert!(vendor.only().target.ends_with("/Messages.json"));
}

#[tokio::test]
async fn pages_of_other_hosts_are_not_followed() {
    for elsewhere in [
        "https://evil.example.com/2010-04-01/Accounts/x/Messages.json?Page=1",
        "/2010-04-01/Accounts/AC00000000000000000000000000000009/Messages.json?Page=1",
        "//evil.example.com/?Page=1",
    ] {
        let body = format!(r#"{{"messages":[],"next_page_uri":"{elsewhere}"}}"#);
        let vendor = Vendor::scripted([Step::response(200, body)]).await;
        let error = vendor
            .provider()
            .list(ListMessages::new())
            .await
            .unwrap_err();
        let mismatch = Kind::Protocol(ProtocolReason::Mismatch);
        assert_eq!(error.kind(), &mismatch, "{elsewhere}");
    }
    // A foreign cursor is only used as a query.
    let vendor = Vendor::scripted([fixture("200_list_last")]).await;
    let cursor = Cursor::new("/../../evil?a=b#c").unwrap();
    let request = ListMessages::new().with_page(PageRequest::first().with_after(cursor));
    vendor.provider().list(request).await.unwrap();
    let start = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?");
    assert!(vendor.only().target.starts_with(&start));
}
