//! Amounts in Stripe's minor units, which are not always those of ISO 4217.
//!
//! See <https://docs.stripe.com/currencies>, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases".

use anyvendor_core::{
    Error, Kind,
    values::{Currency, Money},
};

use crate::VENDOR;

const ZERO_DECIMAL: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// The documents contradict each other on these by a factor of 100: no guessing with money.
const CONTRADICTORY: [&str; 2] = ["UGX", "IQD"];

/// How many decimals Stripe's amounts have.
fn exponent(currency: Currency) -> Result<u32, Error> {
    let code = currency.code();
    if CONTRADICTORY.contains(&code) {
        return Err(unsupported(
            currency,
            "its documents contradict each other on the unit",
        ));
    }
    if ZERO_DECIMAL.contains(&code) {
        return Ok(0);
    }
    if THREE_DECIMAL.contains(&code) {
        return Ok(3);
    }
    // ISK is logically without decimals and sent with two, always 00: the factor below does that.
    if currency.exponent() > 2 {
        return Err(unsupported(currency, "it has no such currency"));
    }
    Ok(2)
}

fn unsupported(currency: Currency, why: &str) -> Error {
    Error::unsupported(
        VENDOR,
        format_args!("amounts in {}: {why}", currency.code()),
    )
    .with_field("currency")
}

/// An amount as Stripe wants it; zero and fractions that Stripe does not have are refused, never rounded.
pub(crate) fn to_wire(money: Money, field: &'static str) -> Result<i64, Error> {
    if money.is_zero() {
        return Err(Error::invalid(field, "must be more than zero"));
    }
    let (ours, theirs) = (
        u32::from(money.currency().exponent()),
        exponent(money.currency())?,
    );
    let minor = money.minor();
    if theirs == 3 && minor % 10 != 0 {
        return Err(Error::invalid(
            field,
            format_args!(
                "in {} must end in 0 at the third decimal; the vendor takes two",
                money.currency().code()
            ),
        ));
    }
    let too_large = || Error::invalid(field, "is too large");
    if theirs >= ours {
        let factor = 10_i64.checked_pow(theirs - ours).ok_or_else(too_large)?;
        return minor.checked_mul(factor).ok_or_else(too_large);
    }
    let factor = 10_i64.checked_pow(ours - theirs).ok_or_else(too_large)?;
    if minor % factor != 0 {
        return Err(Error::invalid(
            field,
            format_args!(
                "in {} must be a whole number; the vendor takes no fractions of it",
                money.currency().code()
            ),
        ));
    }
    Ok(minor / factor)
}

/// An amount that Stripe answered. An amount that we cannot express is an odd answer, not a refusal.
pub(crate) fn from_wire(minor: i64, currency: &str) -> Result<Money, Error> {
    let odd = || {
        let reason = anyvendor_core::error::ProtocolReason::BadBody;
        Error::new(
            Kind::Protocol(reason),
            "the answer names an amount that cannot be",
        )
        .with_vendor(VENDOR)
    };
    let currency = Currency::from_code(currency).map_err(|_| odd())?;
    let (ours, theirs) = (u32::from(currency.exponent()), exponent(currency)?);
    let ours_minor = if theirs >= ours {
        let factor = 10_i64.checked_pow(theirs - ours).ok_or_else(odd)?;
        if minor % factor != 0 {
            return Err(odd());
        }
        minor / factor
    } else {
        let factor = 10_i64.checked_pow(ours - theirs).ok_or_else(odd)?;
        minor.checked_mul(factor).ok_or_else(odd)?
    };
    Money::from_minor(ours_minor, currency).map_err(|_| odd())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    fn wire(decimal: &str, code: &str) -> Result<i64, Error> {
        let currency = Currency::from_code(code).unwrap();
        to_wire(Money::parse_decimal(decimal, currency).unwrap(), "amount")
    }

    #[test]
    fn the_documented_examples() {
        assert_eq!(wire("10", "USD").unwrap(), 1_000);
        assert_eq!(wire("500", "JPY").unwrap(), 500);
        assert_eq!(wire("5.120", "KWD").unwrap(), 5_120);
        assert_eq!(wire("5", "ISK").unwrap(), 500);
        assert_eq!(wire("5", "MGA").unwrap(), 5);
        assert_eq!(wire("12.34", "HUF").unwrap(), 1_234);
        assert_eq!(wire("5", "TWD").unwrap(), 500);
    }

    #[test]
    fn what_would_have_to_be_rounded_or_guessed_is_refused() {
        assert_eq!(
            wire("5.124", "KWD").unwrap_err().kind(),
            &Kind::InvalidRequest
        );
        assert_eq!(wire("0", "USD").unwrap_err().kind(), &Kind::InvalidRequest);
        assert_eq!(wire("5", "UGX").unwrap_err().kind(), &Kind::Unsupported);
        assert_eq!(wire("5", "LYD").unwrap_err().kind(), &Kind::Unsupported);
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_back(
            minor in 1_i64..1_000_000_000_000,
            code in prop::sample::select(vec!["USD", "JPY", "KWD", "ISK", "MGA", "HUF", "KRW", "TND", "CLP", "EUR"]),
        ) {
            let money = Money::from_minor(minor, Currency::from_code(code).unwrap()).unwrap();
            if let Ok(sent) = to_wire(money, "amount") {
                assert_eq!(from_wire(sent, &code.to_lowercase()).unwrap(), money);
            }
        }
    }
}
