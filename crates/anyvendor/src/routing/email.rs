//! Email over several vendors.

use anyvendor_core::{
    Error,
    email::{
        BulkEmail, BulkOutcome, CancelScheduled, EmailCapabilities, EmailMessage, EmailProvider,
        RecipientStatus, SendOutcome,
    },
    resilience::{CallOptions, Duplicates, RouteStep},
};
use async_trait::async_trait;

use super::{
    router::{Member, Routed, Router, Trail, Work},
    table::may_go_on,
};

type EmailMember = Member<dyn EmailProvider>;

/// An email provider over several vendors.
#[derive(Debug)]
pub(crate) struct RoutedEmail(pub(crate) Router<dyn EmailProvider>);

impl Routed for EmailMessage {
    fn options(&mut self) -> &mut CallOptions {
        &mut self.options
    }
}

impl Routed for BulkEmail {
    fn options(&mut self) -> &mut CallOptions {
        &mut self.shared.options
    }
}

fn fits(member: &EmailMember, message: &EmailMessage) -> Result<(), Error> {
    let capabilities = member.provider.capabilities();
    capabilities.check(member.vendor, message)
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl EmailProvider for RoutedEmail {
    fn vendor(&self) -> &'static str {
        self.0.first().map_or("none", |member| member.vendor)
    }

    fn capabilities(&self) -> EmailCapabilities {
        let active = self.0.members.iter().filter(|member| !member.retired);
        active
            .map(|member| member.provider.capabilities())
            .reduce(EmailCapabilities::or)
            .unwrap_or_default()
    }

    async fn send(&self, mut message: EmailMessage) -> Result<SendOutcome, Error> {
        let reference = message.reference.clone();
        let work = Work {
            operation: "send",
            drawn_by: reference.as_str(),
            key: Some(reference.as_str()),
            pinned: false,
        };
        self.0
            .run(work, &mut message, fits, |vendor, message| {
                vendor.send(message)
            })
            .await
    }

    /// Recipients that one vendor certainly did not write to are given to the next.
    async fn send_bulk(&self, bulk: BulkEmail) -> Result<BulkOutcome, Error> {
        let drawn_by = bulk.shared.reference.clone();
        let work = Work {
            operation: "send_bulk",
            drawn_by: drawn_by.as_str(),
            key: None,
            pinned: false,
        };
        let tolerated = bulk.shared.options.duplicates == Duplicates::Tolerated;
        let mut turns = self.0.plan.turns(work.drawn_by, false);
        let (mut outcome, mut left) = (BulkOutcome::new(Vec::new(), Vec::new()), bulk);
        let mut indices: Vec<usize> = (0..left.recipients.len()).collect();
        let (mut trail, mut failed) = (Trail::default(), None);
        let fits = |member: &EmailMember, bulk: &BulkEmail| self::fits(member, &bulk.shared);
        while let Some(member) = self.0.next_fit(&mut turns, &left, &fits, &work, &mut trail) {
            let sent = match member.provider.send_bulk(left.clone()).await {
                Ok(sent) => sent,
                Err(error) if may_go_on(self.0.domain, &error, tolerated) => {
                    self.0
                        .report(&work, member.vendor, RouteStep::FailedOver, Some(&error));
                    failed = Some(error);
                    continue;
                }
                Err(error) => {
                    self.0
                        .report(&work, member.vendor, RouteStep::Stopped, Some(&error));
                    failed = Some(error);
                    break;
                }
            };
            outcome.schedules.extend(sent.schedules);
            let (mut next_indices, mut next) = (Vec::new(), Vec::new());
            let tried = indices.iter().copied().zip(&left.recipients);
            for ((index, recipient), of) in tried.zip(sent.recipients) {
                let goes_on = match &of.status {
                    RecipientStatus::NotSent(error) | RecipientStatus::Unknown(error) => {
                        may_go_on(self.0.domain, error, tolerated)
                    }
                    _ => false,
                };
                if goes_on {
                    next_indices.push(index);
                    next.push(recipient.clone());
                }
                match outcome.recipients.get_mut(index) {
                    Some(known) => *known = of,
                    None => outcome.recipients.push(of),
                }
            }
            let step = if next.is_empty() {
                RouteStep::Answered
            } else {
                RouteStep::FailedOver
            };
            self.0.report(&work, member.vendor, step, None);
            failed = None;
            if next.is_empty() {
                return Ok(outcome);
            }
            (indices, left.recipients) = (next_indices, next);
        }
        match failed {
            // The results of earlier vendors are known, and each recipient has its own error.
            _ if !outcome.recipients.is_empty() => Ok(outcome),
            Some(error) => Err(error),
            None => Err(self.0.no_vendor(trail)),
        }
    }

    async fn cancel_scheduled(&self, request: CancelScheduled) -> Result<(), Error> {
        let vendor = self.0.of(&request.handle.0, "handle")?;
        vendor.cancel_scheduled(request).await
    }
}
