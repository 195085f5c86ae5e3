//! Tests of the arithmetic, parsing and printing of money.

use proptest::{prelude::*, sample::select};

use super::*;
use crate::values::{currency::tests::all_currencies, text::adversarial};

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
    fn parsing_never_panics(text in adversarial::text(), currency in any_currency()) {
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
