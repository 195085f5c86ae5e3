//! The test cards of Stripe's test mode, each with its number, names and behaviour: <https://docs.stripe.com/testing>.

use crate::ids;

use super::declines::{
    CVC, Decline, EXPIRED, GENERIC, INSUFFICIENT, LATER, LIVE_CARD, NEVER, NUMBER, PROCESSING,
    declined,
};

/// How a card behaves when it is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// The charge succeeds.
    Succeeds,
    /// Every charge is declined, and the card cannot be attached to a customer.
    Declines(Decline),
    /// The card can be attached, and then every charge is declined.
    FailsAfterAttach,
    /// Authentication is required, except off session after the card was set up.
    AuthenticatesUnlessSetUp,
    /// Authentication is always required.
    AuthenticatesAlways,
    /// The card counts as set up: authentication is required on session, and off session the charge succeeds.
    SetUpAlready,
    /// Authentication is required, and then the charge is declined.
    AuthenticatesThen(Decline),
    /// The charge succeeds; a refund is pending first and succeeds later.
    RefundPends,
    /// The charge succeeds; a refund succeeds first and fails later.
    RefundFails,
    /// The charge succeeds, but this check of the card's data fails.
    CheckFails(Check),
}

/// A check of the card's data by the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Cvc,
    Line1,
    PostalCode,
    Address,
}

/// A test card. For each of its names, `pm_card_<name>` is a PaymentMethod id and `tok_<name>` a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub(super) number: &'static str,
    names: &'static [&'static str],
    pub(super) brand: &'static str,
    pub(super) behaviour: Behaviour,
}

const fn card(
    number: &'static str,
    names: &'static [&'static str],
    brand: &'static str,
    behaviour: Behaviour,
) -> Card {
    Card {
        number,
        names,
        brand,
        behaviour,
    }
}

impl Card {
    /// The last four digits of the number.
    pub(super) fn last4(&self) -> &'static str {
        let at = self.number.len().saturating_sub(4);
        self.number.get(at..).unwrap_or_default()
    }

    /// A fingerprint of the number; equal numbers have equal fingerprints.
    pub(super) fn fingerprint(&self) -> String {
        ids::letters(ids::hash(0, &[self.number.as_bytes()]), 16)
    }

    /// The decline that an attempt to attach the card gets, if any.
    pub(super) fn attach_decline(&self) -> Option<Decline> {
        match self.behaviour {
            Behaviour::Declines(decline) => Some(decline),
            _ => None,
        }
    }
}

use Behaviour as B;

