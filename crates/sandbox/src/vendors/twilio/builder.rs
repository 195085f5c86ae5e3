//! The builder's methods for Twilio.

use super::content::ContentTemplate;
use crate::builder::SandboxBuilder;

/// Options of Twilio.
impl SandboxBuilder {
    /// Adds a content template to the messaging account.
    pub fn twilio_content(mut self, template: ContentTemplate) -> Self {
        self.options.twilio.contents.push(template);
        self
    }
}
