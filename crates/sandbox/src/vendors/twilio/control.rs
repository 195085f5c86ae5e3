//! The messages and verifications at the control address, as JSON and as tables of the page.

use http::Response;
use serde_json::Value;

use super::emulator::TwilioEmulator;
use super::message::Message;
use super::state::TwilioState;
use super::verification::Verification;
use crate::body::ResponseBody;
use crate::emulator::ControlRequest;
use crate::html::{Link, Table, escape};
use crate::reply::{bad_request, pretty, revealed};

/// The lists that the page links to.
pub(super) const LINKS: &[Link] = &[
    Link {
        list: "messages",
        label: "text messages",
    },
    Link {
        list: "verifications",
        label: "codes",
    },
];

/// Responds to `GET /_sandbox/twilio/{messages,verifications}`, `GET ../verifications/{sid}` with the code, and
/// `POST /_sandbox/twilio/inbound`.
pub(super) fn respond(
    emulator: &TwilioEmulator,
    request: &ControlRequest<'_>,
) -> Option<Response<ResponseBody>> {
    let state = TwilioState::new(emulator);
    let list: Value = match (request.method, request.steps) {
        ("GET", ["messages"]) => state.messages().iter().map(Message::to_json).collect(),
        ("GET", ["verifications"]) => {
            let all = state.verifications();
            all.iter().map(Verification::summary).collect()
        }
        ("GET", ["verifications", sid]) => {
            let all = state.verifications();
            let one = all.iter().find(|verification| verification.sid == *sid)?;
            return Some(revealed(&one.with_code()));
        }
        ("POST", ["inbound"]) => {
            return Some(match emulator.receive(request.body) {
                Ok(message) => pretty(message),
                Err(error) => bad_request(&error),
            });
        }
        _ => return None,
    };
    Some(pretty(list))
}

/// The messages, and the verifications with a link to each code.
pub(super) fn tables(state: &TwilioState) -> Vec<Table> {
    let heads = &["from", "to", "text", "media", "status"];
    let messages = Table::newest("Text messages", heads, &state.messages(), |_, message| {
        vec![
            escape(message.from.as_deref().unwrap_or("-")),
            escape(&message.to),
            escape(&message.body),
            message.media_urls.len().to_string(),
            message.status.as_str().to_owned(),
        ]
    });
    let heads = &["to", "channel", "code", "status"];
    let all = &state.verifications();
    let codes = Table::newest("Verification codes", heads, all, |_, verification| {
        vec![
            escape(&verification.to),
            escape(verification.channel()),
            format!(
                "<a href=/_sandbox/twilio/verifications/{}>show</a>",
                escape(&verification.sid)
            ),
            verification.status.as_str().to_owned(),
        ]
    });
    vec![messages, codes]
}
