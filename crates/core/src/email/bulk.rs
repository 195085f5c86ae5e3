//! Many messages from one template: nobody sees anybody else.

use std::fmt;

use super::message::{EmailMessage, TemplateData};
use crate::values::{EmailAddress, MessageReference, Metadata};

/// One content for many recipients, each with data of their own; cut into as many requests as the vendor's limit needs.
#[derive(Clone)]
#[non_exhaustive]
pub struct BulkEmail {
    /// What all share: sender, content, files, tags and so on. Its `to`, `cc`, `bcc` and `reference` are not used.
    pub shared: EmailMessage,
    /// Who receives one.
    pub recipients: Vec<BulkRecipient>,
}

impl BulkEmail {
    /// Sends `shared` to each of `recipients`.
    #[must_use]
    pub fn new(shared: EmailMessage, recipients: Vec<BulkRecipient>) -> Self {
        Self { shared, recipients }
    }
}

impl fmt::Debug for BulkEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkEmail")
            .field("recipients", &self.recipients.len())
            .field("content", &self.shared.content)
            .finish_non_exhaustive()
    }
}

/// One recipient and their data.
#[derive(Clone)]
#[non_exhaustive]
pub struct BulkRecipient {
    /// Our own id of this message.
    pub reference: MessageReference,
    /// Who receives it.
    pub to: EmailAddress,
    /// Fills the template, over the shared data.
    pub data: TemplateData,
    /// A subject of their own, for content that is not a template.
    pub subject: Option<String>,
    /// Comes back in events, over the shared metadata.
    pub metadata: Metadata,
}

impl BulkRecipient {
    /// A recipient with the data that fills the template.
    #[must_use]
    pub fn new(to: EmailAddress, data: TemplateData) -> Self {
        Self {
            reference: MessageReference::random(),
            to,
            data,
            subject: None,
            metadata: Metadata::default(),
        }
    }

    /// Sets our own id of this message.
    #[must_use]
    pub fn with_reference(mut self, reference: MessageReference) -> Self {
        self.reference = reference;
        self
    }
}

impl fmt::Debug for BulkRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkRecipient")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}
