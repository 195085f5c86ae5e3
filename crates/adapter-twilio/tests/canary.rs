//! Nothing secret and nothing personal is printed. The only test of its program, because logging is set up for all threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::collections::BTreeMap;

use anyvendor_conformance::{Printed, all_prints};
use anyvendor_core::{
    messaging::{
        CancelMessage, CheckVerification, GetMessage, ListMessages, MessageContent,
        MessagingProvider, StartVerification, TextMessage, VerificationProvider,
    },
    values::{Cursor, PageRequest, Secret, VendorId},
};
use support::{Step, VERIFICATION, Vendor, fixture, id, phone};

/// The recipient's number, and texts that occur nowhere else.
const CANARIES: [&str; 2] = ["canary", "5550987654"];

#[tokio::test]
async fn t23_canary_never_prints() {
    let printed = Printed::listen("trace");
    let echo = r#"{"code":60200,"message":"bad 'To' +15550987654 for whatsapp:+15550987654 at https://x/canary-1 of canary-2@example.com"}"#;
    let vendor = Vendor::start(move |seen| {
        if seen.target.contains("Page=") {
            fixture("200_list")
        } else {
            Step::response(400, echo)
        }
    })
    .await;
    let mut config = vendor.config();
    config.auth_token = Some(Secret::new("canary-token").into());
    let provider = vendor.build(config.clone());
    let to = phone("+15550987654");
    let callback = "https://shop.example/canary-path?token=canary"
        .parse()
        .unwrap();
    let media = vec!["https://shop.example/canary.png".parse().unwrap()];
    let variables = BTreeMap::from([("canary-name".to_owned(), "canary-value".to_owned())]);
    let messages = [
        TextMessage::new(to.clone(), MessageContent::text("canary-text")),
        TextMessage::new(to.clone(), MessageContent::media("canary-text", media)),
        TextMessage::new(to.clone(), MessageContent::template("HX1", variables)),
        TextMessage::new(to.clone(), MessageContent::text("canary-text"))
            .with_status_callback(callback),
    ];
    let mut shown = format!("{provider:?} {config:?}");
    for message in messages {
        shown += &format!(" {message:?}");
        shown += &all_prints(&provider.send(message).await.unwrap_err());
    }
    let start = StartVerification::new(to.clone());
    let verification = VendorId::new("twilio", VERIFICATION).unwrap();
    let code = CheckVerification::new(verification, Secret::new("canary-code"));
    let list = ListMessages::new().with_to(to);
    let cursor = Cursor::new("To=%2B15550987654&Page=canary").unwrap();
    let more = list
        .clone()
        .with_page(PageRequest::first().with_after(cursor));
    shown += &format!(" {start:?} {code:?} {list:?} {more:?}");
    shown += &format!(" {:?}", provider.list(more).await.unwrap());
    for error in [
        provider.start(start).await.unwrap_err(),
        provider.check(code).await.unwrap_err(),
        provider.list(list).await.unwrap_err(),
        provider.get(GetMessage::new(id())).await.unwrap_err(),
        provider
            .cancel_scheduled(CancelMessage::new(id()))
            .await
            .unwrap_err(),
    ] {
        shown += &all_prints(&error);
    }
    shown += &format!(" {:?}", provider.health());
    let logged = printed.text();
    assert!(
        logged.contains("messaging.send"),
        "nothing was logged at all"
    );
    for canary in CANARIES {
        assert!(!shown.contains(canary), "{shown}");
        let leaks: Vec<_> = logged
            .lines()
            .filter(|line| line.contains(canary))
            .collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}
