//! Stripe's decline codes as neutral ones; see <https://docs.stripe.com/declines/codes>.

use anyvendor_core::payment::{Decline, DeclineCode, DeclineGroup};

use crate::wire::ApiError;

/// The neutral decline for a refusal by the payer's bank.
pub(crate) fn decline(error: &ApiError) -> Decline {
    let code = error.decline_code.as_deref().or(error.code.as_deref());
    let mut decline = Decline::new(code.map_or(DeclineCode::Generic, decline_code));
    if let Some(code) = code {
        decline = decline.with_vendor_code(code);
    }
    // The issuer's own advice outranks our table.
    match error.advice_code.as_deref() {
        Some("do_not_try_again") => decline.with_group(DeclineGroup::Hard),
        Some("confirm_card_data") => decline.with_group(DeclineGroup::FixData),
        Some("try_again_later") => decline.with_group(DeclineGroup::Soft),
        _ => decline,
    }
}

/// Stripe's decline and error codes; see <https://docs.stripe.com/declines/codes>.
fn decline_code(code: &str) -> DeclineCode {
    match code {
        "do_not_try_again" => DeclineCode::DoNotTryAgain,
        "lost_card" => DeclineCode::LostCard,
        "stolen_card" => DeclineCode::StolenCard,
        "pickup_card" => DeclineCode::PickupCard,
        "fraudulent" => DeclineCode::Fraudulent,
        "merchant_blacklist" => DeclineCode::Blocked,
        "revocation_of_authorization"
        | "revocation_of_all_authorizations"
        | "stop_payment_order" => DeclineCode::AuthorizationRevoked,
        "invalid_account" => DeclineCode::InvalidAccount,
        "restricted_card" => DeclineCode::Restricted,
        "security_violation" => DeclineCode::SecurityViolation,
        "incorrect_number" | "invalid_number" => DeclineCode::IncorrectNumber,
        "incorrect_cvc" | "invalid_cvc" => DeclineCode::IncorrectSecurityCode,
        "incorrect_zip" | "incorrect_address" => DeclineCode::IncorrectAddress,
        "incorrect_pin"
        | "invalid_pin"
        | "offline_pin_required"
        | "online_or_offline_pin_required" => DeclineCode::IncorrectPin,
        "invalid_expiry_month" | "invalid_expiry_year" => DeclineCode::IncorrectExpiry,
        "expired_card" => DeclineCode::Expired,
        "new_account_information_available" => DeclineCode::DataChanged,
        "card_not_supported" => DeclineCode::CardNotSupported,
        "currency_not_supported" => DeclineCode::CurrencyNotSupported,
        "invalid_amount" => DeclineCode::AmountNotAllowed,
        "not_permitted" | "service_not_allowed" | "transaction_not_allowed" => {
            DeclineCode::NotPermitted
        }
        "pin_try_exceeded" => DeclineCode::PinTriesExceeded,
        "duplicate_transaction" => DeclineCode::Duplicate,
        "insufficient_funds" => DeclineCode::InsufficientFunds,
        "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => DeclineCode::LimitExceeded,
        "try_again_later" | "processing_error" | "reenter_transaction" => {
            DeclineCode::TryAgainLater
        }
        "issuer_not_available" => DeclineCode::IssuerUnavailable,
        "call_issuer" | "approve_with_id" => DeclineCode::CallIssuer,
        "do_not_honor" | "generic_decline" | "no_action_taken" | "card_declined" => {
            DeclineCode::Generic
        }
        "authentication_required"
        | "payment_intent_authentication_failure"
        | "setup_intent_authentication_failure" => DeclineCode::AuthenticationRequired,
        "testmode_decline" | "test_mode_live_card" => DeclineCode::TestSource,
        other => DeclineCode::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;
