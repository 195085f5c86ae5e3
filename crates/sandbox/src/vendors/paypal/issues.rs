//! The error issues that `PayPal` documents for Orders v2 and Payments v2, and the description of those that the emulator raises.

/// The issues by HTTP status, as the vendor's OpenAPI files group them:
/// <https://developer.paypal.com/docs/api/orders/v2/> and <https://developer.paypal.com/docs/api/payments/v2/>.
const GROUPS: [(u16, &str); 6] = [
    (
        400,
        "AMOUNT_NOT_PATCHABLE FIELD_NOT_PATCHABLE INVALID_ARRAY_MAX_ITEMS INVALID_ARRAY_MIN_ITEMS \
         INVALID_COUNTRY_CODE INVALID_PARAMETER_SYNTAX INVALID_PARAMETER_VALUE INVALID_PATCH_OPERATION \
         INVALID_STRING_LENGTH INVALID_STRING_MAX_LENGTH MALFORMED_REQUEST_JSON MISSING_REQUIRED_PARAMETER \
         NOT_SUPPORTED PAYPAL_REQUEST_ID_REQUIRED",
    ),
    (401, "INVALID_ACCOUNT_STATUS"),
    (
        403,
        "CONSENT_NEEDED NOT_ELIGIBLE_FOR_TOKEN_PROCESSING PAYEE_ACCOUNT_NOT_VERIFIED PERMISSION_DENIED \
         PERMISSION_DENIED_FOR_DONATION_ITEMS",
    ),
    (404, "INVALID_RESOURCE_ID TRACKER_ID_NOT_FOUND"),
    (409, "PREVIOUS_REQUEST_IN_PROGRESS"),
    (
        422,
        "ACTION_DOES_NOT_MATCH_INTENT AGREEMENT_ALREADY_CANCELLED ALIAS_DECLINED_BY_PROCESSOR \
         AMOUNT_CANNOT_BE_SPECIFIED AMOUNT_CHANGE_NOT_ALLOWED AMOUNT_MISMATCH APPLE_PAY_AMOUNT_MISMATCH \
         AUTHORIZATION_ALREADY_CAPTURED AUTHORIZATION_AMOUNT_EXCEEDED AUTHORIZATION_CURRENCY_MISMATCH \
         AUTHORIZATION_DENIED AUTHORIZATION_EXPIRED AUTHORIZATION_VOIDED AUTH_CAPTURE_CURRENCY_MISMATCH \
         AUTH_CAPTURE_NOT_ENABLED AUTH_CURRENCY_MISMATCH BANK_NOT_SUPPORTED_FOR_VERIFICATION BILLING_ADDRESS_INVALID \
         BILLING_AGREEMENT_ID_MISMATCH BILLING_AGREEMENT_NOT_FOUND BLIK_ONE_CLICK_MISSING_REQUIRED_PARAMETER \
         CANCEL_URL_REQUIRED CANNOT_BE_NEGATIVE CANNOT_BE_VOIDED CANNOT_BE_ZERO_OR_NEGATIVE CAPTURE_FULLY_REFUNDED \
         CAPTURE_ID_NOT_FOUND CAPTURE_STATUS_NOT_VALID CARD_BRAND_NOT_SUPPORTED CARD_EXPIRED CARD_EXPIRY_REQUIRED \
         CARD_NUMBER_REQUIRED CARD_TYPE_NOT_SUPPORTED CITY_REQUIRED COMPLIANCE_VIOLATION \
         COUNTRY_NOT_SUPPORTED_BY_PAYMENT_SOURCE CRYPTOGRAM_REQUIRED CURRENCY_MISMATCH \
         CURRENCY_NOT_SUPPORTED_FOR_BANK CURRENCY_NOT_SUPPORTED_FOR_CARD_TYPE CURRENCY_NOT_SUPPORTED_FOR_COUNTRY \
         DECIMALS_NOT_SUPPORTED DECIMAL_PRECISION DECLINED_DUE_TO_RELATED_TXN DEVICE_DATA_NOT_AVAILABLE \
         DOMESTIC_TRANSACTION_REQUIRED DONATION_ITEMS_NOT_SUPPORTED DUPLICATE_INVOICE_ID DUPLICATE_REFERENCE_ID \
         EMV_DATA_REQUIRED GOOGLE_PAY_GATEWAY_MERCHANT_ID_MISMATCH IBAN_COUNTRY_NOT_SUPPORTED IDENTIFIER_NOT_FOUND \
         INCOMPATIBLE_PARAMETER_VALUE INSTRUMENT_DECLINED INVALID_CURRENCY_CODE INVALID_EXPIRY_DATE \
         INVALID_FX_RATE_ID INVALID_GOOGLE_PAY_TOKEN INVALID_IBAN INVALID_JSON_POINTER_FORMAT INVALID_PARAMETER \
         INVALID_PAYEE_PRICING_TIER_ID INVALID_PAYER_ID INVALID_PICKUP_ADDRESS INVALID_PLATFORM_FEES_ACCOUNT \
         INVALID_PLATFORM_FEES_AMOUNT INVALID_PREVIOUS_TRANSACTION_REFERENCE INVALID_SECURITY_CODE_LENGTH \
         ITEM_CATEGORY_NOT_SUPPORTED_BY_PAYMENT_SOURCE ITEM_SKU_MISMATCH ITEM_TOTAL_MISMATCH ITEM_TOTAL_REQUIRED \
         MAX_AUTHORIZATION_COUNT_EXCEEDED MAX_CAPTURE_AMOUNT_EXCEEDED MAX_CAPTURE_COUNT_EXCEEDED \
         MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED MAX_NUMBER_OF_REFUNDS_EXCEEDED MAX_VALUE_EXCEEDED \
         MERCHANT_INITIATED_WITH_AUTHENTICATION_RESULTS MERCHANT_INITIATED_WITH_MULTIPLE_PURCHASE_UNITS \
         MERCHANT_INITIATED_WITH_SECURITY_CODE MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE MISSING_CRYPTOGRAM \
         MISSING_PICKUP_ADDRESS MISSING_PREVIOUS_REFERENCE MSP_NOT_SUPPORTED MULTIPLE_ITEM_CATEGORIES \
         MULTIPLE_SHIPPING_ADDRESS_NOT_SUPPORTED MULTIPLE_SHIPPING_OPTION_SELECTED \
         MULTIPLE_SHIPPING_TYPE_NOT_SUPPORTED MULTI_CURRENCY_ORDER NOT_ELIGIBLE_FOR_PAYPAL_TRANSACTION_ID_PROCESSING \
         NOT_ELIGIBLE_FOR_PNREF_PROCESSING NOT_ENABLED_FOR_APPLE_PAY NOT_ENABLED_FOR_BANK_PROCESSING \
         NOT_ENABLED_FOR_CARD_PROCESSING NOT_ENABLED_FOR_GOOGLE_PAY NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE NOT_PATCHABLE \
         NO_PAYMENT_SOURCE_PROVIDED ONE_OF_PARAMETERS_REQUIRED ONE_OF_THE_PARAMETERS_REQUIRED \
         ONLY_ONE_BANK_SOURCE_ALLOWED ONLY_ONE_PAYMENT_SOURCE_ALLOWED ORDER_ALREADY_AUTHORIZED ORDER_ALREADY_CAPTURED \
         ORDER_ALREADY_COMPLETED ORDER_CANNOT_BE_CONFIRMED ORDER_CANNOT_BE_SAVED ORDER_COMPLETED_OR_VOIDED \
         ORDER_COMPLETE_ON_PAYMENT_APPROVAL ORDER_COMPLETION_IN_PROGRESS ORDER_EXPIRED ORDER_IS_PENDING_APPROVAL \
         ORDER_NOT_APPROVED PARTIAL_REFUND_NOT_ALLOWED PATCH_PATH_REQUIRED PATCH_VALUE_REQUIRED PAYEE_ACCOUNT_INVALID \
         PAYEE_ACCOUNT_LOCKED_OR_CLOSED PAYEE_ACCOUNT_RESTRICTED PAYEE_BLOCKED_TRANSACTION \
         PAYEE_COUNTRY_NOT_SUPPORTED_FOR_PAYMENT_SOURCE PAYEE_FX_RATE_ID_CURRENCY_MISMATCH PAYEE_FX_RATE_ID_EXPIRED \
         PAYEE_NOT_ENABLED_FOR_BANK_PROCESSING PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING \
         PAYEE_PRICING_TIER_ID_NOT_ENABLED PAYER_ACCOUNT_LOCKED_OR_CLOSED PAYER_ACCOUNT_RESTRICTED \
         PAYER_ACTION_REQUIRED PAYER_CANNOT_PAY PAYMENT_ALREADY_APPROVED PAYMENT_SOURCE_CANNOT_BE_USED \
         PAYMENT_SOURCE_DECLINED_BY_PROCESSOR PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED PAYMENT_SOURCE_MISMATCH \
         PAYMENT_SOURCE_NOT_SUPPORTED PAYMENT_TYPE_NOT_SUPPORTED_FOR_INTENT PAYPAL_TRANSACTION_ID_EXPIRED \
         PAYPAL_TRANSACTION_ID_NOT_FOUND PENDING_CAPTURE PLATFORM_FEES_NOT_SUPPORTED PLATFORM_FEE_EXCEEDED \
         PLATFORM_FEE_NOT_ENABLED PLATFORM_FEE_PAYEE_CANNOT_BE_SAME_AS_PAYER PNREF_EXPIRED PNREF_NOT_FOUND \
         POSTAL_CODE_REQUIRED PREFERRED_PAYMENT_SOURCE_MISMATCH PREFERRED_SHIPPING_OPTION_AMOUNT_MISMATCH \
         PREVIOUSLY_CAPTURED PREVIOUSLY_VOIDED PREVIOUS_TRANSACTION_REFERENCE_HAS_CHARGEBACK \
         PREVIOUS_TRANSACTION_REFERENCE_VOIDED REAUTHORIZATION_NOT_SUPPORTED REAUTHORIZATION_TOO_SOON \
         REDIRECT_PAYER_FOR_ALTERNATE_FUNDING \
         REFERENCED_CARD_EXPIRED REFERENCE_ID_NOT_FOUND REFERENCE_ID_REQUIRED REFUND_AMOUNT_EXCEEDED \
         REFUND_AMOUNT_TOO_LOW REFUND_CAPTURE_CURRENCY_MISMATCH REFUND_FAILED_INSUFFICIENT_FUNDS REFUND_IS_RESTRICTED \
         REFUND_NOT_ALLOWED REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK REFUND_TIME_LIMIT_EXCEEDED \
         REQUIRED_PARAMETER_FOR_CUSTOMER_INITIATED_PAYMENT REQUIRED_PARAMETER_FOR_PAYMENT_SOURCE RETURN_URL_REQUIRED \
         SAVE_ORDER_NOT_SUPPORTED SETUP_ERROR_FOR_BANK SHIPPING_ADDRESS_INVALID SHIPPING_OPTIONS_NOT_SUPPORTED \
         SHIPPING_OPTION_NOT_SELECTED SHIPPING_TYPE_NOT_SUPPORTED_FOR_CLIENT TAX_TOTAL_MISMATCH TAX_TOTAL_REQUIRED \
         TOKEN_EXPIRED TOKEN_ID_NOT_FOUND TRANSACTION_BLOCKED_BY_PAYEE TRANSACTION_DISPUTED \
         TRANSACTION_LIMIT_EXCEEDED TRANSACTION_RECEIVING_LIMIT_EXCEEDED TRANSACTION_REFUSED UNSUPPORTED_INTENT \
         UNSUPPORTED_INTENT_FOR_PAYMENT_SOURCE UNSUPPORTED_PATCH_PARAMETER_VALUE UNSUPPORTED_PAYMENT_INSTRUCTION \
         UNSUPPORTED_PROCESSING_INSTRUCTION UNSUPPORTED_SHIPPING_TYPE VAULT_INSTRUCTION_DUPLICATED \
         VAULT_INSTRUCTION_REQUIRED",
    ),
];

