//! Webhooks: the contract, Twilio's own vectors, and each callback as a neutral event.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "webhook/events.rs"]
mod events;
#[path = "webhook/respellings.rs"]
mod respellings;
#[path = "webhook/respelt.rs"]
mod respelt;

use std::sync::Arc;

use anyvendor_adapter_twilio::{TwilioWebhook, TwilioWebhookConfig, TwilioWebhookMethod};
use anyvendor_conformance::{SignedDelivery, WebhookHarness, WebhookSigner, webhook};
use anyvendor_core::{
    values::Secret,
    webhook::{Prefetched, WebhookError, WebhookVerifier},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use jiff::Timestamp;
use ring::hmac;
use serde_json::Value;
use url::form_urlencoded;

const TOKEN: &str = "conformance-token";
const PUBLIC: &str = "https://hooks.example.com/api";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

/// Different events with personal data in them, for the contract.
pub(crate) const BODIES: [&str; 3] = [
    "SmsSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&SmsStatus=sent&MessageStatus=sent&To=%2B15550109999&MessagingServiceSid=MGdb23ec0f89ee2632e46e91d8128f5e2b&MessageSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&AccountSid=AC1&From=%2B14133881111&ApiVersion=2010-04-01",
    "SmsSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&MessageStatus=failed&To=%2B15550109999&MessageSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&AccountSid=AC1&ErrorCode=21610",
    "ToCountry=US&SmsMessageSid=SM11111111111111111111111111111111&NumMedia=1&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fm%2F1&MediaContentType0=image%2Fjpeg&Body=canary+%26+%E4%B8%96&From=whatsapp%3A%2B15550109999&To=whatsapp%3A%2B14133881111&AccountSid=AC1&MessageSid=SM11111111111111111111111111111111&ApiVersion=2010-04-01&SmsStatus=received",
];

pub(crate) fn verifier(tokens: &[&str]) -> Arc<dyn WebhookVerifier> {
    verifier_of(tokens, TwilioWebhookMethod::Post)
}

pub(crate) fn verifier_of(
    tokens: &[&str],
    method: TwilioWebhookMethod,
) -> Arc<dyn WebhookVerifier> {
    let tokens = tokens.iter().map(|token| Secret::new(*token));
    let config = TwilioWebhookConfig::new(tokens)
        .with_public_url(format!("{PUBLIC}/"))
        .with_method(method);
    Arc::new(TwilioWebhook::new(&config).unwrap())
}

/// Signs as Twilio's documentation describes. The names here are unique.
pub(crate) fn sign(mut delivery: SignedDelivery) -> SignedDelivery {
    let mut fields: Vec<_> = form_urlencoded::parse(&delivery.body)
        .into_owned()
        .collect();
    fields.sort();
    let fields: String = fields
        .into_iter()
        .map(|(name, value)| name + &value)
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
    let signed = hmac::sign(&key, format!("{PUBLIC}{}{fields}", delivery.url).as_bytes());
    delivery = delivery.with_header("x-twilio-signature", BASE64_STANDARD.encode(signed));
    delivery
}

#[derive(Debug)]
struct Signer;

impl WebhookSigner for Signer {
    fn deliveries(&self, _: Timestamp) -> Vec<SignedDelivery> {
        let url = "/webhooks/twilio?reference=canary-7";
        let post = |body: &&str| sign(SignedDelivery::post(url, FORM, (*body).to_owned()));
        BODIES.iter().map(post).collect()
    }

    fn headers(&self) -> &'static [&'static str] {
        &["x-twilio-signature"]
    }

    fn signs_url(&self) -> bool {
        true
    }

    fn respelt(&self, genuine: &SignedDelivery) -> Vec<SignedDelivery> {
        respellings::all(genuine)
    }

    fn says_the_same(&self, genuine: &SignedDelivery, altered: &SignedDelivery) -> bool {
        let fields = |delivery: &SignedDelivery| {
            let mut fields: Vec<_> = form_urlencoded::parse(&delivery.body)
                .into_owned()
                .collect();
            fields.sort();
            fields.dedup();
            // The names and values are signed without anything between them.
            fields
                .into_iter()
                .map(|(name, value)| name + &value)
                .collect::<String>()
        };
        fields(genuine) == fields(altered)
    }
}

