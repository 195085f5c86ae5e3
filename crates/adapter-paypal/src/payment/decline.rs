//! PayPal's declines as neutral ones: by the issue of an error, and by the code of a card's processor.

use anyvendor_core::payment::{Decline, DeclineCode, DeclineGroup};

use crate::wire::ProcessorResponse;

/// The neutral decline for an issue.
pub(crate) fn decline_of_issue(issue: &str) -> Decline {
    let code = match issue {
        "CARD_EXPIRED" | "REFERENCED_CARD_EXPIRED" | "TOKEN_EXPIRED" => DeclineCode::Expired,
        "PAYER_CANNOT_PAY" | "COMPLIANCE_VIOLATION" => DeclineCode::NotPermitted,
        "TRANSACTION_BLOCKED_BY_PAYEE" => DeclineCode::Blocked,
        "PAYER_ACCOUNT_LOCKED_OR_CLOSED" => DeclineCode::InvalidAccount,
        "PAYER_ACCOUNT_RESTRICTED" => DeclineCode::Restricted,
        "PAYER_ACTION_REQUIRED" | "CONSENT_NEEDED" => DeclineCode::AuthenticationRequired,
        "DECLINED_DUE_TO_RELATED_TXN" => DeclineCode::Duplicate,
        _ => DeclineCode::Generic,
    };
    Decline::new(code).with_vendor_code(issue)
}

/// The neutral decline for a processor's response; see "Card decline errors" in PayPal's reference. Unknown codes are
/// soft.
pub(crate) fn decline_of_processor(response: Option<&ProcessorResponse>) -> Decline {
    let Some(code) = response.and_then(|response| response.response_code.as_deref()) else {
        return Decline::new(DeclineCode::Generic);
    };
    let neutral = match code {
        "9500" => DeclineCode::Fraudulent,
        "9510" | "5930" => DeclineCode::SecurityViolation,
        "9520" => DeclineCode::LostCard,
        "9540" | "PPRN" => DeclineCode::DoNotTryAgain,
        "1330" | "0390" | "5140" => DeclineCode::InvalidAccount,
        "5180" | "PP06" => DeclineCode::Restricted,
        "5400" | "PPEX" => DeclineCode::Expired,
        "5110" | "00N7" => DeclineCode::IncorrectSecurityCode,
        "5170" => DeclineCode::IncorrectAddress,
        "1380" | "1382" => DeclineCode::IncorrectExpiry,
        "5130" => DeclineCode::IncorrectPin,
        "5120" => DeclineCode::InsufficientFunds,
        "5710" => DeclineCode::LimitExceeded,
        "5910" | "5920" => DeclineCode::IssuerUnavailable,
        "9100" => DeclineCode::TryAgainLater,
        "5650" | "7700" | "7710" | "PPD3" => DeclineCode::AuthenticationRequired,
        "5200" => DeclineCode::Duplicate,
        _ => DeclineCode::Generic,
    };
    let decline = Decline::new(neutral).with_vendor_code(code);
    // 03 and 21: the card networks ask merchants never to try this card again.
    match response.and_then(|response| response.payment_advice_code.as_deref()) {
        Some("03" | "21") => decline.with_group(DeclineGroup::Hard),
        _ => decline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declines_are_mapped() {
        let response = |code: &str, advice: Option<&str>| {
            let response = ProcessorResponse {
                response_code: Some(code.to_owned()),
                payment_advice_code: advice.map(str::to_owned),
            };
            decline_of_processor(Some(&response))
        };
        use anyvendor_core::payment::DeclineGroup as G;
        for (code, neutral, group) in [
            ("0500", DeclineCode::Generic, G::Soft),
            ("9500", DeclineCode::Fraudulent, G::Hard),
            ("9520", DeclineCode::LostCard, G::Hard),
            ("1330", DeclineCode::InvalidAccount, G::Hard),
            ("5180", DeclineCode::Restricted, G::Hard),
            ("PPRN", DeclineCode::DoNotTryAgain, G::Hard),
            ("5400", DeclineCode::Expired, G::FixData),
            ("00N7", DeclineCode::IncorrectSecurityCode, G::FixData),
            ("5170", DeclineCode::IncorrectAddress, G::FixData),
            ("5120", DeclineCode::InsufficientFunds, G::Soft),
            ("5920", DeclineCode::IssuerUnavailable, G::Soft),
            ("5650", DeclineCode::AuthenticationRequired, G::Authenticate),
            ("5200", DeclineCode::Duplicate, G::NotSupported),
            ("ZZZZ", DeclineCode::Generic, G::Soft),
        ] {
            let decline = response(code, None);
            assert_eq!((decline.code, decline.group), (neutral, group), "{code}");
            assert_eq!(decline.vendor_code.as_deref(), Some(code));
        }
        assert_eq!(response("5100", Some("03")).group, G::Hard);
        assert_eq!(response("5100", Some("01")).group, G::Soft);
        assert_eq!(decline_of_processor(None).code, DeclineCode::Generic);
        assert_eq!(decline_of_issue("CARD_EXPIRED").code, DeclineCode::Expired);
        assert_eq!(
            decline_of_issue("NEW_ISSUE").vendor_code.as_deref(),
            Some("NEW_ISSUE")
        );
    }
}
