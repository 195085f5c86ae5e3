//! An amount of money: a whole number of minor units of one currency, never a float.

use std::{cmp::Ordering, fmt, num::NonZeroU32, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Currency, ValueError, text::position};

const FIELD: &str = "amount";

/// An amount of money, zero or more: whole minor units (cents, yen, fils) of one [`Currency`].
///
/// Its maximum is `i64::MAX` minor units. Arithmetic is exact and checked; amounts of different currencies can be
/// neither added nor compared. Prints as `12.34 EUR` and parses that form; serde writes
/// `{"minor":1234,"currency":"EUR"}`.
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
    /// Creates an amount of minor units: 1234 EUR is 12.34, 500 JPY is 500, 1234 KWD is 1.234.
    ///
    /// # Errors
    /// The amount is negative.
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

    /// An amount of zero in this currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The number of minor units, zero or more.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency of the amount.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Adds two amounts of one currency.
    ///
    /// # Errors
    /// The currencies differ, or the sum is above `i64::MAX` minor units.
    pub fn checked_add(self, other: Self) -> Result<Self, ValueError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or_else(overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Subtracts an amount of the same currency.
    ///
    /// # Errors
    /// The currencies differ, or the difference is below zero.
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

    /// Multiplies the amount, for example by a number of items.
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

    /// Splits the amount into `parts` amounts that add up to exactly this one.
    ///
    /// No two parts differ by more than one minor unit; the larger ones come first.
    ///
    /// # Examples
    /// ```
    /// use std::num::NonZeroU32;
    /// use anyvendor_core::values::{Currency, Money};
    ///
    /// let bill = Money::parse_decimal("10.00", Currency::EUR)?;
    /// let shares: Vec<_> = bill.split(NonZeroU32::new(3).unwrap()).map(Money::minor).collect();
    /// assert_eq!(shares, [334, 333, 333]);
    /// # Ok::<(), anyvendor_core::values::ValueError>(())
    /// ```
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

    /// Parses major units written with ASCII digits and at most one point, such as `12.34`, `12.3` or `12`.
    ///
    /// Exact, without rounding: more fraction digits than the currency has are accepted only if they are zeros.
    /// Nothing else is accepted: no sign, exponent, thousands separator, space or currency sign.
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

    /// Writes major units with all digits of the currency: `12.30`, JPY `1234`, KWD `1.234`.
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

/// Amounts of different currencies cannot be compared.
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
mod tests;
