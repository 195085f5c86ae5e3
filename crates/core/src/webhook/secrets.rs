//! The secrets that deliveries are signed with: several during a rotation.

use crate::{
    error::Error,
    values::{Secret, SecretSource},
};

/// Reads the secrets that a setting names. All of them are valid, so that one can replace another without losing an
/// event.
///
/// # Errors
/// `Config` that names the field: there is no secret, so nothing could be verified, or one cannot be read.
pub fn signing_secrets(
    sources: &[SecretSource],
    field: &'static str,
) -> Result<Vec<Secret>, Error> {
    if sources.is_empty() {
        return Err(Error::config(
            field,
            "must name at least one, or nothing could be verified",
        ));
    }
    sources
        .iter()
        .map(|source| source.resolve_setting(field))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_no_way_to_accept() {
        assert_eq!(
            signing_secrets(&[], "secrets").unwrap_err().field(),
            Some("secrets")
        );
        let two = [Secret::new("a").into(), Secret::new("b").into()];
        assert_eq!(signing_secrets(&two, "secrets").unwrap().len(), 2);
        let missing = [SecretSource::parse("env:ANYVENDOR_TEST_NO_SUCH_VARIABLE").unwrap()];
        let error = signing_secrets(&missing, "secrets").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("ANYVENDOR_TEST_NO_SUCH_VARIABLE")
        );
    }
}
