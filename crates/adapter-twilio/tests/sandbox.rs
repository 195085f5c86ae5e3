//! What reaches the recipients, by the records of the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyvendor_adapter_twilio::Twilio;
use anyvendor_core::{
    Delivery, Kind,
    messaging::{
        Channel, CheckVerification, FailureKind, GetMessage, ListMessages, MessageContent,
        MessageOutcome, MessageStatus, MessagingProvider, MessagingProviderExt, RejectionReason,
        StartVerification, TextMessage, VerificationProvider, VerificationStatus,
    },
    resilience::CallOptions,
    values::{Secret, VendorId},
};
use anyvendor_sandbox::{Fault, FaultKind, Sandbox, Vendor};
use futures_util::{TryStreamExt, future::join_all};
use harness::{TEMPLATE, config, phone};

struct Place {
    sandbox: Sandbox,
    twilio: Arc<Twilio>,
}

async fn place() -> Place {
    let sandbox = harness::sandbox().await;
    let twilio = Arc::new(Twilio::new(config(&sandbox)).unwrap());
    Place { sandbox, twilio }
}

fn text(to: &str, text: &str) -> TextMessage {
    TextMessage::new(phone(to), MessageContent::text(text))
}

fn rejected(outcome: MessageOutcome) -> RejectionReason {
    match outcome {
        MessageOutcome::Rejected(why) => why.reason,
        MessageOutcome::Accepted(message) => panic!("{message:?}"),
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_never_repeated_and_is_found_by_recipient() {
    let place = place().await;
    for (to, kind) in [
        ("+15550100001", FaultKind::ActThenCut),
        (
            "+15550100002",
            FaultKind::ServerErrorAfterActing {
                status: 500,
                should_retry: false,
            },
        ),
    ] {
        let fault = Fault::new(kind).vendor(Vendor::Twilio).method("POST");
        place.sandbox.inject(fault);
        let before = place.sandbox.twilio().state().messages().len();
        let error = place
            .twilio
            .send(text(to, "Order 7 is paid."))
            .await
            .unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
        assert_eq!(error.attempts(), 1);
        assert_eq!(place.sandbox.twilio().state().messages().len(), before + 1);
        let sent = place
            .twilio
            .messages(ListMessages::new().with_to(phone(to)));
        let sent: Vec<_> = sent.try_collect().await.unwrap();
        assert_eq!(sent.len(), 1, "the lost message is found by its recipient");
        assert_eq!(sent[0].text.as_ref().unwrap().0, "Order 7 is paid.");
    }
}

#[tokio::test]
async fn duplicates_are_made_only_if_they_are_tolerated() {
    let place = place().await;
    let fault = Fault::new(FaultKind::ActThenCut)
        .vendor(Vendor::Twilio)
        .method("POST");
    place.sandbox.inject(fault);
    let options = CallOptions::default().tolerating_duplicates();
    let message = text("+15550100003", "Your code is 1234").with_options(options);
    place.twilio.send(message).await.unwrap();
    assert_eq!(place.sandbox.twilio().state().messages().len(), 2);
}

#[tokio::test]
async fn messages_rejected_before_work_are_sent_again_and_once() {
    let place = place().await;
    let fault = Fault::new(FaultKind::RateLimited {
        retry_after: Some(0),
    });
    place
        .sandbox
        .inject(fault.vendor(Vendor::Twilio).method("POST"));
    place
        .twilio
        .text(phone("+15550100004"), "Hello")
        .await
        .unwrap();
    assert_eq!(place.sandbox.twilio().state().messages().len(), 1);
}

#[tokio::test]
async fn each_of_many_concurrent_messages_is_sent_once() {
    let place = place().await;
    let calls = (0..50).map(|n| {
        let message = text("+15550100005", &format!("Order {n}"));
        place.twilio.send(message)
    });
    for outcome in join_all(calls).await {
        outcome.unwrap().into_accepted().unwrap();
    }
    assert_eq!(place.sandbox.twilio().state().messages().len(), 50);
}

#[tokio::test]
async fn recipients_who_cannot_be_reached_or_opted_out_are_outcomes() {
    let place = place().await;
    for (to, reason) in [
        ("+15005550001", RejectionReason::InvalidRecipient),
        ("+15005550002", RejectionReason::InvalidRecipient),
        ("+15005550003", RejectionReason::RegionBlocked),
        ("+15005550004", RejectionReason::OptedOut),
        ("+15005550009", RejectionReason::InvalidRecipient),
    ] {
        let outcome = place.twilio.send(text(to, "Hello")).await.unwrap();
        assert_eq!(rejected(outcome), reason, "{to}");
    }
    assert!(place.sandbox.twilio().state().messages().is_empty());
    let page = "https://unreachable.invalid/a.png".parse().unwrap();
    let message = TextMessage::new(phone("+15550100006"), MessageContent::media("", vec![page]));
    let error = place.twilio.send(message).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::InvalidRequest, Some("21620"))
    );
}

