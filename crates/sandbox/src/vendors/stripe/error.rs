//! Stripe's errors: status, type, code and message, in the documented body: <https://docs.stripe.com/api/errors>.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// An error response, and whether an idempotency key stores it.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    /// Whether the request began to execute. Validation errors come earlier and are not stored under a key:
    /// <https://docs.stripe.com/api/idempotent_requests>.
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

    /// 400: the parameters are invalid; nothing was executed.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// 400: the parameters are valid, but the object's state forbids the call; stored under the key.
    pub(super) fn state(message: impl Into<String>) -> Self {
        Self::invalid(message).executed()
    }

    /// 400: the payment's status forbids the call; the error contains the payment.
    pub(super) fn intent_state(message: impl Into<String>, intent: Value) -> Self {
        Self::state(message)
            .code("payment_intent_unexpected_state")
            .with("payment_intent", intent)
    }

    /// 402: the card was declined; stored under the key.
    pub(super) fn card(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).executed()
    }

    /// 401: the API key is missing or invalid.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
    }

    /// 404: the API has no such path.
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

    /// 400: the idempotency key was used for another request.
    pub(super) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// 409: the first request with this idempotency key is still being executed.
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

    /// An error on the vendor's side while the request was executed.
    pub(super) fn server(status: StatusCode) -> Self {
        let message = "Sorry, something went wrong. We've already been notified of the problem.";
        Self::new(status, "api_error", message).executed()
    }

    fn executed(mut self) -> Self {
        self.executed = true;
        self
    }

    /// Adds the error code and the link of its page: <https://docs.stripe.com/error-codes>.
    pub(super) fn code(self, code: &str) -> Self {
        let page = format!(
            "https://stripe.com/docs/error-codes/{}",
            code.replace('_', "-")
        );
        self.with("code", code).with("doc_url", page)
    }

    /// Names the wrong parameter.
    pub(super) fn param(self, param: impl Into<String>) -> Self {
        let param: String = param.into();
        self.with("param", param)
    }

    /// Adds another documented field of the error.
    pub(super) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// The error object, as also `last_payment_error` shows it.
    pub(super) fn to_json(&self) -> Value {
        let mut fields = self.fields.clone();
        fields.insert("message".to_owned(), self.message.clone().into());
        fields.insert("type".to_owned(), self.kind.into());
        Value::Object(fields)
    }

    /// The response body.
    pub(super) fn body(&self) -> Value {
        json!({ "error": self.to_json() })
    }
}
