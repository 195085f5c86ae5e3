//! Convenience methods for callers of an email vendor; not for implementing.

use async_trait::async_trait;

use super::{EmailContent, EmailMessage, EmailProvider, SendOutcome};
use crate::{error::Error, values::EmailAddress};

/// Convenience methods for callers. Sealed: every [`EmailProvider`] has them, and adapters do not implement them.
#[async_trait]
pub trait EmailProviderExt: EmailProvider + sealed::Sealed {
    /// Sends a plain text message to one recipient.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::{Error, email::{EmailProvider, EmailProviderExt}, values::EmailAddress};
    ///
    /// async fn confirm(emails: &dyn EmailProvider, to: EmailAddress) -> Result<bool, Error> {
    ///     let from = EmailAddress::new("shop@example.com")?;
    ///     let outcome = emails.send_text(from, to, "Your order", "It is on its way.").await?;
    ///     Ok(outcome.all_accepted())
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`EmailProvider::send`].
    async fn send_text(
        &self,
        from: EmailAddress,
        to: EmailAddress,
        subject: &str,
        text: &str,
    ) -> Result<SendOutcome, Error> {
        self.send(EmailMessage::new(
            from,
            to,
            EmailContent::text(subject, text),
        ))
        .await
    }
}

impl<P: EmailProvider + ?Sized> EmailProviderExt for P {}

mod sealed {
    /// Prevents implementations outside this crate.
    pub trait Sealed {}
    impl<P: super::EmailProvider + ?Sized> Sealed for P {}
}
