//! AWS Signature Version 4 with S3's rules: the path is encoded once and not normalized.
//!
//! See "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference.

use std::fmt::Write;

use anyvendor_core::values::Secret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{Timestamp, tz::TimeZone};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use url::Url;

use crate::encode::encode;

pub(crate) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The credentials that a signature is made with.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
    pub(crate) session_token: Option<Secret>,
}

/// Where and when a signature is valid.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// The time of the signature, as `yyyymmddThhmmssZ`.
    pub(crate) date: String,
}

impl<'a> Scope<'a> {
    pub(crate) fn s3(region: &'a str, now: Timestamp) -> Self {
        let date = TimeZone::UTC
            .to_datetime(now)
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        Self {
            region,
            service: "s3",
            date,
        }
    }

    fn day(&self) -> &str {
        self.date.get(..8).unwrap_or_default()
    }

    fn text(&self) -> String {
        [
            self.day(),
            "/",
            self.region,
            "/",
            self.service,
            "/aws4_request",
        ]
        .concat()
    }
}

/// The parts of a request that a signature covers. Header names are lower case.
pub(crate) struct Signable<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: &'a str,
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // An HMAC accepts keys of any length.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        },
    )
}

impl Signable<'_> {
    /// The canonical request and the names of the headers that it covers.
    pub(crate) fn canonical(&self) -> (String, String) {
        let mut query: Vec<(String, String)> = self
            .url
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let again = |text| encode(&percent_decode_str(text).decode_utf8_lossy());
                (again(name), again(value))
            })
            .collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| [name, value].join("="))
            .collect();

        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.clone(),
                    value.split_whitespace().collect::<Vec<_>>().join(" "),
                )
            })
            .collect();
        headers.push(("host".to_owned(), host(self.url)));
        // Several values of one name keep their order and share a line.
        headers.sort_by(|a, b| a.0.cmp(&b.0));
        headers.dedup_by(|next, first| {
            let same = next.0 == first.0;
            if same {
                first.1 = [&first.1, ",", &next.1].concat();
            }
            same
        });
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = headers
            .iter()
            .map(|(name, value)| [name, ":", value, "\n"].concat())
            .collect();
        let canonical = [
            self.method,
            self.url.path(),
            &query.join("&"),
            &lines,
            &names,
            self.payload,
        ]
        .join("\n");
        (canonical, names)
    }
}

/// The value of the `Host` header of a request to this URL.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => [host, ":", &port.to_string()].concat(),
        None => host.to_owned(),
    }
}

pub(crate) fn string_to_sign(canonical: &str, scope: &Scope<'_>) -> String {
    [
        ALGORITHM,
        &scope.date,
        &scope.text(),
        &sha256_hex(canonical.as_bytes()),
    ]
    .join("\n")
}

fn signature(to_sign: &str, scope: &Scope<'_>, credentials: &Credentials) -> String {
    let start = ["AWS4", credentials.secret_access_key.expose()].concat();
    let key = [scope.day(), scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(start.into_bytes(), |key, step| mac(&key, step));
    hex(&mac(&key, to_sign))
}

/// The `Authorization` header for a request whose headers already contain `x-amz-date` and the others.
pub(crate) fn authorization(
    request: &Signable<'_>,
    scope: &Scope<'_>,
    credentials: &Credentials,
) -> String {
    let (canonical, names) = request.canonical();
    let signature = signature(&string_to_sign(&canonical, scope), scope, credentials);
    [
        ALGORITHM,
        " Credential=",
        &credentials.access_key_id,
        "/",
        &scope.text(),
        ", SignedHeaders=",
        &names,
        ", Signature=",
        &signature,
    ]
    .concat()
}

/// Adds the query that makes a URL valid without credentials for `seconds`.
pub(crate) fn presign(
    method: &str,
    url: &mut Url,
    headers: Vec<(String, String)>,
    seconds: u64,
    scope: &Scope<'_>,
    credentials: &Credentials,
) {
    let mut names: Vec<&str> = headers
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(["host"])
        .collect();
    names.sort_unstable();
    let credential = [credentials.access_key_id.as_str(), "/", &scope.text()].concat();
    let (seconds, names) = (seconds.to_string(), names.join(";"));
    let mut pairs = vec![
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", &credential),
        ("X-Amz-Date", &scope.date),
        ("X-Amz-Expires", &seconds),
        ("X-Amz-SignedHeaders", &names),
    ];
    if let Some(token) = &credentials.session_token {
        pairs.push(("X-Amz-Security-Token", token.expose()));
    }
    let query = match url.query() {
        Some(query) if !query.is_empty() => [query, "&", &crate::encode::query(&pairs)].concat(),
        _ => crate::encode::query(&pairs),
    };
    url.set_query(Some(&query));
    let signable = Signable {
        method,
        url,
        headers,
        payload: UNSIGNED,
    };
    let (canonical, _) = signable.canonical();
    let signature = signature(&string_to_sign(&canonical, scope), scope, credentials);
    url.set_query(Some(&[&query, "&X-Amz-Signature=", &signature].concat()));
}

#[cfg(test)]
mod tests;
