//! Amounts in Stripe's minor units, which are not always those of ISO 4217.
//!
//! See <https://docs.stripe.com/currencies>, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases".

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    values::{Currency, Money},
};

use crate::{VENDOR, error::MalformedResponse};

const ZERO_DECIMAL: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// How many decimals Stripe's amounts have, if it takes the currency at all.
///
/// ISK and UGX have no decimals by ISO 4217 and are sent with two, always 00. The list of zero-decimal currencies names
/// UGX all the same; the special cases outrank it, and so does the API: "Currency UGX has become effectively
/// zero-decimal and charged amounts must be evenly divisible by 100" (woocommerce-gateway-stripe, issue 2674).
fn exponent(currency: Currency) -> Option<u32> {
    let code = currency.code();
    if ZERO_DECIMAL.contains(&code) {
        Some(0)
    } else if THREE_DECIMAL.contains(&code) {
        Some(3)
    } else {
        // Other currencies with three or four decimals (IQD, LYD, CLF ..) are on no list of Stripe's: no guessing.
        (currency.exponent() <= 2).then_some(2)
    }
}

/// An amount as Stripe wants it; zero and fractions that Stripe does not have are refused, never rounded.
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
        let remedy = format_args!("in {code} must end in 0; the vendor takes two of its decimals");
        return Err(Error::invalid(field, remedy));
    }
    scale(minor, u32::from(currency.exponent()), theirs).ok_or_else(|| {
        let remedy = format_args!(
            "in {code} must be a whole number below 10^16; the vendor has no smaller unit"
        );
        Error::invalid(field, remedy)
    })
}

/// An amount that Stripe answered.
pub(crate) fn from_wire(minor: i64, currency: &str) -> Result<Money, MalformedResponse> {
    let malformed = MalformedResponse(
        ProtocolReason::BadBody,
        "the response names an amount that cannot be",
    );
    let currency = Currency::from_code(currency).map_err(|_| malformed)?;
    let theirs = exponent(currency).ok_or(malformed)?;
    let ours = scale(minor, theirs, u32::from(currency.exponent())).ok_or(malformed)?;
    Money::from_minor(ours, currency).map_err(|_| malformed)
}

/// The same value with another number of decimals, if it can be said without rounding.
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
    fn what_would_have_to_be_rounded_or_guessed_is_refused() {
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
    fn an_answer_that_cannot_be_is_odd() {
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
        fn what_goes_out_comes_back(
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
        fn what_comes_in_is_exact_or_refused(
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
