//! Twilio's messages as neutral messages.

use anyvendor_core::{
    messaging::{Message, MessageStatus, MessageText},
    resilience::{MalformedResponse, response_id},
    values::{PhoneNumber, VendorId},
};
use jiff::{Timestamp, fmt::rfc2822};

use crate::{
    config::{VENDOR, is_sid},
    error::failure_kind,
    wire,
};

/// The prefixes of message ids.
pub(super) const MESSAGE_KINDS: [&str; 2] = ["SM", "MM"];

/// A neutral message. Only an invalid id is an error: other details that cannot be read are left out.
pub(super) fn message(from: wire::Message) -> Result<Message, MalformedResponse> {
    let id = sid(&from.sid, &MESSAGE_KINDS)?;
    let code = from.error_code.and_then(|code| code.parse::<u32>().ok());
    let mut message = Message::new(id, status(from.status.as_deref(), code));
    message.to = from.to.as_deref().and_then(number);
    message.text = from.body.filter(|body| !body.is_empty()).map(MessageText);
    let segments = from.num_segments.and_then(|count| count.parse().ok());
    message.segments = segments.filter(|count| *count > 0);
    message.vendor_code = code.map(|code| code.to_string());
    message.created_at = from.date_created.as_deref().and_then(moment);
    message.sent_at = from.date_sent.as_deref().and_then(moment);
    Ok(message)
}

/// An id of one of these kinds from a response.
pub(super) fn sid(text: &str, kinds: &[&str]) -> Result<VendorId, MalformedResponse> {
    // An id of another kind is as invalid as an empty one.
    let text = if is_sid(text, kinds) { text } else { "" };
    response_id(VENDOR, None, text)
}

/// The neutral status. The vendor's status decides; the error code only gives the kind of failure.
pub(crate) fn status(text: Option<&str>, code: Option<u32>) -> MessageStatus {
    match text.unwrap_or_default() {
        "accepted" => MessageStatus::Accepted,
        "scheduled" => MessageStatus::Scheduled,
        "queued" => MessageStatus::Queued,
        "sending" => MessageStatus::Sending,
        "sent" => MessageStatus::Sent,
        "delivered" => MessageStatus::Delivered,
        "partially_delivered" => MessageStatus::PartiallyDelivered,
        "read" => MessageStatus::Read,
        "undelivered" => MessageStatus::Undelivered(failure_kind(code)),
        "failed" => MessageStatus::Failed(failure_kind(code)),
        "canceled" => MessageStatus::Cancelled,
        "received" | "receiving" => MessageStatus::Received,
        other => MessageStatus::Other(other.to_owned()),
    }
}

/// A phone number, with or without a channel's prefix; a short code is not a phone number.
pub(crate) fn number(text: &str) -> Option<PhoneNumber> {
    let number = text.rsplit(':').next()?;
    PhoneNumber::new(number).ok()
}

/// A time in the format of RFC 2822.
fn moment(text: &str) -> Option<Timestamp> {
    let zoned = rfc2822::DateTimeParser::new().parse_timestamp(text);
    zoned.ok()
}

#[cfg(test)]
mod tests {
    use anyvendor_core::messaging::FailureKind;

    use super::*;

    #[test]
    fn all_thirteen_statuses_are_mapped() {
        use MessageStatus as S;
        let cases = [
            ("queued", S::Queued),
            ("sending", S::Sending),
            ("sent", S::Sent),
            ("failed", S::Failed(FailureKind::Unknown)),
            ("delivered", S::Delivered),
            ("undelivered", S::Undelivered(FailureKind::Unknown)),
            ("receiving", S::Received),
            ("received", S::Received),
            ("accepted", S::Accepted),
            ("scheduled", S::Scheduled),
            ("read", S::Read),
            ("partially_delivered", S::PartiallyDelivered),
            ("canceled", S::Cancelled),
            ("teleported", S::Other("teleported".to_owned())),
        ];
        for (text, expected) in cases {
            assert_eq!(status(Some(text), None), expected);
        }
        assert_eq!(status(None, None), S::Other(String::new()));
    }

    #[test]
    fn codes_give_the_kind_of_failure() {
        let cases = [
            (&[30005, 30006, 21211, 21614][..], FailureKind::Hard),
            (&[30004, 30007, 21610, 63033], FailureKind::Blocked),
            (
                &[30001, 30003, 30008, 30410, 30500, 63038],
                FailureKind::Soft,
            ),
            (&[1, 30034], FailureKind::Unknown),
        ];
        for (codes, kind) in cases {
            for code in codes {
                let status = |text| status(Some(text), Some(*code));
                assert_eq!(status("undelivered"), MessageStatus::Undelivered(kind));
                assert_eq!(status("failed"), MessageStatus::Failed(kind));
                assert_eq!(status("sent"), MessageStatus::Sent);
            }
        }
    }

    #[test]
    fn dates_and_numbers_are_read() {
        let expected = "2023-08-24T05:01:45Z".parse::<Timestamp>().ok();
        assert_eq!(moment("Thu, 24 Aug 2023 05:01:45 +0000"), expected);
        assert_eq!(moment("Thu, 24 Aug 2023 07:01:45 +0200"), expected);
        assert_eq!(moment("2023-08-24"), None);
        let plain = PhoneNumber::new("+15550109999").ok();
        assert_eq!(number("+15550109999"), plain);
        assert_eq!(number("whatsapp:+15550109999"), plain);
        assert_eq!(number("12345"), None);
    }
}
