//! Acme's bodies, with Acme's names.

use serde::{Deserialize, Serialize};

/// The body of `POST /messages`.
#[derive(Serialize)]
pub(crate) struct NewMessage<'a> {
    pub(crate) from: Mailbox<'a>,
    pub(crate) to: Vec<Mailbox<'a>>,
    pub(crate) cc: Vec<Mailbox<'a>>,
    pub(crate) bcc: Vec<Mailbox<'a>>,
    pub(crate) reply_to: Vec<Mailbox<'a>>,
    pub(crate) subject: &'a str,
    pub(crate) text: Option<&'a str>,
    pub(crate) html: Option<&'a str>,
}

/// An address, with the name that readers see.
#[derive(Serialize)]
pub(crate) struct Mailbox<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: Option<&'a str>,
}

/// The response to an accepted message.
#[derive(Deserialize)]
pub(crate) struct Created {
    pub(crate) id: String,
}

/// The body of every error.
#[derive(Default, Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    /// For `bad_address`: the position of the address in `to`, `cc` and `bcc`, counted through.
    pub(crate) recipient: Option<usize>,
}
