//! Completes the responses of `s3s` so that they equal AWS's: request ids, full error bodies, empty bodies of HEAD and 304.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SERVER,
};
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use percent_encoding::percent_decode_str;
use s3s::HttpResponse;

use super::error::DETAIL;
use super::store::{Store, hex};
use crate::body::ResponseBody;

/// The largest error body that is read again to be completed.
const MAX_ERROR: usize = 64 * 1024;

/// What a response needs to know about its request.
pub(super) struct ResponseContext {
    head: bool,
    resource: String,
    request_id: String,
    host_id: String,
}

impl ResponseContext {
    pub(super) fn new(store: &Store, method: &Method, path: &str) -> Self {
        let (_, unique_bytes) = store.unique_bytes();
        let request_id = hex(unique_bytes.get(..8).unwrap_or_default()).to_uppercase();
        let resource = percent_decode_str(path).decode_utf8_lossy().into_owned();
        Self {
            head: method == Method::HEAD,
            resource,
            request_id,
            host_id: STANDARD.encode(unique_bytes),
        }
    }

    pub(super) async fn finish(self, response: HttpResponse) -> Response<ResponseBody> {
        let (mut parts, mut body) = response.into_parts();
        let status = parts.status;
        let details = take_details(&mut parts.headers);
        let body = if self.head || status == StatusCode::NOT_MODIFIED {
            if self.head && status == StatusCode::OK && parts.headers.contains_key(CONTENT_RANGE) {
                parts.status = StatusCode::PARTIAL_CONTENT;
            }
            if status != StatusCode::OK {
                parts.headers.remove(CONTENT_LENGTH);
                parts.headers.remove(CONTENT_TYPE);
            }
            Empty::new().map_err(|never| match never {}).boxed_unsync()
        } else if status.is_client_error() || status.is_server_error() {
            let sent = body.store_all_limited(MAX_ERROR).await.unwrap_or_default();
            parts
                .headers
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            parts.headers.remove(CONTENT_LENGTH);
            Full::new(self.complete(&sent, status, &details))
                .map_err(|never| match never {})
                .boxed_unsync()
        } else {
            body.boxed_unsync()
        };
        for (name, value) in [
            ("x-amz-request-id", &self.request_id),
            ("x-amz-id-2", &self.host_id),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                parts.headers.insert(HeaderName::from_static(name), value);
            }
        }
        parts
            .headers
            .insert(SERVER, HeaderValue::from_static("AmazonS3"));
        Response::from_parts(parts, body)
    }

    /// Adds the elements to an error body that `s3s` leaves out.
    fn complete(&self, sent: &[u8], status: StatusCode, details: &[(String, String)]) -> Bytes {
        let sent = String::from_utf8_lossy(sent);
        let Some(open) = sent.strip_suffix("</Error>") else {
            return Bytes::from(sent.into_owned());
        };
        let mut out = open.to_owned();
        if !open.contains("<Message>") {
            element(&mut out, "Message", default_message(open, status));
        }
        for (name, value) in details {
            element(&mut out, name, value);
        }
        for (name, value) in [
            ("Resource", &self.resource),
            ("RequestId", &self.request_id),
            ("HostId", &self.host_id),
        ] {
            element(&mut out, name, value);
        }
        out.push_str("</Error>");
        Bytes::from(out)
    }
}

/// The messages for codes that `s3s` sends without one.
fn default_message(error: &str, status: StatusCode) -> &'static str {
    let has = |code: &str| error.contains(&format!("<Code>{code}</Code>"));
    if has("SignatureDoesNotMatch") {
        "The request signature we calculated does not match the signature you provided. Check your key and signing method."
    } else if has("AccessDenied") {
        "Access Denied"
    } else if has("KeyTooLongError") {
        "Your key is too long"
    } else if has("InvalidBucketName") {
        "The specified bucket is not valid."
    } else if has("MalformedXML") {
        "The XML you provided was not well-formed or did not validate against our published schema"
    } else if has("InternalError") {
        "We encountered an internal error. Please try again."
    } else {
        status.canonical_reason().unwrap_or("Error")
    }
}

/// Removes the internal header and returns its elements.
fn take_details(headers: &mut HeaderMap) -> Vec<(String, String)> {
    let read = |value: &HeaderValue| {
        let (name, value) = value.to_str().ok()?.split_once('=')?;
        Some((
            name.to_owned(),
            percent_decode_str(value).decode_utf8_lossy().into_owned(),
        ))
    };
    let details = headers.get_all(DETAIL).iter().filter_map(read).collect();
    headers.remove(DETAIL);
    details
}

/// Appends an XML element.
fn element(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!("<{name}>"));
    for c in value.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // XML 1.0 cannot represent control characters.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push_str(&format!("</{name}>"));
}
