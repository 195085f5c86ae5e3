//! A request that arrived at the server.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// A request that arrived completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The method, such as `POST`.
    pub method: String,
    /// The path with the query, as sent.
    pub target: String,
    /// All headers of the request.
    pub headers: HeaderMap,
    /// The body, empty if there is none.
    pub body: Vec<u8>,
}

impl Seen {
    /// Reads the head of a request; the body is added later.
    pub(super) fn from_head(head: &[u8]) -> Self {
        let head = str::from_utf8(head).unwrap();
        let mut lines = head.trim_end().lines();
        let mut first = lines.next().unwrap().split(' ');
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            let value = HeaderValue::from_str(value.trim()).unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), value);
        }
        Self {
            method: first.next().unwrap().to_owned(),
            target: first.next().unwrap().to_owned(),
            headers,
            body: Vec::new(),
        }
    }

    /// The value of a header.
    ///
    /// # Panics
    ///
    /// If the value is not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// The query; empty if there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The method, the path and the query: `GET /v1/things?limit=1`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// If it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The fields of a form body, in their order.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }
}
