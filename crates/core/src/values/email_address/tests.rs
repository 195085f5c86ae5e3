//! Tests with addresses as people write them, and addresses that would start a new header.

use proptest::prelude::*;

use super::*;
use crate::values::text::adversarial;

fn ann() -> EmailAddress {
    EmailAddress::new("ann@example.com").unwrap()
}

fn any_mailbox() -> impl Strategy<Value = String> {
    prop_oneof![
        adversarial::text(),
        (adversarial::text(), adversarial::text())
            .prop_map(|(name, local)| format!("{name} <{local}@example.com>")),
        adversarial::text().prop_map(|domain| format!("ann@{domain}.com")),
    ]
}

/// Decodes `to_header` as an email reader does: one mailbox, with its name.
fn read_header(header: &str) -> (Option<String>, String) {
    let Some((name, address)) = header
        .strip_suffix('>')
        .and_then(|rest| rest.rsplit_once(" <"))
    else {
        return (None, header.to_owned());
    };
    let name = if name.starts_with('"') {
        unquote(name).unwrap()
    } else if name.starts_with("=?") {
        let decode = |word: &str| {
            assert!(word.len() <= 75, "{word}");
            let text = word
                .strip_prefix("=?UTF-8?B?")
                .unwrap()
                .strip_suffix("?=")
                .unwrap();
            String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
        };
        name.split(' ').map(decode).collect()
    } else {
        name.to_owned()
    };
    (Some(name), address.to_owned())
}

proptest! {
    #[test]
    fn header_never_breaks_its_line(text in any_mailbox(), name in adversarial::text()) {
        let parsed = text.parse::<EmailAddress>();
        let named = ann().with_name(&name);
        for email in parsed.into_iter().chain(named) {
            let header = email.to_header();
            prop_assert!(!header.chars().any(|c| c.is_control() || c == '\u{2028}'), "{:?}", header);
            let (name, address) = read_header(&header);
            prop_assert_eq!(name.as_deref(), email.name());
            prop_assert_eq!(address, email.address());
        }
    }

    #[test]
    fn text_form_reads_back(name in "[^\\pC\u{2028}\u{2029}]{0,80}") {
        let email = ann().with_name(name)?;
        let json = serde_json::to_string(&email).unwrap();
        prop_assert_eq!(serde_json::from_str::<EmailAddress>(&json).unwrap(), email);
    }

    #[test]
    fn accepted_is_one_bounded_address(text in any_mailbox()) {
        if let Ok(email) = text.parse::<EmailAddress>() {
            prop_assert!(email.address().len() <= 254 && email.local_part().len() <= 64);
            prop_assert_eq!(format!("{}@{}", email.local_part(), email.domain()), email.address());
            prop_assert!(email.domain().is_ascii() && !email.address().contains([' ', ',', '<', '>', '"']));
            let again = EmailAddress::new(email.address())?;
            prop_assert_eq!(again.address(), email.address());
        }
    }

    #[test]
    fn never_shown(name in "canary[ -~]{0,20}", local in "canary[a-z]{0,20}") {
        let email = EmailAddress::new(format!("{local}@example.com"))?.with_name(name.as_str())?;
        prop_assert_eq!(format!("{email:?}"), "EmailAddress(REDACTED)");
        for bad in [format!("{local}@exa mple.com"), format!("{name}\n <{local}@x.com>"), format!("{local}@x"), local] {
            let error = bad.parse::<EmailAddress>().unwrap_err();
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("canary"), "{}", shown);
        }
    }
}

#[test]
fn common_addresses_are_accepted() {
    for text in [
        "a@b.c",
        "ann.o'hara+tag@mail.example.co.uk",
        "x_y-z@a-b.de",
        "root@localhost",
        "jörg@example.com",
    ] {
        assert_eq!(EmailAddress::new(text).unwrap().address(), text);
    }
}

