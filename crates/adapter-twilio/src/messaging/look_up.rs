//! Looking up and listing messages, and cancelling scheduled ones.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    form::Form,
    messaging::{CancelMessage, Channel, ListMessages, Message, MessageStatus},
    resilience::{CallOptions, Operation, OperationClass, Request},
    values::{Cursor, Page, VendorId},
};
use http::Method;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{compose::on_channel, read};
use crate::{
    client::Twilio,
    config::{VENDOR, is_sid},
    error::too_late,
    wire,
};

const GET: Operation = Operation::new(
    "messaging.get",
    &Method::GET,
    "/2010-04-01/Accounts/{account}/Messages/{sid}.json",
    OperationClass::Safe,
);
const CANCEL: Operation = Operation::new(
    "messaging.cancel_scheduled",
    &Method::POST,
    "/2010-04-01/Accounts/{account}/Messages/{sid}.json",
    OperationClass::Idempotent,
);
const LIST: Operation = Operation::new(
    "messaging.list",
    &Method::GET,
    "/2010-04-01/Accounts/{account}/Messages.json",
    OperationClass::Safe,
);

/// The prefix of a cursor among WhatsApp messages, which for the vendor have another address than SMS to the same phone.
const WHATS_APP: &str = "whatsapp ";

/// The most items of a page that the vendor returns.
const MAX_PAGE: u32 = 1_000;

/// The longest time between the acceptance and the sending of a message: scheduled for 35 days and queued for ten hours.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(35 * 24 + 10);

impl Twilio {
    /// Looks up one message.
    pub(super) async fn look_up(
        &self,
        id: &VendorId,
        options: &CallOptions,
    ) -> Result<Message, Error> {
        let url = self.message(sid(id)?)?;
        let response = self.get(&GET, url, options).await?;
        response.decode(read::message)
    }

    /// Cancels a message. The vendor rejects a second cancellation: then the current state of the message decides.
    pub(super) async fn cancel(&self, request: &CancelMessage) -> Result<Message, Error> {
        let url = self.message(sid(&request.message)?)?;
        let scope = self.writing(&request.options);
        let form = Form::default().add("Status", "canceled").finish();
        let cancel = Request::new(url.clone()).with_form(form);
        let refusal = match scope.call(&CANCEL, cancel).await {
            Ok(response) => return response.decode(read::message),
            Err(error) if matches!(error.kind(), Kind::InvalidRequest | Kind::Conflict) => error,
            Err(error) => return Err(error),
        };
        let found = scope.call(&GET, Request::new(url)).await;
        match found.and_then(|response| response.decode(read::message)) {
            Ok(message) if message.status == MessageStatus::Cancelled => Ok(message),
            Ok(_) => Err(too_late(Some(&refusal))),
            Err(error) if *error.kind() == Kind::NotFound => Err(error),
            Err(_) => Err(refusal),
        }
    }

    /// Lists one page of messages.
    pub(super) async fn list_page(&self, request: &ListMessages) -> Result<Page<Message>, Error> {
        if request.reference.is_some() {
            return Err(Error::unsupported(VENDOR, "listing by reference").with_field("reference"));
        }
        let (channel, query) = match request.page.after.as_ref().map(Cursor::as_str) {
            Some(cursor) => match cursor.strip_prefix(WHATS_APP) {
                Some(query) => (Channel::WhatsApp, query.to_owned()),
                None => (Channel::Sms, cursor.to_owned()),
            },
            None => (Channel::Sms, first_page(request, Channel::Sms)),
        };
        let mut url = self.messages()?;
        url.set_query((!query.is_empty()).then_some(&query));
        let response = self.get(&LIST, url, &request.options).await?;
        let page: wire::Messages = response.json()?;
        let next = match page.next_page_uri.filter(|uri| !uri.is_empty()) {
            Some(uri) => {
                let next = self.query_of(&uri).and_then(|query| cursor(channel, query));
                Some(next.ok_or_else(|| {
                    let message = "the response's next page is not of this account's messages";
                    response.head.malformed(ProtocolReason::Mismatch, message)
                })?)
            }
            // The list continues with the WhatsApp address of the same phone.
            None if channel == Channel::Sms
                && request.to.is_some()
                && self.defaults.uses_whats_app() =>
            {
                let query = first_page(request, Channel::WhatsApp);
                cursor(Channel::WhatsApp, &query)
            }
            None => None,
        };
        let (mut messages, skipped) = response.head.items(page.messages, read::message);
        messages.retain(|message| matches_filters(message, request));
        Ok(Page::new(messages, next).with_skipped(skipped))
    }
}

/// The query of a first page. The vendor filters by the day on which a message was sent, in GMT, and we by the second in
/// which it was accepted: the range of days is wide enough, and [`matches_filters`] does the rest.
fn first_page(request: &ListMessages, channel: Channel) -> String {
    let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
    let from = request.created_from.map(day);
    // The day after the last possible day, since the vendor's documentation does not say whether the bound is included.
    let before = request.created_before.and_then(|at| {
        let latest = at.checked_add(LONGEST_WAIT).ok()?;
        day(latest).tomorrow().ok()
    });
    let to = request.to.as_ref();
    let to = to.map(|to| on_channel(channel, to.as_str()));
    let size = request.page.limit.map(|limit| limit.get().min(MAX_PAGE));
    Form::default()
        .add_some("To", to)
        .add_some("DateSent>", from)
        .add_some("DateSent<", before)
        .add_some("PageSize", size)
        .finish()
}

/// The cursor of the next page: its query and its channel; `None` if the query is longer than a cursor may be.
fn cursor(channel: Channel, query: &str) -> Option<Cursor> {
    let text = match channel {
        Channel::WhatsApp => [WHATS_APP, query].concat(),
        _ => query.to_owned(),
    };
    Cursor::new(text).ok()
}

/// Whether a message matches the filters. The vendor's times are whole seconds, so a message accepted in the second of
/// `created_from` matches; so does a message without a time.
fn matches_filters(message: &Message, request: &ListMessages) -> bool {
    let second = |at: Timestamp| at.as_second();
    let created = message.created_at.map(second);
    let early = |created| {
        request
            .created_from
            .is_some_and(|from| created < second(from))
    };
    let late = message
        .created_at
        .zip(request.created_before)
        .is_some_and(|(created, before)| created >= before);
    let elsewhere = message
        .to
        .as_ref()
        .zip(request.to.as_ref())
        .is_some_and(|(to, asked)| to != asked);
    !(created.is_some_and(early) || late || elsewhere)
}

/// The id of a message, checked so that it cannot change the path.
fn sid(id: &VendorId) -> Result<&str, Error> {
    let sid = id.expect_vendor(VENDOR, "message")?;
    if is_sid(sid, &read::MESSAGE_KINDS) {
        Ok(sid)
    } else {
        Err(Error::invalid(
            "message",
            "must be SM or MM and 32 hexadecimal digits",
        ))
    }
}
