//! The documented decline codes, one by one.

use super::*;
use crate::wire::ErrorBody;

/// The vendor's list, with the group that the application is advised by.
const DOCUMENTED: [(DeclineGroup, &str); 6] = [
    (
        DeclineGroup::Hard,
        "do_not_try_again lost_card stolen_card pickup_card fraudulent merchant_blacklist \
         revocation_of_authorization revocation_of_all_authorizations stop_payment_order invalid_account \
         restricted_card security_violation",
    ),
    (
        DeclineGroup::FixData,
        "incorrect_number incorrect_cvc incorrect_zip incorrect_pin invalid_cvc invalid_expiry_month \
         invalid_expiry_year invalid_number invalid_pin expired_card new_account_information_available \
         offline_pin_required online_or_offline_pin_required",
    ),
    (
        DeclineGroup::NotSupported,
        "card_not_supported currency_not_supported invalid_amount not_permitted service_not_allowed \
         transaction_not_allowed pin_try_exceeded duplicate_transaction",
    ),
    (
        DeclineGroup::Soft,
        "insufficient_funds try_again_later processing_error reenter_transaction issuer_not_available \
         card_velocity_exceeded withdrawal_count_limit_exceeded do_not_honor generic_decline call_issuer \
         approve_with_id no_action_taken",
    ),
    (DeclineGroup::Authenticate, "authentication_required"),
    (DeclineGroup::Test, "testmode_decline"),
];

fn read(body: &str) -> Decline {
    decline(&serde_json::from_str::<ErrorBody>(body).unwrap().error)
}

#[test]
fn all_47_decline_codes_are_known_and_grouped() {
    let mut count = 0;
    for (group, codes) in DOCUMENTED {
        for code in codes.split_whitespace() {
            let body = format!(
                r#"{{"error":{{"type":"card_error","code":"card_declined","decline_code":"{code}"}}}}"#
            );
            let decline = read(&body);
            assert_eq!(decline.group, group, "{code}");
            assert!(!matches!(decline.code, DeclineCode::Other(_)), "{code}");
            assert_eq!(decline.vendor_code.as_deref(), Some(code));
            count += 1;
        }
    }
    assert_eq!(count, 47);
}

#[test]
fn unknown_codes_are_soft_and_advice_outranks_the_table() {
    let unknown = read(r#"{"error":{"type":"card_error","decline_code":"brand_new"}}"#);
    assert_eq!(
        (unknown.code, unknown.group),
        (DeclineCode::Other("brand_new".into()), DeclineGroup::Soft)
    );
    let advised = read(
        r#"{"error":{"type":"card_error","decline_code":"generic_decline","advice_code":"do_not_try_again"}}"#,
    );
    assert_eq!(advised.group, DeclineGroup::Hard);
    let advised = read(
        r#"{"error":{"type":"card_error","decline_code":"do_not_honor","advice_code":"confirm_card_data"}}"#,
    );
    assert_eq!(advised.group, DeclineGroup::FixData);
    let without = read(r#"{"error":{"type":"card_error","code":"expired_card"}}"#);
    assert_eq!(without.code, DeclineCode::Expired);
    // The refusal of `error_on_requires_action` has neither code.
    let bare = read(r#"{"error":{"type":"card_error","message":"m"}}"#);
    assert_eq!((bare.code, bare.vendor_code), (DeclineCode::Generic, None));
}

#[test]
fn a_payment_that_cannot_be_read_does_not_hide_the_decline() {
    let body = r#"{"error":{"type":"card_error","code":"expired_card","payment_intent":{"id":7}}}"#;
    let ErrorBody { error } = serde_json::from_str(body).unwrap();
    assert!(error.payment_intent.is_none());
    assert_eq!(decline(&error).code, DeclineCode::Expired);
}
