//! Metadata, which also carries our own reference. Limits: <https://docs.stripe.com/api/metadata>.

use anyvendor_core::{Error, form::Form, values::Metadata};

/// Our own id of a payment or customer, in Stripe's metadata.
pub(crate) const REFERENCE: &str = "anyvendor_reference";

/// The most characters of a value.
pub(super) const MAX_VALUE: u32 = 500;

/// Adds the metadata and our reference to a form, in this field.
pub(super) fn add_metadata(
    form: Form,
    map: &str,
    metadata: &Metadata,
    reference: Option<&str>,
) -> Result<Form, Error> {
    let reject = |remedy: &str| Err(Error::invalid("metadata", remedy));
    if metadata.len() + usize::from(reference.is_some()) > 50 {
        return reject("has more than 50 entries, including our reference");
    }
    for (key, value) in metadata.iter() {
        if key == REFERENCE {
            return reject("the key anyvendor_reference is reserved; set the request's reference");
        }
        if key.chars().count() > 40 || key.contains(['[', ']']) {
            return reject("keys have at most 40 characters and no square brackets");
        }
        if value.chars().count() > MAX_VALUE as usize {
            return reject("values have at most 500 characters");
        }
    }
    check_reference(reference)?;
    let ours = reference.map(|reference| (REFERENCE, reference));
    Ok(form.add_map(map, metadata.iter().chain(ours)))
}

/// Rejects a reference that no metadata can hold.
pub(super) fn check_reference(reference: Option<&str>) -> Result<(), Error> {
    let fits = |text: &str| (1..=MAX_VALUE as usize).contains(&text.chars().count());
    if reference.is_none_or(fits) {
        return Ok(());
    }
    let remedy = format_args!("must have 1 to {MAX_VALUE} characters");
    Err(Error::invalid("reference", remedy))
}

/// The metadata of a response without our own entry. An invalid key is left out, so that it cannot hide a payment.
pub(super) fn metadata<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> Metadata {
    let mut metadata = Metadata::default();
    for (key, value) in pairs {
        if key != REFERENCE {
            let _invalid = metadata.insert(key, value);
        }
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)], reference: Option<&str>) -> Result<String, Error> {
        let metadata = Metadata::try_from_iter(pairs.iter().copied()).unwrap();
        add_metadata(Form::default(), "metadata", &metadata, reference).map(Form::finish)
    }

    #[test]
    fn the_reference_is_sent_next_to_the_callers_metadata() {
        assert_eq!(
            sent(&[("order", "1 & 2")], Some("order-1")).unwrap(),
            "metadata[order]=1%20%26%202&metadata[anyvendor_reference]=order-1"
        );
    }

    #[test]
    fn the_vendors_limits_are_checked() {
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
    fn metadata_is_read_without_our_entry() {
        let received = [("order", "1"), (REFERENCE, "r"), ("", "malformed")];
        let received = received.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let read = metadata(received.iter().map(|(key, value)| (key, value)));
        assert_eq!(read.iter().collect::<Vec<_>>(), [("order", "1")]);
    }
}
