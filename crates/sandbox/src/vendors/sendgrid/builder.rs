//! The builder's methods for SendGrid.

use super::template::Template;
use crate::builder::SandboxBuilder;

/// Options of `SendGrid`.
impl SandboxBuilder {
    /// How many emails may be sent. Default no limit.
    pub fn sendgrid_credits(mut self, credits: u64) -> Self {
        self.options.sendgrid.credits = Some(credits);
        self
    }

    /// Adds a template to the email account.
    pub fn sendgrid_template(mut self, template: Template) -> Self {
        self.options.sendgrid.templates.push(template);
        self
    }
}
