//! Signs and builds the deliveries of events: <https://docs.stripe.com/webhooks#verify-manually>.

use ring::hmac;

use super::objects::Event;
use super::render::Show as _;
use crate::webhooks::{Delivery, Sign, ToSign};

/// Signs with HMAC-SHA256 over the time and the body, using the endpoint's secret.
pub(super) struct StripeSigner(hmac::Key);

impl StripeSigner {
    pub(super) fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }
}

impl Sign for StripeSigner {
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)> {
        let time = request.at.as_second();
        let mac = |body: &[u8]| {
            let mut context = hmac::Context::with_key(&self.0);
            context.update(format!("{time}.").as_bytes());
            context.update(body);
            hex(context.sign().as_ref())
        };
        // Stripe's test mode adds a fake `v0` signature. It must never verify: a receiver has to ignore other schemes.
        let value = format!("t={time},v1={},v0={}", mac(request.body), mac(b"v0"));
        vec![("Stripe-Signature", value)]
    }
}

/// The delivery of one event; an event of a connected account contains the account's id.
pub(super) fn delivery(event: &Event, connected: Option<&str>) -> Delivery {
    let mut body = event.show();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("pending_webhooks".into(), 1.into());
        if let Some(account) = connected {
            fields.insert("account".into(), account.into());
        }
    }
    Delivery {
        event: event.kind.to_owned(),
        id: event.id.clone(),
        content_type: "application/json; charset=utf-8",
        body: format!("{body:#}").into(),
        url: None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
