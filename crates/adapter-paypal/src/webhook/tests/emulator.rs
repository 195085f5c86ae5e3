//! A fake of PayPal's endpoints on this machine, which verifies with the key of the tests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use anyvendor_testkit::{Seen, Server, Step};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{json, value::RawValue};

use super::*;

/// The requests that the fake received, and the responses that it gives in place of a verdict.
#[derive(Debug, Default)]
pub(super) struct Vendor {
    pub(super) tokens: AtomicU32,
    /// The authorization and the body of each request to verify.
    pub(super) asked: Mutex<Vec<(String, Vec<u8>)>>,
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
        let fake = Arc::clone(&vendor);
        let server = Server::answering(move |seen| fake.respond(seen)).await;
        (server.url(), vendor)
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

    fn respond(&self, seen: &Seen) -> Step {
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/v1/oauth2/token") => {
                let number = self.tokens.fetch_add(1, Ordering::SeqCst);
                let token = format!("token-{number}");
                let body = json!({"access_token": token, "expires_in": 31668});
                Step::response(200, body.to_string())
            }
            ("POST", "/v1/notifications/verify-webhook-signature") => self.verify(seen),
            ("GET", "/v1/notifications/certs/CERT-1") => Step::response(200, LEAF),
            _ => Step::response(404, ""),
        }
    }

    fn verify(&self, seen: &Seen) -> Step {
        let bearer = seen.header("authorization").unwrap().to_owned();
        let asked = (bearer, seen.body.clone());
        self.asked.lock().unwrap().push(asked);
        if self.silent {
            return Step::Silence;
        }
        if let Some((status, response)) = self.instead.lock().unwrap().pop_front() {
            return Step::response(status, response);
        }
        let Ok(asked) = serde_json::from_slice::<Asked<'_>>(&seen.body) else {
            return Step::response(400, r#"{"name":"VALIDATION_ERROR"}"#);
        };
        let verdict = if is_signed(&asked) {
            "SUCCESS"
        } else {
            "FAILURE"
        };
        let body = json!({ "verification_status": verdict });
        Step::response(200, body.to_string())
    }
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
