//! Amounts in PayPal's format: decimal texts, whose number of decimals is not always that of ISO 4217.
//!
//! See <https://developer.paypal.com/api/rest/reference/currency-codes/>.

use anyvendor_core::{
    Error,
    resilience::MalformedResponse,
    values::{Currency, Money},
};

use crate::{config::VENDOR, wire::Amount};

/// The currencies that PayPal lists; BRL, CNY, MYR and INR are only for accounts of the country.
pub(crate) const CURRENCIES: &[&str] = &[
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "INR",
    "JPY", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RUB", "SEK", "SGD", "THB", "TWD", "USD",
];

/// The currencies without decimals at PayPal; HUF and TWD have decimals in ISO 4217.
const WHOLE: [&str; 3] = ["HUF", "JPY", "TWD"];

/// An amount in PayPal's format; zero and unsupported fractions are rejected, never rounded.
pub(crate) fn to_wire(money: Money, field: &'static str) -> Result<Amount, Error> {
    let code = money.currency().code();
    if !CURRENCIES.contains(&code) {
        return Err(Error::unsupported(VENDOR, "this currency").with_field(field));
    }
    if money.minor() <= 0 {
        return Err(Error::invalid(field, "must be more than zero"));
    }
    let decimal = money.to_decimal();
    let value = match (WHOLE.contains(&code), decimal.split_once('.')) {
        (true, Some((whole, part))) => {
            if part.bytes().all(|digit| digit == b'0') {
                whole.to_owned()
            } else {
                let remedy = format_args!(
                    "in {code} must be a whole number; the vendor accepts no decimals"
                );
                return Err(Error::invalid(field, remedy));
            }
        }
        _ => decimal,
    };
    Ok(Amount {
        currency_code: code.to_owned(),
        value,
    })
}

/// An amount from one of PayPal's responses.
pub(crate) fn from_wire(amount: &Amount) -> Result<Money, MalformedResponse> {
    let malformed = MalformedResponse::bad_body("the response contains an invalid amount");
    let currency = Currency::from_code(&amount.currency_code).map_err(|_| malformed)?;
    Money::parse_decimal(&amount.value, currency).map_err(|_| malformed)
}

#[cfg(test)]
mod tests {
    use anyvendor_core::Kind;

    use super::*;

    fn money(decimal: &str, code: &str) -> Money {
        Money::parse_decimal(decimal, Currency::from_code(code).unwrap()).unwrap()
    }

    #[test]
    fn the_vendors_decimals_differ_from_iso_4217() {
        for (decimal, code, sent) in [
            ("10", "USD", "10.00"),
            ("0.01", "EUR", "0.01"),
            ("500", "JPY", "500"),
            ("1200.00", "HUF", "1200"),
            ("30", "TWD", "30"),
            ("92233720368547758.07", "USD", "92233720368547758.07"),
        ] {
            let money = money(decimal, code);
            let wire = to_wire(money, "amount").unwrap();
            assert_eq!(
                (wire.value.as_str(), wire.currency_code.as_str()),
                (sent, code)
            );
            assert!(wire.value.len() <= 32);
            assert_eq!(from_wire(&wire).unwrap(), money);
        }
    }

    #[test]
    fn amounts_that_need_rounding_are_rejected() {
        for (decimal, code, kind) in [
            ("12.50", "HUF", Kind::InvalidRequest),
            ("0.01", "TWD", Kind::InvalidRequest),
            ("0", "USD", Kind::InvalidRequest),
            ("5", "KWD", Kind::Unsupported),
            ("5", "KRW", Kind::Unsupported),
        ] {
            let error = to_wire(money(decimal, code), "amount").unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&kind, Some("amount")),
                "{code}"
            );
        }
    }

    #[test]
    fn invalid_amounts_are_malformed() {
        for (code, value) in [("USD", "1.005"), ("XXX?", "1"), ("USD", "NaN"), ("USD", "")] {
            let amount = Amount {
                currency_code: code.to_owned(),
                value: value.to_owned(),
            };
            assert!(from_wire(&amount).is_err(), "{code} {value}");
        }
    }
}
