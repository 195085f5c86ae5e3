//! One delivery of each vendor, signed now, and what another library needs to verify it.

use anyvendor_core::webhook::WebhookRequest;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

pub(crate) const STRIPE_SECRET: &str = "whsec_benchmark";
pub(crate) const TWILIO_TOKEN: &str = "token-of-the-benchmark";
pub(crate) const TWILIO_PUBLIC: &str = "https://hooks.example.com";
pub(crate) const PAYPAL_LISTENER: &str = "1JE4291016473214C";
pub(crate) const PAYPAL_ROOT: &str =
    include_str!("../../../crates/adapter-paypal/tests/fixtures/webhook_root.pem");
pub(crate) const PAYPAL_LEAF: &str =
    include_str!("../../../crates/adapter-paypal/tests/fixtures/webhook_leaf.pem");
const PAYPAL_KEY: &str =
    include_str!("../../../crates/adapter-paypal/tests/fixtures/webhook_leaf_key.pkcs8.b64");
const PAYPAL_NAME: &str = "messageverificationcerts.sandbox.paypal.com";

/// The largest batch that SendGrid documents.
const BATCH: usize = 768 * 1024;

/// A PaymentIntent with what Stripe writes into each, 1.4 KB with the event around it.
const STRIPE_EVENT: &str = include_str!("../event.json");

const TWILIO_FORM: &str = "ToCountry=US&ToState=CA&SmsMessageSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&NumMedia=0&ToCity=SAN+FRANCISCO&FromZip=94107&SmsSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&FromState=CA&SmsStatus=received&FromCity=SAN+FRANCISCO&Body=Is+my+order+on+its+way%3F+%E4%B8%96&FromCountry=US&To=%2B14133881111&ToZip=94107&NumSegments=1&MessageSid=SM0b6e2697aae04182a9f5b5c7a8994c7f&AccountSid=AC00000000000000000000000000000000&From=%2B15550109999&ApiVersion=2010-04-01";

/// A delivery as it is sent, and as JSON for the programs in other languages.
pub(crate) struct Delivery {
    url: &'static str,
    headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) case: Value,
}

impl Delivery {
    fn new(url: &'static str, body: String, headers: &[(&'static str, &str)], case: Value) -> Self {
        let header = |(name, value): &(&'static str, &str)| {
            let value = HeaderValue::from_str(value).expect("a header's value");
            (HeaderName::from_static(name), value)
        };
        Self {
            url,
            headers: headers.iter().map(header).collect(),
            body: body.into(),
            case,
        }
    }

    pub(crate) fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest::new(&Method::POST, self.url, &self.headers, &self.body)
    }
}

pub(crate) fn stripe(now: Timestamp) -> Delivery {
    let (time, body) = (now.as_second(), STRIPE_EVENT.trim_end());
    let key = hmac::Key::new(hmac::HMAC_SHA256, STRIPE_SECRET.as_bytes());
    let signed = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let hex: String = signed
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let header = format!("t={time},v1={hex}");
    let case = json!({"payload": body, "header": header, "secret": STRIPE_SECRET});
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("stripe-signature", &header),
    ];
    Delivery::new("/webhooks/stripe", body.to_owned(), &headers, case)
}

/// Signed with the port, or without it.
pub(crate) fn twilio(port: &str) -> Delivery {
    const PATH: &str = "/webhooks/twilio?reference=order-7";
    let fields: Vec<_> = TWILIO_FORM.split('&').collect();
    let decoded = |text: &str| {
        let text = text.replace('+', " ").replace("%2B", "+");
        text.replace("%3F", "?").replace("%E4%B8%96", "\u{4e16}")
    };
    let mut fields: Vec<_> = fields
        .into_iter()
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| [name.to_owned(), decoded(value)].concat())
        .collect();
    fields.sort();
    let signed = format!("{TWILIO_PUBLIC}{port}{PATH}{}", fields.concat());
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TWILIO_TOKEN.as_bytes());
    let signature = BASE64_STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
    let case = json!({
        "url": format!("{TWILIO_PUBLIC}{PATH}"),
        "payload": TWILIO_FORM,
        "signature": signature,
        "token": TWILIO_TOKEN,
    });
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-twilio-signature", &signature),
    ];
    Delivery::new(PATH, TWILIO_FORM.to_owned(), &headers, case)
}

