//! The typed escape hatch of requests: options that only one vendor has, found by their type.

use http::Extensions;

use crate::error::Error;

/// Returns the options of type `T` in a request's extensions; an adapter calls it for every request, before anything is
/// sent.
///
/// # Errors
/// `Unsupported`, naming the field `extensions`, if there is an extension of any other type: it belongs to another
/// vendor, and dropping it in silence would send another request than the caller wrote.
///
/// # Examples
/// ```
/// use anyvendor_core::extension;
/// use http::Extensions;
///
/// #[derive(Clone)]
/// struct AcmeOptions(&'static str);
///
/// let mut extensions = Extensions::new();
/// extensions.insert(AcmeOptions("de-DE"));
/// let options = extension::only::<AcmeOptions>("acme", &extensions)?;
/// assert_eq!(options.map(|options| options.0), Some("de-DE"));
/// assert!(extension::none("other", &extensions).is_err());
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
pub fn only<'a, T: Clone + Send + Sync + 'static>(
    vendor: &'static str,
    extensions: &'a Extensions,
) -> Result<Option<&'a T>, Error> {
    let options = extensions.get::<T>();
    if extensions.len() > usize::from(options.is_some()) {
        let what = "an extension of another vendor";
        return Err(Error::unsupported(vendor, what).with_field("extensions"));
    }
    Ok(options)
}

/// Rejects any extension, for a request that the vendor has no options for.
///
/// # Errors
/// `Unsupported`, naming the field `extensions`, if there is one.
pub fn none(vendor: &'static str, extensions: &Extensions) -> Result<(), Error> {
    if extensions.is_empty() {
        return Ok(());
    }
    let what = "an extension in this request";
    Err(Error::unsupported(vendor, what).with_field("extensions"))
}
