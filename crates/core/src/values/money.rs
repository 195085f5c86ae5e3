//! An amount of money: whole minor units of one currency, never a float.

use std::{cmp::Ordering, fmt, num::NonZeroU32, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Currency, ValueError, text::position};

const FIELD: &str = "amount";

/// An amount of money, zero or more: whole minor units (cents, yen, fils) of one [`Currency`].
///
/// Holds up to `i64::MAX` minor units. Arithmetic is exact and checked; amounts of different currencies neither add
/// nor compare. Prints as `12.34 EUR` and parses back; serde writes `{"minor":1234,"currency":"EUR"}`.
///
/// ```
/// use anyvendor_core::values::{Currency, Money};
///
/// let price = Money::parse_decimal("12.34", Currency::EUR)?;
/// assert_eq!(price.minor(), 1234);
/// assert_eq!(price.checked_add(price)?.to_string(), "24.68 EUR");
/// assert_eq!(Money::from_minor(500, Currency::JPY)?.to_string(), "500 JPY");
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Money {
    #[schemars(range(min = 0))]
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount of whole minor units: 1234 EUR is 12.34, 500 JPY is 500, 1234 KWD is 1.234.
    ///
    /// # Errors
    /// A negative amount.
    pub fn from_minor(minor: i64, currency: Currency) -> Result<Self, ValueError> {
        if minor < 0 {
            return Err(ValueError::new(
                FIELD,
                "is negative",
                "use zero or more minor units",
            ));
        }
        Ok(Self { minor, currency })
    }

    /// Nothing, in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The count of minor units, zero or more.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// Another currency, or a sum above `i64::MAX` minor units.
    pub fn checked_add(self, other: Self) -> Result<Self, ValueError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or_else(overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    /// Another currency, or a difference below zero.
    pub fn checked_sub(self, other: Self) -> Result<Self, ValueError> {
        self.same_currency(other)?;
        if other.minor > self.minor {
            return Err(ValueError::new(
                FIELD,
                "would be negative",
                "subtract at most the whole amount",
            ));
        }
        Ok(Self {
            minor: self.minor - other.minor,
            ..self
        })
    }

    /// The amount `factor` times, as for a quantity of items.
    ///
    /// # Errors
    /// A product above `i64::MAX` minor units.
    pub fn checked_mul(self, factor: u32) -> Result<Self, ValueError> {
        let minor = self
            .minor
            .checked_mul(i64::from(factor))
            .ok_or_else(overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Splits into `parts` amounts that add up to exactly this one.
    ///
    /// No two parts differ by more than one minor unit; the larger ones come first.
    pub fn split(self, parts: NonZeroU32) -> impl ExactSizeIterator<Item = Self> {
        let share = self.minor / i64::from(parts.get());
        let larger = self.minor % i64::from(parts.get());
        (0..parts.get()).map(move |index| {
            let extra = i64::from(i64::from(index) < larger);
            Self {
                minor: share + extra,
                ..self
            }
        })
    }

    /// Reads major units written with ASCII digits and at most one point, such as `12.34`, `12.3` or `12`.
    ///
    /// Exact, without rounding: more fraction digits than the currency has are accepted only if they are zeros.
    /// Nothing else is understood: no sign, exponent, thousands separator, space or currency sign.
    ///
    /// # Errors
    /// Any other form, a fraction that the currency does not have, or more than `i64::MAX` minor units.
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, ValueError> {
        if let Some(at) = position(text, |c| !c.is_ascii_digit() && c != '.') {
            let problem =
                format!("contains a character other than digits and a point at position {at}");
            return Err(ValueError::new(FIELD, problem, "write it like 12.34"));
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
            let problem = "is not digits with at most one point between them";
            return Err(ValueError::new(FIELD, problem, "write it like 12.34"));
        }

        let exponent = usize::from(currency.exponent());
        let used = fraction.trim_end_matches('0').len();
        if used > exponent {
            let problem = format!("has {used} fraction digits where {currency} has {exponent}");
            return Err(ValueError::new(FIELD, problem, "round it first"));
        }

        let padded = fraction
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(exponent);
        let minor = whole.bytes().chain(padded).try_fold(0_i64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        });
        Self::from_minor(minor.ok_or_else(overflow)?, currency)
    }

    /// Major units with all digits of the currency: `12.30`, JPY `1234`, KWD `1.234`.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let digits = usize::from(self.currency.exponent());
        let unit = (0..digits).fold(1_i64, |unit, _| unit.saturating_mul(10));
        match digits {
            0 => self.minor.to_string(),
            _ => format!("{}.{:0digits$}", self.minor / unit, self.minor % unit),
        }
    }

    fn same_currency(self, other: Self) -> Result<(), ValueError> {
        if self.currency == other.currency {
            return Ok(());
        }
        let problem = format!("mixes {} and {}", self.currency, other.currency);
        Err(ValueError::new(
            FIELD,
            problem,
            "use amounts of one currency",
        ))
    }
}

fn overflow() -> ValueError {
    ValueError::new(
        FIELD,
        "is more than 9223372036854775807 minor units",
        "use a smaller amount",
    )
}

/// Amounts of different currencies do not compare.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.minor.cmp(&other.minor))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.to_decimal(), self.currency))
    }
}

