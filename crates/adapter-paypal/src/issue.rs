//! The meaning of each documented issue; see "Errors" and the error groups in PayPal's specifications of Orders v2, Payments v2
//! and Vault v3.

use anyvendor_core::Kind;

/// A group of issues with the same meaning, the gravest first: if a response has several, the first in this order wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// The object is already in the requested state.
    AlreadyDone,
    /// The same request is still in progress.
    InProgress,
    /// Another payment has this invoice id.
    Duplicate,
    /// The payer disputes the payment.
    Dispute,
    /// The payer's bank or wallet declined.
    Declined,
    /// The object has expired, or a time limit has passed.
    Expired,
    /// A limit on a count, an amount or a time is reached.
    Limit,
    /// The money is not available, or must not be refunded.
    Money,
    /// The account lacks the permission.
    Account,
    /// The payer has to act.
    PayerAction,
    /// The amount or its currency is invalid.
    Amount,
    /// Something else in the request is invalid.
    Request,
}

impl Group {
    /// The group of an issue; `None` if the issue is unknown.
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
            | "TRANSACTION_RECEIVING_LIMIT_EXCEEDED"
            | "REAUTHORIZATION_TOO_SOON"
            | "REAUTHORIZATION_NOT_SUPPORTED"
            | "CANNOT_BE_VOIDED" => Self::Limit,
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
            | "AUTH_CURRENCY_MISMATCH"
            | "AUTHORIZATION_AMOUNT_EXCEEDED"
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

    /// The neutral kind, and our message if the vendor's own does not help.
    pub(crate) fn kind(self) -> (Kind, Option<&'static str>) {
        match self {
            Self::AlreadyDone => (Kind::Conflict, None),
            Self::InProgress => (Kind::IdempotencyInFlight, None),
            Self::Duplicate => (
                Kind::Conflict,
                Some(
                    "another payment has this unique reference (invoice id), or this key paid before: find that payment \
                     before anything else",
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
