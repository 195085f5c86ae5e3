//! A fake of PayPal's endpoints on this machine, which verifies with the key of the tests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes as Body,
    extract::State,
    http::HeaderMap as Headers,
    routing::{get, post},
};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{json, value::RawValue};

use super::*;

/// The requests that the fake received, and the responses that it gives in place of a verdict.
#[derive(Debug, Default)]
pub(super) struct Vendor {
    pub(super) tokens: AtomicU32,
    pub(super) asked: Mutex<Vec<(String, Body)>>,
    pub(super) instead: Mutex<VecDeque<(u16, String)>>,
    /// Whether it never responds.
    pub(super) silent: bool,
}

pub(super) type Shared = Arc<Vendor>;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked<'a> {
    auth_algo: String,
    cert_url: String,
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

impl Vendor {
    pub(super) async fn listen(self) -> (String, Shared) {
        let vendor = Arc::new(self);
        let app = Router::new()
            .route("/v1/oauth2/token", post(token))
            .route("/v1/notifications/verify-webhook-signature", post(verify))
            .route("/v1/notifications/certs/CERT-1", get(async || LEAF))
            .with_state(Arc::clone(&vendor));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (address, vendor)
    }

    pub(super) fn responding(responses: &[(u16, &str)]) -> Self {
        let responses = responses
            .iter()
            .map(|(status, body)| (*status, (*body).to_owned()));
        Self {
            instead: Mutex::new(responses.collect()),
            ..Self::default()
        }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

async fn token(State(vendor): State<Shared>) -> String {
    let number = vendor.tokens.fetch_add(1, Ordering::SeqCst);
    json!({"access_token": format!("token-{number}"), "expires_in": 31668}).to_string()
}

async fn verify(
    State(vendor): State<Shared>,
    headers: Headers,
    body: Body,
) -> (StatusCode, String) {
    let bearer = headers["authorization"].to_str().unwrap().to_owned();
    vendor.asked.lock().unwrap().push((bearer, body.clone()));
    if vendor.silent {
        std::future::pending::<()>().await;
    }
    if let Some((status, response)) = vendor.instead.lock().unwrap().pop_front() {
        return (StatusCode::from_u16(status).unwrap(), response);
    }
    let Ok(asked) = serde_json::from_slice::<Asked<'_>>(&body) else {
        return (
            StatusCode::BAD_REQUEST,
            "{\"name\":\"VALIDATION_ERROR\"}".to_owned(),
        );
    };
    let verdict = if is_signed(&asked) {
        "SUCCESS"
    } else {
        "FAILURE"
    };
    (
        StatusCode::OK,
        json!({"verification_status": verdict}).to_string(),
    )
}

fn is_signed(asked: &Asked<'_>) -> bool {
    let key = RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(KEY.trim()).unwrap()).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    let event = asked.webhook_event.get().as_bytes();
    let crc = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, event);
    let (id, time) = (&asked.transmission_id, &asked.transmission_time);
    let signed = format!("{id}|{time}|{}|{crc}", asked.webhook_id);
    let signature = BASE64_STANDARD
        .decode(&asked.transmission_sig)
        .unwrap_or_default();
    asked.auth_algo == "SHA256withRSA"
        && asked.cert_url.ends_with("/CERT-1")
        && key.verify(signed.as_bytes(), &signature).is_ok()
}
