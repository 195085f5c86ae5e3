//! The few ways to make a response.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::body::{ResponseBody, full};
use crate::mask;

/// A response with a body of this media type.
pub(crate) fn typed(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<ResponseBody> {
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A JSON response, on one line.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response<ResponseBody> {
    typed(status, "application/json", value.to_string())
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(full(""));
    *response.status_mut() = status;
    response
}

/// A JSON response of the control address, for people to read, without the secrets in it.
pub(crate) fn pretty(value: Value) -> Response<ResponseBody> {
    revealed(&mask::json(value))
}

/// A JSON response of the control address to a client that asked for the secrets in it.
pub(crate) fn revealed(value: &Value) -> Response<ResponseBody> {
    typed(StatusCode::OK, "application/json", format!("{value:#}"))
}

/// An HTML page with status 200.
pub(crate) fn html(text: impl Into<Bytes>) -> Response<ResponseBody> {
    typed(StatusCode::OK, "text/html; charset=utf-8", text)
}

/// A request that the sandbox itself refuses, whatever the vendor.
pub(crate) fn problem(status: StatusCode, error: &str) -> Response<ResponseBody> {
    json(status, &json!({ "error": error }))
}

/// A request to the control address that is invalid.
pub(crate) fn bad_request(error: &str) -> Response<ResponseBody> {
    problem(StatusCode::BAD_REQUEST, error)
}

/// No such page at the control address.
pub(crate) fn not_found() -> Response<ResponseBody> {
    problem(StatusCode::NOT_FOUND, "no such page: see / or /_sandbox")
}
