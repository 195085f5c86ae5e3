//! Failures at the vendor, and the vendor's records after them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use anyvendor_adapter_sendgrid::{REFERENCE_ARG, SendGrid, SendGridConfig};
use anyvendor_core::{
    Delivery, Kind, RetryStop,
    email::{
        BulkEmail, BulkRecipient, CancelScheduled, EmailContent, EmailProvider, RecipientStatus,
        TemplateData,
    },
    resilience::{Clock, Policy},
    values::Secret,
};
use anyvendor_http::SystemClock;
use anyvendor_sandbox::{Fault, FaultKind, Sandbox, Vendor, sendgrid::MessageStatus};
use jiff::SignedDuration;
use support::{address, message, text};

/// The policy of a test: the shortest delays, and no attempt hangs for long.
fn provider(sandbox: &Sandbox) -> SendGrid {
    let short = Duration::from_millis(1);
    let policy = Policy::default()
        .with_delays(short, short)
        .with_timeouts(Duration::from_secs(2), Duration::from_secs(10));
    let config = SendGridConfig::new(Secret::new(sandbox.sendgrid().key()))
        .with_local_base_url(sandbox.sendgrid().url())
        .with_resilience(policy);
    SendGrid::new(config).unwrap()
}

fn inject(sandbox: &Sandbox, kind: FaultKind) {
    sandbox.inject(
        Fault::new(kind)
            .vendor(Vendor::SendGrid)
            .path("/v3/mail/send"),
    );
}

#[tokio::test]
async fn an_unknown_outcome_after_acting_is_sent_once() {
    let sandbox = Sandbox::start().await.unwrap();
    for kind in [
        FaultKind::ActThenCut,
        FaultKind::ActThenHang { milliseconds: None },
        FaultKind::ServerErrorAfterActing {
            status: 500,
            should_retry: false,
        },
        FaultKind::ServerErrorAfterActing {
            status: 503,
            should_retry: false,
        },
    ] {
        sandbox.reset();
        inject(&sandbox, kind.clone());
        let error = provider(&sandbox).send(text()).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{kind:?}: {error}");
        assert_eq!(error.stop(), Some(RetryStop::NotIdempotent), "{kind:?}");
        let sent = sandbox.sendgrid().state().messages();
        assert_eq!(sent.len(), 1, "{kind:?}");
        assert_eq!(
            sent[0].custom_args[REFERENCE_ARG], "ref-1",
            "how its events are found"
        );
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_request_rejected_before_work_succeeds_later() {
    let sandbox = Sandbox::start().await.unwrap();
    for kind in [
        FaultKind::RateLimited { retry_after: None },
        FaultKind::Status {
            status: 503,
            headers: vec![("Retry-After".into(), "0".into())],
            body: None,
        },
    ] {
        sandbox.reset();
        inject(&sandbox, kind);
        assert!(
            provider(&sandbox)
                .send(text())
                .await
                .unwrap()
                .all_accepted()
        );
        assert_eq!(sandbox.sendgrid().state().messages().len(), 1);
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn spent_credits_are_not_a_bad_key() {
    let sandbox = Sandbox::builder()
        .sendgrid_credits(1)
        .start()
        .await
        .unwrap();
    let provider = provider(&sandbox);
    assert!(provider.send(text()).await.unwrap().all_accepted());
    let error = provider.send(text()).await.unwrap_err();
    let resets_at = Some("2099-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(error.kind(), &Kind::QuotaExhausted { resets_at });
    assert_eq!(sandbox.sendgrid().state().messages().len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_lost_chunk_is_neither_repeated_nor_hides_the_others() {
    let sandbox = Sandbox::start().await.unwrap();
    let fault = Fault::new(FaultKind::ActThenCut)
        .vendor(Vendor::SendGrid)
        .path("/v3/mail/send");
    sandbox.inject(fault.skip(1));
    let people = (0..2_500)
        .map(|n| BulkRecipient::new(address(&format!("p{n}@example.com")), TemplateData::new()))
        .collect();
    let bulk = BulkEmail::new(message(EmailContent::text("Hello", "Hi")), people);
    let outcome = provider(&sandbox).send_bulk(bulk).await.unwrap();
    assert_eq!(outcome.accepted(), 1_500);
    for (n, recipient) in outcome.recipients.iter().enumerate() {
        let unknown = matches!(recipient.status, RecipientStatus::Unknown(_));
        assert_eq!(unknown, (1_000..2_000).contains(&n), "{n}");
    }
    let sent = sandbox.sendgrid().state().messages();
    assert_eq!(sent.len(), 2_500, "each exactly once");
    for (message, recipient) in sent.iter().zip(&outcome.recipients) {
        assert_eq!(
            message.custom_args[REFERENCE_ARG],
            recipient.reference.as_str()
        );
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn scheduled_email_is_cancelled_at_the_vendor() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox);
    let later = text().with_send_at(SystemClock.wall() + SignedDuration::from_hours(1));
    let handle = provider.send(later).await.unwrap().schedule.unwrap();
    assert_eq!(
        sandbox.sendgrid().state().messages()[0].status,
        MessageStatus::Queued
    );
    for _ in 0..2 {
        provider
            .cancel_scheduled(CancelScheduled::new(handle.clone()))
            .await
            .unwrap();
    }
    assert_eq!(
        sandbox.sendgrid().state().messages()[0].status,
        MessageStatus::Cancelled
    );
    let unknown: anyvendor_core::values::VendorId = "sendgrid:nothing".parse().unwrap();
    let unknown = CancelScheduled::new(anyvendor_core::email::ScheduleHandle(unknown));
    assert_eq!(
        provider.cancel_scheduled(unknown).await.unwrap_err().kind(),
        &Kind::NotFound
    );
    sandbox.shutdown().await;
}
