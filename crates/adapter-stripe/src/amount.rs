//! Amounts in Stripe's minor units, which are not always those of ISO 4217.
//!
//! See <https://docs.stripe.com/currencies>, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases".

use anyvendor_core::{
    Error,
    resilience::MalformedResponse,
    values::{Currency, Money},
};

use crate::config::VENDOR;

const ZERO_DECIMAL: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The number of decimals of Stripe's amounts; `None` if Stripe does not accept the currency.
///
/// ISK and UGX have no decimals by ISO 4217 and are sent with two, always 00. The list of zero-decimal currencies
/// contains UGX all the same; the special cases take precedence, and so does the API: "Currency UGX has become effectively
/// zero-decimal and charged amounts must be evenly divisible by 100" (woocommerce-gateway-stripe, issue 2674).
fn exponent(currency: Currency) -> Option<u32> {
    let code = currency.code();
    if ZERO_DECIMAL.contains(&code) {
        Some(0)
    } else if THREE_DECIMAL.contains(&code) {
        Some(3)
    } else {
        // Other currencies with three or four decimals (IQD, LYD, CLF ..) are on none of Stripe's lists, and we do not guess.
        (currency.exponent() <= 2).then_some(2)
    }
}

/// An amount in Stripe's format; zero and unsupported fractions are rejected, never rounded.
pub(crate) fn to_wire(money: Money, field: &'static str) -> Result<i64, Error> {
    let currency = money.currency();
    let code = currency.code();
    if money.is_zero() {
        return Err(Error::invalid(field, "must be more than zero"));
    }
    let Some(theirs) = exponent(currency) else {
        let what = format_args!("amounts in {code}: it is on none of the vendor's lists");
        return Err(Error::unsupported(VENDOR, what).with_field(field));
    };
    let minor = money.minor();
    if theirs == 3 && minor % 10 != 0 {
        let remedy =
            format_args!("in {code} must end in 0; the vendor accepts two of its decimals");
        return Err(Error::invalid(field, remedy));
    }
    scale(minor, u32::from(currency.exponent()), theirs).ok_or_else(|| {
        let remedy = format_args!(
            "in {code} must be a whole number below 10^16; the vendor has no smaller unit"
        );
        Error::invalid(field, remedy)
    })
}

/// An amount from one of Stripe's responses.
pub(crate) fn from_wire(minor: i64, currency: &str) -> Result<Money, MalformedResponse> {
    let malformed = MalformedResponse::bad_body("the response contains an invalid amount");
    let currency = Currency::from_code(currency).map_err(|_| malformed)?;
    let theirs = exponent(currency).ok_or(malformed)?;
    let ours = scale(minor, theirs, u32::from(currency.exponent())).ok_or(malformed)?;
    Money::from_minor(ours, currency).map_err(|_| malformed)
}

/// The same value with another number of decimals, if that needs no rounding.
fn scale(minor: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return minor.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let factor = 10_i64.checked_pow(from - to)?;
    (minor % factor == 0).then_some(minor / factor)
}

#[cfg(test)]
mod tests {
    use anyvendor_core::Kind;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    fn money(decimal: &str, code: &str) -> Money {
        Money::parse_decimal(decimal, Currency::from_code(code).unwrap()).unwrap()
    }

    #[test]
    fn the_documented_examples() {
        for (decimal, code, sent) in [
            ("10", "USD", 1_000),
            ("500", "JPY", 500),
            ("5.120", "KWD", 5_120),
            ("5.130", "KWD", 5_130),
            ("5", "ISK", 500),
            ("5", "UGX", 500),
            ("5", "MGA", 5),
            ("12.34", "HUF", 1_234),
            ("5", "TWD", 500),
            ("1500.50", "IDR", 150_050),
        ] {
            let money = money(decimal, code);
            assert_eq!(to_wire(money, "amount").unwrap(), sent, "{code}");
            assert_eq!(
                from_wire(sent, &code.to_lowercase()).unwrap(),
                money,
                "{code}"
            );
        }
    }

    #[test]
    fn amounts_that_need_rounding_or_guessing_are_rejected() {
        for (decimal, code, kind) in [
            ("5.124", "KWD", Kind::InvalidRequest),
            ("0", "USD", Kind::InvalidRequest),
            ("5.20", "MGA", Kind::InvalidRequest),
            ("5", "LYD", Kind::Unsupported),
            ("5", "IQD", Kind::Unsupported),
        ] {
            let error = to_wire(money(decimal, code), "amount").unwrap_err();
            assert_eq!(error.kind(), &kind, "{code}");
            assert_eq!(error.field(), Some("amount"), "{code}");
        }
    }

    #[test]
    fn invalid_amounts_are_malformed() {
        for (minor, code) in [
            (501, "isk"),
            (501, "ugx"),
            (-1, "usd"),
            (1, "iqd"),
            (1, "?"),
        ] {
            assert!(from_wire(minor, code).is_err(), "{minor} {code}");
        }
        assert!(from_wire(0, "usd").unwrap().is_zero());
    }

    proptest! {
        #[test]
        fn amounts_survive_a_round_trip(
            minor in 1_i64..=i64::MAX,
            code in prop::sample::select(vec![
                "USD", "EUR", "JPY", "KWD", "TND", "ISK", "UGX", "MGA", "HUF", "TWD", "KRW", "CLP", "IDR", "VND", "MRU",
            ]),
        ) {
            let money = Money::from_minor(minor, Currency::from_code(code).unwrap()).unwrap();
            if let Ok(sent) = to_wire(money, "amount") {
                prop_assert_eq!(from_wire(sent, &code.to_lowercase()).unwrap(), money);
            }
        }

        #[test]
        fn responses_are_read_exactly_or_rejected(
            minor in any::<i64>(),
            code in prop::sample::select(vec!["usd", "jpy", "kwd", "isk", "mga"]),
        ) {
            if let Ok(money) = from_wire(minor, code) {
                let factor = |decimals: u32| 10_i128.pow(decimals);
                let ours = i128::from(money.minor()) * factor(3 - u32::from(money.currency().exponent()));
                let theirs = i128::from(minor) * factor(3 - exponent(money.currency()).unwrap());
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
