//! The imaginary vendor: one route, an idempotency key, and one address that it rejects.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::{Value, json};

/// The key that it accepts.
pub(crate) const KEY: &str = "acme-key";
/// An address that it rejects.
pub(crate) const REJECTED: &str = "nobody@rejected.example.com";

/// The accepted messages by idempotency key.
type Accepted = Arc<Mutex<BTreeMap<String, (String, Value)>>>;

/// A running fake. It ends with the program.
pub(crate) struct Fake {
    pub(crate) url: String,
    accepted: Accepted,
}

impl Fake {
    /// The bodies of the messages that it accepted.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let accepted = self.accepted.lock();
        let accepted = accepted.unwrap_or_else(PoisonError::into_inner);
        accepted.values().map(|(_, body)| body.clone()).collect()
    }
}

/// Starts the fake on a free port.
pub(crate) async fn start() -> std::io::Result<Fake> {
    let accepted = Accepted::default();
    let router = Router::new()
        .route("/v1/messages", post(create))
        .with_state(Arc::clone(&accepted));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Fake { url, accepted })
}

async fn create(
    State(accepted): State<Accepted>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("authorization") != Some(&["Bearer ", KEY].concat()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"code": "bad_key"})));
    }
    let list = |name: &str| message.get(name).and_then(Value::as_array).cloned();
    let lists = ["to", "cc", "bcc"].into_iter().filter_map(list);
    let mut recipients = lists.flatten();
    if let Some(position) = recipients.position(|to| to.get("email") == Some(&REJECTED.into())) {
        let body = json!({"code": "bad_address", "recipient": position});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(body));
    }
    let mut accepted = accepted.lock().unwrap_or_else(PoisonError::into_inner);
    let next = format!("msg_{}", accepted.len() + 1);
    let key = header("idempotency-key").unwrap_or(&next).to_owned();
    let (id, _) = accepted.entry(key).or_insert((next, message));
    (StatusCode::CREATED, Json(json!({"id": id})))
}
