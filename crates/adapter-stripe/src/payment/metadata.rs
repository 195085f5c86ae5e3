//! Metadata, and our own reference among it. Limits: <https://docs.stripe.com/api/metadata>.

use anyvendor_core::{Error, form::Form, values::Metadata};

/// Our own id of a payment or customer, in Stripe's metadata.
pub(crate) const REFERENCE: &str = "anyvendor_reference";

/// Writes metadata and our reference.
pub(super) fn add_metadata(
    form: Form,
    metadata: &Metadata,
    reference: Option<&str>,
) -> Result<Form, Error> {
    let refuse = |remedy: &str| Err(Error::invalid("metadata", remedy));
    if metadata.len() + usize::from(reference.is_some()) > 50 {
        return refuse("has more than 50 entries, our reference included");
    }
    for (key, value) in metadata.iter() {
        if key == REFERENCE {
            return refuse("the key anyvendor_reference is ours; set the request's reference");
        }
        if key.chars().count() > 40 || key.contains(['[', ']']) {
            return refuse("keys have at most 40 characters and no square brackets");
        }
        if value.chars().count() > 500 {
            return refuse("values have at most 500 characters");
        }
    }
    if reference.is_some_and(|text| text.is_empty() || text.chars().count() > 500) {
        return Err(Error::invalid("reference", "must have 1 to 500 characters"));
    }
    let ours = reference.map(|reference| (REFERENCE, reference));
    Ok(form.add_map("metadata", metadata.iter().chain(ours)))
}

/// Metadata as answered, without our own entry. A key that we cannot hold is left out: it must not hide a payment.
pub(super) fn metadata<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> Metadata {
    let mut metadata = Metadata::default();
    for (key, value) in pairs {
        if key != REFERENCE {
            let _refused = metadata.insert(key, value);
        }
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)], reference: Option<&str>) -> Result<String, Error> {
        let metadata = Metadata::try_from_iter(pairs.iter().copied()).unwrap();
        add_metadata(Form::default(), &metadata, reference).map(Form::finish)
    }

    #[test]
    fn the_reference_stands_beside_the_callers_own() {
        assert_eq!(
            sent(&[("order", "1 & 2")], Some("order-1")).unwrap(),
            "metadata[order]=1%20%26%202&metadata[anyvendor_reference]=order-1"
        );
    }

    #[test]
    fn limits_are_the_vendors() {
        let fifty: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        let fifty: Vec<_> = fifty.iter().map(|key| (key.as_str(), "v")).collect();
        let long = "ä".repeat(500);
        sent(&fifty, None).unwrap();
        sent(&[(&"ä".repeat(40), &long)], Some(&long)).unwrap();
        for (pairs, reference, field) in [
            (fifty.as_slice(), Some("r"), "metadata"),
            (&[(&*"k".repeat(41), "v")], None, "metadata"),
            (&[("a[b]", "v")], None, "metadata"),
            (&[("k", &*"v".repeat(501))], None, "metadata"),
            (&[("anyvendor_reference", "v")], None, "metadata"),
            (&[], Some(""), "reference"),
            (&[], Some(&*"r".repeat(501)), "reference"),
        ] {
            assert_eq!(sent(pairs, reference).unwrap_err().field(), Some(field));
        }
    }

    #[test]
    fn what_is_answered_comes_back_without_our_entry() {
        let answered = [("order", "1"), (REFERENCE, "r"), ("", "malformed")];
        let answered = answered.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let read = metadata(answered.iter().map(|(key, value)| (key, value)));
        assert_eq!(read.iter().collect::<Vec<_>>(), [("order", "1")]);
    }
}
