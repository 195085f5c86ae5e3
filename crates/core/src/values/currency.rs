//! A currency and its number of minor digits, as defined by ISO 4217.

use std::{cmp::Ordering, fmt, str::FromStr};

use iso_currency::Currency as Iso;

use super::{ValueError, text::serde_as_text};

/// A currency in which amounts can be counted.
///
/// Every ISO 4217 code that has a minor unit, including withdrawn ones such as HRK, because old payments still use
/// them. Codes without a minor unit (gold XAU, testing XTS, no currency XXX) are rejected. Sorted by code; written as
/// its code.
///
/// [`exponent`](Self::exponent) follows ISO 4217; if a vendor counts differently, its adapter converts.
///
/// # Examples
/// ```
/// use anyvendor_core::values::Currency;
///
/// assert_eq!(Currency::from_code("eur")?, Currency::EUR);
/// assert_eq!((Currency::EUR.exponent(), Currency::JPY.exponent()), (2, 0));
/// assert!(Currency::from_code("XAU").is_err());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

impl Currency {
    /// United Arab Emirates dirham, 2 digits.
    pub const AED: Self = Self(Iso::AED);
    /// Australian dollar, 2 digits.
    pub const AUD: Self = Self(Iso::AUD);
    /// Bahraini dinar, 3 digits.
    pub const BHD: Self = Self(Iso::BHD);
    /// Brazilian real, 2 digits.
    pub const BRL: Self = Self(Iso::BRL);
    /// Canadian dollar, 2 digits.
    pub const CAD: Self = Self(Iso::CAD);
    /// Swiss franc, 2 digits.
    pub const CHF: Self = Self(Iso::CHF);
    /// Chilean peso, 0 digits.
    pub const CLP: Self = Self(Iso::CLP);
    /// Chinese yuan, 2 digits.
    pub const CNY: Self = Self(Iso::CNY);
    /// Czech koruna, 2 digits.
    pub const CZK: Self = Self(Iso::CZK);
    /// Danish krone, 2 digits.
    pub const DKK: Self = Self(Iso::DKK);
    /// Euro, 2 digits.
    pub const EUR: Self = Self(Iso::EUR);
    /// Pound sterling, 2 digits.
    pub const GBP: Self = Self(Iso::GBP);
    /// Hong Kong dollar, 2 digits.
    pub const HKD: Self = Self(Iso::HKD);
    /// Indian rupee, 2 digits.
    pub const INR: Self = Self(Iso::INR);
    /// Icelandic krona, 0 digits.
    pub const ISK: Self = Self(Iso::ISK);
    /// Japanese yen, 0 digits.
    pub const JPY: Self = Self(Iso::JPY);
    /// South Korean won, 0 digits.
    pub const KRW: Self = Self(Iso::KRW);
    /// Kuwaiti dinar, 3 digits.
    pub const KWD: Self = Self(Iso::KWD);
    /// Mexican peso, 2 digits.
    pub const MXN: Self = Self(Iso::MXN);
    /// Norwegian krone, 2 digits.
    pub const NOK: Self = Self(Iso::NOK);
    /// New Zealand dollar, 2 digits.
    pub const NZD: Self = Self(Iso::NZD);
    /// Polish zloty, 2 digits.
    pub const PLN: Self = Self(Iso::PLN);
    /// Swedish krona, 2 digits.
    pub const SEK: Self = Self(Iso::SEK);
    /// Singapore dollar, 2 digits.
    pub const SGD: Self = Self(Iso::SGD);
    /// Tunisian dinar, 3 digits.
    pub const TND: Self = Self(Iso::TND);
    /// United States dollar, 2 digits.
    pub const USD: Self = Self(Iso::USD);
    /// South African rand, 2 digits.
    pub const ZAR: Self = Self(Iso::ZAR);

