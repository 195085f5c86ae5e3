//! The checks that every adapter makes before it sends: what no vendor accepts, and what this vendor does not support.

use jiff::{SignedDuration, Timestamp};

use super::{Channel, MessageContent, MessagingCapabilities, Sender, TextMessage};
use crate::error::Error;

impl TextMessage {
    /// Rejects what no vendor accepts: empty content, or a sender name that carriers reject.
    ///
    /// # Errors
    /// `InvalidRequest`, naming the field.
    pub fn check(&self) -> Result<(), Error> {
        match &self.content {
            MessageContent::Written { text, media } if text.is_empty() && media.is_empty() => {
                let remedy = "is empty; give a text or a file";
                return Err(Error::invalid("content", remedy));
            }
            MessageContent::Template { id, .. } if id.is_empty() => {
                return Err(Error::invalid("content", "has no template id"));
            }
            _ => {}
        }
        if self.valid_for.is_some_and(|time| time.as_secs() == 0) {
            return Err(Error::invalid("valid_for", "must be at least one second"));
        }
        match &self.from {
            Some(Sender::Name(name)) if !is_sender_name(name) => Err(Error::invalid(
                "from",
                "a name has 1 to 11 letters, digits and spaces, and at least one letter",
            )),
            Some(Sender::ShortCode(code)) if !is_short_code(code) => {
                Err(Error::invalid("from", "a short code has 3 to 8 digits"))
            }
            _ => Ok(()),
        }
    }
}

