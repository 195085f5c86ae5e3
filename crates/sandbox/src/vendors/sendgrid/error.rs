//! SendGrid's error body, and the list of field errors that a validation collects for it:
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors>.

use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::body::ResponseBody;
use crate::reply::typed;

/// An error response.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    errors: Vec<Value>,
}

impl ApiError {
    /// An error that concerns no single field.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self {
            status,
            errors: vec![json!({"message": message, "field": null, "help": null})],
        }
    }

    /// 400: one field is wrong.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(field, message);
        Self {
            status: StatusCode::BAD_REQUEST,
            errors: errors.0,
        }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
    }

    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let body = json!({ "errors": self.errors });
        typed(self.status, "application/json", body.to_string())
    }
}

/// The errors of all fields of one request.
#[derive(Debug, Default)]
pub(super) struct FieldErrors(Vec<Value>);

impl FieldErrors {
    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        let message: String = message.into();
        self.0
            .push(json!({"message": message, "field": field, "help": null}));
    }

    /// 400 with all errors, if there are any.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ApiError {
                status: StatusCode::BAD_REQUEST,
                errors: self.0,
            })
        }
    }
}
