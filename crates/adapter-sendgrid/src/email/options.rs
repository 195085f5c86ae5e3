//! What only SendGrid knows, for `EmailMessage::with_extension`.

use anyvendor_core::Error;
use http::Extensions;

use crate::client::VENDOR;

/// What only SendGrid knows of a message; goes into [`EmailMessage::with_extension`].
///
/// [`EmailMessage::with_extension`]: anyvendor_core::email::EmailMessage::with_extension
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendGridOptions {
    /// The pool of dedicated addresses to send from, 2 to 64 characters.
    pub ip_pool_name: Option<String>,
    /// Sends also to those who opted out, complained or bounced: for emergencies alone.
    pub bypass_list_management: bool,
    /// Marks that are added to links.
    pub google_analytics: Option<GoogleAnalytics>,
    /// What stands before and after a name where data is put into content of our own or a legacy template, such as
    /// `-` and `-`. Without it content of our own takes no data, and a legacy template's data is named by whole tags.
    pub substitution_marks: Option<(String, String)>,
}

/// Marks that are added to links, for Google Analytics; what is `None` the account's settings fill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoogleAnalytics {
    /// `utm_source`: where the reader came from.
    pub source: Option<String>,
    /// `utm_medium`: the medium, such as `email`.
    pub medium: Option<String>,
    /// `utm_term`: paid keywords.
    pub term: Option<String>,
    /// `utm_content`: tells links of one campaign apart.
    pub content: Option<String>,
    /// `utm_campaign`: the campaign.
    pub campaign: Option<String>,
}

impl SendGridOptions {
    /// Sets the pool of addresses to send from.
    #[must_use]
    pub fn with_ip_pool_name(mut self, name: impl Into<String>) -> Self {
        self.ip_pool_name = Some(name.into());
        self
    }

    /// Sends also to those who opted out: for emergencies alone.
    #[must_use]
    pub fn bypassing_list_management(mut self) -> Self {
        self.bypass_list_management = true;
        self
    }

    /// Sets the marks that are added to links.
    #[must_use]
    pub fn with_google_analytics(mut self, marks: GoogleAnalytics) -> Self {
        self.google_analytics = Some(marks);
        self
    }

    /// Sets what stands around a name where data is put in.
    #[must_use]
    pub fn with_substitution_marks(
        mut self,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        self.substitution_marks = Some((before.into(), after.into()));
        self
    }

    /// The options of a message.
    pub(crate) fn of(extensions: &Extensions) -> Result<Option<&Self>, Error> {
        let options = extensions.get::<Self>();
        if extensions.len() > usize::from(options.is_some()) {
            return Err(Error::unsupported(VENDOR, "an extension of another vendor"));
        }
        if let Some(name) = options.and_then(|options| options.ip_pool_name.as_deref())
            && !(2..=64).contains(&name.chars().count())
        {
            return Err(Error::invalid(
                "ip_pool_name",
                "must have 2 to 64 characters",
            ));
        }
        Ok(options)
    }
}
