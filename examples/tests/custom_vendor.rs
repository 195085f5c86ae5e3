//! The adapter from outside keeps the contract, and the guide to a new adapter quotes its code.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../custom_vendor"]
mod custom_vendor {
    #[allow(
        dead_code,
        unreachable_pub,
        reason = "written like a crate of its own, of which the tests use a part"
    )]
    pub(crate) mod acme;
    pub(crate) mod fake;
}

use std::{collections::BTreeSet, path::Path, sync::Arc};

use anyvendor::{
    Kind,
    email::{
        BulkEmail, BulkRecipient, EmailContent, EmailMessage, EmailProvider, RecipientStatus,
        RejectReason, TemplateData,
    },
    values::{EmailAddress, Metadata, Secret},
};
use anyvendor_conformance::{EmailHarness, email};
use serde_json::json;

use self::custom_vendor::{
    acme::{Acme, AcmeConfig, VENDOR},
    fake::{self, Fake},
};

fn connect(fake: &Fake) -> Acme {
    let config = AcmeConfig::new(Secret::new(fake::KEY)).with_local_base_url(&fake.url);
    Acme::new(config).unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap()
}

fn message() -> EmailMessage {
    let content = EmailContent::text("Hello", "Your parcel is here.");
    EmailMessage::new(
        address("shop@example.com"),
        address("ann@example.com"),
        content,
    )
}

#[tokio::test]
async fn keeps_the_contract() {
    let fake = fake::start().await.unwrap();
    let harness = EmailHarness {
        provider: Arc::new(connect(&fake)),
        from: address("shop@example.com"),
        to: address("ann@example.com"),
        refused_recipient: Some(address(fake::REJECTED)),
        template: None,
        now: anyvendor::Timestamp::UNIX_EPOCH,
    };
    email::run(&harness).await.assert_passed(12);
}

#[tokio::test]
async fn each_list_of_recipients_arrives_as_that_list() {
    let fake = fake::start().await.unwrap();
    let named = address("bob@example.com").with_name("Bob").unwrap();
    let message = message()
        .with_cc([named])
        .with_bcc([address("unseen@example.com")])
        .with_reply_to([address("help@example.com")]);
    let sent = connect(&fake).send(message).await.unwrap();
    assert!(sent.all_accepted());
    let sent = &fake.messages()[0];
    let mailbox = |email: &str, name: Option<&str>| json!([{"email": email, "name": name}]);
    assert_eq!(sent["to"], mailbox("ann@example.com", None));
    assert_eq!(sent["cc"], mailbox("bob@example.com", Some("Bob")));
    assert_eq!(sent["bcc"], mailbox("unseen@example.com", None));
    assert_eq!(sent["reply_to"], mailbox("help@example.com", None));
}

#[tokio::test]
async fn what_the_vendor_cannot_express_is_unsupported() {
    let fake = fake::start().await.unwrap();
    let metadata = Metadata::new().with("order", "1001").unwrap();
    for (message, field) in [
        (message().with_header("X-Order", "1001"), "headers"),
        (message().with_metadata(metadata), "metadata"),
        (message().with_tags(["receipt".to_owned()]), "tags"),
    ] {
        let error = connect(&fake).send(message).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::Unsupported, Some(field))
        );
        assert_eq!(error.vendor(), Some(VENDOR));
    }
    assert!(fake.messages().is_empty());
}

#[tokio::test]
async fn a_rejected_recipient_does_not_hide_that_nobody_got_it() {
    let fake = fake::start().await.unwrap();
    let message = message().with_bcc([address(fake::REJECTED)]);
    let sent = connect(&fake).send(message).await.unwrap();
    assert!(matches!(
        sent.recipients[0].status,
        RecipientStatus::NotSent(_)
    ));
    let rejected = RejectReason::InvalidAddress;
    assert!(
        matches!(&sent.recipients[1].status, RecipientStatus::Rejected(why) if *why == rejected)
    );
    assert!(fake.messages().is_empty());
}

#[tokio::test]
async fn in_a_bulk_each_recipient_has_a_subject_and_sees_no_other() {
    let fake = fake::start().await.unwrap();
    let mut recipients: Vec<_> = ["ann@example.com", "bob@example.com"]
        .map(|to| BulkRecipient::new(address(to), TemplateData::new()))
        .into();
    recipients[1].subject = Some("Hello Bob".to_owned());
    let bulk = BulkEmail::new(message().with_cc([address("copy@example.com")]), recipients);
    let sent = connect(&fake).send_bulk(bulk).await.unwrap();
    assert_eq!(sent.accepted(), 2);
    let mut subjects = BTreeSet::new();
    for message in fake.messages() {
        assert_eq!(message["to"].as_array().unwrap().len(), 1);
        assert_eq!(message["cc"], json!([]));
        subjects.insert(message["subject"].as_str().unwrap().to_owned());
    }
    assert_eq!(subjects, ["Hello", "Hello Bob"].map(str::to_owned).into());
}

/// Every Rust block of the guide that opens with the name of one of the adapter's modules is an excerpt of that module. A line
/// `// ..` leaves something out.
#[test]
fn the_guide_quotes_this_adapter() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(here.join("../docs/adding-a-vendor.md")).unwrap();
    let mut quoted = Vec::new();
    for block in guide.split("```rust\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let Some((name, code)) = block.split_once('\n') else {
            continue;
        };
        let Some(name) = name.strip_prefix("// custom_vendor/") else {
            continue;
        };
        let file = std::fs::read_to_string(here.join("custom_vendor").join(name)).unwrap();
        for piece in code.split("// ..\n") {
            assert!(
                file.contains(piece.trim()),
                "{name} does not contain: {piece}"
            );
        }
        quoted.push(name.to_owned());
    }
    let modules = ["config", "auth", "client", "error", "email"];
    let modules = modules.map(|module| format!("acme/{module}.rs"));
    assert_eq!(quoted, modules);
}
