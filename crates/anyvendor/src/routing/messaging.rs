//! Phone messages over several vendors.

use anyvendor_core::{
    Error,
    messaging::{
        CancelMessage, GetMessage, ListMessages, Message, MessageOutcome, MessagingCapabilities,
        MessagingProvider, Sender, TextMessage,
    },
    resilience::CallOptions,
    values::Page,
};
use async_trait::async_trait;

use super::router::{Member, Routed, Router, Work};

type MessagingMember = Member<dyn MessagingProvider>;

/// A messaging provider over several vendors.
#[derive(Debug)]
pub(crate) struct RoutedMessages(pub(crate) Router<dyn MessagingProvider>);

impl Routed for TextMessage {
    fn options(&mut self) -> &mut CallOptions {
        &mut self.options
    }
}

/// Whether a vendor can take a message. Its adapter, which has a clock, checks times and sizes.
fn fits(member: &MessagingMember, message: &TextMessage) -> Result<(), Error> {
    if let Some(Sender::Service(service)) = &message.from {
        service.expect_vendor(member.vendor, "from")?;
    }
    member
        .provider
        .capabilities()
        .check_kind(member.vendor, message)
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl MessagingProvider for RoutedMessages {
    fn vendor(&self) -> &'static str {
        self.0.first().map_or("none", |member| member.vendor)
    }

    fn capabilities(&self) -> MessagingCapabilities {
        let active = self.0.members.iter().filter(|member| !member.retired);
        active
            .map(|member| member.provider.capabilities())
            .reduce(MessagingCapabilities::or)
            .unwrap_or_default()
    }

    async fn send(&self, mut message: TextMessage) -> Result<MessageOutcome, Error> {
        let reference = message.reference.clone();
        let work = Work {
            operation: "send",
            drawn_by: reference.as_str(),
            key: Some(reference.as_str()),
            pinned: matches!(message.from, Some(Sender::Service(_))),
        };
        self.0
            .run(work, &mut message, fits, |vendor, message| {
                vendor.send(message)
            })
            .await
    }

    async fn get(&self, request: GetMessage) -> Result<Message, Error> {
        let vendor = self.0.of(&request.message, "message")?;
        vendor.get(request).await
    }

    async fn cancel_scheduled(&self, request: CancelMessage) -> Result<Message, Error> {
        let vendor = self.0.of(&request.message, "message")?;
        vendor.cancel_scheduled(request).await
    }

    async fn list(&self, request: ListMessages) -> Result<Page<Message>, Error> {
        let by_reference = request.reference.is_some();
        let can = |member: &MessagingMember| {
            let capabilities = member.provider.capabilities();
            let able = capabilities.list && (!by_reference || capabilities.list_by_reference);
            if able {
                Ok(())
            } else {
                let what = "listing messages by these criteria";
                Err(Error::unsupported(member.vendor, what))
            }
        };
        self.0
            .list_in_turn(request.page.clone(), can, |vendor, page| {
                vendor.list(request.with_page(page))
            })
            .await
    }
}
