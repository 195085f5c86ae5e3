//! SendGrid's error body, and the list of complaints that a validation gathers for it.

use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::body::{ResponseBody, answer};

/// An answer that refuses.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    errors: Vec<Value>,
}

impl Refusal {
    /// One complaint about no field in particular.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self {
            status,
            errors: vec![json!({"message": message, "field": null, "help": null})],
        }
    }

    /// 400 about one field.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let mut complaints = Complaints::default();
        complaints.say(field, message);
        Self {
            status: StatusCode::BAD_REQUEST,
            errors: complaints.0,
        }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
    }

    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let body = json!({ "errors": self.errors });
        answer(self.status, "application/json", body.to_string())
    }
}

/// Everything that is wrong with one request.
#[derive(Debug, Default)]
pub(super) struct Complaints(Vec<Value>);

impl Complaints {
    pub(super) fn say(&mut self, field: &str, message: impl Into<String>) {
        let message: String = message.into();
        self.0
            .push(json!({"message": message, "field": field, "help": null}));
    }

    /// 400 with all of them, if there are any.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Refusal {
                status: StatusCode::BAD_REQUEST,
                errors: self.0,
            }),
        }
    }
}
