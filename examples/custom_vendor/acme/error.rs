//! What Acme's errors mean: the one module that makes errors from responses.

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    resilience::{Classifier, Failure, Hint, ResponseHead, ResponseView},
};
use http::HeaderMap;

use super::wire::ErrorBody;

/// Reads Acme's errors: `{"code": "..."}`.
#[derive(Debug)]
pub(crate) struct AcmeClassifier;

impl Classifier for AcmeClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let defaults = Failure::from_status(response.status)?;
        // The outcome of one recipient and not an error: `email.rs` gets it from `rejected_recipient`.
        if rejected_recipient(response.body).is_some() {
            return None;
        }
        let failure = match read(response.body).code {
            None => return Some(defaults),
            Some(code) if code == "out_of_credits" => {
                let kind = Kind::QuotaExhausted { resets_at: None };
                Failure::new(kind, "the account has no credits left")
                    .with_hint(Hint::NEVER)
                    .with_vendor_code(code)
            }
            // Everything else means what its status says.
            Some(code) => defaults.with_vendor_code(code),
        };
        // It has a code of Acme's, so it is Acme's own word and no gateway's page.
        Some(failure.authentic())
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-acme-request")?.to_str().ok()?.to_owned())
    }
}

/// The position of the recipient that Acme rejected. It sends nothing then, to anybody.
pub(crate) fn rejected_recipient(body: &[u8]) -> Option<usize> {
    let body = read(body);
    let rejected = body.code.as_deref() == Some("bad_address");
    body.recipient.filter(|_| rejected)
}

/// Why nothing was sent to the other recipients of that message.
pub(crate) fn rejected_with_another(head: &ResponseHead) -> Error {
    let message = "to: the vendor rejected the whole message because of another recipient";
    head.refused(Kind::InvalidRequest, message).with_field("to")
}

/// The message was accepted, but under an id that is not one.
pub(crate) fn invalid_id(head: &ResponseHead) -> Error {
    let message = "the response contains an invalid id";
    head.malformed(ProtocolReason::BadBody, message)
}

fn read(body: &[u8]) -> ErrorBody {
    serde_json::from_slice(body).unwrap_or_default()
}
