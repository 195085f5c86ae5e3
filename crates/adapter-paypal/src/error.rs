//! What PayPal's errors mean; see <https://developer.paypal.com/api/rest/responses/>.

use anyvendor_core::{
    Kind,
    resilience::{Classifier, Failure, ResponseView, scrub},
};
use http::{HeaderMap, StatusCode};

use crate::{issue::Group, wire::ErrorBody};

/// Classifies every response. Rejections that are outcomes of the trait, or that depend on the object's state, pass as
/// successes, and the domain module reads them.
#[derive(Debug)]
pub(crate) struct PayPalClassifier;

impl Classifier for PayPalClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.status.is_success() {
            return None;
        }
        let Ok(body) = serde_json::from_slice::<ErrorBody>(response.body) else {
            return Failure::from_status(response.status);
        };
        // A server error is never final, whatever issue it names.
        let worst = gravest(&body).filter(|_| response.status.is_client_error());
        if let Some((group, _)) = worst
            && is_outcome(response.operation, group)
        {
            return None;
        }
        let mut failure = failure(response.status, &body, worst);
        failure.hint.authentic = body.is_vendors_own();
        Some(failure)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers.get("paypal-debug-id")?;
        id.to_str().ok().map(str::to_owned)
    }
}

/// The rejections that the domain modules turn into outcomes.
fn is_outcome(operation: &str, group: Group) -> bool {
    use Group::{AlreadyDone, Declined, Expired, PayerAction};
    match operation {
        "payment.create" => matches!(group, Declined | PayerAction),
        "payment.confirm" | "payment.capture" => {
            matches!(group, Declined | PayerAction | AlreadyDone | Expired)
        }
        "payment.cancel" => group == AlreadyDone,
        "payment.reauthorize" => group == Declined,
        _ => false,
    }
}

/// The gravest of a response's issues. Issues are stable, descriptions are not.
pub(crate) fn gravest(body: &ErrorBody) -> Option<(Group, &str)> {
    let known = body.details.iter().filter_map(|detail| {
        let issue = detail.issue.as_str();
        Some((Group::of(issue)?, issue))
    });
    known.min_by_key(|(group, _)| *group)
}

fn failure(status: StatusCode, body: &ErrorBody, worst: Option<(Group, &str)>) -> Failure {
    let first = body.details.first();
    let vendor_message = first
        .and_then(|detail| detail.description.as_deref())
        .or(body.message.as_deref())
        .unwrap_or("the vendor gave no message");
    let mut failure = match worst {
        Some((group, issue)) => {
            let (kind, ours) = group.kind();
            let text = ours.map_or_else(|| scrub(vendor_message, 200), str::to_owned);
            let failure = Failure::new(kind, text).with_vendor_code(issue);
            match group {
                Group::Amount => failure.with_field("amount"),
                _ => failure,
            }
        }
        None => {
            let kind = by_name(status, body);
            let failure = Failure::new(kind, scrub(vendor_message, 200));
            let code = first.map(|detail| detail.issue.as_str());
            let code = code.filter(|code| !code.is_empty());
            let code = code.or(body.error.as_deref()).unwrap_or(&body.name);
            if code.is_empty() {
                failure
            } else {
                failure.with_vendor_code(code)
            }
        }
    };
    let field = first.and_then(|detail| field_of(detail.field.as_deref()?));
    if failure.kind == Kind::InvalidRequest && failure.field.is_none() {
        failure.field = field;
    }
    failure
}

/// The kind by the error's name, else by its status.
fn by_name(status: StatusCode, body: &ErrorBody) -> Kind {
    match (body.error.as_deref(), body.name.as_str()) {
        (Some("invalid_token" | "invalid_client"), _) => Kind::Unauthenticated,
        (_, "RATE_LIMIT_REACHED") => Kind::throttled(),
        _ => Failure::from_status(status).map_or(Kind::Other, |failure| failure.kind),
    }
}

/// Our name for a field that PayPal names by a JSON pointer.
fn field_of(pointer: &str) -> Option<&'static str> {
    let named = [
        ("amount", "amount"),
        ("vault_id", "source"),
        ("payment_source", "source"),
        ("invoice_id", "unique_reference"),
        ("custom_id", "reference"),
        ("return_url", "return_url"),
        ("cancel_url", "cancel_url"),
        ("soft_descriptor", "statement_descriptor"),
        ("description", "description"),
        ("customer", "customer"),
    ];
    let step = |name: &str| pointer.split('/').any(|step| step == name);
    // The deepest match is the most exact: `return_url` is below `payment_source`.
    let found = named.iter().filter(|(theirs, _)| step(theirs));
    found
        .max_by_key(|(theirs, _)| pointer.rfind(theirs))
        .map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests;
