//! Hides secrets in what the control address shows. The program's own API returns them unchanged.

use std::borrow::Cow;

use serde_json::Value;
use url::form_urlencoded;

/// What is shown in place of a secret.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Whether a field, header or parameter of this name holds a secret, wherever it is shown.
pub(crate) fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 5] = [
        "authorization",
        "signature",
        "client_secret",
        "security_token",
        "access_token",
    ];
    let name = name.to_ascii_lowercase().replace('-', "_");
    name == "sig" || name.ends_with("_sig") || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a header or parameter of this name holds a secret in a request that a client sent.
pub(crate) fn is_sent_secret(name: &str) -> bool {
    const PARTS: [&str; 6] = [
        "token",
        "password",
        "secret",
        "cookie",
        "api_key",
        "credential",
    ];
    const NAMES: [&str; 7] = [
        "code",
        "customcode",
        "otp",
        "cvc",
        "cvv",
        "security_code",
        "number",
    ];
    // `card[cvc]` is the field `cvc` of `card`.
    let last = name.trim_end_matches(']').rsplit('[').next();
    let last = last.unwrap_or(name).to_ascii_lowercase().replace('-', "_");
    let is_page = last.contains("page") || last.contains("continuation");
    is_secret(name)
        || NAMES.contains(&last.as_str())
        || (!is_page && PARTS.iter().any(|part| last.contains(part)))
}

/// JSON without the values of secret fields and without the signatures of links.
pub(crate) fn json(value: Value) -> Value {
    fields(value, is_secret)
}

fn fields(value: Value, hides: fn(&str) -> bool) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| {
                let is_plain = matches!(value, Value::String(_) | Value::Number(_));
                let shown = if is_plain && hides(&name) {
                    HIDDEN.into()
                } else {
                    fields(value, hides)
                };
                (name, shown)
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(|item| fields(item, hides)).collect(),
        Value::String(text) => links(&text).into_owned().into(),
        other => other,
    }
}

/// A query or a form without the values of the parameters that `hides` names; the rest stays as it was sent.
pub(crate) fn pairs(text: &str, hides: fn(&str) -> bool) -> String {
    let shown: Vec<Cow<'_, str>> = text
        .split('&')
        .map(|pair| {
            let Some((name, _)) = pair.split_once('=') else {
                return Cow::Borrowed(pair);
            };
            let decoded = form_urlencoded::parse(name.as_bytes()).next();
            if decoded.is_some_and(|(name, _)| hides(&name)) {
                Cow::Owned(format!("{name}={HIDDEN}"))
            } else {
                links(pair)
            }
        })
        .collect();
    shown.join("&")
}

/// A body as text without the values of the fields that `hides` names. `is_cut` says that only its beginning is there.
pub(crate) fn body(bytes: &[u8], is_cut: bool, hides: fn(&str) -> bool) -> String {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<Value>(&text) {
        Ok(value) if value.is_object() || value.is_array() => {
            let shown = fields(value.clone(), hides);
            if shown == value {
                text.into_owned()
            } else {
                shown.to_string()
            }
        }
        // Where the secrets are in half a document is unknown.
        Err(_) if is_cut && text.trim_start().starts_with(['{', '[']) => HIDDEN.to_owned(),
        _ => pairs(&text, hides),
    }
}

/// Text without the signatures of links, also of links that are encoded inside another one.
fn links(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((name_end, value_start)) = equals(rest) {
        let (head, value) = (
            rest.get(..value_start).unwrap_or_default(),
            rest.get(value_start..).unwrap_or_default(),
        );
        let name = rest.get(..name_end).unwrap_or_default();
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let name = name.rsplit(|letter| !is_name(letter)).next();
        shown.push_str(head);
        rest = value;
        if name.is_some_and(is_secret) {
            let end = value_end(value);
            if end > 0 {
                shown.push_str(HIDDEN);
            }
            rest = value.get(end..).unwrap_or_default();
        }
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Where the name before the next `=` ends, and where the value after it begins; the sign may be encoded.
fn equals(text: &str) -> Option<(usize, usize)> {
    let plain = text.find('=').map(|at| (at, at + 1));
    let encoded = text.find("%3D").or_else(|| text.find("%3d"));
    let encoded = encoded.map(|at| (at, at + 3));
    [plain, encoded].into_iter().flatten().min()
}

fn value_end(value: &str) -> usize {
    let ends = |letter: char| letter.is_whitespace() || "&;,#\"'<>)\\".contains(letter);
    let plain = value.find(ends);
    let encoded = value.find("%26");
    [plain, encoded]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(value.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sf07_parameters_with_secrets_are_hidden() {
        for (sent, shown) in [
            ("a=1&b=2", "a=1&b=2"),
            ("To=%2B1555&Code=123456", "To=%2B1555&Code=(hidden)"),
            (
                "card%5Bnumber%5D=4242&amount=5",
                "card%5Bnumber%5D=(hidden)&amount=5",
            ),
            (
                "X-Amz-Date=1&X-Amz-Signature=ab",
                "X-Amz-Date=1&X-Amz-Signature=(hidden)",
            ),
            (
                "PageToken=p&continuation-token=c",
                "PageToken=p&continuation-token=c",
            ),
            (
                "MediaUrl=https%3A%2F%2Fb.example%2Fk%3FX-Amz-Signature%3Dab%26x%3D1&To=5",
                "MediaUrl=https%3A%2F%2Fb.example%2Fk%3FX-Amz-Signature%3D(hidden)%26x%3D1&To=5",
            ),
            ("no pairs at all", "no pairs at all"),
        ] {
            assert_eq!(pairs(sent, is_sent_secret), shown);
            assert_eq!(body(sent.as_bytes(), false, is_sent_secret), shown);
        }
    }

    #[test]
    fn sf07_json_with_secrets_is_shown_without_them() {
        let payment = json!({"id": "pi_1", "client_secret": "pi_1_secret_2", "code": "card_declined",
            "next": [{"url": "https://a.example/?x=1&payment_intent_client_secret=pi_1_secret_2#f"}]});
        let shown = json(payment).to_string();
        assert!(!shown.contains("secret_2"), "{shown}");
        assert!(shown.contains("card_declined") && shown.contains("x=1&") && shown.contains("#f"));
        let text = r#"{"code": "123456", "card": {"security_code": 123}}"#;
        let sent = body(text.as_bytes(), false, is_sent_secret);
        assert!(!sent.contains("123"), "{sent}");
        let raw = r#"{ "subject" : "hello" }"#;
        assert_eq!(
            body(raw.as_bytes(), false, is_sent_secret),
            raw,
            "left as it was sent"
        );
        let half = br#"{"code": "1234"#;
        assert_eq!(body(half, true, is_sent_secret), HIDDEN);
    }

    #[test]
    fn sf07_signatures_of_links_are_hidden_in_text() {
        let text = "see <a href=\"https://b.example/k?X-Amz-Expires=60&amp;X-Amz-Signature=abc\">it</a>, a=b";
        let shown = links(text);
        assert!(!shown.contains("abc"), "{shown}");
        assert!(
            shown.contains("X-Amz-Signature=(hidden)\">it</a>, a=b"),
            "{shown}"
        );
        assert_eq!(links("nothing to hide"), "nothing to hide");
    }
}