impl FromStr for Money {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let (decimal, code) = text.split_once(' ').ok_or_else(|| {
            ValueError::new(
                FIELD,
                "has no space before the currency",
                "write it like 12.34 EUR",
            )
        })?;
        Self::parse_decimal(decimal, Currency::from_code(code)?)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    minor: i64,
    currency: Currency,
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Fields { minor, currency } = Fields::deserialize(deserializer)?;
        Self::from_minor(minor, currency).map_err(de::Error::custom)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::values::text::hostile;

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

    fn any_currency() -> impl Strategy<Value = Currency> {
        select(all_currencies())
    }

    fn eur(minor: i64) -> Money {
        Money::from_minor(minor, Currency::EUR).unwrap()
    }

    proptest! {
        #[test]
        fn add_then_sub_gives_the_first(a in 0..=i64::MAX, b in 0..=i64::MAX, currency in any_currency()) {
            let (a, b) = (Money::from_minor(a, currency)?, Money::from_minor(b, currency)?);
            match a.checked_add(b) {
                Ok(sum) => {
                    prop_assert_eq!(sum.checked_sub(b)?, a);
                    prop_assert!(sum >= a);
                }
                Err(_) => prop_assert!(a.minor().checked_add(b.minor()).is_none()),
            }
        }

        #[test]
        fn split_keeps_the_sum(minor in 0..=i64::MAX, parts in 1..500_u32) {
            let whole = eur(minor);
            let parts: Vec<_> = whole.split(NonZeroU32::new(parts).unwrap()).collect();
            let sum = parts.iter().try_fold(Money::zero(Currency::EUR), |sum, &part| sum.checked_add(part))?;
            prop_assert_eq!(sum, whole);
            prop_assert!(parts.is_sorted_by(|a, b| a >= b));
            prop_assert!(parts.first().unwrap().minor() - parts.last().unwrap().minor() <= 1);
        }

        #[test]
        fn every_text_form_round_trips(minor in 0..=i64::MAX, currency in any_currency()) {
            let money = Money::from_minor(minor, currency)?;
            prop_assert_eq!(Money::parse_decimal(&money.to_decimal(), currency)?, money);
            prop_assert_eq!(money.to_string().parse::<Money>()?, money);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn parsing_never_panics(text in hostile::text(), currency in any_currency()) {
            let _ = Money::parse_decimal(&text, currency);
            let _ = text.parse::<Money>();
        }

        #[test]
        fn what_parses_is_exact(whole in "[0-9]{1,25}", fraction in "(\\.[0-9]{1,25})?", currency in any_currency()) {
            let text = format!("{whole}{fraction}");
            if let Ok(money) = Money::parse_decimal(&text, currency) {
                let plain = |text: &str| match text.split_once('.') {
                    Some((whole, fraction)) => {
                        let whole = whole.trim_start_matches('0').to_owned();
                        (whole, fraction.trim_end_matches('0').to_owned())
                    }
                    None => (text.trim_start_matches('0').to_owned(), String::new()),
                };
                prop_assert_eq!(plain(&money.to_decimal()), plain(&text));
            }
        }
    }

    #[test]
    fn every_currency_prints_its_digits() {
        for currency in all_currencies() {
            let digits = usize::from(currency.exponent());
            let printed = Money::from_minor(1, currency).unwrap().to_decimal();
            let expected = if digits == 0 {
                "1".to_owned()
            } else {
                format!("0.{}1", "0".repeat(digits - 1))
            };
            assert_eq!(printed, expected, "{currency}");
        }
    }

    #[test]
    fn decimal_examples() {
        let cases = [
            ("12.34", Currency::EUR, 1234),
            ("12.3", Currency::EUR, 1230),
            ("12", Currency::EUR, 1200),
            ("12.3400", Currency::EUR, 1234),
            ("007.00", Currency::EUR, 700),
            ("0", Currency::EUR, 0),
            ("1234", Currency::JPY, 1234),
            ("1234.00", Currency::JPY, 1234),
            ("1.234", Currency::KWD, 1234),
            ("92233720368547758.07", Currency::EUR, i64::MAX),
        ];
        for (text, currency, minor) in cases {
            assert_eq!(
                Money::parse_decimal(text, currency).unwrap().minor(),
                minor,
                "{text} {currency}"
            );
        }
        assert_eq!(eur(1234).to_string(), "12.34 EUR");
        assert_eq!(eur(5).to_string(), "0.05 EUR");
        assert_eq!(format!("{:>12}", eur(5)), "    0.05 EUR");
    }

    #[test]
    fn other_decimal_forms_are_refused() {
        let forms = [
            "",
            ".",
            "1.",
            ".5",
            "1.2.3",
            "1..2",
            "-1",
            "+1",
            "1e3",
            "1,5",
            "1 000",
            " 1",
            "1 ",
            "1_0",
            "0x1",
            "NaN",
            "inf",
            "١٢",
            "12.345",
            "0.001",
            "92233720368547758.08",
            "99999999999999999999",
        ];
        for text in forms {
            assert!(Money::parse_decimal(text, Currency::EUR).is_err(), "{text}");
        }
        let error = Money::parse_decimal("1.5", Currency::JPY).unwrap_err();
        assert_eq!(
            error.to_string(),
            "amount: has 1 fraction digits where JPY has 0; round it first"
        );
        let error = Money::parse_decimal("1,5", Currency::EUR).unwrap_err();
        assert!(error.problem().ends_with("at position 2"), "{error}");
    }

    #[test]
    fn currencies_do_not_mix() {
        let yen = Money::from_minor(1, Currency::JPY).unwrap();
        assert_eq!(
            eur(1).checked_add(yen).unwrap_err().problem(),
            "mixes EUR and JPY"
        );
        assert_eq!(
            eur(1).checked_sub(yen).unwrap_err().problem(),
            "mixes EUR and JPY"
        );
        assert_eq!(eur(1).partial_cmp(&yen), None);
        assert!(eur(1) < eur(2));
    }

    #[test]
    fn amounts_stay_between_zero_and_the_largest() {
        assert!(Money::from_minor(-1, Currency::EUR).is_err());
        assert_eq!(
            eur(1).checked_sub(eur(2)).unwrap_err().problem(),
            "would be negative"
        );
        assert!(eur(i64::MAX).checked_add(eur(1)).is_err());
        assert!(eur(i64::MAX).checked_mul(2).is_err());
        assert_eq!(eur(250).checked_mul(3).unwrap(), eur(750));
        assert!(eur(250).checked_mul(0).unwrap().is_zero());
    }

    #[test]
    fn json_is_checked() {
        let money = |json| serde_json::from_str::<Money>(json);
        assert_eq!(
            money(r#"{"minor":1234,"currency":"eur"}"#).unwrap(),
            eur(1234)
        );
        assert_eq!(
            serde_json::to_string(&eur(1234)).unwrap(),
            r#"{"minor":1234,"currency":"EUR"}"#
        );
        for json in [
            r#"{"minor":-1,"currency":"EUR"}"#,
            r#"{"minor":1.5,"currency":"EUR"}"#,
            r#"{"minor":9223372036854775808,"currency":"EUR"}"#,
            r#"{"minor":1,"currency":"XXX"}"#,
            r#"{"minor":1,"currency":"EUR","x":1}"#,
            r#"{"minor":1}"#,
        ] {
            assert!(money(json).is_err(), "{json}");
        }
    }
}