/// All test cards.
const CARDS: &[Card] = &[
    card("4242424242424242", &["visa", "us"], "visa", B::Succeeds),
    card("4000056655665556", &["visa_debit"], "visa", B::Succeeds),
    card(
        "5555555555554444",
        &["mastercard"],
        "mastercard",
        B::Succeeds,
    ),
    card(
        "5200828282828210",
        &["mastercard_debit"],
        "mastercard",
        B::Succeeds,
    ),
    card(
        "5105105105105100",
        &["mastercard_prepaid"],
        "mastercard",
        B::Succeeds,
    ),
    card("378282246310005", &["amex"], "amex", B::Succeeds),
    card("6011111111111117", &["discover"], "discover", B::Succeeds),
    card("3056930009020004", &["diners"], "diners", B::Succeeds),
    card("3566002020360505", &["jcb"], "jcb", B::Succeeds),
    card("6200000000000005", &["unionpay"], "unionpay", B::Succeeds),
    card("4000000000000077", &["bypassPending"], "visa", B::Succeeds),
    card(
        "4000000000000002",
        &["visa_chargeDeclined", "chargeDeclined"],
        "visa",
        B::Declines(GENERIC),
    ),
    card(
        "4000000000009995",
        &[
            "visa_chargeDeclinedInsufficientFunds",
            "chargeDeclinedInsufficientFunds",
        ],
        "visa",
        B::Declines(INSUFFICIENT),
    ),
    card(
        "4000000000009987",
        &["visa_chargeDeclinedLostCard", "chargeDeclinedLostCard"],
        "visa",
        B::Declines(declined("lost_card", NEVER)),
    ),
    card(
        "4000000000009979",
        &["visa_chargeDeclinedStolenCard", "chargeDeclinedStolenCard"],
        "visa",
        B::Declines(declined("stolen_card", NEVER)),
    ),
    card(
        "4000000000006975",
        &[
            "visa_chargeDeclinedVelocityLimitExceeded",
            "chargeDeclinedVelocityLimitExceeded",
        ],
        "visa",
        B::Declines(declined("card_velocity_exceeded", LATER)),
    ),
    card(
        "4000000000000069",
        &[
            "chargeDeclinedExpiredCard",
            "visa_chargeDeclinedExpiredCard",
        ],
        "visa",
        B::Declines(EXPIRED),
    ),
    card(
        "4000000000000127",
        &[
            "chargeDeclinedIncorrectCvc",
            "visa_chargeDeclinedIncorrectCvc",
        ],
        "visa",
        B::Declines(CVC),
    ),
    card(
        "4000000000000119",
        &[
            "chargeDeclinedProcessingError",
            "visa_chargeDeclinedProcessingError",
        ],
        "visa",
        B::Declines(PROCESSING),
    ),
    card(
        "4100000000000019",
        &["radarBlock", "chargeDeclinedFraudulent"],
        "visa",
        B::Declines(declined("fraudulent", NEVER)),
    ),
    card(
        "4000000000000341",
        &["chargeCustomerFail"],
        "visa",
        B::FailsAfterAttach,
    ),
    card(
        "4000002500003155",
        &["authenticationRequiredOnSetup"],
        "visa",
        B::AuthenticatesUnlessSetUp,
    ),
    card(
        "4000002760003184",
        &["authenticationRequired"],
        "visa",
        B::AuthenticatesAlways,
    ),
    card(
        "4000003800000446",
        &["authenticationRequiredSetupForOffSession"],
        "visa",
        B::SetUpAlready,
    ),
    card(
        "4000008260003178",
        &["authenticationRequiredChargeDeclinedInsufficientFunds"],
        "visa",
        B::AuthenticatesThen(INSUFFICIENT),
    ),
    card(
        "4000000000003220",
        &["threeDSecure2Required"],
        "visa",
        B::AuthenticatesAlways,
    ),
    card(
        "4000000000003063",
        &["threeDSecureRequired"],
        "visa",
        B::AuthenticatesAlways,
    ),
    card(
        "4000008400001629",
        &["threeDSecureRequiredChargeDeclined"],
        "visa",
        B::AuthenticatesThen(GENERIC),
    ),
    card(
        "4000008400001280",
        &["threeDSecureRequiredProcessingError"],
        "visa",
        B::AuthenticatesThen(PROCESSING),
    ),
    card(
        "4000000000003055",
        &["threeDSecureOptional"],
        "visa",
        B::Succeeds,
    ),
    card("4000000000000259", &["createDispute"], "visa", B::Succeeds),
    card(
        "4000000000002685",
        &["createDisputeProductNotReceived"],
        "visa",
        B::Succeeds,
    ),
    card(
        "4000000000001976",
        &["createDisputeInquiry"],
        "visa",
        B::Succeeds,
    ),
    card(
        "4000000000005423",
        &["createIssuerFraudRecord"],
        "visa",
        B::Succeeds,
    ),
    card(
        "4000000000007726",
        &["pendingRefund"],
        "visa",
        B::RefundPends,
    ),
    card("4000000000005126", &["refundFail"], "visa", B::RefundFails),
    card(
        "4000000000000101",
        &["cvcCheckFail"],
        "visa",
        B::CheckFails(Check::Cvc),
    ),
    card(
        "4000000000000010",
        &["avsFail"],
        "visa",
        B::CheckFails(Check::Address),
    ),
    card(
        "4000000000000028",
        &["avsLine1Fail"],
        "visa",
        B::CheckFails(Check::Line1),
    ),
    card(
        "4000000000000036",
        &["avsZipFail"],
        "visa",
        B::CheckFails(Check::PostalCode),
    ),
];

/// The test card of a PaymentMethod id.
pub(super) fn by_method(id: &str) -> Option<&'static Card> {
    by_name(id.strip_prefix("pm_card_")?)
}

/// The test card of a token.
pub(super) fn by_token(token: &str) -> Option<&'static Card> {
    by_name(token.strip_prefix("tok_")?)
}

/// The test card with this number; spaces and dashes are allowed.
pub(super) fn by_number(number: &str) -> Result<&'static Card, Decline> {
    let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !luhn(&digits) {
        return Err(NUMBER);
    }
    CARDS.iter().find(|c| c.number == digits).ok_or(LIVE_CARD)
}

fn by_name(name: &str) -> Option<&'static Card> {
    CARDS.iter().find(|c| c.names.contains(&name))
}

/// Whether the number has a valid length and check digit (Luhn).
fn luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (at, c) in digits.chars().rev().enumerate() {
        let Some(digit) = c.to_digit(10) else {
            return false;
        };
        sum += match (at % 2, digit) {
            (0, d) => d,
            (_, d) if d > 4 => d * 2 - 9,
            (_, d) => d * 2,
        };
    }
    (12..=19).contains(&digits.len()) && sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_one_card_and_has_a_valid_check_digit() {
        for card in CARDS {
            assert_eq!(by_number(card.number).unwrap().number, card.number);
            for name in card.names {
                let found = by_method(&format!("pm_card_{name}")).unwrap();
                assert_eq!(found.number, card.number, "{name}");
            }
        }
        assert_eq!(by_number("4242 4242 4242 4242").unwrap().last4(), "4242");
        assert_eq!(
            by_number("4242424242424241").unwrap_err().code,
            "incorrect_number"
        );
        assert_eq!(
            by_number("4539578763621486").unwrap_err().decline_code,
            Some("test_mode_live_card")
        );
    }
}
