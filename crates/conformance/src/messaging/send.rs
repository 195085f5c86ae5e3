//! Cases of sending.

use std::num::NonZeroU32;

use anyvendor_core::{
    messaging::{
        CancelMessage, Channel, MessageContent, MessageOutcome, MessageStatus,
        MessagingProviderExt, RejectionReason, ScheduleWindow, Segments, TextMessage,
    },
    values::PhoneNumber,
};
use jiff::{SignedDuration, Timestamp};

use super::steps::{accepted, look_up, media, refused, template, text, with_content};
use crate::{
    harness::MessagingHarness,
    report::{Case, CaseFailure, ensure, take},
};

pub(super) async fn send_text(harness: &MessagingHarness) -> Case {
    accepted(harness, text(harness)).await?;
    if harness.provider.capabilities().sms {
        let to = harness.to.clone();
        let outcome = harness.provider.text(to, "The short way.").await?;
        take!(outcome, MessageOutcome::Accepted(_) => ());
    }
    Ok(())
}

pub(super) async fn send_with_media(harness: &MessagingHarness) -> Case {
    ensure!(harness.media.is_some(), "the harness names no file");
    accepted(harness, media(harness, 1)).await.map(drop)
}

pub(super) async fn send_too_many_files_is_refused(
    harness: &MessagingHarness,
    limit: NonZeroU32,
) -> Case {
    refused(harness, media(harness, limit.get() as usize + 1)).await
}

fn own_template(harness: &MessagingHarness) -> Result<TextMessage, CaseFailure> {
    match &harness.template {
        Some(id) => Ok(with_content(harness, template(id))),
        None => Err(CaseFailure::new("the harness names no template")),
    }
}

pub(super) async fn send_template(harness: &MessagingHarness) -> Case {
    accepted(harness, own_template(harness)?).await.map(drop)
}

pub(super) async fn send_over_whats_app(harness: &MessagingHarness) -> Case {
    let message = if harness.provider.capabilities().templates {
        own_template(harness)?
    } else {
        text(harness)
    };
    let message = message.with_channel(Channel::WhatsApp);
    accepted(harness, message).await.map(drop)
}

pub(super) async fn send_long_text_counts_segments(harness: &MessagingHarness) -> Case {
    let limit = harness.provider.capabilities().max_text;
    for text in ["0123456789".repeat(31), "\u{1f600} ".repeat(50)] {
        if limit.is_some_and(|limit| text.chars().count() > limit.get() as usize) {
            continue;
        }
        let expected = Segments::of(&text).count();
        let message = with_content(harness, MessageContent::text(text));
        let sent = accepted(harness, message).await?;
        let reported = match sent.segments {
            Some(count) => Some(count),
            None => look_up(harness, &sent.id).await?.segments,
        };
        ensure!(
            reported.is_none_or(|count| usize::try_from(count) == Ok(expected)),
            "{expected} segments, but the vendor reports {reported:?}"
        );
    }
    Ok(())
}

pub(super) async fn rejected(
    harness: &MessagingHarness,
    to: &PhoneNumber,
    reason: RejectionReason,
) -> Case {
    let mut message = text(harness);
    message.to = to.clone();
    let outcome = harness.provider.send(message).await?;
    let rejection = take!(outcome, MessageOutcome::Rejected(rejection) => rejection);
    ensure!(
        rejection.reason == reason,
        "expected {reason:?}, got {:?}",
        rejection.reason
    );
    Ok(())
}

pub(super) async fn send_too_long_is_refused(
    harness: &MessagingHarness,
    limit: NonZeroU32,
) -> Case {
    let text = "x".repeat(limit.get() as usize + 1);
    refused(harness, with_content(harness, MessageContent::text(text))).await
}

/// So far ahead of now.
fn ahead(
    harness: &MessagingHarness,
    duration: std::time::Duration,
) -> Result<Timestamp, CaseFailure> {
    let at = harness.now.checked_add(duration);
    at.map_err(|_| CaseFailure::new("the window ends after time does"))
}

pub(super) async fn send_outside_the_window_is_refused(
    harness: &MessagingHarness,
    window: ScheduleWindow,
) -> Case {
    let hour = SignedDuration::from_hours(1);
    for at in [
        harness.now - hour,
        ahead(harness, window.min)?,
        ahead(harness, window.max)? + hour,
    ] {
        refused(harness, text(harness).with_send_at(at)).await?;
    }
    Ok(())
}

pub(super) async fn send_later_and_cancel(
    harness: &MessagingHarness,
    window: ScheduleWindow,
) -> Case {
    let at = ahead(harness, (window.min + window.max) / 2)?;
    let sent = accepted(harness, text(harness).with_send_at(at)).await?;
    for time in ["first", "second"] {
        let request = CancelMessage::new(sent.id.clone());
        let message = harness.provider.cancel_scheduled(request).await?;
        ensure!(
            message.id == sent.id && message.status == MessageStatus::Cancelled,
            "after the {time} time it is {message:?}"
        );
    }
    Ok(())
}