#[tokio::test]
async fn keeps_the_contract() {
    let harness = WebhookHarness {
        verifier: verifier(&[TOKEN]),
        rotating: verifier(&["other", TOKEN]),
        stranger: verifier(&["other", "another"]),
        signer: Arc::new(Signer),
        window: None,
        alterations: 100_000,
    };
    webhook::run(&harness).await.assert_passed(14);
}

/// Signs URLs, for an endpoint that Twilio is told to GET.
#[derive(Debug)]
struct GetSigner;

impl WebhookSigner for GetSigner {
    fn deliveries(&self, _: Timestamp) -> Vec<SignedDelivery> {
        let get = |body: &&str| {
            let url = format!("/webhooks/twilio?reference=canary-7&{body}");
            let mut get = SignedDelivery::post(url, FORM, "").with_method(Method::GET);
            get.headers.clear();
            sign(get)
        };
        BODIES.iter().map(get).collect()
    }

    fn headers(&self) -> &'static [&'static str] {
        &["x-twilio-signature"]
    }

    fn signs_url(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn keeps_the_contract_for_get() {
    let get = |tokens: &[&str]| verifier_of(tokens, TwilioWebhookMethod::Get);
    let harness = WebhookHarness {
        verifier: get(&[TOKEN]),
        rotating: get(&["other", TOKEN]),
        stranger: get(&["other", "another"]),
        signer: Arc::new(GetSigner),
        window: None,
        alterations: 20_000,
    };
    webhook::run(&harness).await.assert_passed(14);
}

#[test]
#[ignore = "needs ANYVENDOR_VECTORS"]
fn twilios_own_vectors() {
    let folder = std::env::var("ANYVENDOR_VECTORS").unwrap();
    let text = std::fs::read_to_string(format!("{folder}/twilio.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 34);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let mut delivery = match (&case["params"], &case["body"]) {
            (Value::Array(params), _) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for pair in params {
                    form.append_pair(pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
                }
                SignedDelivery::post(text("url"), FORM, form.finish())
            }
            (_, Value::String(body)) => {
                SignedDelivery::post(text("url"), "application/json", body.clone())
            }
            _ => {
                let mut get = SignedDelivery::post(text("url"), FORM, "");
                get.method = Method::GET;
                get
            }
        };
        delivery = delivery.with_header("x-twilio-signature", text("signature"));
        if let Some(settings) = case["signature_settings_header"].as_str() {
            delivery = delivery.with_header("x-twilio-webhooks-signature-settings", settings);
        }
        let method = match delivery.method {
            Method::GET => TwilioWebhookMethod::Get,
            _ => TwilioWebhookMethod::Post,
        };
        let webhook = verifier_of(&[text("auth_token")], method);
        let taken = webhook
            .verify(
                delivery.request(),
                &Prefetched::none(),
                Timestamp::UNIX_EPOCH,
            )
            .map(drop);
        assert_eq!(
            taken.is_ok(),
            text("expect") == "accept",
            "{}: {taken:?}",
            text("id")
        );
    }
}

#[test]
fn the_public_url_is_a_setting() {
    let token = || [Secret::new(TOKEN)];
    let without = TwilioWebhook::new(&TwilioWebhookConfig::new(token())).unwrap();
    let delivery = sign(SignedDelivery::post("/webhooks/twilio", FORM, BODIES[0]));
    let taken = without.verify(
        delivery.request(),
        &Prefetched::none(),
        Timestamp::UNIX_EPOCH,
    );
    assert!(
        matches!(&taken, Err(WebhookError::Malformed(why)) if why.contains("public_url")),
        "{taken:?}"
    );
    // A whole address is used as it is.
    let mut whole = delivery.clone();
    whole.url = format!("{PUBLIC}{}", delivery.url);
    without
        .verify(whole.request(), &Prefetched::none(), Timestamp::UNIX_EPOCH)
        .unwrap();
    for bad in [
        "hooks.example.com",
        "https://a.example?b",
        "ftp://a.example",
        "",
    ] {
        let config = TwilioWebhookConfig::new(token()).with_public_url(bad);
        assert_eq!(
            TwilioWebhook::new(&config).unwrap_err().field(),
            Some("public_url"),
            "{bad}"
        );
    }
}
