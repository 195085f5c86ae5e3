//! Fills the variables of a path.

use anyvendor_core::{Error, address::address_below};
use url::Url;

/// The URL of a template such as `/v1/refunds/{id}` below `base`; each variable is filled with one whole segment.
pub(super) fn fill(base: &Url, template: &str, values: &[String]) -> Result<Url, Error> {
    let mut values = values.iter();
    let mut segments = Vec::new();
    for segment in template.trim_start_matches('/').split('/') {
        segments.push(if segment.starts_with('{') && segment.ends_with('}') {
            values
                .next()
                .ok_or_else(|| Error::invalid("path", "has more variables than values"))?
        } else if segment.contains(['{', '}', '?', '#']) {
            let remedy = "a variable must be a whole segment, and the query goes into `query`";
            return Err(Error::invalid("path", remedy));
        } else {
            segment
        });
    }
    match values.next() {
        None => address_below(base, &segments, "path"),
        Some(_) => Err(Error::invalid("path", "has more values than variables")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_values_must_be_as_many() {
        let base = Url::parse("https://api.acme.example/v1/").unwrap();
        let values = ["x".to_owned()];
        for template in ["/a/{id}/{other}", "/a", "/a/{id}:cancel", "/a/{id}?b=c"] {
            let error = fill(&base, template, &values).unwrap_err();
            assert_eq!(error.field(), Some("path"), "{template}");
        }
        let url = fill(&base, "/a/{id}", &["b/c?d#e%".to_owned()]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://api.acme.example/v1/a/b%2Fc%3Fd%23e%25"
        );
    }
}
