//! Edits of URLs as text: a parser would rewrite them, and then no signature would match.

/// The URL without and with a port, each in three pieces. The port is the URL's own, or the default of its scheme. `None` if
/// it is not a URL with http or https.
pub(super) fn with_and_without_port(url: &str) -> Option<[[&str; 3]; 2]> {
    let default = match url.split_once("://")?.0 {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let start = url.find("://")? + 3;
    let rest = url.get(start..)?;
    let end = start + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = url.get(start..end)?;
    // After user and password, and after the bracket of an IPv6 address.
    let host = authority.rfind('@').map_or(0, |at| at + 1);
    let last = authority.get(host..)?;
    let colon = match last.rfind(']') {
        Some(bracket) => last.get(bracket..)?.find(':').map(|at| bracket + at),
        None => last.find(':'),
    };
    let after = url.get(end..)?;
    let Some(colon) = colon else {
        let before = url.get(..end)?;
        return Some([[before, "", after], [before, default, after]]);
    };
    let before = url.get(..start + host + colon)?;
    let port = url.get(start + host + colon..end)?;
    Some([[before, "", after], [before, port, after]])
}

/// The undecoded value of a query field, if it occurs exactly once.
pub(super) fn query_value<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next()?;
    let mut values = query
        .split('&')
        .filter_map(|field| field.split_once('='))
        .filter(|(field, _)| *field == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_is_added_and_removed() {
        for (url, without, with) in [
            (
                "https://a.example/x?y='%27",
                "https://a.example/x?y='%27",
                "https://a.example:443/x?y='%27",
            ),
            (
                "http://a.example",
                "http://a.example",
                "http://a.example:80",
            ),
            (
                "https://a.example:8443?q=:1/@2",
                "https://a.example?q=:1/@2",
                "https://a.example:8443?q=:1/@2",
            ),
            (
                "https://u:p@a.example/x",
                "https://u:p@a.example/x",
                "https://u:p@a.example:443/x",
            ),
            (
                "https://u:p@a.example:1/x",
                "https://u:p@a.example/x",
                "https://u:p@a.example:1/x",
            ),
            ("http://[::1]/x", "http://[::1]/x", "http://[::1]:80/x"),
            ("http://[::1]:9/x", "http://[::1]/x", "http://[::1]:9/x"),
        ] {
            let variants = with_and_without_port(url)
                .unwrap()
                .map(|pieces| pieces.concat());
            assert_eq!(variants, [without, with], "{url}");
        }
        for malformed in ["", "/x", "ftp://a.example", "//a.example", "https:/a"] {
            assert_eq!(with_and_without_port(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn a_repeated_field_has_no_value() {
        let value = |url| query_value(url, "h");
        assert_eq!(value("https://a/?x=1&h=2#h=3"), Some("2"));
        for none in [
            "https://a/",
            "https://a/?hh=1",
            "https://a/?h",
            "https://a/?h=1&h=1",
        ] {
            assert_eq!(value(none), None, "{none}");
        }
    }
}
