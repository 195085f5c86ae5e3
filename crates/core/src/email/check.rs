//! The checks that every adapter makes before it sends: what no vendor accepts, and what this vendor does not support.

use super::{EmailCapabilities, EmailContent, EmailMessage};
use crate::error::Error;

impl EmailMessage {
    /// Rejects what no vendor accepts: no recipient, no content, or a line break that would start a new header.
    ///
    /// # Errors
    /// `InvalidRequest`, naming the field.
    pub fn check(&self) -> Result<(), Error> {
        if self.to.is_empty() {
            return Err(Error::invalid(
                "to",
                "is empty; give at least one recipient",
            ));
        }
        if let EmailContent::Written {
            subject,
            text,
            html,
        } = &self.content
        {
            if subject.is_empty() || subject.chars().any(char::is_control) {
                return Err(Error::invalid("subject", "must be one line of text"));
            }
            let has_text =
                |part: &Option<String>| part.as_ref().is_some_and(|part| !part.is_empty());
            if !has_text(text) && !has_text(html) {
                return Err(Error::invalid("content", "is empty; give a text or HTML"));
            }
        }
        for (name, value) in &self.headers {
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b':');
            if !is_name || value.chars().any(char::is_control) {
                return Err(Error::invalid(
                    "headers",
                    "a name must be visible ASCII without a colon, and a value one line of text",
                ));
            }
        }
        Ok(())
    }
}

impl EmailCapabilities {
    /// Rejects a message that a vendor with these capabilities cannot send.
    ///
    /// # Errors
    /// `Unsupported`, naming the field.
    pub fn check(&self, vendor: &'static str, message: &EmailMessage) -> Result<(), Error> {
        let template = matches!(message.content, EmailContent::Template { .. });
        let tracking = message.tracking.opens.is_some() || message.tracking.clicks.is_some();
        let asked = [
            (self.templates, template, "content", "templates"),
            (
                self.attachments,
                !message.attachments.is_empty(),
                "attachments",
                "attachments",
            ),
            (
                self.schedule_hours.is_some(),
                message.send_at.is_some(),
                "send_at",
                "scheduling",
            ),
            (self.tracking, tracking, "tracking", "tracking settings"),
            (
                self.unsubscribe_groups,
                message.unsubscribe_group.is_some(),
                "unsubscribe_group",
                "unsubscribe groups",
            ),
            (
                self.max_tags.is_some(),
                !message.tags.is_empty(),
                "tags",
                "tags",
            ),
        ];
        for (can, asked, field, what) in asked {
            if asked && !can {
                return Err(Error::unsupported(vendor, what).with_field(field));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{email::Attachment, error::Kind, values::EmailAddress};

    fn message() -> EmailMessage {
        let address = || EmailAddress::new("ann@example.com").unwrap();
        EmailMessage::new(address(), address(), EmailContent::text("Hello", "there"))
    }

    #[test]
    fn what_no_vendor_takes_is_refused_by_field() {
        assert!(message().check().is_ok());
        let content = |subject, text| {
            let mut message = message();
            message.content = EmailContent::text(subject, text);
            message
        };
        for (message, field) in [
            (message().with_to(Vec::new()), "to"),
            (content("", "there"), "subject"),
            (content("Hello\r\nBcc: x@example.com", "there"), "subject"),
            (content("Hello", ""), "content"),
            (
                message().with_header("X-A", "b\nBcc: x@example.com"),
                "headers",
            ),
            (message().with_header("X-A: b", "c"), "headers"),
            (message().with_header("", "c"), "headers"),
        ] {
            let error = message.check().unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::InvalidRequest, Some(field))
            );
        }
    }

    #[test]
    fn what_this_vendor_cannot_do_is_unsupported() {
        let none = EmailCapabilities::default();
        assert!(none.check("acme", &message()).is_ok());
        let file = Attachment::new("a", "text/plain", "a");
        let mut template = message();
        template.content = EmailContent::template("t", Default::default());
        for (message, field) in [
            (message().with_attachments(vec![file]), "attachments"),
            (template, "content"),
            (
                message().with_send_at(jiff::Timestamp::UNIX_EPOCH),
                "send_at",
            ),
            (message().with_tags(vec!["a".to_owned()]), "tags"),
        ] {
            let error = none.check("acme", &message).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Unsupported, Some(field))
            );
        }
    }
}