#[test]
fn domain_is_normalised_and_local_part_is_kept() {
    let email = EmailAddress::new("Ann@EXAMPLE.Com").unwrap();
    assert_eq!(email.address(), "Ann@example.com");
    assert_eq!((email.local_part(), email.domain()), ("Ann", "example.com"));
    let international = EmailAddress::new("ann@Bücher.example").unwrap();
    assert_eq!(international.address(), "ann@xn--bcher-kva.example");
    assert_eq!(
        international,
        EmailAddress::new("ann@xn--BCHER-kva.example").unwrap()
    );
}

#[test]
fn other_addresses_are_refused() {
    let forms = [
        "",
        "@",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@.com",
        "ann@example.",
        "ann@ex..com",
        ".ann@example.com",
        "ann.@example.com",
        "a..b@example.com",
        "ann@-x.com",
        "ann@x-.com",
        "ann@x_y.com",
        "ann@1.2.3.4",
        "ann@[1.2.3.4]",
        "\"ann b\"@example.com",
        "ann(x)@example.com",
        "a@b@example.com",
        "ann@example.com,eve@example.com",
        " ann@example.com",
        "ann@example.com\r\nBcc: eve@example.com",
        "ann@example.com\n",
        "an\0n@example.com",
        "ann@exa\u{a0}mple.com",
        "ann@ü%0a.com",
        "<ann@example.com>",
        "Ann <ann@example.com>",
    ];
    for text in forms {
        assert!(EmailAddress::new(text).is_err(), "{text:?}");
    }
    let error = EmailAddress::new("ann@\nexample.com").unwrap_err();
    assert_eq!(
        error.to_string(),
        "email address: contains a line break at position 5; remove it"
    );
}

#[test]
fn lengths_are_bounded() {
    assert!(EmailAddress::new(format!("{}@example.com", "a".repeat(64))).is_ok());
    let error = EmailAddress::new(format!("{}@example.com", "a".repeat(65))).unwrap_err();
    assert_eq!(error.problem(), "has 65 bytes before the @");
    let long = format!(
        "a@{}.com",
        [
            "b".repeat(63),
            "b".repeat(63),
            "b".repeat(63),
            "b".repeat(60)
        ]
        .join(".")
    );
    assert_eq!(
        EmailAddress::new(long).unwrap_err().problem(),
        "has 258 bytes"
    );
    assert!(ann().with_name("é".repeat(256)).is_ok());
    assert!(ann().with_name("é".repeat(257)).is_err());
}

#[test]
fn names_are_quoted_or_encoded_as_needed() {
    let header = |name| ann().with_name(name).unwrap().to_header();
    assert_eq!(ann().to_header(), "ann@example.com");
    assert_eq!(header("Ann Lee"), "Ann Lee <ann@example.com>");
    assert_eq!(header("  "), "ann@example.com");
    assert_eq!(
        header("Ann, \"CEO\" \\"),
        r#""Ann, \"CEO\" \\" <ann@example.com>"#
    );
    assert_eq!(header("Zoë"), "=?UTF-8?B?Wm/Dqw==?= <ann@example.com>");
    assert_eq!(
        header("=?utf-8?q?=0ABcc?="),
        "=?UTF-8?B?PT91dGYtOD9xPz0wQUJjYz89?= <ann@example.com>"
    );
}

#[test]
fn one_mailbox_is_read_and_a_list_is_not() {
    let parse = |text: &str| {
        text.parse::<EmailAddress>()
            .map(|email| email.name().unwrap_or("-").to_owned())
    };
    assert_eq!(parse("ann@example.com").unwrap(), "-");
    assert_eq!(parse("<ann@example.com>").unwrap(), "-");
    assert_eq!(parse("Ann Lee <ann@example.com>").unwrap(), "Ann Lee");
    assert_eq!(
        parse(r#""Lee, \"Ann\"" <ann@example.com>"#).unwrap(),
        "Lee, \"Ann\""
    );
    for list in [
        "eve@example.com, Ann <ann@example.com>",
        "Eve <eve@example.com>, Ann <ann@example.com>",
        "Lee, Ann <ann@example.com>",
        "\"Ann <ann@example.com>",
        "Ann\" <ann@example.com>",
        "Ann <ann@example.com",
        "Ann <ann@example.com> <eve@example.com>",
    ] {
        assert!(parse(list).is_err(), "{list}");
    }
}
