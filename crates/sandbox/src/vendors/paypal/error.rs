//! `PayPal`'s error body: name and message by status, and one detail that says what is wrong:
//! <https://developer.paypal.com/api/rest/responses/>.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::issues;

/// An error response of the API.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    issue: Option<String>,
    field: Option<String>,
    value: Option<String>,
    location: &'static str,
    page: Option<Box<(&'static str, String)>>,
}

impl ApiError {
    /// An error with this documented issue, which decides the status.
    pub(super) fn issue(issue: &str) -> Self {
        let status = issues::status_of(issue).unwrap_or(422);
        let mut error = Self::status(status);
        error.issue = Some(issue.to_owned());
        error
    }

    /// An error with this status and without a detail.
    pub(super) fn status(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            issue: None,
            field: None,
            value: None,
            location: "body",
            page: None,
        }
    }

    /// The error for a path that names a resource that does not exist.
    pub(super) fn not_found(field: &str, value: &str) -> Self {
        let mut error = Self::issue("INVALID_RESOURCE_ID").at(field).value(value);
        error.location = "path";
        error
    }

    /// Names the wrong field, as a JSON pointer.
    pub(super) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Repeats the wrong value.
    pub(super) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Says that the wrong field is a query parameter.
    pub(super) fn in_query(mut self) -> Self {
        self.location = "query";
        self
    }

    /// Adds the link of the page where the payer can act, under this name.
    pub(super) fn link(mut self, rel: &'static str, href: String) -> Self {
        self.page = Some(Box::new((rel, href)));
        self
    }

    pub(super) fn body(&self, debug_id: &str) -> Value {
        let (name, message) = words(self.status.as_u16());
        let mut links = Vec::new();
        let mut body = Map::new();
        body.insert("name".to_owned(), name.into());
        body.insert("message".to_owned(), message.into());
        body.insert("debug_id".to_owned(), debug_id.into());
        if let Some(issue) = &self.issue {
            let mut detail = Map::new();
            if let Some(field) = &self.field {
                detail.insert("field".to_owned(), field.as_str().into());
                detail.insert("location".to_owned(), self.location.into());
            }
            if let Some(value) = &self.value {
                detail.insert("value".to_owned(), value.as_str().into());
            }
            detail.insert("issue".to_owned(), issue.as_str().into());
            if let Some(description) = issues::describe(issue) {
                detail.insert("description".to_owned(), description.into());
            }
            body.insert("details".to_owned(), json!([detail]));
            let href = format!("https://developer.paypal.com/docs/api/orders/v2/#error-{issue}");
            links.push(json!({"href": href, "rel": "information_link", "method": "GET"}));
        }
        if let Some((rel, href)) = self.page.as_deref() {
            links.push(json!({"href": href, "rel": rel, "method": "GET"}));
        }
        body.insert("links".to_owned(), links.into());
        Value::Object(body)
    }
}

/// The error name and message that belong to a status.
pub(super) fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => (
            "INVALID_REQUEST",
            "Request is not well-formed, syntactically incorrect, or violates schema.",
        ),
        401 => (
            "AUTHENTICATION_FAILURE",
            "Authentication failed due to missing authorization header, or invalid authentication credentials.",
        ),
        403 => (
            "NOT_AUTHORIZED",
            "Authorization failed due to insufficient permissions.",
        ),
        404 => (
            "RESOURCE_NOT_FOUND",
            "The specified resource does not exist.",
        ),
        409 => (
            "RESOURCE_CONFLICT",
            "The server has detected a conflict while processing this request.",
        ),
        415 => (
            "UNSUPPORTED_MEDIA_TYPE",
            "The server does not support the request payload's media type.",
        ),
        422 => (
            "UNPROCESSABLE_ENTITY",
            "The requested action could not be performed, semantically incorrect, or failed business validation.",
        ),
        429 => (
            "RATE_LIMIT_REACHED",
            "Too many requests. Blocked due to rate limiting.",
        ),
        503 => ("SERVICE_UNAVAILABLE", "Service Unavailable."),
        _ => (
            "INTERNAL_SERVER_ERROR",
            "An internal server error occurred.",
        ),
    }
}
