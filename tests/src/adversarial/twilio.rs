//! Deliveries of Twilio: forms, and JSON whose hash is in the URL.

use std::sync::Arc;

use anyvendor_adapter_twilio::{TwilioWebhook, TwilioWebhookConfig};
use anyvendor_conformance::{SignedDelivery, webhook::Adversarial};
use anyvendor_core::{values::Secret, webhook::Prefetched};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Method, header::CONTENT_TYPE};
use ring::{digest, hmac};
use url::form_urlencoded;

const TOKEN: &str = "token-of-the-fuzzer";
const PUBLIC: &str = "https://hooks.example.com/api";
const FORM: &str = "application/x-www-form-urlencoded";
const PATH: &str = "/webhooks/twilio?reference=paid-7";
const STATUS: &str = "SmsSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&SmsStatus=sent&MessageStatus=sent&To=%2B15550109999\
    &MessageSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&AccountSid=AC1&From=%2B14133881111&ApiVersion=2010-04-01";
const INBOUND: &str = "SmsMessageSid=SM11111111111111111111111111111111&NumMedia=1&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fcanary\
    &MediaContentType0=image%2Fjpeg&Body=canary+%26+%E4%B8%96&From=whatsapp%3Acanary&To=whatsapp%3A%2B14133881111\
    &AccountSid=AC1&MessageSid=SM11111111111111111111111111111111&SmsStatus=received";
const JSON: &str = "[{\"canary\":1}]";

pub(super) fn adversarial() -> Adversarial {
    let config = TwilioWebhookConfig::new([Secret::new("other"), Secret::new(TOKEN)])
        .with_public_url(PUBLIC);
    let form = |body: &'static str| SignedDelivery::post(PATH, FORM, body);
    let json = format!("/webhooks/twilio?bodySHA256={}", sha256(JSON.as_bytes()));
    let json = SignedDelivery::post(json, "application/json", JSON);
    Adversarial {
        verifier: Arc::new(TwilioWebhook::new(&config).expect("good settings")),
        prefetched: Prefetched::none(),
        genuine: [form(STATUS), form(INBOUND), json].map(sign).into(),
        signed,
        payloads: |delivery| vec![payload(delivery)],
    }
}

fn sign(delivery: SignedDelivery) -> SignedDelivery {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
    let mac = hmac::sign(&key, &signed(&delivery));
    delivery.with_header("x-twilio-signature", BASE64_STANDARD.encode(mac))
}

/// The URL without its port, then the fields of a form without separators. The method is not signed.
fn signed(delivery: &SignedDelivery) -> Vec<u8> {
    let mut signed = without_port(&delivery.url);
    let content_type = delivery.headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().trim().to_ascii_lowercase();
    if delivery.method == Method::GET {
        return signed.into();
    }
    if content_type.starts_with("application/json") {
        // The hash in the URL represents the body.
        if !delivery
            .url
            .to_ascii_lowercase()
            .contains(&sha256(&delivery.body))
        {
            signed += &String::from_utf8_lossy(&delivery.body);
        }
        return signed.into();
    }
    let mut fields: Vec<_> = form_urlencoded::parse(&delivery.body).collect();
    fields.sort();
    fields.dedup();
    let fields = fields.into_iter().flat_map(|(name, value)| [name, value]);
    signed.extend(fields);
    signed.into()
}

fn without_port(url: &str) -> String {
    let called = if url.starts_with('/') {
        format!("{PUBLIC}{url}")
    } else {
        url.to_owned()
    };
    let Some((scheme, rest)) = called.split_once("://") else {
        return called;
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = if authority.contains('@') {
        authority
    } else {
        authority.split(':').next().unwrap_or_default()
    };
    format!("{scheme}://{host}{path}")
}

/// The fields of a GET are in the URL.
fn payload(delivery: &SignedDelivery) -> Bytes {
    if delivery.method != Method::GET {
        return delivery.body.clone();
    }
    let query = delivery.url.split_once('?').map_or("", |(_, query)| query);
    Bytes::copy_from_slice(query.as_bytes())
}

fn sha256(bytes: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, bytes);
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
