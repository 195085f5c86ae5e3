//! Card declines: code, decline code, advice and message: <https://docs.stripe.com/declines/codes>.

use super::error::ApiError;

/// A decline, with the fields that the error shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) advice: Option<&'static str>,
    pub(super) message: &'static str,
}

const DECLINED: &str = "Your card was declined.";

/// A decline with the code `card_declined` and this decline code.
pub(super) const fn declined(decline_code: &'static str, advice: Option<&'static str>) -> Decline {
    Decline {
        code: "card_declined",
        decline_code: Some(decline_code),
        advice,
        message: DECLINED,
    }
}

/// A decline because of wrong card data, which has a code of its own and no decline code.
const fn card_data_error(
    code: &'static str,
    advice: Option<&'static str>,
    message: &'static str,
) -> Decline {
    Decline {
        code,
        decline_code: None,
        advice,
        message,
    }
}

pub(super) const LATER: Option<&str> = Some("try_again_later");
pub(super) const NEVER: Option<&str> = Some("do_not_try_again");
pub(super) const CONFIRM: Option<&str> = Some("confirm_card_data");

pub(super) const GENERIC: Decline = declined("generic_decline", LATER);
pub(super) const INSUFFICIENT: Decline = Decline {
    message: "Your card has insufficient funds.",
    ..declined("insufficient_funds", LATER)
};
pub(super) const EXPIRED: Decline =
    card_data_error("expired_card", CONFIRM, "Your card has expired.");
pub(super) const CVC: Decline = card_data_error(
    "incorrect_cvc",
    CONFIRM,
    "Your card's security code is incorrect.",
);
pub(super) const PROCESSING: Decline = card_data_error(
    "processing_error",
    LATER,
    "An error occurred while processing your card. Try again in a little bit.",
);
pub(super) const NUMBER: Decline = card_data_error(
    "incorrect_number",
    CONFIRM,
    "Your card number is incorrect.",
);
pub(super) const MONTH: Decline = card_data_error(
    "invalid_expiry_month",
    CONFIRM,
    "Your card's expiration month is invalid.",
);
pub(super) const YEAR: Decline = card_data_error(
    "invalid_expiry_year",
    CONFIRM,
    "Your card's expiration year is invalid.",
);
pub(super) const BAD_CVC: Decline = card_data_error(
    "invalid_cvc",
    CONFIRM,
    "Your card's security code is invalid.",
);
pub(super) const LIVE_CARD: Decline = Decline {
    message: "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of \
              valid test cards, visit: https://stripe.com/docs/testing.",
    ..declined("test_mode_live_card", None)
};
pub(super) const AUTHENTICATION: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    advice: None,
    message: "Your card was declined. This transaction requires authentication.",
};

impl Decline {
    /// The error that a charge with this decline returns.
    pub(super) fn to_error(self) -> ApiError {
        let mut error = ApiError::card(self.message).code(self.code);
        if let Some(decline_code) = self.decline_code {
            error = error.with("decline_code", decline_code);
        }
        if let Some(advice) = self.advice {
            error = error.with("advice_code", advice);
        }
        let param = match self.code {
            "incorrect_cvc" | "invalid_cvc" => Some("cvc"),
            "incorrect_number" => Some("number"),
            "expired_card" | "invalid_expiry_month" => Some("exp_month"),
            "invalid_expiry_year" => Some("exp_year"),
            _ => None,
        };
        match param {
            Some(param) => error.param(param),
            None => error,
        }
    }
}
