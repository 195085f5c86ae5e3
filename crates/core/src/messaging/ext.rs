//! Comfort for callers of a messaging vendor; not for implementing.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{
    ListMessages, Message, MessageContent, MessageOutcome, MessagingProvider, TextMessage,
};
use crate::{error::Error, paging::walk, values::PhoneNumber};

/// Short ways to common calls. Sealed: every [`MessagingProvider`] has it.
#[async_trait]
pub trait MessagingProviderExt: MessagingProvider + sealed::Sealed {
    /// Sends a plain text from the connection's own sender.
    ///
    /// # Errors
    /// Those of [`MessagingProvider::send`].
    async fn text(&self, to: PhoneNumber, text: &str) -> Result<MessageOutcome, Error> {
        self.send(TextMessage::new(to, MessageContent::text(text)))
            .await
    }

    /// Walks all pages of a list. Ends after the first error.
    fn messages(&self, request: ListMessages) -> BoxStream<'_, Result<Message, Error>> {
        walk(request, move |request| async move {
            let page = self.list(request.clone()).await?;
            let next = page.next.map(|cursor| {
                let mut request = request;
                request.page.after = Some(cursor);
                request
            });
            Ok((page.items, next))
        })
    }
}

impl<P: MessagingProvider + ?Sized> MessagingProviderExt for P {}

mod sealed {
    /// Keeps the extension trait ours.
    pub trait Sealed {}
    impl<P: super::MessagingProvider + ?Sized> Sealed for P {}
}
