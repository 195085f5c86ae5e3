//! Responses with a JSON body, and without a body.

use http::{Response, StatusCode};
use serde_json::Value;

use crate::body::{self, ResponseBody, answer};

/// A response with this JSON body.
pub(super) fn show(status: StatusCode, value: &Value) -> Response<ResponseBody> {
    answer(status, "application/json", value.to_string())
}

/// A response without a body.
pub(super) fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(body::full(""));
    *response.status_mut() = status;
    response
}
