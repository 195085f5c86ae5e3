//! The contract of `MessagingProvider`.

mod follow_up;
mod send;
mod steps;

use std::time::Duration;

use anyvendor_core::messaging::{
    Channel, ListMessages, MessageContent, MessageReference, RejectionReason,
};
use jiff::SignedDuration;

use self::{
    follow_up::{
        cancel_is_unsupported, cancel_sent_is_refused, get_of_another_vendor,
        get_sees_what_was_sent, get_unknown, list_finds_by_recipient, list_finds_by_reference,
        list_unsupported,
    },
    send::{
        rejected, send_later_and_cancel, send_long_text_counts_segments,
        send_outside_the_window_is_refused, send_over_whats_app, send_template, send_text,
        send_too_long_is_refused, send_too_many_files_is_refused, send_with_media,
    },
    steps::{media, refused, some_file, template, text, unsupported, with_content},
};
use crate::{harness::MessagingHarness, report::Report};

/// Runs every case that the provider's capabilities call for.
pub async fn run(harness: &MessagingHarness) -> Report {
    let mut report = Report::default();
    let r = &mut report;
    let can = harness.provider.capabilities();
    r.run("send_text", send_text(harness)).await;
    match can.max_media {
        Some(limit) => {
            r.run("send_with_media", send_with_media(harness)).await;
            let case = send_too_many_files_is_refused(harness, limit);
            r.run("send_too_many_files_is_refused", case).await;
        }
        None => {
            let message = media(harness, 1);
            r.run("media_is_unsupported", unsupported(harness, message))
                .await;
        }
    }
    if can.templates {
        r.run("send_template", send_template(harness)).await;
    } else {
        let message = with_content(harness, template("template-1"));
        r.run("template_is_unsupported", unsupported(harness, message))
            .await;
    }
    if can.whats_app {
        r.run("send_over_whats_app", send_over_whats_app(harness))
            .await;
    } else {
        let message = text(harness).with_channel(Channel::WhatsApp);
        r.run("whats_app_is_unsupported", unsupported(harness, message))
            .await;
    }
    if !can.sms {
        let message = text(harness).with_channel(Channel::Sms);
        r.run("sms_is_unsupported", unsupported(harness, message))
            .await;
    }
    let case = send_long_text_counts_segments(harness);
    r.run("send_long_text_counts_segments", case).await;
    if let Some(to) = &harness.invalid_recipient {
        let case = rejected(harness, to, RejectionReason::InvalidRecipient);
        r.run("send_to_invalid_number_is_an_outcome", case).await;
    }
    if let Some(to) = &harness.opted_out {
        let case = rejected(harness, to, RejectionReason::OptedOut);
        r.run("send_to_opted_out_is_an_outcome", case).await;
    }
    let nothing = with_content(harness, MessageContent::text(""));
    r.run("send_nothing_is_refused", refused(harness, nothing))
        .await;
    if let Some(limit) = can.max_text {
        let case = send_too_long_is_refused(harness, limit);
        r.run("send_too_long_is_refused", case).await;
    }
    match can.schedule {
        Some(window) => {
            let case = send_outside_the_window_is_refused(harness, window);
            r.run("send_outside_the_window_is_refused", case).await;
            if can.cancel_scheduled {
                let case = send_later_and_cancel(harness, window);
                r.run("send_later_and_cancel", case).await;
            }
        }
        None => {
            let at = harness.now + SignedDuration::from_hours(1);
            let message = text(harness).with_send_at(at);
            r.run("schedule_is_unsupported", unsupported(harness, message))
                .await;
        }
    }
    if can.max_validity.is_none() {
        let message = text(harness).with_valid_for(Duration::from_secs(600));
        r.run("validity_is_unsupported", unsupported(harness, message))
            .await;
    }
    if !can.status_callback {
        let message = text(harness).with_status_callback(some_file());
        let case = unsupported(harness, message);
        r.run("status_callback_is_unsupported", case).await;
    }
    r.run("get_sees_what_was_sent", get_sees_what_was_sent(harness))
        .await;
    r.run("get_unknown", get_unknown(harness)).await;
    r.run("get_of_another_vendor", get_of_another_vendor(harness))
        .await;
    if can.cancel_scheduled {
        r.run("cancel_sent_is_refused", cancel_sent_is_refused(harness))
            .await;
    } else {
        r.run("cancel_is_unsupported", cancel_is_unsupported(harness))
            .await;
    }
    if can.list {
        r.run("list_finds_by_recipient", list_finds_by_recipient(harness))
            .await;
    } else {
        let request = ListMessages::new().with_to(harness.to.clone());
        r.run("list_is_unsupported", list_unsupported(harness, request))
            .await;
    }
    if can.list_by_reference {
        r.run("list_finds_by_reference", list_finds_by_reference(harness))
            .await;
    } else {
        let reference = MessageReference::random();
        let request = ListMessages::new().with_reference(reference);
        let case = list_unsupported(harness, request);
        r.run("list_by_reference_is_unsupported", case).await;
    }
    report
}
