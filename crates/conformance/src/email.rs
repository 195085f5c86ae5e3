//! The contract of `EmailProvider`.

use anyvendor_core::{
    Kind,
    email::{
        Attachment, BulkEmail, BulkRecipient, CancelScheduled, EmailContent, EmailMessage,
        EmailProviderExt, MessageReference, RecipientStatus, RejectReason, TemplateData,
    },
    values::EmailAddress,
};
use jiff::SignedDuration;

use crate::{
    harness::EmailHarness,
    report::{Case, CaseFailure, Report, ensure, expect_refused_unsent, take},
};

/// Runs every case that the provider's capabilities call for.
pub async fn run(harness: &EmailHarness) -> Report {
    let mut report = Report::default();
    let capabilities = harness.provider.capabilities();
    report.run("send_text", send_text(harness)).await;
    if capabilities.attachments {
        report
            .run(
                "send_html_with_attachment",
                send_html_with_attachment(harness),
            )
            .await;
    } else {
        report
            .run(
                "attachment_is_unsupported",
                attachment_is_unsupported(harness),
            )
            .await;
    }
    if capabilities.templates {
        report.run("send_template", send_template(harness)).await;
    } else {
        report
            .run("template_is_unsupported", template_is_unsupported(harness))
            .await;
    }
    report.run("send_to_many", send_to_many(harness)).await;
    if harness.refused_recipient.is_some() {
        let case = send_invalid_recipient_is_an_outcome(harness);
        report
            .run("send_invalid_recipient_is_an_outcome", case)
            .await;
    }
    report
        .run(
            "send_without_content_is_refused",
            send_without_content_is_refused(harness),
        )
        .await;
    report
        .run(
            "send_without_recipient_is_refused",
            send_without_recipient_is_refused(harness),
        )
        .await;
    let case = send_header_with_line_break_is_refused(harness);
    report
        .run("send_header_with_line_break_is_refused", case)
        .await;
    match capabilities.schedule_hours {
        Some(hours) => {
            if capabilities.cancel_scheduled {
                report
                    .run("send_later_and_cancel", send_later_and_cancel(harness))
                    .await;
            }
            let case = send_too_far_ahead_is_refused(harness, hours.get());
            report.run("send_too_far_ahead_is_refused", case).await;
        }
        None => {
            report
                .run("schedule_is_unsupported", schedule_is_unsupported(harness))
                .await
        }
    }
    report
        .run(
            "bulk_has_an_outcome_per_recipient",
            bulk_has_an_outcome_per_recipient(harness),
        )
        .await;
    report
        .run("bulk_of_nobody_is_empty", bulk_of_nobody_is_empty(harness))
        .await;
    if harness.refused_recipient.is_some() {
        report
            .run(
                "bulk_part_failure_is_told_apart",
                bulk_part_failure_is_told_apart(harness),
            )
            .await;
    }
    report
}

fn text(harness: &EmailHarness) -> EmailMessage {
    let content = EmailContent::text("Conformance", "A text without any meaning.");
    EmailMessage::new(harness.from.clone(), harness.to.clone(), content)
}

fn data() -> TemplateData {
    let mut data = TemplateData::new();
    data.insert("name".to_owned(), "Ann Müller".into());
    data
}

async fn accepted(harness: &EmailHarness, message: EmailMessage) -> Case {
    let reference = message.reference.clone();
    let recipients = message.recipients().count();
    let outcome = harness.provider.send(message).await?;
    ensure!(outcome.all_accepted(), "not accepted: {outcome:?}");
    ensure!(
        outcome.recipients.len() == recipients,
        "{} entries for {recipients} recipients",
        outcome.recipients.len()
    );
    ensure!(
        outcome
            .recipients
            .iter()
            .any(|recipient| recipient.reference == reference),
        "our reference is missing from {outcome:?}"
    );
    Ok(())
}

async fn send_text(harness: &EmailHarness) -> Case {
    accepted(harness, text(harness)).await?;
    let (from, to) = (harness.from.clone(), harness.to.clone());
    let outcome = harness
        .provider
        .send_text(from, to, "Conformance", "The short way.")
        .await?;
    ensure!(outcome.all_accepted(), "not accepted: {outcome:?}");
    Ok(())
}

fn with_attachment(harness: &EmailHarness) -> EmailMessage {
    let mut message = text(harness);
    message.content = EmailContent::html(
        "Conformance",
        "<p>See <img src=\"cid:dot\"></p>",
        "See the dot.",
    );
    message.with_attachments(vec![
        Attachment::new(
            "notes äöü.txt",
            "text/plain; charset=utf-8",
            "Ünïcödé".as_bytes().to_vec(),
        ),
        Attachment::new(
            "dot.gif",
            "image/gif",
            b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
        )
        .inline("dot"),
    ])
}

async fn send_html_with_attachment(harness: &EmailHarness) -> Case {
    accepted(harness, with_attachment(harness)).await
}

async fn attachment_is_unsupported(harness: &EmailHarness) -> Case {
    expect_refused_unsent(
        harness.provider.send(with_attachment(harness)).await,
        &[Kind::Unsupported],
    )
}

async fn send_template(harness: &EmailHarness) -> Case {
    let Some(template) = &harness.template else {
        return Err(CaseFailure::new("the harness names no template"));
    };
    let mut message = text(harness);
    message.content = EmailContent::template(template, data());
    accepted(harness, message).await
}

async fn template_is_unsupported(harness: &EmailHarness) -> Case {
    let mut message = text(harness);
    message.content = EmailContent::template("template-1", data());
    expect_refused_unsent(harness.provider.send(message).await, &[Kind::Unsupported])
}

