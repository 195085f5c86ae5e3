//! Steps that several cases share: messages of each content, sent or refused.

use std::collections::BTreeMap;

use anyvendor_core::{
    Error, Kind,
    messaging::{Channel, GetMessage, Message, MessageContent, MessageOutcome, TextMessage},
    values::VendorId,
};
use url::Url;

use crate::{
    harness::MessagingHarness,
    report::{Case, CaseFailure, ensure, expect_refused_unsent, take},
};

/// A message on a channel that the vendor has.
pub(super) fn with_content(harness: &MessagingHarness, content: MessageContent) -> TextMessage {
    let channel = if harness.provider.capabilities().sms {
        Channel::Sms
    } else {
        Channel::WhatsApp
    };
    TextMessage::new(harness.to.clone(), content).with_channel(channel)
}

pub(super) fn text(harness: &MessagingHarness) -> TextMessage {
    with_content(harness, MessageContent::text("A text without any meaning."))
}

pub(super) fn template(id: &str) -> MessageContent {
    let variables = BTreeMap::from([("1".to_owned(), "Ann M\u{fc}ller".to_owned())]);
    MessageContent::template(id, variables)
}

/// The harness's file, or one that is never fetched because the message is refused before.
pub(super) fn media(harness: &MessagingHarness, count: usize) -> TextMessage {
    let file = harness.media.clone().unwrap_or_else(some_file);
    with_content(
        harness,
        MessageContent::media("See the dot.", vec![file; count]),
    )
}

#[expect(clippy::expect_used, reason = "a constant")]
pub(super) fn some_file() -> Url {
    Url::parse("https://example.com/dot.gif").expect("a valid address")
}

pub(super) async fn accepted(
    harness: &MessagingHarness,
    message: TextMessage,
) -> Result<Message, CaseFailure> {
    let (reference, to) = (message.reference.clone(), message.to.clone());
    let outcome = harness.provider.send(message).await?;
    let sent = take!(outcome, MessageOutcome::Accepted(message) => message);
    ensure!(
        sent.id.vendor() == harness.provider.vendor(),
        "the id is of {}",
        sent.id.vendor()
    );
    ensure!(
        sent.reference.as_ref() == Some(&reference),
        "our reference is missing from {sent:?}"
    );
    ensure!(
        sent.to.as_ref().is_none_or(|found| *found == to),
        "the recipient is another one"
    );
    Ok(sent)
}

pub(super) async fn refused(harness: &MessagingHarness, message: TextMessage) -> Case {
    expect_refused_unsent(
        harness.provider.send(message).await,
        &[Kind::InvalidRequest],
    )
}

pub(super) async fn unsupported(harness: &MessagingHarness, message: TextMessage) -> Case {
    expect_refused_unsent(harness.provider.send(message).await, &[Kind::Unsupported])
}

pub(super) async fn look_up(harness: &MessagingHarness, id: &VendorId) -> Result<Message, Error> {
    harness.provider.get(GetMessage::new(id.clone())).await
}
