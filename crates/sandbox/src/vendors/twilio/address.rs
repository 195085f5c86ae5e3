//! Recipients and senders: E.164 numbers, short codes and names, with `whatsapp:` before them, and the test numbers:
//! <https://www.twilio.com/docs/iam/test-credentials>.

use http::StatusCode;

use super::error::ApiError;

/// The account's number, which is also the valid sender of Twilio's test mode.
pub(crate) const NUMBER: &str = "+15005550006";

/// A recipient or sender, with its channel taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) whatsapp: bool,
    pub(super) number: &'a str,
}

/// Separates the channel from the number.
pub(super) fn split(text: &str) -> Address<'_> {
    match text.strip_prefix("whatsapp:") {
        Some(number) => Address {
            whatsapp: true,
            number,
        },
        None => Address {
            whatsapp: false,
            number: text,
        },
    }
}

/// Whether the text is a number in E.164: `+` and 7 to 15 digits, of which the first is not zero.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// Whether the text is a number, a short code of 3 to 8 digits, or a name of up to 11 characters with at least one letter.
fn is_sender(text: &str) -> bool {
    let short = (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let name = (1..=11).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b" _-+&".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphabetic());
    is_e164(text) || short || name
}

/// Rejects an invalid recipient, and the recipients that Twilio's test mode rejects.
pub(super) fn check_to(to: &str) -> Result<Address<'_>, ApiError> {
    let address = split(to);
    if !is_e164(address.number) {
        return Err(ApiError::bad_request(
            21211,
            format!("Invalid 'To' Phone Number: {to}"),
        ));
    }
    Err(match to {
        "+15005550001" => ApiError::bad_request(21211, format!("Invalid 'To' Phone Number: {to}")),
        "+15005550002" => ApiError::bad_request(
            21612,
            "The 'To' phone number is not currently reachable via SMS",
        ),
        "+15005550003" => ApiError::bad_request(
            21408,
            "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
        ),
        "+15005550004" => opted_out(),
        "+15005550009" => ApiError::bad_request(21614, "'To' number is not a valid mobile number"),
        _ => return Ok(address),
    })
}

/// The error for a recipient who sent STOP.
pub(super) fn opted_out() -> ApiError {
    ApiError::bad_request(21610, "Attempt to send to unsubscribed recipient")
}

/// Rejects an invalid sender, and the senders that Twilio's test mode rejects. Any other number counts as the account's.
pub(super) fn check_from(from: &str) -> Result<Address<'_>, ApiError> {
    let address = split(from);
    let valid = if address.whatsapp {
        is_e164(address.number)
    } else {
        is_sender(address.number)
    };
    let invalid =
        || ApiError::bad_request(21212, format!("Invalid From Number (caller ID): {from}"));
    Err(match from {
        _ if !valid => invalid(),
        "+15005550001" => invalid(),
        "+15005550007" => ApiError::bad_request(
            21606,
            "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination.",
        ),
        "+15005550008" => ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            21611,
            "This 'From' number has exceeded the maximum number of queued messages",
        ),
        _ => return Ok(address),
    })
}

/// The error that a message to this number ends with. The sandbox defines these numbers: `+15005553` and the last three
/// digits of the code, so a message to `+15005553003` is sent and then ends with 30003.
pub(super) fn delivery_error(number: &str) -> Option<u32> {
    Some(match number {
        "+15005553003" => 30003,
        "+15005553005" => 30005,
        "+15005553006" => 30006,
        "+15005553007" => 30007,
        "+15005553008" => 30008,
        _ => return None,
    })
}

/// The vendor's message for such an error code.
pub(super) fn delivery_error_message(code: u32) -> &'static str {
    match code {
        30003 => "Unreachable destination handset",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        _ => "Unknown error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_senders() {
        for good in ["+15005550006", "+491511234567", "+1234567"] {
            assert!(is_e164(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "15005550006",
            "+0151123456",
            "+1 500",
            "+1234567890123456",
        ] {
            assert!(!is_e164(bad), "{bad}");
        }
        for good in ["Acme", "My Shop 1", "12345", "+15005550006"] {
            assert!(check_from(good).is_ok(), "{good}");
        }
        for bad in ["", "12", "way too long a name", "whatsapp:Acme", "Ümlaut"] {
            assert!(check_from(bad).is_err(), "{bad}");
        }
    }
}
