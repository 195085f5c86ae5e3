//! Comfort for callers of an e-mail vendor; not for implementing.

use async_trait::async_trait;

use super::{EmailContent, EmailMessage, EmailProvider, SendOutcome};
use crate::{error::Error, values::EmailAddress};

/// Short ways to common calls. Sealed: every [`EmailProvider`] has it.
#[async_trait]
pub trait EmailProviderExt: EmailProvider + sealed::Sealed {
    /// Sends a plain text to one recipient.
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
    /// Keeps the extension trait ours.
    pub trait Sealed {}
    impl<P: super::EmailProvider + ?Sized> Sealed for P {}
}