/// The vendor's description of each issue that the emulator raises.
const DESCRIPTIONS: [(&str, &str); 61] = [
    (
        "ACTION_DOES_NOT_MATCH_INTENT",
        "Order was created with an intent to 'CAPTURE'. Please use v2/checkout/orders/order_id/capture to \
         complete the transaction or alternately Create an order with an intent of 'AUTHORIZE'.",
    ),
    (
        "AMOUNT_MISMATCH",
        "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - \
         discount.",
    ),
    (
        "AUTHORIZATION_ALREADY_CAPTURED",
        "Authorization has previously been captured.",
    ),
    (
        "AUTHORIZATION_AMOUNT_EXCEEDED",
        "Authorization amount specified exceeded allowable limit. Specify a different amount and try the request \
         again. Alternately, contact Customer Support to increase your limits.",
    ),
    (
        "AUTHORIZATION_DENIED",
        "An denied authorization cannot be captured.",
    ),
    (
        "AUTHORIZATION_EXPIRED",
        "An expired authorization cannot be captured.",
    ),
    (
        "AUTHORIZATION_VOIDED",
        "A voided authorization cannot be captured or reauthorized.",
    ),
    (
        "AUTH_CAPTURE_CURRENCY_MISMATCH",
        "Currency of capture must be the same as currency of authorization.",
    ),
    (
        "AUTH_CURRENCY_MISMATCH",
        "The currency specified during reauthorization should be the same as the currency specified in the \
         original authorization.",
    ),
    (
        "CANNOT_BE_NEGATIVE",
        "Must be greater than or equal to 0. If the currency supports decimals, only two decimal place \
         precision is supported.",
    ),
    (
        "CANNOT_BE_VOIDED",
        "A reauthorization cannot be voided. Please void the original parent authorization.",
    ),
    (
        "CANNOT_BE_ZERO_OR_NEGATIVE",
        "Must be greater than zero. If the currency supports decimals, only two decimal place precision is \
         supported.",
    ),
    (
        "CAPTURE_FULLY_REFUNDED",
        "The capture has already been fully refunded",
    ),
    ("CARD_EXPIRED", "The card is expired"),
    (
        "DECIMALS_NOT_SUPPORTED",
        "Currency does not support decimals. Please refer to \
         https://developer.paypal.com/docs/api/reference/currency-codes/ for more information.",
    ),
    (
        "DECIMAL_PRECISION",
        "If the currency supports decimals, only two decimal place precision is supported.",
    ),
    ("DUPLICATE_INVOICE_ID", "Duplicate Invoice ID detected."),
    (
        "DUPLICATE_REFERENCE_ID",
        "`reference_id` must be unique if multiple `purchase_unit` are provided.",
    ),
    (
        "INSTRUMENT_DECLINED",
        "The instrument presented  was either declined by the processor or bank, or it can't be used for \
         this payment.",
    ),
    (
        "INVALID_ARRAY_MAX_ITEMS",
        "The number of items in an array parameter is too large.",
    ),
    (
        "INVALID_ARRAY_MIN_ITEMS",
        "The number of items in an array parameter is too small.",
    ),
    (
        "INVALID_CURRENCY_CODE",
        "Currency code is invalid or is not currently supported.",
    ),
    (
        "INVALID_PARAMETER_SYNTAX",
        "The value of a field does not conform to the expected format.",
    ),
    ("INVALID_PARAMETER_VALUE", "A parameter value is not valid."),
    (
        "INVALID_PATCH_OPERATION",
        "The operation cannot be honored.",
    ),
    (
        "INVALID_RESOURCE_ID",
        "Specified resource ID does not exist. Please check the resource ID and try again.",
    ),
    (
        "INVALID_STRING_LENGTH",
        "The value of a field is either too short or too long",
    ),
    (
        "INVALID_STRING_MAX_LENGTH",
        "The value of a field is too long.",
    ),
    (
        "ITEM_TOTAL_MISMATCH",
        "Should equal sum of (unit_amount * quantity) across all items for a given purchase_unit.",
    ),
    (
        "ITEM_TOTAL_REQUIRED",
        "If item details are specified (items.unit_amount and items.quantity) corresponding \
         amount.breakdown.item_total is required.",
    ),
    (
        "MALFORMED_REQUEST_JSON",
        "The request JSON is not well formed.",
    ),
    (
        "MAX_CAPTURE_AMOUNT_EXCEEDED",
        "Capture amount exceeds allowable limit.",
    ),
    (
        "MAX_VALUE_EXCEEDED",
        "Should be less than or equal to 999999999999999.99.",
    ),
    (
        "MERCHANT_INITIATED_WITH_MULTIPLE_PURCHASE_UNITS",
        "`stored_payment_source.payment_initiator` = `MERCHANT` is not supported if more than one \
         purchase_unit is present in the Order.",
    ),
    (
        "MERCHANT_INITIATED_WITH_SECURITY_CODE",
        "`stored_payment_source.payment_initiator` = `MERCHANT` is not supported if \
         `payment_source.card.security_code` is present in the order. `security_code` can be present in the \
         order only when customer is the payment initiator.",
    ),
    (
        "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE",
        "The vault_id does not match the payment_source provided.",
    ),
    (
        "MISSING_REQUIRED_PARAMETER",
        "A required parameter is missing.",
    ),
    (
        "MULTI_CURRENCY_ORDER",
        "Multiple differing values of currency_code are not supported. Entire Order request must have the \
         same currency_code.",
    ),
    ("NOT_PATCHABLE", "Cannot be patched."),
    (
        "ORDER_ALREADY_AUTHORIZED",
        "Order already captured. If 'intent=CAPTURE' only one capture per order is allowed.",
    ),
    (
        "ORDER_ALREADY_CAPTURED",
        "Order already captured. If 'intent=CAPTURE' only one capture per order is allowed.",
    ),
    (
        "ORDER_ALREADY_COMPLETED",
        "The order cannot be patched after it is completed.",
    ),
    (
        "ORDER_COMPLETION_IN_PROGRESS",
        "The order was created with processing_instruction of ORDER_COMPLETE_ON_PAYMENT_APPROVAL. The \
         customer has approved the payment and PayPal is still in the process of capturing the order on your \
         behalf as instructed.",
    ),
    (
        "ORDER_EXPIRED",
        "Order is expired and hence cannot be authorized. Please contact Customer Support if you need to \
         increase your order validity period.",
    ),
    (
        "ORDER_NOT_APPROVED",
        "Payer has not yet approved the Order for payment.",
    ),
    (
        "PAYER_ACTION_REQUIRED",
        "Transaction cannot complete successfully, instruct the buyer to return to PayPal.",
    ),
    (
        "PAYMENT_SOURCE_CANNOT_BE_USED",
        "The provided payment source cannot be used to pay for the order. Please try again with a different \
         payment source by creating a new order.",
    ),
    (
        "PAYPAL_REQUEST_ID_REQUIRED",
        "A PayPal-Request-Id is required if you are trying to process payment for an Order.",
    ),
    (
        "PENDING_CAPTURE",
        "Cannot initiate a refund as the capture is pending. Capture is typically pending when the payer has \
         funded the transaction using e-check/bank funded.",
    ),
    (
        "PREVIOUSLY_CAPTURED",
        "Authorization has been previously captured and hence cannot be voided.",
    ),
    (
        "PREVIOUSLY_VOIDED",
        "Authorization has been previously voided and hence cannot be voided again.",
    ),
    (
        "PREVIOUS_REQUEST_IN_PROGRESS",
        "A previous request on this resource is currently in progress.",
    ),
    (
        "REAUTHORIZATION_NOT_SUPPORTED",
        "A reauthorize cannot be attempted on an authorization_id that is the result of a prior reauthorization or \
         on an authorization made on an Order saved using the `v2/orders/id/save` API.",
    ),
    (
        "REAUTHORIZATION_TOO_SOON",
        "A reauthorization is only allowed once from Day 4 to Day 29 since the date of the original authorization.",
    ),
    (
        "REFERENCE_ID_NOT_FOUND",
        "Filter expression value is incorrect. Please check the value of the reference_id and try again.",
    ),
    (
        "REFERENCE_ID_REQUIRED",
        "'reference_id' is required for each 'purchase_unit' if multiple 'purchase_unit' are provided.",
    ),
    (
        "REFUND_AMOUNT_EXCEEDED",
        "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
    ),
    (
        "REFUND_CAPTURE_CURRENCY_MISMATCH",
        "Refund must be in the same currency as the capture",
    ),
    ("REFUND_NOT_ALLOWED", "Capture cannot be refunded."),
    (
        "TOKEN_ID_NOT_FOUND",
        "Specified token was not found. Verify the token and try the request again.",
    ),
    ("TRANSACTION_REFUSED", "The request was refused."),
];

/// The HTTP status that an issue is returned with, or `None` if the vendor lists no such issue.
pub(super) fn status_of(issue: &str) -> Option<u16> {
    GROUPS
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == issue))
        .map(|(status, _)| *status)
}

/// The vendor's description of an issue, or `None` if the emulator has no text for it.
pub(super) fn describe(issue: &str) -> Option<&'static str> {
    let mut descriptions = DESCRIPTIONS.iter();
    let found = descriptions.find(|(name, _)| *name == issue);
    found.map(|(_, description)| *description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_has_one_status() {
        assert_eq!(status_of("INSTRUMENT_DECLINED"), Some(422));
        assert_eq!(status_of("PREVIOUS_REQUEST_IN_PROGRESS"), Some(409));
        assert_eq!(status_of("INVALID_RESOURCE_ID"), Some(404));
        assert_eq!(status_of("PAYPAL_REQUEST_ID_REQUIRED"), Some(400));
        assert_eq!((status_of("NO_SUCH_THING"), status_of("")), (None, None));
    }
}