/// A batch, and the key that it is verified with.
pub(crate) fn sendgrid(now: Timestamp) -> (Delivery, String) {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
    let head = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    let mut public = BASE64_STANDARD.decode(head).expect("base64");
    public.truncate(26);
    public.extend_from_slice(pair.public_key().as_ref());
    let public = BASE64_STANDARD.encode(public);

    let (time, body) = (now.as_second().to_string(), batch());
    let signature = pair.sign(&random, [time.as_str(), &body].concat().as_bytes());
    let signature = BASE64_STANDARD.encode(signature.expect("a signature"));
    let case = json!({"payload": body, "signature": signature, "timestamp": time, "key": public});
    let headers = [
        ("content-type", "application/json"),
        ("x-twilio-email-event-webhook-signature", &signature),
        ("x-twilio-email-event-webhook-timestamp", &time),
    ];
    let delivery = Delivery::new("/webhooks/sendgrid", body, &headers, case);
    (delivery, public)
}

/// Events of all kinds, as the documentation shows them, up to the size.
fn batch() -> String {
    let kinds = [
        r#""event":"processed""#,
        r#""event":"delivered","response":"250 OK","ip":"192.0.2.1","tls":1"#,
        r#""event":"open","ip":"192.0.2.1","useragent":"Mozilla/5.0 (X11; Linux x86_64)","sg_machine_open":false"#,
        r#""event":"click","ip":"192.0.2.1","useragent":"Mozilla/5.0 (X11; Linux x86_64)","url":"https://example.com/orders/7","url_offset":{"index":0,"type":"html"}"#,
        r#""event":"bounce","type":"bounce","status":"5.1.1","reason":"550 5.1.1 The email account does not exist","bounce_classification":"Invalid Address""#,
    ];
    let mut body = String::from("[");
    for (number, kind) in kinds.iter().cycle().enumerate() {
        let event = format!(
            "{{\"email\":\"ann{number}@example.com\",\"timestamp\":{},\"smtp-id\":\"<14c5d75ce93.dfd.{number}@ismtpd-555>\",\
             \"category\":[\"receipts\"],\"sg_event_id\":\"6g4ZI7SA-xmRDv57GoPI{number}==\",\
             \"sg_message_id\":\"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.{number}\",\
             \"anyvendor_message_id\":\"receipt-{number}\",{kind}}}",
            1_759_000_000 + number,
        );
        if body.len() + event.len() + 4 > BATCH {
            break;
        }
        if number > 0 {
            body.push(',');
        }
        body.push_str(&event);
    }
    body.push_str("]\r\n");
    body
}

pub(crate) fn paypal(now: Timestamp) -> Delivery {
    const BODY: &str = r#"{"id":"WH-58D329510W468432D-8HN650336L201105X","event_version":"1.0","create_time":"2025-10-09T08:53:20.000Z","resource_type":"capture","resource_version":"2.0","event_type":"PAYMENT.CAPTURE.COMPLETED","summary":"Payment completed for $ 10.0 USD","resource":{"id":"42311647XV020574X","status":"COMPLETED","amount":{"currency_code":"USD","value":"10.00"},"final_capture":true,"custom_id":"order-7","seller_protection":{"status":"ELIGIBLE","dispute_categories":["ITEM_NOT_RECEIVED","UNAUTHORIZED_TRANSACTION"]},"seller_receivable_breakdown":{"gross_amount":{"currency_code":"USD","value":"10.00"},"paypal_fee":{"currency_code":"USD","value":"0.59"},"net_amount":{"currency_code":"USD","value":"9.41"}},"supplementary_data":{"related_ids":{"order_id":"5O190127TN364715T"}},"create_time":"2025-10-09T08:53:18Z","update_time":"2025-10-09T08:53:18Z"},"links":[]}"#;
    const ID: &str = "69cd13f0-d67a-11e5-baa3-778b53f4ae55";
    let now = Timestamp::from_second(now.as_second()).expect("a time");
    let time = now.to_string();
    let checksum = crc32(BODY.as_bytes());
    let key = BASE64_STANDARD.decode(PAYPAL_KEY.trim()).expect("base64");
    let key = RsaKeyPair::from_pkcs8(&key).expect("a key");
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = format!("{ID}|{time}|{PAYPAL_LISTENER}|{checksum}");
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    let signature = BASE64_STANDARD.encode(signature);
    let case = json!({
        "payload": BODY,
        "id": ID,
        "time": time,
        "listener": PAYPAL_LISTENER,
        "signature": signature,
        "certificate": PAYPAL_LEAF,
        "root": PAYPAL_ROOT,
        "name": PAYPAL_NAME,
    });
    let headers = [
        ("content-type", "application/json"),
        ("paypal-transmission-id", ID),
        ("paypal-transmission-time", &time),
        ("paypal-transmission-sig", &signature),
        ("paypal-auth-algo", "SHA256withRSA"),
        (
            "paypal-cert-url",
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42",
        ),
    ];
    Delivery::new("/webhooks/paypal", BODY.to_owned(), &headers, case)
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}
