//! Nothing secret and nothing personal is printed. The only test of its program, because logging is set up for all threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_conformance::{Printed, all_prints};
use anyvendor_core::{
    email::{
        BulkEmail, BulkRecipient, CancelScheduled, EmailContent, EmailProvider, ScheduleHandle,
        TemplateData,
    },
    values::{Metadata, Secret, VendorId},
};
use support::{Step, Vendor, address, message};

#[tokio::test]
async fn t23_canary_never_prints() {
    let printed = Printed::listen("trace");
    let echo = r#"{"errors":[{"message":"bad canary-1@example.com at https://x/canary-2 key SG.canary3abcdefghijklmnopq","field":"personalizations.0"}]}"#;
    let vendor = Vendor::start(move |_| Step::response(400, echo)).await;
    let mut config = vendor.config();
    config.api_key = Secret::new("SG.canary-key").into();
    let provider = vendor.build(config);
    let mut data = TemplateData::new();
    data.insert("canary-name".to_owned(), "canary-value".into());
    let whole = message(EmailContent::html(
        "canary-subject",
        "<p>canary-html</p>",
        "canary-text",
    ))
    .with_to(vec![address("canary-to <canary-to@example.com>")])
    .with_header("X-Note", "canary-header")
    .with_metadata(Metadata::new().with("note", "canary-note").unwrap());
    let person = BulkRecipient::new(address("canary-bulk@example.com"), data.clone());
    let bulk = BulkEmail::new(message(EmailContent::template("d-1", data)), vec![person]);
    let handle = ScheduleHandle(VendorId::new("sendgrid", "canary-batch").unwrap());
    let line_break = whole.clone().with_header("X-Bad", "canary\r\nvalue");
    let errors = [
        provider.send(whole.clone()).await.unwrap_err(),
        provider.send(line_break).await.unwrap_err(),
        provider.send_bulk(bulk.clone()).await.unwrap_err(),
        provider
            .cancel_scheduled(CancelScheduled::new(handle))
            .await
            .unwrap_err(),
    ];
    let mut shown = format!("{provider:?} {:?} {whole:?} {bulk:?}", provider.health());
    for error in &errors {
        shown += &all_prints(error);
    }
    assert!(!shown.contains("canary"), "{shown}");
    let logged = printed.text();
    assert!(logged.contains("email.send"), "nothing was logged at all");
    let leaks: Vec<_> = logged
        .lines()
        .filter(|line| line.contains("canary"))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
