//! Cases of what comes after sending: looking up, cancelling, listing.

use std::num::NonZeroU32;

use anyvendor_core::{
    Kind,
    messaging::{CancelMessage, ListMessages, MessagingProviderExt},
    values::{PageRequest, PhoneNumber, VendorId},
};
use futures_util::StreamExt;
use jiff::SignedDuration;

use super::steps::{accepted, look_up, text};
use crate::{
    harness::MessagingHarness,
    report::{Case, CaseFailure, ensure, expect_kind, expect_refused_unsent},
};

/// A number that nobody has: it is reserved for fiction.
const STRANGER: &str = "+12025550143";

pub(super) async fn get_sees_what_was_sent(harness: &MessagingHarness) -> Case {
    let sent = accepted(harness, text(harness)).await?;
    let seen = look_up(harness, &sent.id).await?;
    ensure!(seen.id == sent.id, "another id: {}", seen.id);
    ensure!(
        seen.status.rank() >= sent.status.rank(),
        "{:?} after {:?}",
        seen.status,
        sent.status
    );
    let differs = |other: &str| other != "A text without any meaning.";
    ensure!(
        !seen.text.is_some_and(|text| differs(&text.0)),
        "another text"
    );
    Ok(())
}

pub(super) async fn get_unknown(harness: &MessagingHarness) -> Case {
    let found = look_up(harness, &harness.unknown_message).await;
    expect_kind(found, &[Kind::NotFound]).map(drop)
}

pub(super) async fn get_of_another_vendor(harness: &MessagingHarness) -> Case {
    let id = VendorId::new("another-vendor", harness.unknown_message.id())?;
    expect_refused_unsent(look_up(harness, &id).await, &[Kind::InvalidRequest])
}

pub(super) async fn cancel_sent_is_refused(harness: &MessagingHarness) -> Case {
    let sent = accepted(harness, text(harness)).await?;
    let cancelled = harness
        .provider
        .cancel_scheduled(CancelMessage::new(sent.id));
    expect_kind(cancelled.await, &[Kind::Conflict]).map(drop)
}

pub(super) async fn cancel_is_unsupported(harness: &MessagingHarness) -> Case {
    let request = CancelMessage::new(harness.unknown_message.clone());
    let cancelled = harness.provider.cancel_scheduled(request).await;
    expect_refused_unsent(cancelled, &[Kind::Unsupported])
}

pub(super) async fn list_unsupported(harness: &MessagingHarness, request: ListMessages) -> Case {
    expect_refused_unsent(harness.provider.list(request).await, &[Kind::Unsupported])
}

/// The ids of all pages, and how long the longest page was.
async fn listed(
    harness: &MessagingHarness,
    request: ListMessages,
) -> Result<Vec<VendorId>, CaseFailure> {
    let mut ids = Vec::new();
    // Somewhere a list must end.
    let mut messages = harness.provider.messages(request).take(10_000);
    while let Some(message) = messages.next().await {
        ids.push(message?.id);
    }
    Ok(ids)
}

pub(super) async fn list_finds_by_recipient(harness: &MessagingHarness) -> Case {
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(accepted(harness, text(harness)).await?.id);
    }
    let day = SignedDuration::from_hours(24);
    let of = |to: PhoneNumber| {
        let page = PageRequest::first().with_limit(NonZeroU32::MIN.saturating_add(1));
        ListMessages::new().with_to(to).with_page(page)
    };
    let here = of(harness.to.clone());
    let since = here.clone().with_created_from(harness.now - day);
    for request in [here.clone(), since] {
        let page = harness.provider.list(request.clone()).await?;
        ensure!(page.items.len() <= 2, "{} on a page of 2", page.items.len());
        let ids = listed(harness, request).await?;
        for id in &sent {
            let times = ids.iter().filter(|listed| *listed == id).count();
            ensure!(times == 1, "one of three is listed {times} times");
        }
    }
    for request in [
        of(PhoneNumber::new(STRANGER)?),
        here.with_created_before(harness.now - day),
    ] {
        let ids = listed(harness, request).await?;
        ensure!(
            !sent.iter().any(|id| ids.contains(id)),
            "listed against the filter"
        );
    }
    Ok(())
}

pub(super) async fn list_finds_by_reference(harness: &MessagingHarness) -> Case {
    let message = text(harness);
    let reference = message.reference.clone();
    let sent = accepted(harness, message).await?;
    accepted(harness, text(harness)).await?;
    let request = ListMessages::new().with_reference(reference);
    let ids = listed(harness, request).await?;
    ensure!(
        ids == [sent.id],
        "{} messages under one reference",
        ids.len()
    );
    Ok(())
}
