//! The recipients of one message: each address once, and the position of each requested address.

use std::collections::HashMap;

use anyvendor_core::{Error, email::EmailMessage, values::EmailAddress};

use crate::error::List;

/// The most recipients of one request.
pub(super) const MAX_RECIPIENTS: usize = 1_000;

/// The three lists of a personalization without duplicates: the vendor rejects a repeated address.
pub(super) struct Recipients<'a> {
    pub(super) to: Vec<&'a EmailAddress>,
    pub(super) cc: Vec<&'a EmailAddress>,
    pub(super) bcc: Vec<&'a EmailAddress>,
    requested: Vec<(&'a EmailAddress, Position)>,
}

/// The position of an address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) list: List,
    pub(super) index: usize,
}

impl<'a> Recipients<'a> {
    /// Reads the lists of a message; a repeated address, in upper or lower case, keeps its first position.
    pub(super) fn of(message: &'a EmailMessage) -> Result<Self, Error> {
        if message.to.is_empty() {
            return Err(Error::invalid(
                "to",
                "is empty; name at least one recipient",
            ));
        }
        let mut seen = HashMap::new();
        let mut requested = Vec::new();
        let mut once = |list: List, all: &'a [EmailAddress]| {
            let mut kept = Vec::new();
            for address in all {
                let position = *seen
                    .entry(address.address().to_lowercase())
                    .or_insert_with(|| {
                        kept.push(address);
                        Position {
                            list,
                            index: kept.len() - 1,
                        }
                    });
                requested.push((address, position));
            }
            kept
        };
        let to = once(List::To, &message.to);
        let cc = once(List::Cc, &message.cc);
        let bcc = once(List::Bcc, &message.bcc);
        let count = to.len() + cc.len() + bcc.len();
        if count > MAX_RECIPIENTS {
            let remedy = format_args!(
                "has {count} recipients with cc and bcc; one message can have at most 1000"
            );
            return Err(Error::invalid("to", remedy));
        }
        Ok(Self {
            to,
            cc,
            bcc,
            requested,
        })
    }

    /// All requested addresses in the order of the message, with their positions.
    pub(super) fn requested(&self) -> impl Iterator<Item = (&'a EmailAddress, Position)> + '_ {
        self.requested.iter().copied()
    }
}