fn is_sender_name(name: &str) -> bool {
    (1..=11).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_short_code(code: &str) -> bool {
    (3..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

impl MessagingCapabilities {
    /// Rejects a message that a vendor with these capabilities cannot send, or would reject at `now`.
    ///
    /// # Errors
    /// `Unsupported` or `InvalidRequest`, naming the field.
    pub fn check(
        &self,
        vendor: &'static str,
        message: &TextMessage,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.check_kind(vendor, message)?;
        self.check_size(message)?;
        self.check_times(message, now)
    }

    /// Rejects a message that a vendor with these capabilities cannot send at all.
    ///
    /// # Errors
    /// `Unsupported`, naming the field.
    pub fn check_kind(&self, vendor: &'static str, message: &TextMessage) -> Result<(), Error> {
        let (media, template) = match &message.content {
            MessageContent::Written { media, .. } => (media.len(), false),
            MessageContent::Template { .. } => (0, true),
        };
        let whats_app = message.channel == Channel::WhatsApp;
        let asked = [
            (self.sms, !whats_app, "channel", "SMS"),
            (self.whats_app, whats_app, "channel", "WhatsApp"),
            (self.max_media.is_some(), media > 0, "content", "files"),
            (self.templates, template, "content", "templates"),
            (
                self.schedule.is_some(),
                message.send_at.is_some(),
                "send_at",
                "scheduling",
            ),
            (
                self.max_validity.is_some(),
                message.valid_for.is_some(),
                "valid_for",
                "a time limit",
            ),
            (
                self.status_callback,
                message.status_callback.is_some(),
                "status_callback",
                "a status callback per message",
            ),
        ];
        for (can, asked, field, what) in asked {
            if asked && !can {
                return Err(Error::unsupported(vendor, what).with_field(field));
            }
        }
        Ok(())
    }

    fn check_size(&self, message: &TextMessage) -> Result<(), Error> {
        let MessageContent::Written { text, media } = &message.content else {
            return Ok(());
        };
        let media = media.len();
        let over = |limit: Option<std::num::NonZeroU32>, count: usize| {
            limit.filter(|limit| u64::try_from(count).unwrap_or(u64::MAX) > u64::from(limit.get()))
        };
        if let Some(limit) = over(self.max_media, media) {
            let remedy = format!("has {media} files; the vendor accepts at most {limit}");
            return Err(Error::invalid("content", remedy));
        }
        let characters = text.chars().count();
        if let Some(limit) = over(self.max_text, characters) {
            let remedy = format!("has {characters} characters; the vendor accepts at most {limit}");
            return Err(Error::invalid("content", remedy));
        }
        Ok(())
    }

    fn check_times(&self, message: &TextMessage, now: Timestamp) -> Result<(), Error> {
        if let (Some(limit), Some(asked)) = (self.max_validity, message.valid_for)
            && asked > limit
        {
            let remedy = format!("must be at most {} seconds", limit.as_secs());
            return Err(Error::invalid("valid_for", remedy));
        }
        let (Some(window), Some(at)) = (self.schedule, message.send_at) else {
            return Ok(());
        };
        let ahead = at.duration_since(now);
        let bound = |duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        if ahead <= bound(window.min) || ahead > bound(window.max) {
            let remedy = format!(
                "must be more than {} and at most {} seconds ahead",
                window.min.as_secs(),
                window.max.as_secs()
            );
            return Err(Error::invalid("send_at", remedy));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use super::*;
    use crate::{error::Kind, messaging::ScheduleWindow, values::PhoneNumber};

    fn message(text: &str) -> TextMessage {
        let to = PhoneNumber::new("+15550109999").unwrap();
        TextMessage::new(to, MessageContent::text(text))
    }

    fn named(name: &str) -> TextMessage {
        message("hi").with_from(Sender::Name(name.to_owned()))
    }

    #[test]
    fn what_no_vendor_takes_is_refused_by_field() {
        assert!(message("hi").check().is_ok());
        assert!(named("My Shop 24").check().is_ok());
        let code = |code: &str| message("hi").with_from(Sender::ShortCode(code.to_owned()));
        assert!(code("12345").check().is_ok());
        for (message, field) in [
            (message(""), "content"),
            (
                message("hi").with_valid_for(Duration::from_millis(1)),
                "valid_for",
            ),
            (named(""), "from"),
            (named("12345"), "from"),
            (named("twelve chars"), "from"),
            (named("\u{fc}ber"), "from"),
            (code("12"), "from"),
            (code("12a45"), "from"),
        ] {
            let error = message.check().unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::InvalidRequest, Some(field))
            );
        }
    }

    #[test]
    fn what_this_vendor_cannot_do_is_unsupported_and_limits_are_told() {
        let now = Timestamp::UNIX_EPOCH;
        let some = MessagingCapabilities {
            sms: true,
            max_text: NonZeroU32::new(3),
            max_media: NonZeroU32::new(1),
            max_validity: Some(Duration::from_secs(10)),
            schedule: Some(ScheduleWindow::new(
                Duration::from_secs(300),
                Duration::from_secs(3600),
            )),
            ..Default::default()
        };
        let check = |message: TextMessage| some.check("acme", &message, now);
        let later = |seconds| message("abc").with_send_at(Timestamp::from_second(seconds).unwrap());
        assert!(check(message("abc")).is_ok());
        assert!(check(later(301)).is_ok() && check(later(3600)).is_ok());
        let page: url::Url = "https://shop.example/a.png".parse().unwrap();
        let media = |count| {
            let to = message("").to;
            TextMessage::new(to, MessageContent::media("", vec![page.clone(); count]))
        };
        assert!(check(media(1)).is_ok());
        let (invalid, unsupported) = (Kind::InvalidRequest, Kind::Unsupported);
        for (message, kind, field) in [
            (message("abcd"), &invalid, "content"),
            (media(2), &invalid, "content"),
            (later(300), &invalid, "send_at"),
            (later(3601), &invalid, "send_at"),
            (later(-5), &invalid, "send_at"),
            (
                message("a").with_valid_for(Duration::from_secs(11)),
                &invalid,
                "valid_for",
            ),
            (
                message("a").with_channel(Channel::WhatsApp),
                &unsupported,
                "channel",
            ),
            (
                message("a").with_status_callback(page),
                &unsupported,
                "status_callback",
            ),
        ] {
            let error = check(message).unwrap_err();
            assert_eq!((error.kind(), error.field()), (kind, Some(field)));
        }
    }
}
