//! Headers that carry credentials; all are marked sensitive.

use anyvendor_core::{Error, values::Secret};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;

pub(crate) fn basic(user: &str, password: &Secret) -> Result<HeaderValue, Error> {
    if user.contains(':') {
        return Err(Error::config("user", "must not contain a colon"));
    }
    let pair = [user, ":", password.expose()].concat();
    sensitive(&["Basic ", &STANDARD.encode(pair)].concat())
}

pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    sensitive(&["Bearer ", token.expose()].concat())
}

pub(crate) fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::config(
            "auth",
            "contains characters that are not allowed in a header; copy it again",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
