//! Options that only SendGrid has, for `EmailMessage::with_extension`.

use anyvendor_core::{Error, extension};
use http::Extensions;

use crate::config::VENDOR;

/// Options that only SendGrid has. Add them to a message with [`EmailMessage::with_extension`].
///
/// [`EmailMessage::with_extension`]: anyvendor_core::email::EmailMessage::with_extension
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendGridOptions {
    /// The pool of dedicated IP addresses to send from, 2 to 64 characters.
    pub ip_pool_name: Option<String>,
    /// Whether the email is also sent to recipients who opted out, complained or bounced: only for emergencies.
    pub bypass_list_management: bool,
    /// Parameters that are added to links.
    pub google_analytics: Option<GoogleAnalytics>,
    /// The text before and after a name that data replaces in written content or in a legacy template, such as `-` and `-`.
    /// Without it written content cannot have data, and the data of a legacy template is named by whole tags.
    pub substitution_marks: Option<(String, String)>,
}

anyvendor_core::debug_only!(SendGridOptions {
    bypass_list_management
});

/// Parameters that are added to links, for Google Analytics; the account's settings replace what is `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GoogleAnalytics {
    /// The source of the reader, `utm_source`.
    pub source: Option<String>,
    /// The medium, such as `email`; `utm_medium`.
    pub medium: Option<String>,
    /// The paid keywords, `utm_term`.
    pub term: Option<String>,
    /// The name that distinguishes links of one campaign, `utm_content`.
    pub content: Option<String>,
    /// The campaign, `utm_campaign`.
    pub campaign: Option<String>,
}

anyvendor_core::debug_only!(GoogleAnalytics {});

impl SendGridOptions {
    /// Sets the pool of IP addresses to send from.
    #[must_use]
    pub fn with_ip_pool_name(mut self, name: impl Into<String>) -> Self {
        self.ip_pool_name = Some(name.into());
        self
    }

    /// Sends the email also to recipients who opted out: only for emergencies.
    #[must_use]
    pub fn bypassing_list_management(mut self) -> Self {
        self.bypass_list_management = true;
        self
    }

    /// Sets the parameters that are added to links.
    #[must_use]
    pub fn with_google_analytics(mut self, marks: GoogleAnalytics) -> Self {
        self.google_analytics = Some(marks);
        self
    }

    /// Sets the text before and after a name that data replaces.
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
        let options = extension::only::<Self>(VENDOR, extensions)?;
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