    /// Parses a code of three letters, in upper or lower case.
    ///
    /// # Errors
    /// The text is not three ASCII letters, not an ISO 4217 code, or a code without a minor unit.
    pub fn from_code(code: &str) -> Result<Self, ValueError> {
        let refuse =
            |problem| ValueError::new("currency", problem, "use an ISO 4217 code such as EUR");
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_alphabetic()) {
            let count = code.chars().count();
            return Err(refuse(format!(
                "is not three letters but {count} characters"
            )));
        }
        let code = code.to_ascii_uppercase();
        match Iso::from_code(&code) {
            None => Err(refuse(format!("{code} is not an ISO 4217 code"))),
            Some(iso) if iso.exponent().is_none() => {
                Err(refuse(format!("{code} has no minor unit")))
            }
            Some(iso) => Ok(Self(iso)),
        }
    }

    /// The code in upper case, such as `EUR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits the minor unit has: EUR 2, JPY 0, KWD 3, CLF 4.
    #[must_use]
    pub fn exponent(self) -> u8 {
        // `from_code` accepts only codes with an exponent; a test checks the constants.
        self.0
            .exponent()
            .and_then(|digits| u8::try_from(digits).ok())
            .unwrap_or(0)
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = ValueError;

    fn from_str(code: &str) -> Result<Self, ValueError> {
        Self::from_code(code)
    }
}

serde_as_text!(Currency, "a currency code", "^[A-Za-z]{3}$", this => this.code());

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Every code that `from_code` accepts, sorted.
    pub(in crate::values) fn all_currencies() -> Vec<Currency> {
        let letters = || (b'A'..=b'Z').map(char::from);
        letters()
            .flat_map(|a| {
                letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c])))
            })
            .filter_map(|code| Currency::from_code(&code).ok())
            .collect()
    }

    #[test]
    fn code_is_read_in_any_case() {
        assert_eq!(Currency::from_code("eUr").unwrap(), Currency::EUR);
        assert_eq!(Currency::EUR.to_string(), "EUR");
    }

    #[test]
    fn exponents_are_those_of_iso_4217() {
        let expect = [
            ("EUR", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("CLF", 4),
            ("UYW", 4),
            ("ISK", 0),
            ("UGX", 0),
            ("MGA", 2),
        ];
        for (code, exponent) in expect {
            assert_eq!(
                Currency::from_code(code).unwrap().exponent(),
                exponent,
                "{code}"
            );
        }
    }

    #[test]
    fn constants_are_what_from_code_gives() {
        use Currency as C;
        let constants = [
            C::AED,
            C::AUD,
            C::BHD,
            C::BRL,
            C::CAD,
            C::CHF,
            C::CLP,
            C::CNY,
            C::CZK,
            C::DKK,
            C::EUR,
            C::GBP,
            C::HKD,
            C::INR,
            C::ISK,
            C::JPY,
            C::KRW,
            C::KWD,
            C::MXN,
            C::NOK,
            C::NZD,
            C::PLN,
            C::SEK,
            C::SGD,
            C::TND,
            C::USD,
            C::ZAR,
        ];
        for currency in constants {
            assert_eq!(Currency::from_code(currency.code()).unwrap(), currency);
        }
    }

    #[test]
    fn code_without_minor_unit_is_refused() {
        for code in ["XAU", "XAG", "XTS", "XXX", "XDR"] {
            let error = Currency::from_code(code).unwrap_err();
            assert_eq!(error.problem(), format!("{code} has no minor unit"));
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "EU", "EURO", "E R", "978", "€", "ÉUR", "EUR "] {
            assert!(
                Currency::from_code(text)
                    .unwrap_err()
                    .problem()
                    .starts_with("is not three letters"),
                "{text}"
            );
        }
        assert_eq!(
            Currency::from_code("abc").unwrap_err().problem(),
            "ABC is not an ISO 4217 code"
        );
    }

    #[test]
    fn schema_is_a_string_with_a_pattern() {
        let schema = schemars::schema_for!(Currency);
        assert_eq!(schema.get("type").unwrap(), "string");
        assert_eq!(schema.get("pattern").unwrap(), "^[A-Za-z]{3}$");
    }

    #[test]
    fn sorts_by_code_and_round_trips_in_json() {
        let all = all_currencies();
        assert!(all.len() > 150, "{}", all.len());
        assert!(all.is_sorted());
        for currency in all {
            let json = serde_json::to_string(&currency).unwrap();
            assert_eq!(json, format!("\"{currency}\""));
            assert_eq!(serde_json::from_str::<Currency>(&json).unwrap(), currency);
        }
    }
}
