//! The base URL of an API as a setting gives it, and the URLs below it.

use url::Url;

use crate::error::Error;

/// Reads the base URL of an API from a setting: https, or http if private addresses are allowed; a host and perhaps a
/// path, but no user, query or fragment.
///
/// # Errors
/// `Config`, naming the setting; its value is not repeated.
pub fn api_address(
    field: &'static str,
    text: &str,
    allow_private_addresses: bool,
) -> Result<Url, Error> {
    let refuse = |remedy: &str| Error::config(field, remedy);
    let url = Url::parse(text)
        .map_err(|_| refuse("is not a valid URL; write it like https://api.example.com"))?;
    match url.scheme() {
        "https" => {}
        "http" if allow_private_addresses => {}
        "http" => {
            return Err(refuse(
                "must be https; plain http needs allow_private_addresses",
            ));
        }
        _ if allow_private_addresses => {
            return Err(refuse("must begin with http:// or https://"));
        }
        _ => return Err(refuse("must begin with https://")),
    }
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if bare && url.has_host() {
        Ok(url)
    } else {
        Err(refuse(
            "must be a host and at most a path, without user, query or fragment",
        ))
    }
}

/// Whether a setting gives the address of another server than the vendor's own, whose hosts are `domains` and the names below
/// them. Without the setting the vendor's own is used.
///
/// # Examples
/// ```
/// use anyvendor_core::address::leads_elsewhere;
///
/// assert!(leads_elsewhere(Some("http://127.0.0.1:4010"), &["example.com"]));
/// assert!(!leads_elsewhere(Some("https://API.example.com./v1"), &["example.com"]));
/// assert!(!leads_elsewhere(None, &["example.com"]));
/// ```
#[must_use]
pub fn leads_elsewhere(address: Option<&str>, domains: &[&str]) -> bool {
    let Some(Ok(url)) = address.map(Url::parse) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    !domains.iter().any(|domain| {
        let below = host.strip_suffix(domain);
        below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
    })
}

/// Builds a URL below the base URL of an API. Each segment becomes exactly one segment of the path, whatever
/// characters it contains.
///
/// # Examples
/// ```
/// use anyvendor_core::address::{address_below, api_address};
///
/// let base = api_address("base_url", "https://api.example.com/v1", false)?;
/// let url = address_below(&base, &["refunds", "re/1"], "refund")?;
/// assert_eq!(url.as_str(), "https://api.example.com/v1/refunds/re%2F1");
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
///
/// # Errors
/// `InvalidRequest` that names `field` for a segment that is empty, `.` or `..`, or contains a control character: URL
/// parsers drop tabs and line breaks, and treat dots as steps.
pub fn address_below(base: &Url, segments: &[&str], field: &'static str) -> Result<Url, Error> {
    let is_unsafe =
        |segment: &str| matches!(segment, "" | "." | "..") || segment.chars().any(char::is_control);
    if segments.iter().any(|segment| is_unsafe(segment)) {
        return Err(Error::invalid(
            field,
            "must not be empty, `.` or `..` and must not contain a control character",
        ));
    }
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::config("base_url", "must begin with https://"))?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn check(id: &str) -> Result<(), proptest::test_runner::TestCaseError> {
        let base = Url::parse("https://api.acme.example/v1/").unwrap();
        let Ok(url) = address_below(&base, &["a", id, "b"], "id") else {
            prop_assert!(matches!(id, "" | "." | "..") || id.chars().any(char::is_control));
            return Ok(());
        };
        // Parsed again, as the server does.
        let url = Url::parse(url.as_str()).unwrap();
        prop_assert_eq!(url.host_str(), Some("api.acme.example"));
        let steps: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(steps.len(), 4, "{}", url);
        prop_assert_eq!((steps[0], steps[1], steps[3]), ("v1", "a", "b"));
        let decoded = percent_encoding::percent_decode_str(steps[2]);
        prop_assert_eq!(decoded.decode_utf8().unwrap(), id);
        prop_assert_eq!((url.query(), url.fragment()), (None, None));
        Ok(())
    }

    proptest! {
        #[test]
        fn t21_ids_cannot_change_host_or_path(id in "[\\x00-\\x7f]{0,12}|\\PC{0,6}") {
            check(&id)?;
        }
    }

    #[test]
    fn t21_what_urls_drop_in_silence_is_refused() {
        for id in [
            "..\n", ".\t.", "\t", "7\t8", "\r\n", "a%2Fb", "%2e%2e", "%2E.", "a/../b", "\\..\\",
        ] {
            check(id).unwrap();
        }
    }

    #[test]
    fn addresses_that_mislead_are_refused() {
        for good in ["https://api.example.com", "https://api.example.com/v1/"] {
            assert_eq!(
                api_address("base_url", good, false)
                    .unwrap()
                    .as_str()
                    .trim_end_matches('/'),
                good.trim_end_matches('/')
            );
        }
        for bad in [
            "",
            "api.example.com",
            "http://api.example.com",
            "ftp://api.example.com",
            "https://user@api.example.com",
            "https://:password@api.example.com",
            "https://api.example.com?key=1",
            "https://api.example.com#a",
            "data:text/plain,x",
        ] {
            let error = api_address("base_url", bad, false).unwrap_err();
            assert_eq!(error.field(), Some("base_url"), "{bad}");
        }
        assert!(api_address("base_url", "http://127.0.0.1:1", true).is_ok());
        let error = api_address("base_url", "localhost:8080", true).unwrap_err();
        assert!(error.message().contains("http:// or https://"), "{error}");
    }

    #[test]
    fn sf11_the_vendors_own_hosts_are_known() {
        let own = ["example.com"];
        for text in [
            "https://example.com",
            "https://api.example.com/v1",
            "https://API.EXAMPLE.COM.",
            "http://user@api.example.com:1",
            "not a URL",
        ] {
            assert!(!leads_elsewhere(Some(text), &own), "{text}");
        }
        for text in [
            "https://badexample.com",
            "https://example.com.evil.test",
            "http://localhost:1",
        ] {
            assert!(leads_elsewhere(Some(text), &own), "{text}");
        }
    }
}
