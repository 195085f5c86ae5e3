//! Deliveries verified by PayPal's API; see "Verify webhook signature" in <https://developer.paypal.com/docs/api/webhooks/v1/>.

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

/// The call changes nothing, so it can be repeated.
const VERIFY: Operation = Operation::new(
    "webhook.verify",
    &Method::POST,
    "/v1/notifications/verify-webhook-signature",
    OperationClass::Safe,
);

/// PayPal's verdict on one delivery, with everything that was sent for it: it is not valid for any other delivery.
struct Verdict {
    asked: Asked,
    genuine: bool,
}

/// Everything about a delivery that PayPal is asked to verify.
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
            // It may be only this id that PayPal no longer knows.
            Err(error) if matches!(error.kind(), Kind::InvalidRequest | Kind::NotFound) => {
                refused = Some(error);
            }
            Err(error) => return Err(WebhookError::Unavailable(Box::new(error))),
        }
    }
    match refused {
        // Only FAILURE means a wrong signature: a request that PayPal rejected gave no verdict.
        Some(error) if !genuine => Err(WebhookError::Unavailable(Box::new(error))),
        _ => Ok(Prefetched::of(Verdict {
            asked: Asked::about(transmission, ids, request),
            genuine,
        })),
    }
}

/// Checks that PayPal confirmed this very delivery.
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
    if verdict.genuine {
        Ok(())
    } else {
        Err(WebhookError::BadSignature)
    }
}

/// Checks the limits in PayPal's description of the call; the ids of listeners are checked with the settings.
fn within_limits(transmission: &Transmission<'_>) -> Result<(), WebhookError> {
    let fields = [
        (transmission.id, 50),
        (transmission.time, 100),
        (transmission.algorithm, 100),
        (transmission.encoded, 500),
        (transmission.certificate, 500),
    ];
    if fields.iter().all(|(text, limit)| text.len() <= *limit) {
        Ok(())
    } else {
        Err(WebhookError::Malformed(
            "a header is longer than PayPal's API allows",
        ))
    }
}

/// The body, if it is one JSON object and nothing else: text after its end could add fields to our own request.
fn one_object(body: &[u8]) -> Result<&[u8], WebhookError> {
    let whole = serde_json::from_slice::<&RawValue>(body);
    if whole.is_ok_and(|value| value.get().starts_with('{')) {
        Ok(body)
    } else {
        Err(WebhookError::Malformed("the body is not a JSON object"))
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
        .query(&VERIFY, &segments, with_event(&question, event)?)
        .await?;
    Ok(response.json::<Verified>()?.verification_status)
}

/// The request with the delivery's bytes unchanged: `1.0` would be rewritten as `1`, but the signature covers `1.0`.
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
