//! Twilio's error body, with `code`, `message`, `more_info` and `status`: <https://www.twilio.com/docs/api/errors>.

use http::{Response, StatusCode};
use serde_json::json;

use crate::body::ResponseBody;
use crate::reply::typed;

/// An error response.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: u32,
    message: String,
}

impl ApiError {
    /// 400, with one of the vendor's error codes.
    pub(super) fn bad_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self::new(StatusCode::NOT_FOUND, 20404, message)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 20003, "Authenticate")
    }

    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let Self {
            status,
            code,
            message,
        } = self;
        let body = json!({"code": code, "message": message,
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"), "status": status.as_u16()});
        typed(status, "application/json", body.to_string())
    }
}
