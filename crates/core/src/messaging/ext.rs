//! Convenience methods for callers of a messaging vendor; not for implementing.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{
    ListMessages, Message, MessageContent, MessageOutcome, MessagingProvider, TextMessage,
};
use crate::{error::Error, paging::walk, values::PhoneNumber};

/// Convenience methods for callers. Sealed: every [`MessagingProvider`] has them, and adapters do not implement them.
#[async_trait]
pub trait MessagingProviderExt: MessagingProvider + sealed::Sealed {
    /// Sends a plain text from the connection's default sender.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::messaging::{MessageOutcome, MessagingProvider, MessagingProviderExt};
    /// use anyvendor_core::{Error, values::PhoneNumber};
    ///
    /// async fn notify(texts: &dyn MessagingProvider, to: PhoneNumber) -> Result<bool, Error> {
    ///     let outcome = texts.text(to, "Your parcel has arrived.").await?;
    ///     Ok(matches!(outcome, MessageOutcome::Accepted(_)))
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`MessagingProvider::send`].
    async fn text(&self, to: PhoneNumber, text: &str) -> Result<MessageOutcome, Error> {
        self.send(TextMessage::new(to, MessageContent::text(text)))
            .await
    }

    /// Yields the messages of all pages of a list, page by page. Ends after the first error.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::messaging::{ListMessages, MessagingProvider, MessagingProviderExt};
    /// use anyvendor_core::{Error, values::PhoneNumber};
    /// use futures_util::TryStreamExt;
    ///
    /// async fn sent_to(texts: &dyn MessagingProvider, to: PhoneNumber) -> Result<usize, Error> {
    ///     let request = ListMessages::new().with_to(to);
    ///     let all: Vec<_> = texts.messages(request).try_collect().await?;
    ///     Ok(all.len())
    /// }
    /// ```
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
    /// Prevents implementations outside this crate.
    pub trait Sealed {}
    impl<P: super::MessagingProvider + ?Sized> Sealed for P {}
}
