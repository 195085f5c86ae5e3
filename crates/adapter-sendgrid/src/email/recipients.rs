//! The recipients of one message: each address once, and where each of those asked for has gone.

use std::collections::HashMap;

use anyvendor_core::{Error, email::EmailMessage, values::EmailAddress};

use crate::error::List;

/// SendGrid takes at most this many recipients in one request.
pub(super) const MAX_RECIPIENTS: usize = 1_000;

/// The three lists of a personalization without repetitions: the vendor refuses an address that stands in them twice.
pub(super) struct Recipients<'a> {
    pub(super) to: Vec<&'a EmailAddress>,
    pub(super) cc: Vec<&'a EmailAddress>,
    pub(super) bcc: Vec<&'a EmailAddress>,
    asked: Vec<(&'a EmailAddress, Place)>,
}

/// Where an address stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) list: List,
    pub(super) index: usize,
}

impl<'a> Recipients<'a> {
    /// Reads the lists of a message; an address that is repeated, in any case, stays where it came first.
    pub(super) fn of(message: &'a EmailMessage) -> Result<Self, Error> {
        if message.to.is_empty() {
            return Err(Error::invalid(
                "to",
                "is empty; name at least one recipient",
            ));
        }
        let mut seen = HashMap::new();
        let mut asked = Vec::new();
        let mut once = |list: List, all: &'a [EmailAddress]| {
            let mut kept = Vec::new();
            for address in all {
                let place = *seen
                    .entry(address.address().to_lowercase())
                    .or_insert_with(|| {
                        kept.push(address);
                        Place {
                            list,
                            index: kept.len() - 1,
                        }
                    });
                asked.push((address, place));
            }
            kept
        };
        let to = once(List::To, &message.to);
        let cc = once(List::Cc, &message.cc);
        let bcc = once(List::Bcc, &message.bcc);
        let count = to.len() + cc.len() + bcc.len();
        if count > MAX_RECIPIENTS {
            let remedy = format_args!(
                "has {count} recipients with cc and bcc; one message takes at most 1000"
            );
            return Err(Error::invalid("to", remedy));
        }
        Ok(Self { to, cc, bcc, asked })
    }

    /// Everybody asked for, in the order of the message, and where they stand.
    pub(super) fn asked(&self) -> impl Iterator<Item = (&'a EmailAddress, Place)> + '_ {
        self.asked.iter().copied()
    }
}
