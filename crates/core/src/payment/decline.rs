//! Why a payer's bank or the vendor declined, in vendor-neutral terms.

use crate::macros::words;

/// A declined payment: final for this attempt, and no sign that anything is broken.
///
/// # Examples
/// ```
/// use anyvendor_core::payment::{Decline, DeclineCode, DeclineGroup};
///
/// let decline = Decline::new(DeclineCode::InsufficientFunds).with_vendor_code("51");
/// let advice = match decline.group {
///     DeclineGroup::FixData => "please check your card's details",
///     DeclineGroup::Soft => "please try again later or use another card",
///     _ => "please use another card",
/// };
/// assert_eq!(advice, "please try again later or use another card");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decline {
    /// The neutral code of the decline.
    pub code: DeclineCode,
    /// What the application should do about it. The vendor's own advice overrides the code's default group.
    pub group: DeclineGroup,
    /// The vendor's code as received, for support and for codes that we do not know.
    pub vendor_code: Option<String>,
}

impl Decline {
    /// Creates a decline with the default advice for its code.
    #[must_use]
    pub fn new(code: DeclineCode) -> Self {
        let group = code.group();
        Self {
            code,
            group,
            vendor_code: None,
        }
    }

    /// Keeps the vendor's code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.vendor_code = Some(code.into());
        self
    }

    /// Replaces the default advice by the vendor's own.
    #[must_use]
    pub fn with_group(mut self, group: DeclineGroup) -> Self {
        self.group = group;
        self
    }
}

/// What the application should do about a decline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeclineGroup {
    /// Ask for another source; never try this one again.
    Hard,
    /// Ask the payer to correct the data.
    FixData,
    /// This source cannot pay this; another source or payment method can.
    NotSupported,
    /// Try again later, or with another source.
    Soft,
    /// Bring the payer back to authenticate.
    Authenticate,
    /// A test source was used in live mode, or the reverse.
    Test,
}

words!(DeclineGroup {
    Self::Hard => "hard",
    Self::FixData => "fix_data",
    Self::NotSupported => "not_supported",
    Self::Soft => "soft",
    Self::Authenticate => "authenticate",
    Self::Test => "test",
});

macro_rules! decline_codes {
    ($($(#[$doc:meta])+ $name:ident = $text:literal in $group:ident;)+) => {
        /// The neutral reason of a decline.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DeclineCode {
            $($(#[$doc])+ $name,)+
            /// Any other reason, as the vendor's code; its advice is [`DeclineGroup::Soft`].
            Other(String),
        }

        impl DeclineCode {
            /// The code in snake case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(code) => code,
                }
            }

            /// The default advice for this code.
            #[must_use]
            pub fn group(&self) -> DeclineGroup {
                match self {
                    $(Self::$name => DeclineGroup::$group,)+
                    Self::Other(_) => DeclineGroup::Soft,
                }
            }
        }
    };
}

decline_codes! {
    /// The issuer asks never to try again.
    DoNotTryAgain = "do_not_try_again" in Hard;
    /// The card was reported lost. Show the payer a plain decline.
    LostCard = "lost_card" in Hard;
    /// The card was reported stolen. Show the payer a plain decline.
    StolenCard = "stolen_card" in Hard;
    /// The issuer asks to keep the card. Show the payer a plain decline.
    PickupCard = "pickup_card" in Hard;
    /// The issuer or the vendor suspects fraud. Show the payer a plain decline.
    Fraudulent = "fraudulent" in Hard;
    /// Blocked by the merchant's own list or rules. Show the payer a plain decline.
    Blocked = "blocked" in Hard;
    /// The payer revoked the authorization.
    AuthorizationRevoked = "authorization_revoked" in Hard;
    /// The account of the source is closed or unknown.
    InvalidAccount = "invalid_account" in Hard;
    /// The source may not be used. Show the payer a plain decline.
    Restricted = "restricted" in Hard;
    /// The issuer reports a security violation.
    SecurityViolation = "security_violation" in Hard;
    /// The number is wrong.
    IncorrectNumber = "incorrect_number" in FixData;
    /// The security code is wrong.
    IncorrectSecurityCode = "incorrect_security_code" in FixData;
    /// The postal code or address does not match.
    IncorrectAddress = "incorrect_address" in FixData;
    /// The PIN is wrong or missing.
    IncorrectPin = "incorrect_pin" in FixData;
    /// The expiry date is wrong.
    IncorrectExpiry = "incorrect_expiry" in FixData;
    /// The source has expired.
    Expired = "expired" in FixData;
    /// The data of the source changed; ask the payer for the new data.
    DataChanged = "data_changed" in FixData;
    /// The source does not support this kind of purchase.
    CardNotSupported = "card_not_supported" in NotSupported;
    /// The source does not support the currency.
    CurrencyNotSupported = "currency_not_supported" in NotSupported;
    /// The amount is not allowed, or is over the source's limit.
    AmountNotAllowed = "amount_not_allowed" in NotSupported;
    /// The payment is not permitted.
    NotPermitted = "not_permitted" in NotSupported;
    /// Too many wrong PINs were entered.
    PinTriesExceeded = "pin_tries_exceeded" in NotSupported;
    /// The same payment was made moments ago: check that before anything else.
    Duplicate = "duplicate" in NotSupported;
    /// The account does not have enough money.
    InsufficientFunds = "insufficient_funds" in Soft;
    /// The number or sum of payments that the source allows in a period is exceeded.
    LimitExceeded = "limit_exceeded" in Soft;
    /// A temporary failure; the issuer asks to try later.
    TryAgainLater = "try_again_later" in Soft;
    /// The issuer could not be reached.
    IssuerUnavailable = "issuer_unavailable" in Soft;
    /// The payer must call the issuer.
    CallIssuer = "call_issuer" in Soft;
    /// Declined without a reason.
    Generic = "generic" in Soft;
    /// The payer must authenticate.
    AuthenticationRequired = "authentication_required" in Authenticate;
    /// A test source was used in live mode, or the reverse.
    TestSource = "test_source" in Test;
}

impl std::fmt::Display for DeclineCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
