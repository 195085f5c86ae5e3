//! Many messages from one template; the recipients do not see each other.

use std::fmt;

use super::message::{EmailMessage, TemplateData};
use crate::values::{EmailAddress, MessageReference, Metadata};

/// One content for many recipients, each with their own data. It is split into as many requests as the vendor's limit
/// needs.
///
/// # Examples
/// ```
/// use anyvendor_core::email::{BulkEmail, BulkRecipient, EmailContent, EmailMessage, TemplateData};
/// use anyvendor_core::values::EmailAddress;
///
/// let shop = EmailAddress::new("shop@example.com")?;
/// let content = EmailContent::template("d-1", TemplateData::new());
/// let shared = EmailMessage::new(shop.clone(), shop, content);
/// let mut data = TemplateData::new();
/// data.insert("name".to_owned(), "Ann".into());
/// let ann = BulkRecipient::new(EmailAddress::new("ann@example.com")?, data);
/// assert_eq!(BulkEmail::new(shared, vec![ann]).recipients.len(), 1);
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct BulkEmail {
    /// What all messages share: sender, content, files, tags and so on. Its `to`, `cc`, `bcc` and `reference` are not
    /// used.
    pub shared: EmailMessage,
    /// The recipients; each receives a message of their own.
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

/// One recipient and the data for their message.
#[derive(Clone)]
#[non_exhaustive]
pub struct BulkRecipient {
    /// The application's id of this message.
    pub reference: MessageReference,
    /// The address that receives the message.
    pub to: EmailAddress,
    /// The data that fills the template; it overrides the shared data.
    pub data: TemplateData,
    /// The subject for this recipient, for content that is not a template.
    pub subject: Option<String>,
    /// The metadata that comes back in events; it overrides the shared metadata.
    pub metadata: Metadata,
}

impl BulkRecipient {
    /// Creates a recipient with the data that fills the template.
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

    /// Sets the application's id of this message.
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
