//! The accepted emails at the control address, as JSON, as HTML and as a table of the page.

use http::{HeaderValue, Response, header};
use serde_json::Value;

use super::state::SendGridState;
use crate::body::ResponseBody;
use crate::emulator::ControlRequest;
use crate::html::{Link, Table, escape};
use crate::reply::{html, pretty};

/// The lists that the page links to.
pub(super) const LINKS: &[Link] = &[Link {
    list: "messages",
    label: "emails",
}];

/// Responds to `GET /_sandbox/sendgrid/messages` and `../messages/{number}/html`.
pub(super) fn respond(
    state: &SendGridState,
    request: &ControlRequest<'_>,
) -> Option<Response<ResponseBody>> {
    match (request.method, request.steps) {
        ("GET", ["messages"]) => Some(pretty(messages(state))),
        ("GET", ["messages", number, "html"]) => email(state, number),
        _ => None,
    }
}

fn messages(state: &SendGridState) -> Value {
    let messages = state.messages();
    let numbered = messages.iter().zip(1..);
    numbered
        .map(|(message, number)| message.to_json(number))
        .collect()
}

/// The email as the recipient sees it, but that nothing in it runs, loads anything or sends a form.
fn email(state: &SendGridState, number: &str) -> Option<Response<ResponseBody>> {
    let messages = state.messages();
    let at = number.parse::<usize>().ok()?.checked_sub(1)?;
    let text = messages.get(at)?.html.as_deref()?;
    let mut response = html(text.to_owned());
    let policy = HeaderValue::from_static(EMAIL_POLICY);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Some(response)
}

/// Links of an email open in another tab; styles and images are shown only if they are in the email itself.
const EMAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
     style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// The emails, each with a link to its HTML.
pub(super) fn tables(state: &SendGridState) -> Vec<Table> {
    let heads = &["#", "to", "subject", "files", "status"];
    let emails = Table::newest("Emails", heads, &state.messages(), |at, message| {
        let number = at + 1;
        let subject = escape(message.subject.as_deref().unwrap_or("(no subject)"));
        let subject = match message.html {
            Some(_) => {
                format!("<a href=/_sandbox/sendgrid/messages/{number}/html>{subject}</a>")
            }
            None => subject,
        };
        vec![
            number.to_string(),
            escape(&message.to.email),
            subject,
            message.attachments.len().to_string(),
            message.status.as_str().to_owned(),
        ]
    });
    vec![emails]
}
