//! Who can send and receive: E.164 numbers, names and short codes, `whatsapp:` before both sides; the magic numbers.

use http::StatusCode;

use super::refusal::Refusal;

/// The number that the account has, also Twilio's valid sender in test mode.
pub(crate) const NUMBER: &str = "+15005550006";

/// A recipient or sender without its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) whatsapp: bool,
    pub(super) number: &'a str,
}

/// Splits the channel off.
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

/// `+`, no leading zero, 7 to 15 digits.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

/// A number, a short code of 3 to 8 digits, or a name of up to 11 characters with a letter in it.
fn is_sender(text: &str) -> bool {
    let short = (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let name = (1..=11).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b" _-+&".contains(&b))
        && text.bytes().any(|b| b.is_ascii_alphabetic());
    is_e164(text) || short || name
}

/// Refuses what is no recipient, and the recipients that Twilio's test mode refuses.
pub(super) fn check_to(to: &str) -> Result<Address<'_>, Refusal> {
    let address = split(to);
    if !is_e164(address.number) {
        return Err(Refusal::bad(
            21211,
            format!("Invalid 'To' Phone Number: {to}"),
        ));
    }
    Err(match to {
        "+15005550001" => Refusal::bad(21211, format!("Invalid 'To' Phone Number: {to}")),
        "+15005550002" => Refusal::bad(
            21612,
            "The 'To' phone number is not currently reachable via SMS",
        ),
        "+15005550003" => Refusal::bad(
            21408,
            "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
        ),
        "+15005550004" => opted_out(),
        "+15005550009" => Refusal::bad(21614, "'To' number is not a valid mobile number"),
        _ => return Ok(address),
    })
}

pub(super) fn opted_out() -> Refusal {
    Refusal::bad(21610, "Attempt to send to unsubscribed recipient")
}

/// Refuses what is no sender, and the senders that Twilio's test mode refuses. Any other number counts as the account's.
pub(super) fn check_from(from: &str) -> Result<Address<'_>, Refusal> {
    let address = split(from);
    let fine = match address.whatsapp {
        true => is_e164(address.number),
        false => is_sender(address.number),
    };
    let invalid = || Refusal::bad(21212, format!("Invalid From Number (caller ID): {from}"));
    Err(match from {
        _ if !fine => invalid(),
        "+15005550001" => invalid(),
        "+15005550007" => Refusal::bad(
            21606,
            "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination.",
        ),
        "+15005550008" => Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            21611,
            "This 'From' number has exceeded the maximum number of queued messages",
        ),
        _ => return Ok(address),
    })
}

/// Recipients of this sandbox's own whose message is sent and then not delivered: `+15005553` and the last three digits
/// of the code (`+15005553003` ends with 30003).
pub(super) fn fate(number: &str) -> Option<u32> {
    Some(match number {
        "+15005553003" => 30003,
        "+15005553005" => 30005,
        "+15005553006" => 30006,
        "+15005553007" => 30007,
        "+15005553008" => 30008,
        _ => return None,
    })
}

/// The vendor's words for a `fate`.
pub(super) fn fate_message(code: u32) -> &'static str {
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
