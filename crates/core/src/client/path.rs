//! Fills the variables of a path, so that no value changes the host, the path or the query.

use url::Url;

use crate::error::Error;

/// The address of a template such as `/v1/refunds/{id}` below `base`, each variable filled with one whole segment.
pub(super) fn fill(base: &Url, template: &str, values: &[String]) -> Result<Url, Error> {
    let mut url = base.clone();
    let mut values = values.iter();
    {
        let mut path = url
            .path_segments_mut()
            .map_err(|()| Error::config("base_url", "must begin with https://"))?;
        path.pop_if_empty();
        for segment in template.trim_start_matches('/').split('/') {
            if !(segment.starts_with('{') && segment.ends_with('}')) {
                path.push(segment);
                continue;
            }
            let value = values
                .next()
                .ok_or_else(|| Error::invalid("path", "has more variables than values"))?;
            // A server, or the URL itself, takes these for steps and not for names.
            if matches!(value.as_str(), "" | "." | "..") {
                return Err(Error::invalid(
                    "path",
                    "a value must not be empty, `.` or `..`",
                ));
            }
            path.push(value);
        }
    }
    match values.next() {
        None => Ok(url),
        Some(_) => Err(Error::invalid("path", "has more values than variables")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn base() -> Url {
        Url::parse("https://api.acme.example/v1/").unwrap()
    }

    proptest! {
        #[test]
        fn t21_ids_cannot_change_host_or_path(id in "[\\x00-\\x7f]{0,12}|\\PC{0,6}") {
            let Ok(url) = fill(&base(), "/a/{id}/b", std::slice::from_ref(&id)) else {
                prop_assert!(matches!(id.as_str(), "" | "." | ".."));
                return Ok(());
            };
            // As the wire has it, read again.
            let url = Url::parse(url.as_str()).unwrap();
            prop_assert_eq!(url.host_str(), Some("api.acme.example"));
            let steps: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(steps.len(), 4, "{}", url);
            prop_assert_eq!((steps[0], steps[1], steps[3]), ("v1", "a", "b"));
            prop_assert_eq!((url.query(), url.fragment()), (None, None));
        }
    }

    #[test]
    fn variables_and_values_must_be_as_many() {
        let values = ["x".to_owned()];
        assert!(fill(&base(), "/a/{id}/{other}", &values).is_err());
        assert!(fill(&base(), "/a", &values).is_err());
        let url = fill(&base(), "/a/{id}", &["b/c?d#e%".to_owned()]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://api.acme.example/v1/a/b%2Fc%3Fd%23e%25"
        );
    }
}
