//! Amounts: decimal strings on the wire, integer minor units inside, with `PayPal`'s own list of currencies.

use serde_json::{Value, json};

use super::error::ApiError;

/// The supported currencies: <https://developer.paypal.com/api/rest/reference/currency-codes/>.
const CURRENCIES: &str = "AUD BRL CAD CNY CZK DKK EUR HKD HUF ILS INR JPY MYR MXN TWD NZD NOK PHP PLN GBP RUB SGD SEK \
                          CHF THB USD";

/// The currencies without decimals. The list differs from ISO 4217: there HUF and TWD have two decimals.
const WITHOUT_DECIMALS: [&str; 3] = ["HUF", "JPY", "TWD"];

/// The greatest length of a value, in characters.
const MAX_LENGTH: usize = 32;

/// An amount in minor units, with its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) currency: String,
    pub(super) minor: i64,
}

/// The API that reads an amount. The two return different issues for decimals in a currency that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Orders,
    Payments,
}

impl Money {
    /// Reads an amount greater than zero from a request; `at` is its JSON pointer.
    pub(super) fn read(value: &Value, product: Product, at: &str) -> Result<Self, ApiError> {
        let money = Self::read_any(value, product, at)?;
        if money.minor > 0 {
            Ok(money)
        } else {
            Err(ApiError::issue("CANNOT_BE_ZERO_OR_NEGATIVE")
                .at(format!("{at}/value"))
                .value(money.text()))
        }
    }

    /// As `read`, but zero and negative amounts are accepted too.
    pub(super) fn read_any(value: &Value, product: Product, at: &str) -> Result<Self, ApiError> {
        let part = |name: &str| {
            let field = format!("{at}/{name}");
            match value.get(name) {
                Some(Value::String(text)) => Ok(text.as_str()),
                None | Some(Value::Null) => {
                    Err(ApiError::issue("MISSING_REQUIRED_PARAMETER").at(field))
                }
                Some(_) => Err(ApiError::issue("INVALID_PARAMETER_SYNTAX").at(field)),
            }
        };
        let (currency, text) = (part("currency_code")?, part("value")?);
        let wrong = |issue: &str| {
            ApiError::issue(issue)
                .at(format!("{at}/value"))
                .value(text.chars().take(MAX_LENGTH).collect::<String>())
        };
        let field = format!("{at}/currency_code");
        if currency.len() != 3 {
            return Err(ApiError::issue("INVALID_STRING_LENGTH").at(field));
        }
        if !CURRENCIES.split(' ').any(|known| known == currency) {
            let error = ApiError::issue("INVALID_CURRENCY_CODE").at(field);
            return Err(error.value(currency));
        }
        if text.is_empty() || text.len() > MAX_LENGTH {
            return Err(wrong("INVALID_STRING_LENGTH"));
        }
        let (whole, fraction) = split(text).ok_or_else(|| wrong("INVALID_PARAMETER_SYNTAX"))?;
        if WITHOUT_DECIMALS.contains(&currency) && text.contains('.') {
            return Err(wrong(match product {
                Product::Orders => "DECIMAL_PRECISION",
                Product::Payments => "DECIMALS_NOT_SUPPORTED",
            }));
        }
        if fraction.len() > 2 {
            return Err(wrong("DECIMAL_PRECISION"));
        }
        let digits = if WITHOUT_DECIMALS.contains(&currency) {
            format!("0{whole}")
        } else {
            format!("0{whole}{fraction:0<2}")
        };
        let minor: i64 = digits.parse().map_err(|_| wrong("MAX_VALUE_EXCEEDED"))?;
        Ok(Self {
            currency: currency.to_owned(),
            minor: if text.starts_with('-') { -minor } else { minor },
        })
    }

    /// Another amount in the same currency.
    pub(super) fn with_minor(&self, minor: i64) -> Self {
        Self {
            currency: self.currency.clone(),
            minor,
        }
    }

    /// The decimal string that the API uses.
    pub(super) fn text(&self) -> String {
        if WITHOUT_DECIMALS.contains(&self.currency.as_str()) {
            return self.minor.to_string();
        }
        let sign = if self.minor < 0 { "-" } else { "" };
        let size = self.minor.unsigned_abs();
        format!("{sign}{}.{:02}", size / 100, size % 100)
    }

    pub(super) fn json(&self) -> Value {
        json!({"currency_code": self.currency, "value": self.text()})
    }
}

/// The digits on both sides of the decimal point, if the text matches the documented pattern
/// `^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$`.
fn split(text: &str) -> Option<(&str, &str)> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction, has_point) = match plain.split_once('.') {
        Some((whole, fraction)) => (whole, fraction, true),
        None => (plain, "", false),
    };
    let full = if has_point {
        !fraction.is_empty()
    } else {
        !whole.is_empty()
    };
    (full && digits(whole) && digits(fraction)).then_some((whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(currency: &str, value: &str) -> Result<Money, ApiError> {
        let value = json!({"currency_code": currency, "value": value});
        Money::read(&value, Product::Orders, "/amount")
    }

    fn issue(result: Result<Money, ApiError>) -> String {
        let body = result.unwrap_err().body("x");
        body["details"][0]["issue"].as_str().unwrap().to_owned()
    }

    #[test]
    fn strings_and_minor_units() {
        for (currency, value, minor, text) in [
            ("USD", "10.00", 1000, "10.00"),
            ("USD", "10", 1000, "10.00"),
            ("EUR", "0.1", 10, "0.10"),
            ("EUR", ".05", 5, "0.05"),
            ("HUF", "1500", 1500, "1500"),
            ("JPY", "7", 7, "7"),
            ("TWD", "120", 120, "120"),
        ] {
            let money = read(currency, value).unwrap();
            assert_eq!((money.minor, money.text().as_str()), (minor, text));
        }
    }

    #[test]
    fn invalid_amounts_are_rejected() {
        for (currency, value, expected) in [
            ("HUF", "10.00", "DECIMAL_PRECISION"),
            ("JPY", "10.5", "DECIMAL_PRECISION"),
            ("USD", "10.001", "DECIMAL_PRECISION"),
            ("USD", "0.00", "CANNOT_BE_ZERO_OR_NEGATIVE"),
            ("USD", "-1.00", "CANNOT_BE_ZERO_OR_NEGATIVE"),
            ("USD", "ten", "INVALID_PARAMETER_SYNTAX"),
            ("USD", "10.", "INVALID_PARAMETER_SYNTAX"),
            ("USD", "", "INVALID_STRING_LENGTH"),
            ("KWD", "1.00", "INVALID_CURRENCY_CODE"),
            ("US", "1.00", "INVALID_STRING_LENGTH"),
            (
                "USD",
                "99999999999999999999999999999999",
                "MAX_VALUE_EXCEEDED",
            ),
        ] {
            assert_eq!(issue(read(currency, value)), expected, "{currency} {value}");
        }
        let huf = json!({"currency_code": "HUF", "value": "10.00"});
        let result = Money::read(&huf, Product::Payments, "/amount");
        assert_eq!(issue(result), "DECIMALS_NOT_SUPPORTED");
    }
}
