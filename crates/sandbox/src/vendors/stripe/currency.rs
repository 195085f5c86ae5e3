//! The currencies and amounts that Stripe accepts: <https://docs.stripe.com/currencies>.

use super::error::ApiError;

/// The presentment currencies, in lower case.
const KNOWN: &[&str] = &[
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd",
    "bdt", "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad",
    "cdf", "chf", "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp",
    "etb", "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl",
    "htg", "huf", "idr", "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf",
    "krw", "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd",
    "mmk", "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok",
    "npr", "nzd", "omr", "pab", "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd",
    "rub", "rwf", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl",
    "thb", "tjs", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "uyu", "uzs", "vnd",
    "vuv", "wst", "xaf", "xcd", "xof", "xpf", "yer", "zar", "zmw",
];

/// The currencies without decimals.
const ZERO_DECIMAL: &[&str] = &[
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
];

/// The currencies with three decimals; the last one must be zero.
const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// The smallest charge in minor units; a currency that is not listed has no minimum here.
const MINIMA: &[(&str, i64)] = &[
    ("usd", 50),
    ("ars", 50),
    ("aud", 50),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("cop", 50),
    ("eur", 50),
    ("idr", 50),
    ("ils", 50),
    ("inr", 50),
    ("nzd", 50),
    ("php", 50),
    ("rub", 50),
    ("sgd", 50),
    ("zar", 50),
    ("aed", 200),
    ("myr", 200),
    ("pln", 200),
    ("ron", 200),
    ("gbp", 30),
    ("czk", 1500),
    ("dkk", 250),
    ("nok", 300),
    ("sek", 300),
    ("hkd", 400),
    ("huf", 17500),
    ("jpy", 50),
    ("krw", 50),
    ("mxn", 1000),
    ("thb", 1000),
];

/// The largest amount: twelve digits, the vendor's newer limit for cards.
const MAX_AMOUNT: i64 = 999_999_999_999;

/// The currency in lower case, if Stripe supports it.
pub(super) fn check_currency(text: &str) -> Result<String, ApiError> {
    let lower = text.to_ascii_lowercase();
    if KNOWN.contains(&lower.as_str()) {
        return Ok(lower);
    }
    let list = KNOWN.join(", ");
    Err(ApiError::invalid(format!(
        "Invalid currency: {lower}. Stripe currently supports these currencies: {list}"
    ))
    .param("currency"))
}

/// Rejects an amount that violates the rules of its currency.
pub(super) fn check_amount(amount: i64, currency: &str) -> Result<(), ApiError> {
    let least = MINIMA
        .iter()
        .find(|(name, _)| *name == currency)
        .map_or(1, |(_, least)| *least);
    if amount < least {
        return Err(ApiError::invalid(format!(
            "Amount must be at least {}",
            shown(least, currency)
        ))
        .code("amount_too_small")
        .param("amount"));
    }
    if amount > MAX_AMOUNT {
        return Err(ApiError::invalid(format!(
            "Amount must be no more than {}",
            shown(MAX_AMOUNT, currency)
        ))
        .code("amount_too_large")
        .param("amount"));
    }
    if THREE_DECIMAL.contains(&currency) && amount % 10 != 0 {
        return Err(ApiError::invalid(format!(
            "Invalid amount for {currency}: the least significant digit must be 0, such as {} or {}",
            amount - amount % 10,
            amount - amount % 10 + 10
        ))
        .code("parameter_invalid_integer")
        .param("amount"));
    }
    if currency == "isk" && amount % 100 != 0 {
        return Err(
            ApiError::invalid("Invalid amount for isk: the two decimal digits must be 00")
                .code("parameter_invalid_integer")
                .param("amount"),
        );
    }
    Ok(())
}

/// An amount as error messages show it: `$0.50 usd`, `¥500 jpy`.
pub(super) fn shown(amount: i64, currency: &str) -> String {
    let sign = match currency {
        "usd" => "$",
        "gbp" => "£",
        "eur" => "€",
        "jpy" => "¥",
        _ => "",
    };
    if ZERO_DECIMAL.contains(&currency) {
        return format!("{sign}{amount} {currency}");
    }
    if THREE_DECIMAL.contains(&currency) {
        return format!("{sign}{}.{:03} {currency}", amount / 1000, amount % 1000);
    }
    format!("{sign}{}.{:02} {currency}", amount / 100, amount % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_follow_the_currency() {
        for (amount, currency, fine) in [
            (50, "usd", true),
            (49, "usd", false),
            (30, "gbp", true),
            (29, "gbp", false),
            (50, "jpy", true),
            (49, "jpy", false),
            (5120, "kwd", true),
            (5124, "kwd", false),
            (500, "isk", true),
            (501, "isk", false),
            (17_499, "huf", false),
            (999_999_999_999, "usd", true),
            (1_000_000_000_000, "usd", false),
        ] {
            assert_eq!(
                check_amount(amount, currency).is_ok(),
                fine,
                "{amount} {currency}"
            );
        }
        assert_eq!(check_currency("EUR").unwrap(), "eur");
        assert!(check_currency("xyz").is_err());
        assert_eq!(shown(50, "usd"), "$0.50 usd");
        assert_eq!(shown(1005, "kwd"), "1.005 kwd");
        assert_eq!(shown(500, "jpy"), "¥500 jpy");
    }
}
