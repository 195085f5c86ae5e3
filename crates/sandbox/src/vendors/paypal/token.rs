//! OAuth: issues an access token for client id and secret, and checks it on every other call:
//! <https://developer.paypal.com/api/rest/authentication/>.

use serde_json::{Value, json};

use crate::call::Call;
use crate::ids;

/// The issued access tokens; one is valid at a time.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    current: Option<(String, i64)>,
    issued: u64,
    /// The number of token requests, including rejected ones.
    pub(super) requests: u64,
}

impl Tokens {
    /// The current token while it is valid, otherwise a new one, with its remaining seconds.
    pub(super) fn token(&mut self, seed: u64, now: i64, life: i64) -> (String, i64) {
        if let Some((token, end)) = &self.current
            && now < *end
        {
            return (token.clone(), end.saturating_sub(now));
        }
        self.issued += 1;
        let state = ids::hash(seed, &[b"paypal token", &self.issued.to_le_bytes()]);
        let token = format!("A21AA{}", ids::letters(state, 92));
        self.current = Some((token.clone(), now.saturating_add(life)));
        (token, life)
    }

    /// Whether the request has the valid token.
    pub(super) fn admits(&self, head: &Call, now: i64) -> bool {
        let sent = head.credentials("bearer");
        let current = self.current.as_ref();
        current.is_some_and(|(token, end)| now < *end && sent.as_deref() == Some(token))
    }

    /// Revokes the current token.
    pub(super) fn revoke(&mut self) {
        self.current = None;
    }
}

/// The response to a token request: status and body.
pub(super) fn respond(
    tokens: &mut Tokens,
    head: &Call,
    form: &[u8],
    secrets: (&str, &str),
    seed: u64,
    (now, life): (i64, i64),
) -> (u16, Value) {
    tokens.requests += 1;
    let given = head.basic();
    let given = given
        .as_ref()
        .map(|(id, secret)| (id.as_str(), secret.as_str()));
    if given != Some(secrets) {
        let body = json!({"error": "invalid_client",
            "error_description": "Client Authentication failed"});
        return (401, body);
    }
    let grant = url::form_urlencoded::parse(form)
        .find(|(name, _)| name == "grant_type")
        .map(|(_, value)| value.into_owned());
    if grant.as_deref() != Some("client_credentials") {
        let body = json!({"error": "unsupported_grant_type",
            "error_description": "unsupported grant_type"});
        return (400, body);
    }
    let (token, left) = tokens.token(seed, now, life);
    let scope = "https://uri.paypal.com/services/payments/payment/authcapture \
                 https://uri.paypal.com/services/payments/refund \
                 https://uri.paypal.com/services/vault/payment-tokens/readwrite";
    let body = json!({"scope": scope, "access_token": token, "token_type": "Bearer",
        "app_id": "APP-80W284485P519543T", "expires_in": left, "nonce": ids::letters(seed, 43)});
    (200, body)
}
