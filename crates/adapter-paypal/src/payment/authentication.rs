//! The result of 3-D Secure for the card of an order, and whether PayPal advises to charge the card after it.
//!
//! See <https://developer.paypal.com/docs/checkout/advanced/customize/3d-secure/response-parameters>.

use anyvendor_core::payment::{Decline, DeclineCode};
use serde::Deserialize;

use crate::wire::Order;

#[derive(Deserialize)]
struct AuthenticationResult {
    #[serde(default)]
    liability_shift: String,
    #[serde(default)]
    three_d_secure: ThreeDSecure,
}

#[derive(Default, Deserialize)]
struct ThreeDSecure {
    enrollment_status: Option<String>,
    authentication_status: Option<String>,
}

/// The decline if the card's owner did not authenticate. Nothing is charged then: the liability would be the merchant's.
pub(super) fn failed(order: &Order) -> Option<Decline> {
    let card = order.payment_source.get("card")?;
    let result = AuthenticationResult::deserialize(card.get("authentication_result")?).ok()?;
    let secure = &result.three_d_secure;
    let may_continue = match result.liability_shift.as_str() {
        "POSSIBLE" | "YES" => true,
        // The card or its bank does not take part.
        "NO" => matches!(secure.enrollment_status.as_deref(), Some("N" | "U" | "B")),
        _ => false,
    };
    if may_continue {
        return None;
    }
    let status = secure.authentication_status.as_deref().unwrap_or("none");
    let code = ["3ds_", &result.liability_shift, "_", status].concat();
    Some(Decline::new(DeclineCode::AuthenticationRequired).with_vendor_code(code.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn f24_the_result_decides_as_the_vendor_recommends() {
        for (enrolled, authenticated, shift, is_failed) in [
            (Some("Y"), Some("Y"), "POSSIBLE", false),
            (Some("Y"), Some("A"), "POSSIBLE", false),
            (Some("Y"), Some("N"), "NO", true),
            (Some("Y"), Some("R"), "NO", true),
            (Some("Y"), Some("U"), "UNKNOWN", true),
            (Some("Y"), None, "NO", true),
            (Some("N"), None, "NO", false),
            (Some("U"), None, "NO", false),
            (Some("B"), None, "NO", false),
            (None, None, "UNKNOWN", true),
        ] {
            let result = json!({"liability_shift": shift, "three_d_secure":
                {"enrollment_status": enrolled, "authentication_status": authenticated}});
            let order = json!({"id": "O1", "status": "APPROVED",
                "payment_source": {"card": {"authentication_result": result}}});
            let order: Order = serde_json::from_value(order).unwrap();
            let found = failed(&order);
            assert_eq!(
                found.is_some(),
                is_failed,
                "{enrolled:?} {authenticated:?} {shift}"
            );
        }
        let plain = json!({"id": "O1", "status": "APPROVED", "payment_source": {"card": {}}});
        assert!(failed(&serde_json::from_value(plain).unwrap()).is_none());
    }
}
