//! What a thief makes of one delivery: Twilio signs neither the method nor the time, nor where a field ends.

use std::collections::BTreeSet;

use anyvendor_adapter_twilio::{TwilioWebhookConfig, TwilioWebhookMethod};
use anyvendor_conformance::SignedDelivery;
use anyvendor_core::webhook::{
    Event, Prefetched, SignedContent, WebhookError, WebhookEvent, WebhookVerifier,
};
use http::{HeaderValue, Method};
use jiff::Timestamp;
use url::form_urlencoded;

use super::{FORM, TOKEN, respellings::all, sign, verifier, verifier_of};

fn read(
    webhook: &dyn WebhookVerifier,
    delivery: &SignedDelivery,
) -> Result<(WebhookEvent, Option<SignedContent>), WebhookError> {
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let verified = webhook.verify(delivery.request(), &Prefetched::none(), now)?;
    let signed = webhook.signed_content(&verified);
    Ok((webhook.events(&verified).remove(0), signed))
}

#[test]
fn sf09_one_signature_is_one_event() {
    let webhook = verifier(&[TOKEN]);
    let calls = "CallSid=CA1&CallStatus=completed&AccountSid=AC1&Duration=7";
    let genuine = sign(SignedDelivery::post(
        "/webhooks/twilio?tenant=1",
        FORM,
        calls,
    ));
    let (event, _) = read(webhook.as_ref(), &genuine).unwrap();
    let mut keys = BTreeSet::from([event.dedupe_key]);
    let (mut taken, mut refused) = (0, 0);
    for respelt in all(&genuine) {
        match read(webhook.as_ref(), &respelt) {
            Ok((event, _)) => {
                taken += 1;
                assert_eq!(event.event, Event::Other);
                keys.insert(event.dedupe_key);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(taken > 6 && refused > 0, "{taken} {refused}");
    assert_eq!(keys.len(), 1);
    // The same words in another place are another event.
    let other = sign(SignedDelivery::post(
        "/webhooks/twilio?tenant=2",
        FORM,
        calls,
    ));
    keys.insert(read(webhook.as_ref(), &other).unwrap().0.dedupe_key);
    assert_eq!(keys.len(), 2);
}

#[test]
fn sf09_a_text_cannot_become_a_get() {
    let text = "&MessageSid=SM9&MessageStatus=undelivered&ErrorCode=21610&x=";
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("Body", text)
        .append_pair("From", "+15550109999")
        .append_pair("MessageSid", "SM1")
        .append_pair("SmsStatus", "received")
        .finish();
    let genuine = sign(SignedDelivery::post(
        "/webhooks/twilio?tenant=1",
        FORM,
        body,
    ));
    let webhook = verifier(&[TOKEN]);
    assert!(matches!(
        read(webhook.as_ref(), &genuine).unwrap().0.event,
        Event::InboundMessage(_)
    ));
    let forged = all(&genuine).pop().unwrap();
    assert_eq!(forged.method, Method::GET);
    let told = read(webhook.as_ref(), &forged);
    assert!(matches!(told, Err(WebhookError::Method)), "{told:?}");
    // Where GET is the setting, it is the only method.
    let get = verifier_of(&[TOKEN], TwilioWebhookMethod::Get);
    let told = read(get.as_ref(), &genuine);
    assert!(matches!(told, Err(WebhookError::Method)), "{told:?}");
}

/// Whoever divides the fields in another way is told apart once the genuine delivery is known.
#[test]
fn sf09_fields_that_are_divided_anew_are_another_content() {
    let webhook = verifier(&[TOKEN]);
    let text = "hiMessageSidSM9MessageStatusundeliveredT";
    let body = format!("Body={text}&From=%2B15550109999&MessageSid=SM1&SmsStatus=received");
    let genuine = sign(SignedDelivery::post("/webhooks/twilio", FORM, body));
    let forged = SignedDelivery {
        body: "Body=hi&MessageSid=SM9&MessageStatus=undelivered&T=From%2B15550109999MessageSidSM1SmsStatusreceived".into(),
        ..genuine.clone()
    };
    let (_, signed) = read(webhook.as_ref(), &genuine).unwrap();
    let (_, other) = read(webhook.as_ref(), &forged).unwrap();
    let (signed, other) = (signed.unwrap(), other.unwrap());
    assert_eq!(signed.signature, other.signature);
    assert_ne!(signed.content, other.content, "the receiver refuses it");
}

#[test]
fn sf09_what_twilio_does_not_write_is_refused() {
    for body in ["=x&MessageSid=SM1", "MessageSid=SM1&=", "%ff=%fe&&=&"] {
        let told = read(
            verifier(&[TOKEN]).as_ref(),
            &sign(SignedDelivery::post("/webhooks/twilio", FORM, body)),
        );
        assert!(matches!(told, Err(WebhookError::Malformed(_))), "{told:?}");
    }
}

/// The words of a text can contain the hash of a body. That body is JSON then, and not a form.
#[test]
fn sf09_json_is_never_read_as_a_form() {
    let body = "MessageSid=SM9&MessageStatus=undelivered";
    let hash = ring::digest::digest(&ring::digest::SHA256, body.as_bytes());
    let hex: String = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let url = format!("/webhooks/twilio?x=1&bodySHA256={hex}");
    let mut empty = sign(SignedDelivery::post(url, FORM, ""));
    empty.body = body.into();
    let json = HeaderValue::from_static("application/json");
    empty.headers.insert("content-type", json);
    let (event, _) = read(verifier(&[TOKEN]).as_ref(), &empty).unwrap();
    assert_eq!(
        (event.event, event.name.as_str()),
        (Event::Other, "callback")
    );
}

#[test]
fn sf09_the_method_is_a_setting() {
    let read = |more: &str| {
        let text = format!("{{\"auth_tokens\":[\"env:A\"]{more}}}");
        serde_json::from_str::<TwilioWebhookConfig>(&text).map(|config| config.method)
    };
    assert_eq!(read("").unwrap(), TwilioWebhookMethod::Post);
    assert_eq!(
        read(",\"method\":\"get\"").unwrap(),
        TwilioWebhookMethod::Get
    );
    assert!(read(",\"method\":\"any\"").is_err());
}
