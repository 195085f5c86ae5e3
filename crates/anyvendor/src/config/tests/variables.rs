//! Settings from variables: their types, and errors that name the variable.

use super::*;

/// The error for these variables over the good file.
fn refused(variables: &[(&str, &str)]) -> String {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let config = Config::from_toml_and(GOOD, variables.iter().map(own));
    config.expect_err("these variables are invalid").to_string()
}

/// Reads `[payment]` of the good file with these variables.
fn acme(variables: &[(&str, &str)]) -> Result<Acme, Error> {
    let own = |(name, value): &(&str, &str)| {
        let name = format!("ANYVENDOR_PAYMENT__{name}");
        (name, (*value).to_owned())
    };
    let config = Config::from_toml_and(GOOD, variables.iter().map(own))?;
    config.payment.unwrap().read()
}

#[test]
fn sf14_a_variable_is_of_the_type_of_its_setting() {
    let read = acme(&[
        ("BUCKET", "202601"),
        ("ATTEMPTS", "5"),
        ("SHARE", "12.5"),
        ("ACTIVE", "true"),
        ("NAMES", r#"["a", "b"]"#),
    ]);
    let read = read.unwrap();
    assert_eq!((read.bucket.as_str(), read.attempts), ("202601", 5));
    assert_eq!((read.share, read.active), (12.5, true));
    assert_eq!(read.names, ["a", "b"]);
    for text in ["true", "1.5", "[1]", "{a = 1}", "\"quoted\"", "007", ""] {
        assert_eq!(acme(&[("BUCKET", text)]).unwrap().bucket, text);
    }
    let failover = [
        ("ANYVENDOR_PAYMENT__FAILOVER", r#"["b"]"#),
        ("ANYVENDOR_PAYMENT__SPLIT", "{ b = 10 }"),
        ("ANYVENDOR_PAYMENT__VENDORS__B__KEY", "1"),
    ];
    let failover = failover.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let payment = Config::from_toml_and(GOOD, failover)
        .unwrap()
        .payment
        .unwrap();
    assert_eq!(payment.route.failover, ["b"]);
    assert_eq!(payment.route.split["b"], 1000);
}

#[test]
fn n11_the_error_names_the_variable() {
    let wrong = [
        (
            "ATTEMPTS",
            "canary",
            "[payment] attempts: invalid type: string (not shown), expected u32",
        ),
        (
            "ATTEMPTS",
            "-4242",
            "[payment] attempts: invalid value: integer (not shown), expected u32",
        ),
        ("NAMES", "canary", "[payment] names: invalid type"),
        (
            "BUKET",
            "canary",
            "unknown setting `buket`; did you mean `bucket`?",
        ),
    ];
    for (name, value, words) in wrong {
        let error = acme(&[(name, value)]).unwrap_err().to_string();
        let origin = format!("; it is set by ANYVENDOR_PAYMENT__{name}");
        assert!(error.contains(words) && error.ends_with(&origin), "{error}");
        assert!(
            !error.contains("canary") && !error.contains("4242"),
            "{error}"
        );
    }
    let stray = refused(&[("ANYVENDOR_LOG", "debug")]);
    assert!(
        stray.contains("unknown setting `log`") && stray.contains("ANYVENDOR_LOG"),
        "{stray}"
    );
    let single = refused(&[("ANYVENDOR_PAYMENT_BASE_URL", "x")]);
    assert!(single.contains("two underscores"), "{single}");
    assert!(
        single.contains("write ANYVENDOR_PAYMENT__BASE_URL"),
        "{single}"
    );
    let empty = refused(&[("ANYVENDOR_PAYMENT__", "x")]);
    assert!(
        empty.contains("ANYVENDOR_PAYMENT__: names no setting"),
        "{empty}"
    );
}

#[test]
fn sf14_names_that_differ_in_case_collide() {
    for pair in [
        [("ANYVENDOR_MODE", "live"), ("ANYVENDOR_mode", "sandbox")],
        [("ANYVENDOR_mode", "sandbox"), ("ANYVENDOR_MODE", "live")],
    ] {
        let error = refused(&pair);
        let words = format!("{}: is the same setting as {}", pair[1].0, pair[0].0);
        assert!(error.contains(&words), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn sf14_variables_that_are_not_unicode_are_reported() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    let text = |text: &str| OsString::from(text);
    let bad = || OsString::from_vec(b"canary\xff".to_vec());
    let mut name = b"ANYVENDOR_M\xff".to_vec();
    name.extend_from_slice(b"ODE");
    for (name, value) in [
        (text("ANYVENDOR_MODE"), bad()),
        (OsString::from_vec(name), text("live")),
    ] {
        let error = environment::variables([(name, value)])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("ANYVENDOR_M") && error.contains("must be Unicode"),
            "{error}"
        );
        assert!(!error.contains("canary"), "{error}");
    }
    // Those of other programs are theirs.
    let all = [
        (text("PATH"), bad()),
        (text("ANYVENDOR_MODE"), text("live")),
    ];
    let own = environment::variables(all).unwrap();
    assert_eq!(own, [("ANYVENDOR_MODE".to_owned(), "live".to_owned())]);
}
