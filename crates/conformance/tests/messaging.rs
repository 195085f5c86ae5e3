//! The messaging suite against vendors in memory: one that can do everything, one that can do next to nothing, and ones
//! that break a promise.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyvendor_conformance::{MessagingHarness, Report, messaging};
use anyvendor_core::{
    Delivery, Error, Kind,
    messaging::{
        CancelMessage, GetMessage, ListMessages, Message, MessageContent, MessageOutcome,
        MessageStatus, MessageText, MessagingCapabilities, MessagingProvider, Rejection,
        RejectionReason, ScheduleWindow, Segments, TextMessage,
    },
    values::{Cursor, Page, PhoneNumber, VendorId},
};
use async_trait::async_trait;
use jiff::Timestamp;

const VENDOR: &str = "acme";
const INVALID: &str = "+15005550001";
const OPTED_OUT: &str = "+15005550004";

/// A promise that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    Count,
    Cancel,
    Pages,
    Filter,
}

#[derive(Debug)]
struct Acme {
    can: MessagingCapabilities,
    breaks: Breaks,
    sent: Mutex<Vec<Message>>,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap()
}

fn answered(kind: Kind) -> Error {
    Error::new(kind, Delivery::Refused, "as the vendor says")
}

impl Acme {
    fn find(&self, id: &VendorId) -> Result<usize, Error> {
        id.expect_vendor(VENDOR, "message")?;
        let sent = self.sent.lock().unwrap();
        let place = sent.iter().position(|message| message.id == *id);
        place.ok_or_else(|| answered(Kind::NotFound))
    }
}

#[async_trait]
impl MessagingProvider for Acme {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> MessagingCapabilities {
        self.can.clone()
    }

    async fn send(&self, message: TextMessage) -> Result<MessageOutcome, Error> {
        message.check()?;
        self.can.check(VENDOR, &message, now())?;
        let reason = match message.to.as_str() {
            INVALID => Some(RejectionReason::InvalidRecipient),
            OPTED_OUT => Some(RejectionReason::OptedOut),
            _ => None,
        };
        if let Some(reason) = reason {
            return Ok(MessageOutcome::Rejected(Rejection::new(reason)));
        }
        let mut sent = self.sent.lock().unwrap();
        let status = match message.send_at {
            Some(_) => MessageStatus::Scheduled,
            None => MessageStatus::Queued,
        };
        let id = VendorId::new(VENDOR, format!("m{}", sent.len())).unwrap();
        let mut new = Message::new(id, status);
        new.reference = Some(message.reference);
        new.to = Some(message.to);
        new.created_at = Some(now());
        if let MessageContent::Written { text, .. } = message.content {
            let count = match self.breaks {
                Breaks::Count => text.chars().count().div_ceil(160),
                _ => Segments::of(&text).count(),
            };
            new.segments = u32::try_from(count).ok();
            new.text = Some(MessageText(text));
        }
        sent.push(new.clone());
        Ok(MessageOutcome::Accepted(new))
    }

    async fn get(&self, request: GetMessage) -> Result<Message, Error> {
        let place = self.find(&request.message)?;
        Ok(self.sent.lock().unwrap()[place].clone())
    }

    async fn cancel_scheduled(&self, request: CancelMessage) -> Result<Message, Error> {
        if !self.can.cancel_scheduled {
            return Err(Error::unsupported(VENDOR, "cancelling"));
        }
        let place = self.find(&request.message)?;
        let message = &mut self.sent.lock().unwrap()[place];
        match message.status {
            MessageStatus::Scheduled => message.status = MessageStatus::Cancelled,
            MessageStatus::Cancelled if self.breaks != Breaks::Cancel => {}
            _ => return Err(answered(Kind::Conflict)),
        }
        Ok(message.clone())
    }

    async fn list(&self, request: ListMessages) -> Result<Page<Message>, Error> {
        let by_reference = request.reference.is_some();
        let can = if by_reference {
            self.can.list_by_reference
        } else {
            self.can.list
        };
        if !can {
            return Err(Error::unsupported(VENDOR, "this list"));
        }
        let sent = self.sent.lock().unwrap();
        let matches = |message: &&Message| {
            self.breaks == Breaks::Filter
                || (request.to.is_none() || message.to == request.to)
                    && (!by_reference || message.reference == request.reference)
                    && request.created_from.is_none_or(|from| from <= now())
                    && request.created_before.is_none_or(|before| now() < before)
        };
        let all: Vec<_> = sent.iter().rev().filter(matches).cloned().collect();
        let begin: usize = match &request.page.after {
            Some(cursor) => cursor.as_str().parse().unwrap(),
            None => 0,
        };
        let limit = request.page.limit.map_or(50, |limit| limit.get() as usize);
        let overlap = usize::from(self.breaks == Breaks::Pages && limit > 1);
        let items: Vec<_> = all.iter().skip(begin).take(limit).cloned().collect();
        let end = begin + limit - overlap;
        let more = begin + limit < all.len();
        let next = more.then(|| Cursor::new(end.to_string()).unwrap());
        Ok(Page::new(items, next))
    }
}

async fn report(can: MessagingCapabilities, breaks: Breaks) -> Report {
    let provider = Arc::new(Acme {
        can,
        breaks,
        sent: Mutex::default(),
    });
    let number = |text: &str| PhoneNumber::new(text).unwrap();
    messaging::run(&MessagingHarness {
        provider,
        to: number("+15550109999"),
        invalid_recipient: Some(number(INVALID)),
        opted_out: Some(number(OPTED_OUT)),
        template: Some("template-1".to_owned()),
        media: Some("https://shop.example/a.gif".parse().unwrap()),
        unknown_message: VendorId::new(VENDOR, "unknown").unwrap(),
        now: now(),
    })
    .await
}

fn everything() -> MessagingCapabilities {
    let mut can = MessagingCapabilities::default();
    can.sms = true;
    can.max_media = NonZeroU32::new(2);
    can.whats_app = true;
    can.templates = true;
    can.max_text = NonZeroU32::new(1_600);
    let (minute, week) = (Duration::from_secs(60), Duration::from_secs(7 * 86_400));
    can.schedule = Some(ScheduleWindow::new(minute, week));
    can.cancel_scheduled = true;
    can.max_validity = Some(minute);
    can.status_callback = true;
    can.list = true;
    can.list_by_reference = true;
    can
}

#[tokio::test]
async fn who_keeps_all_promises_passes_all_cases() {
    report(everything(), Breaks::Nothing)
        .await
        .assert_passed(18);
}

#[tokio::test]
async fn what_is_not_there_has_cases_as_well() {
    let mut little = MessagingCapabilities::default();
    little.sms = true;
    report(little, Breaks::Nothing).await.assert_passed(17);
    let mut whats_app = MessagingCapabilities::default();
    whats_app.whats_app = true;
    report(whats_app, Breaks::Nothing).await.assert_passed(18);
}

#[tokio::test]
async fn broken_promises_are_noticed() {
    for (breaks, names) in [
        (Breaks::Count, &["send_long_text_counts_segments"][..]),
        (Breaks::Cancel, &["send_later_and_cancel"]),
        (Breaks::Pages, &["list_finds_by_recipient"]),
        (
            Breaks::Filter,
            &["list_finds_by_recipient", "list_finds_by_reference"],
        ),
    ] {
        let report = report(everything(), breaks).await;
        let failed: Vec<_> = report.failures().map(|case| case.name).collect();
        assert_eq!(failed, names, "{breaks:?}");
    }
}
