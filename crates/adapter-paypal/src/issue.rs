//! What each documented issue means; see "Errors" and the error groups in PayPal's specifications of Orders v2, Payments v2
//! and Vault v3.

use anyvendor_core::{
    Kind,
    payment::{Decline, DeclineCode, DeclineGroup},
};

use crate::wire::ProcessorResponse;

/// What a group of issues means, the gravest first: where several come at once, the first of this order wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// The state that was asked for is there already; the object says so.
    AlreadyDone,
    /// The same request is still being worked on.
    InProgress,
    /// Another payment bears this invoice id.
    Duplicate,
    /// The payer disputes the payment.
    Dispute,
    /// The payer's side said no.
    Declined,
    /// Too late.
    Expired,
    /// A count or a sum is used up.
    Limit,
    /// The money is not there, or may not go back.
    Money,
    /// The account may not do this.
    Account,
    /// The payer has to act.
    PayerAction,
    /// The amount or its currency.
    Amount,
    /// Anything else about the request.
    Request,
}

impl Group {
    /// The group of an issue; `None` for one that we do not know.
    pub(crate) fn of(issue: &str) -> Option<Self> {
        Some(match issue {
            "ORDER_ALREADY_CAPTURED"
            | "ORDER_ALREADY_AUTHORIZED"
            | "ORDER_ALREADY_COMPLETED"
            | "AUTHORIZATION_ALREADY_CAPTURED"
            | "PREVIOUSLY_CAPTURED"
            | "AUTHORIZATION_VOIDED"
            | "PREVIOUSLY_VOIDED"
            | "CAPTURE_FULLY_REFUNDED" => Self::AlreadyDone,
            "ORDER_COMPLETION_IN_PROGRESS" | "PREVIOUS_REQUEST_IN_PROGRESS" => Self::InProgress,
            "DUPLICATE_INVOICE_ID" => Self::Duplicate,
            "TRANSACTION_DISPUTED" | "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK" => Self::Dispute,
            "INSTRUMENT_DECLINED"
            | "PAYER_CANNOT_PAY"
            | "TRANSACTION_REFUSED"
            | "CARD_EXPIRED"
            | "PAYMENT_SOURCE_DECLINED_BY_PROCESSOR"
            | "ALIAS_DECLINED_BY_PROCESSOR"
            | "AUTHORIZATION_DENIED"
            | "DECLINED_DUE_TO_RELATED_TXN"
            | "REFERENCED_CARD_EXPIRED"
            | "TRANSACTION_BLOCKED_BY_PAYEE"
            | "PAYER_ACCOUNT_LOCKED_OR_CLOSED"
            | "PAYER_ACCOUNT_RESTRICTED"
            | "COMPLIANCE_VIOLATION" => Self::Declined,
            "AUTHORIZATION_EXPIRED"
            | "ORDER_EXPIRED"
            | "TOKEN_EXPIRED"
            | "PAYPAL_TRANSACTION_ID_EXPIRED"
            | "REFUND_TIME_LIMIT_EXCEEDED" => Self::Expired,
            "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED"
            | "MAX_CAPTURE_COUNT_EXCEEDED"
            | "MAX_AUTHORIZATION_COUNT_EXCEEDED"
            | "MAX_NUMBER_OF_REFUNDS_EXCEEDED"
            | "TRANSACTION_LIMIT_EXCEEDED"
            | "TRANSACTION_RECEIVING_LIMIT_EXCEEDED" => Self::Limit,
            "REFUND_FAILED_INSUFFICIENT_FUNDS"
            | "PENDING_CAPTURE"
            | "PARTIAL_REFUND_NOT_ALLOWED"
            | "REFUND_NOT_ALLOWED"
            | "REFUND_IS_RESTRICTED" => Self::Money,
            "PERMISSION_DENIED"
            | "NOT_ENABLED_FOR_CARD_PROCESSING"
            | "NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE"
            | "PAYEE_ACCOUNT_RESTRICTED"
            | "PAYEE_ACCOUNT_LOCKED_OR_CLOSED"
            | "PAYEE_ACCOUNT_INVALID"
            | "AUTH_CAPTURE_NOT_ENABLED"
            | "INVALID_ACCOUNT_STATUS" => Self::Account,
            "PAYER_ACTION_REQUIRED"
            | "ORDER_NOT_APPROVED"
            | "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING"
            | "CONSENT_NEEDED" => Self::PayerAction,
            "DECIMALS_NOT_SUPPORTED"
            | "DECIMAL_PRECISION"
            | "CURRENCY_MISMATCH"
            | "AUTH_CAPTURE_CURRENCY_MISMATCH"
            | "REFUND_CAPTURE_CURRENCY_MISMATCH"
            | "INVALID_CURRENCY_CODE"
            | "REFUND_AMOUNT_EXCEEDED"
            | "REFUND_AMOUNT_TOO_LOW"
            | "MAX_CAPTURE_AMOUNT_EXCEEDED"
            | "MAX_VALUE_EXCEEDED"
            | "CANNOT_BE_ZERO_OR_NEGATIVE"
            | "AMOUNT_MISMATCH"
            | "ITEM_TOTAL_MISMATCH"
            | "TAX_TOTAL_MISMATCH" => Self::Amount,
            "PAYPAL_REQUEST_ID_REQUIRED" | "ACTION_DOES_NOT_MATCH_INTENT" => Self::Request,
            _ => return None,
        })
    }

    /// The neutral kind, and our words where the vendor's alone would not help.
    pub(crate) fn kind(self) -> (Kind, Option<&'static str>) {
        match self {
            Self::AlreadyDone => (Kind::Conflict, None),
            Self::InProgress => (Kind::IdempotencyInFlight, None),
            Self::Duplicate => (
                Kind::Conflict,
                Some(
                    "another payment bears this reference (invoice id): look it up before anything else; \
                     a second payment for the same thing needs a reference of its own",
                ),
            ),
            Self::Dispute | Self::Expired | Self::Limit | Self::Money => (Kind::Conflict, None),
            Self::Declined => (Kind::Declined, None),
            Self::Account => (Kind::PermissionDenied, None),
            Self::PayerAction => (
                Kind::Conflict,
                Some("the payer has to act before this can be done"),
            ),
            Self::Amount | Self::Request => (Kind::InvalidRequest, None),
        }
    }
}

/// The decline that an issue tells.
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

/// The decline that a card's processor tells; see "Card decline errors" of PayPal's reference. Codes that we do not know
/// are soft.
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
    // 03 and 21: the networks ask never to try this card again.
    match response.and_then(|response| response.payment_advice_code.as_deref()) {
        Some("03" | "21") => decline.with_group(DeclineGroup::Hard),
        _ => decline,
    }
}
