//! Stripe's errors: status, type, code and message, in the body's documented shape.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// A refusal, and whether an idempotency key stores it.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    /// Validation failures come before execution and are not stored under a key.
    pub(super) executed: bool,
    kind: &'static str,
    message: String,
    fields: Map<String, Value>,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            executed: false,
            kind,
            message: message.into(),
            fields: Map::new(),
        }
    }

    /// 400: the parameters are wrong; nothing was executed.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// 400: the parameters are fine, the state is not; stored under the key.
    pub(super) fn state(message: impl Into<String>) -> Self {
        Self::invalid(message).executed()
    }

    /// 402: the card's answer; stored under the key.
    pub(super) fn card(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).executed()
    }

    /// 401.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
    }

    /// 404: no such route.
    pub(super) fn route(method: &str, path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "invalid_request_error",
            format!(
                "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
                 https://support.stripe.com/."
            ),
        )
    }

    /// 404: the object in the path does not exist.
    pub(super) fn not_found(object: &str, id: &str, param: &str) -> Self {
        let mut error = Self::missing(object, id, param);
        error.status = StatusCode::NOT_FOUND;
        error
    }

    /// 400: an object named in the parameters does not exist.
    pub(super) fn missing(object: &str, id: &str, param: &str) -> Self {
        Self::state(format!("No such {object}: '{id}'"))
            .code("resource_missing")
            .param(param)
    }

    /// 400: the key belongs to another request.
    pub(super) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// 409: the key's first request still runs.
    pub(super) fn key_in_use(key: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "invalid_request_error",
            format!(
                "There is currently another in-progress request using this Stripe idempotency key (that probably means \
                 you submitted twice, and the other request is still going through): {key}. Please try again later."
            ),
        )
        .code("idempotency_key_in_use")
    }

    /// A failure on the vendor's side, at execution.
    pub(super) fn server(status: StatusCode) -> Self {
        let message = "Sorry, something went wrong. We've already been notified of the problem.";
        Self::new(status, "api_error", message).executed()
    }

    fn executed(mut self) -> Self {
        self.executed = true;
        self
    }

    pub(super) fn code(self, code: &str) -> Self {
        let page = format!(
            "https://stripe.com/docs/error-codes/{}",
            code.replace('_', "-")
        );
        self.with("code", code).with("doc_url", page)
    }

    pub(super) fn param(self, param: impl Into<String>) -> Self {
        let param: String = param.into();
        self.with("param", param)
    }

    /// Any other documented field of the error.
    pub(super) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// The error as `last_payment_error` shows it.
    pub(super) fn to_json(&self) -> Value {
        let mut fields = self.fields.clone();
        fields.insert("message".to_owned(), self.message.clone().into());
        fields.insert("type".to_owned(), self.kind.into());
        Value::Object(fields)
    }

    /// The whole body.
    pub(super) fn body(&self) -> Value {
        json!({ "error": self.to_json() })
    }
}
