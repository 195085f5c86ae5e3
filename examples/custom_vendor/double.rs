//! The imaginary vendor: one route, keys that are honoured, one address that it does not like.

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

/// The key that it takes.
pub(crate) const KEY: &str = "acme-key";
/// An address that it refuses.
pub(crate) const REFUSED: &str = "nobody@refused.example.com";

/// Ids by idempotency key.
type Taken = Arc<Mutex<BTreeMap<String, String>>>;

/// A running double; it ends with the program.
pub(crate) struct Double {
    pub(crate) url: String,
    taken: Taken,
}

impl Double {
    /// How many mails it took.
    pub(crate) fn taken(&self) -> usize {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

/// Starts the double on a free port.
pub(crate) async fn start() -> std::io::Result<Double> {
    let taken = Taken::default();
    let router = Router::new()
        .route("/v1/messages", post(create))
        .with_state(Arc::clone(&taken));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Double { url, taken })
}

async fn create(
    State(taken): State<Taken>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("authorization") != Some(&["Bearer ", KEY].concat()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"code": "bad_key"})));
    }
    let to = message.get("to").and_then(Value::as_array);
    if to.is_none_or(|to| to.iter().any(|to| to == REFUSED)) {
        return (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(json!({"code": "bad_address"})),
        );
    }
    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    let next = format!("msg_{}", taken.len() + 1);
    let id = taken
        .entry(header("idempotency-key").unwrap_or(&next).to_owned())
        .or_insert(next.clone());
    (StatusCode::CREATED, Json(json!({"id": id})))
}
