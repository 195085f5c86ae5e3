//! One call of a client, built step by step.

use anyvendor_core::{
    Error,
    resilience::{CallOptions, Operation, Pipeline, Request, RequestBody, Response},
    values::IdempotencyKey,
};
use http::{HeaderName, HeaderValue, header::ACCEPT};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::path;

/// One call. A mistake in building it is reported when it is sent, before anything goes out.
#[must_use = "a call does nothing until it is sent"]
pub struct ClientCall<'a> {
    pipeline: &'a Pipeline,
    base: &'a Url,
    operation: Operation,
    values: Vec<String>,
    query: Vec<(String, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    key: Option<(HeaderName, IdempotencyKey)>,
    body: Result<Option<Body>, Error>,
    options: CallOptions,
}

anyvendor_core::debug_only!(ClientCall<'a> { operation, options });

enum Body {
    Json(Vec<u8>),
    Form(String),
    Raw(HeaderValue, RequestBody),
}

impl<'a> ClientCall<'a> {
    pub(super) fn new(pipeline: &'a Pipeline, base: &'a Url, operation: Operation) -> Self {
        Self {
            pipeline,
            base,
            operation,
            values: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            key: None,
            body: Ok(None),
            options: CallOptions::default(),
        }
    }

    /// Fills the variables of the path in their order; each value stays within its segment, whatever it contains.
    pub fn path<V: Into<String>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a pair to the query.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header, replacing one of the same name. A secret value must be marked sensitive.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends a key under the header that the vendor reads it from, the same in every attempt. Needed for a
    /// [`Keyed`](anyvendor_core::resilience::OperationClass::Keyed) call.
    pub fn key(mut self, header: HeaderName, key: IdempotencyKey) -> Self {
        self.key = Some((header, key));
        self
    }

    /// Sends a body as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body)
            .map(|json| Some(Body::Json(json)))
            .map_err(|_| Error::invalid("body", "cannot be written as JSON"));
        self
    }

    /// Sends a flat struct or map as a form; fields that are `None` are left out, lists repeat their name.
    pub fn form(mut self, body: &impl Serialize) -> Self {
        self.body = form(body).map(|form| Some(Body::Form(form)));
        self
    }

    /// Sends a body of another type, in memory or as a stream.
    pub fn body(mut self, content_type: HeaderValue, body: impl Into<RequestBody>) -> Self {
        self.body = Ok(Some(Body::Raw(content_type, body.into())));
        self
    }

    /// Sets the settings of this call.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends the call and returns the response as it is.
    ///
    /// # Errors
    /// `InvalidRequest` for a call that was built wrongly, before anything is sent; otherwise the failure of the call, where
    /// [`delivery`](Error::delivery) says whether the vendor may have acted.
    pub async fn send(self) -> Result<Response, Error> {
        let mut url = path::fill(self.base, self.operation.template, &self.values)?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = Request::new(url);
        request = match self.body? {
            None => request,
            Some(Body::Json(json)) => request.with_body(
                HeaderValue::from_static("application/json"),
                bytes::Bytes::from(json),
            ),
            Some(Body::Form(form)) => request.with_form(form),
            Some(Body::Raw(content_type, body)) => request.with_body(content_type, body),
        };
        for (name, value) in self.headers {
            request = request.with_header(name, value);
        }
        if let Some((header, key)) = self.key {
            request = request.with_idempotency_key(header, key)?;
        }
        self.pipeline
            .call(&self.operation, request, &self.options)
            .await
    }

    /// Sends the call and reads the response as JSON.
    ///
    /// # Errors
    /// Those of [`send`](Self::send). A response that is not the JSON expected is `Protocol(BadBody)` with delivery
    /// `Answered`: the vendor accepted the call, which is not repeated.
    pub async fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        let json = HeaderValue::from_static("application/json");
        self.header(ACCEPT, json).send().await?.json()
    }
}

fn form(body: &impl Serialize) -> Result<String, Error> {
    let wrong = || {
        Error::invalid(
            "body",
            "must be flat to be a form: strings, numbers, booleans and lists of them",
        )
    };
    let Ok(Value::Object(fields)) = serde_json::to_value(body) else {
        return Err(wrong());
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: Value| {
        match value {
            Value::Null => {}
            Value::String(text) => {
                form.append_pair(name, &text);
            }
            Value::Bool(_) | Value::Number(_) => {
                form.append_pair(name, &value.to_string());
            }
            Value::Array(_) | Value::Object(_) => return Err(wrong()),
        }
        Ok(())
    };
    for (name, value) in fields {
        match value {
            Value::Array(all) => {
                for one in all {
                    add(&name, one)?;
                }
            }
            one => add(&name, one)?,
        }
    }
    Ok(form.finish())
}