#[tokio::test]
async fn undelivered_messages_have_their_kind_of_failure() {
    let place = place().await;
    for (to, kind) in [
        ("+15005553003", FailureKind::Soft),
        ("+15005553005", FailureKind::Hard),
        ("+15005553006", FailureKind::Hard),
        ("+15005553007", FailureKind::Blocked),
        ("+15005553008", FailureKind::Soft),
    ] {
        let sent = place.twilio.send(text(to, "Hello")).await.unwrap();
        let id = sent.into_accepted().unwrap().id;
        let mut last = MessageStatus::Accepted;
        for _ in 0..5 {
            let now = place.twilio.get(GetMessage::new(id.clone())).await.unwrap();
            assert!(
                now.status.rank() >= last.rank(),
                "{:?} after {last:?}",
                now.status
            );
            last = now.status;
        }
        assert_eq!(last, MessageStatus::Undelivered(kind), "{to}");
    }
}

#[tokio::test]
async fn free_text_over_whats_app_needs_an_open_window_and_templates_do_not() {
    let place = place().await;
    let to = "+15550100007";
    let free = || text(to, "Hello").with_channel(Channel::WhatsApp);
    let error = place.twilio.send(free()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::InvalidRequest, Some("63016"))
    );
    let variables = BTreeMap::from([("1".to_owned(), "7".to_owned())]);
    let template = TextMessage::new(phone(to), MessageContent::template(TEMPLATE, variables));
    let template = template.with_channel(Channel::WhatsApp);
    place
        .twilio
        .send(template)
        .await
        .unwrap()
        .into_accepted()
        .unwrap();
    let sent = place.sandbox.twilio().state().messages();
    assert_eq!(sent[0].body, "Your order 7 is on its way.");
}

#[tokio::test]
async fn a_code_is_checked_by_the_vendor() {
    let place = place().await;
    let started = place
        .twilio
        .start(StartVerification::new(phone("+15550100008")))
        .await
        .unwrap();
    assert_eq!(started.status, VerificationStatus::Pending);
    let code = place.sandbox.twilio().state().verifications()[0]
        .code
        .clone();
    let check = |code: &str| {
        place.twilio.check(CheckVerification::new(
            started.id.clone(),
            Secret::new(code),
        ))
    };
    let wrong = if code == "000000" { "111111" } else { "000000" };
    assert_eq!(check(wrong).await.unwrap(), VerificationStatus::Pending);
    assert_eq!(check(&code).await.unwrap(), VerificationStatus::Approved);
    assert_eq!(check(&code).await.unwrap(), VerificationStatus::Gone);
    let nobody = VendorId::new("twilio", "VE00000000000000000000000000000000").unwrap();
    let gone = CheckVerification::new(nobody, Secret::new("123456"));
    assert_eq!(
        place.twilio.check(gone).await.unwrap(),
        VerificationStatus::Gone
    );

    let started = place
        .twilio
        .start(StartVerification::new(phone("+15550100009")))
        .await
        .unwrap();
    let code = place.sandbox.twilio().state().verifications()[1]
        .code
        .clone();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let mut last = VerificationStatus::Pending;
    for _ in 0..6 {
        let check = CheckVerification::new(started.id.clone(), Secret::new(wrong));
        last = place.twilio.check(check).await.unwrap();
    }
    assert_eq!(last, VerificationStatus::TooManyAttempts);
}

#[tokio::test]
async fn invalid_messages_are_rejected_before_anything_is_sent() {
    let place = place().await;
    let soon = place.twilio.health().vendor;
    assert_eq!(soon, "twilio");
    let now = anyvendor_core::resilience::Clock::wall(&anyvendor_http::SystemClock);
    let at = |seconds: i64| now + jiff::SignedDuration::from_secs(seconds);
    let media: Vec<url::Url> = (0..11)
        .map(|n| format!("https://shop.example/{n}.png").parse().unwrap())
        .collect();
    for (message, field) in [
        (text("+15550100010", ""), "content"),
        (text("+15550100010", &"a".repeat(1601)), "content"),
        (
            TextMessage::new(phone("+15550100010"), MessageContent::media("", media)),
            "content",
        ),
        (text("+15550100010", "a").with_send_at(at(200)), "send_at"),
        (
            text("+15550100010", "a").with_send_at(at(36 * 86_400)),
            "send_at",
        ),
        (
            text("+15550100010", "a").with_valid_for(Duration::from_secs(36_001)),
            "valid_for",
        ),
        (
            text("+15550100010", "a")
                .with_status_callback("https://my_shop.example/cb".parse().unwrap()),
            "status_callback",
        ),
    ] {
        let error = place.twilio.send(message).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::InvalidRequest, Some(field)),
            "{error}"
        );
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    assert!(place.sandbox.requests().is_empty());
}
