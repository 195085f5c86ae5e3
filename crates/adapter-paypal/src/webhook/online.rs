//! Deliveries verified by asking PayPal; see "Verify webhook signature" in <https://developer.paypal.com/docs/api/webhooks/v1/>.

use anyvendor_core::{
    Error, Kind,
    resilience::{Operation, OperationClass},
    webhook::{Prefetched, WebhookError, WebhookRequest},
};
use bytes::Bytes;
use http::Method;
use serde_json::value::RawValue;

use super::transmission::Transmission;
use crate::{
    client::PayPal,
    wire::{VerificationStatus, Verified, VerifySignature},
};

/// It only asks, so that it may be asked again.
const VERIFY: Operation = Operation::new(
    "webhook.verify",
    &Method::POST,
    "/v1/notifications/verify-webhook-signature",
    OperationClass::Safe,
);

/// PayPal's word on one delivery, with all that it was asked about: it says nothing of any other.
struct Verdict {
    asked: Asked,
    genuine: bool,
}

/// All that PayPal is asked about.
#[derive(PartialEq, Eq)]
struct Asked {
    headers: [String; 5],
    ids: Vec<String>,
    body: Bytes,
}

impl Asked {
    fn about(
        transmission: &Transmission<'_>,
        ids: &[String],
        request: &WebhookRequest<'_>,
    ) -> Self {
        let headers = [
            transmission.id,
            transmission.time,
            transmission.algorithm,
            transmission.encoded,
            transmission.certificate,
        ];
        Self {
            headers: headers.map(str::to_owned),
            ids: ids.to_vec(),
            body: request.body().clone(),
        }
    }
}

/// Asks whether a delivery was sent to one of these listeners.
pub(super) async fn ask(
    paypal: &PayPal,
    transmission: &Transmission<'_>,
    ids: &[String],
    request: &WebhookRequest<'_>,
) -> Result<Prefetched, WebhookError> {
    within_limits(transmission)?;
    let event = one_object(request.body())?;
    let mut refused = None;
    let mut genuine = false;
    for id in ids {
        match status(paypal, transmission, id, event).await {
            Ok(VerificationStatus::Success) => {
                genuine = true;
                break;
            }
            Ok(VerificationStatus::Failure) => {}
            // It may be this id alone that PayPal does not know any more.
            Err(error) if matches!(error.kind(), Kind::InvalidRequest | Kind::NotFound) => {
                refused = Some(error);
            }
            Err(error) => return Err(WebhookError::Unavailable(Box::new(error))),
        }
    }
    match refused {
        // FAILURE alone is a no: a question that PayPal refused was not answered.
        Some(error) if !genuine => Err(WebhookError::Unavailable(Box::new(error))),
        _ => Ok(Prefetched::of(Verdict {
            asked: Asked::about(transmission, ids, request),
            genuine,
        })),
    }
}

/// Whether PayPal said that this very delivery is its own.
pub(super) fn check(
    prefetched: &Prefetched,
    transmission: &Transmission<'_>,
    ids: &[String],
    request: &WebhookRequest<'_>,
) -> Result<(), WebhookError> {
    let verdict = prefetched.get::<Verdict>().ok_or(WebhookError::Malformed(
        "PayPal was not asked about the delivery",
    ))?;
    if verdict.asked != Asked::about(transmission, ids, request) {
        return Err(WebhookError::Malformed(
            "PayPal was asked about another delivery",
        ));
    }
    match verdict.genuine {
        true => Ok(()),
        false => Err(WebhookError::BadSignature),
    }
}

/// What PayPal's description of the call takes; an id of a listener is checked with the settings.
fn within_limits(transmission: &Transmission<'_>) -> Result<(), WebhookError> {
    let fields = [
        (transmission.id, 50),
        (transmission.time, 100),
        (transmission.algorithm, 100),
        (transmission.encoded, 500),
        (transmission.certificate, 500),
    ];
    match fields.iter().all(|(text, limit)| text.len() <= *limit) {
        true => Ok(()),
        false => Err(WebhookError::Malformed(
            "a header is longer than PayPal's own check takes",
        )),
    }
}

/// The body, if it is one JSON object and nothing else: what ends it and goes on could put fields into our own question.
fn one_object(body: &[u8]) -> Result<&[u8], WebhookError> {
    let whole = serde_json::from_slice::<&RawValue>(body);
    match whole.is_ok_and(|value| value.get().starts_with('{')) {
        true => Ok(body),
        false => Err(WebhookError::Malformed("the body is no JSON object")),
    }
}

async fn status(
    paypal: &PayPal,
    transmission: &Transmission<'_>,
    id: &str,
    event: &[u8],
) -> Result<VerificationStatus, Error> {
    let question = VerifySignature {
        auth_algo: transmission.algorithm,
        cert_url: transmission.certificate,
        transmission_id: transmission.id,
        transmission_sig: transmission.encoded,
        transmission_time: transmission.time,
        webhook_id: id,
    };
    let segments = ["v1", "notifications", "verify-webhook-signature"];
    let response = paypal
        .ask(&VERIFY, &segments, with_event(&question, event)?)
        .await?;
    Ok(response.json::<Verified>()?.verification_status)
}

/// The question with the delivery's bytes put in as they are: `1.0` written anew is `1`, and the signature is over `1.0`.
fn with_event(question: &VerifySignature<'_>, event: &[u8]) -> Result<Vec<u8>, Error> {
    let mut json = serde_json::to_vec(question)
        .map_err(|_| Error::invalid("body", "cannot be written as JSON"))?;
    json.pop();
    json.reserve(event.len() + 20);
    json.extend_from_slice(b",\"webhook_event\":");
    json.extend_from_slice(event);
    json.push(b'}');
    Ok(json)
}