async fn send_to_many(harness: &EmailHarness) -> Case {
    let mut message = text(harness);
    message.to.push(EmailAddress::new("second@example.com")?);
    message.cc.push(EmailAddress::new("copy@example.com")?);
    message.bcc.push(EmailAddress::new("unseen@example.com")?);
    accepted(harness, message).await
}

async fn send_invalid_recipient_is_an_outcome(harness: &EmailHarness) -> Case {
    let mut message = text(harness);
    message.to = harness.refused_recipient.iter().cloned().collect();
    let outcome = harness.provider.send(message).await?;
    let [recipient] = outcome.recipients.as_slice() else {
        return Err(CaseFailure::new(format!(
            "one recipient, {} entries",
            outcome.recipients.len()
        )));
    };
    take!(&recipient.status, RecipientStatus::Rejected(RejectReason::InvalidAddress) => ());
    Ok(())
}

async fn refused(harness: &EmailHarness, message: EmailMessage) -> Case {
    expect_refused_unsent(
        harness.provider.send(message).await,
        &[Kind::InvalidRequest],
    )
}

async fn send_without_content_is_refused(harness: &EmailHarness) -> Case {
    let mut message = text(harness);
    message.content = EmailContent::text("Conformance", "");
    refused(harness, message).await
}

async fn send_without_recipient_is_refused(harness: &EmailHarness) -> Case {
    refused(harness, text(harness).with_to(Vec::new())).await
}

async fn send_header_with_line_break_is_refused(harness: &EmailHarness) -> Case {
    refused(
        harness,
        text(harness).with_header("X-Note", "one\r\nBcc: thief@example.com"),
    )
    .await?;
    refused(
        harness,
        text(harness).with_header("X-Note\r\nBcc", "thief@example.com"),
    )
    .await
}

async fn send_later_and_cancel(harness: &EmailHarness) -> Case {
    let message = text(harness).with_send_at(harness.now + SignedDuration::from_hours(1));
    let outcome = harness.provider.send(message).await?;
    let handle = take!(outcome.schedule, Some(handle) => handle);
    for _ in 0..2 {
        harness
            .provider
            .cancel_scheduled(CancelScheduled::new(handle.clone()))
            .await?;
    }
    Ok(())
}

async fn send_too_far_ahead_is_refused(harness: &EmailHarness, hours: u32) -> Case {
    let late = harness.now + SignedDuration::from_hours(i64::from(hours) + 1);
    refused(harness, text(harness).with_send_at(late)).await
}

async fn schedule_is_unsupported(harness: &EmailHarness) -> Case {
    let message = text(harness).with_send_at(harness.now + SignedDuration::from_hours(1));
    expect_refused_unsent(harness.provider.send(message).await, &[Kind::Unsupported])
}

fn recipients(count: usize) -> Result<Vec<BulkRecipient>, CaseFailure> {
    (0..count)
        .map(|n| {
            Ok(BulkRecipient::new(
                EmailAddress::new(format!("reader{n}@example.com"))?,
                data(),
            ))
        })
        .collect()
}

fn bulk(harness: &EmailHarness, recipients: Vec<BulkRecipient>) -> BulkEmail {
    let mut shared = text(harness);
    if let Some(template) = &harness.template {
        shared.content = EmailContent::template(template, TemplateData::new());
    }
    BulkEmail::new(shared, recipients)
}

async fn bulk_has_an_outcome_per_recipient(harness: &EmailHarness) -> Case {
    let limit = harness.provider.capabilities().recipients_per_request;
    let count = limit.map_or(3, |limit| limit.get() as usize + 2).min(2_002);
    let recipients = recipients(count)?;
    let sent: Vec<MessageReference> = recipients
        .iter()
        .map(|recipient| recipient.reference.clone())
        .collect();
    let outcome = harness
        .provider
        .send_bulk(bulk(harness, recipients))
        .await?;
    let reported: Vec<MessageReference> = outcome
        .recipients
        .iter()
        .map(|recipient| recipient.reference.clone())
        .collect();
    ensure!(
        reported == sent,
        "{} entries for {count} recipients, or another order",
        reported.len()
    );
    ensure!(
        outcome.accepted() == count,
        "{} of {count} accepted",
        outcome.accepted()
    );
    Ok(())
}

async fn bulk_of_nobody_is_empty(harness: &EmailHarness) -> Case {
    let outcome = harness
        .provider
        .send_bulk(bulk(harness, Vec::new()))
        .await?;
    ensure!(
        outcome.recipients.is_empty(),
        "{} entries for no recipients",
        outcome.recipients.len()
    );
    Ok(())
}

async fn bulk_part_failure_is_told_apart(harness: &EmailHarness) -> Case {
    let mut all = recipients(3)?;
    if let (Some(refused), Some(second)) = (&harness.refused_recipient, all.get_mut(1)) {
        second.to = refused.clone();
    }
    let outcome = harness.provider.send_bulk(bulk(harness, all)).await?;
    let words: Vec<_> = outcome
        .recipients
        .iter()
        .map(|recipient| match recipient.status {
            RecipientStatus::Accepted => "accepted",
            RecipientStatus::Rejected(_) => "rejected",
            RecipientStatus::NotSent(_) => "not sent",
            RecipientStatus::Unknown(_) => "unknown",
        })
        .collect();
    // Recipients that are not rejected must be accepted or known to be not sent: never unknown.
    ensure!(
        words.len() == 3 && words.get(1) == Some(&"rejected"),
        "the statuses are {words:?}"
    );
    ensure!(!words.contains(&"unknown"), "the statuses are {words:?}");
    Ok(())
}
