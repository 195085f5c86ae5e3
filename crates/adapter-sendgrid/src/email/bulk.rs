//! One content for many recipients, split into requests with a separate result for each.

use anyvendor_core::{
    Delivery, Error,
    email::{BulkEmail, BulkOutcome, RecipientOutcome, RecipientStatus, RejectReason},
    error::Kind,
    resilience::{CallScope, Operation, OperationClass},
    values::VendorId,
};
use http::Method;
use serde_json::value::RawValue;

use super::{
    compose::Draft,
    recipients::MAX_RECIPIENTS,
    size::{FRAME, MAX_REQUEST, json_len, too_large},
};
use crate::{
    client::{SendGrid, Sent},
    error,
    wire::{MailSend, Shared},
};

const SEND_BULK: Operation = Operation::new(
    "email.send_bulk",
    &Method::POST,
    "/v3/mail/send",
    OperationClass::Unkeyed,
);

/// How often a request is sent again without its rejected addresses. The vendor names all of them in one response, so one
/// repetition is usual.
const MAX_ROUNDS: usize = 5;

/// The result for one recipient.
type Fate = (RecipientStatus, Option<VendorId>);

impl SendGrid {
    /// Sends to all recipients, as many as fit into each request.
    pub(super) async fn send_chunks(&self, bulk: &BulkEmail) -> Result<BulkOutcome, Error> {
        let mut draft = Draft::new(&bulk.shared, self.sandbox_mode())?;
        let people: Vec<_> = bulk
            .recipients
            .iter()
            .map(|person| draft.to_one(person))
            .collect::<Result<_, _>>()?;
        if people.is_empty() {
            return Ok(BulkOutcome::new(Vec::new(), Vec::new()));
        }
        let frame = json_len(&draft.shared) + FRAME;
        let chunks = cut(&people, MAX_REQUEST.saturating_sub(frame))
            .map_err(|size| too_large(&bulk.shared, frame + size))?;
        let scope = self.writing(&bulk.shared.options);
        // One id for all requests, so that the handle cancels all of them.
        let schedule = self
            .schedule(&mut draft.shared, bulk.shared.send_at, &scope)
            .await?;
        let mut fates: Vec<Fate> = Vec::with_capacity(people.len());
        let mut refused: Option<Error> = None;
        for chunk in chunks {
            if let Some(error) = &refused {
                fates.extend(chunk.iter().map(|_| not_sent(error)));
                continue;
            }
            match self.send_chunk(&draft.shared, frame, chunk, &scope).await {
                Ok(chunk) => fates.extend(chunk),
                Err(error) if fates.is_empty() && is_callers(&error) => return Err(error),
                Err(error) => {
                    fates.extend(chunk.iter().map(|_| failed(&error)));
                    refused = Some(error).filter(error::concerns_account);
                }
            }
        }
        let outcomes = bulk
            .recipients
            .iter()
            .zip(fates)
            .map(|(person, (status, id))| {
                let (reference, to) = (person.reference.clone(), person.to.clone());
                let mut outcome = RecipientOutcome::new(reference, to, status);
                outcome.id = id;
                outcome
            });
        Ok(BulkOutcome::new(
            outcomes.collect(),
            schedule.into_iter().collect(),
        ))
    }

    /// Sends one request, and repeats it without the rejected addresses: a rejected request sent nothing. `Err` is for the
    /// whole chunk.
    async fn send_chunk(
        &self,
        shared: &Shared<'_>,
        frame: usize,
        chunk: &[Box<RawValue>],
        scope: &CallScope,
    ) -> Result<Vec<Fate>, Error> {
        let mut fates: Vec<Option<Fate>> = chunk.iter().map(|_| None).collect();
        let mut rest: Vec<(usize, &RawValue)> =
            chunk.iter().map(|person| &**person).enumerate().collect();
        let mut settle = |rest: &[(usize, &RawValue)], fate: &dyn Fn() -> Fate| {
            for (index, _) in rest {
                if let Some(slot) = fates.get_mut(*index) {
                    *slot = Some(fate());
                }
            }
        };
        let mut rounds = 0;
        while !rest.is_empty() {
            rounds += 1;
            let personalizations: Vec<_> = rest.iter().map(|(_, person)| *person).collect();
            let size = frame
                + personalizations
                    .iter()
                    .map(|person| person.get().len() + 1)
                    .sum::<usize>();
            let mail = MailSend {
                personalizations: &personalizations,
                shared,
            };
            match self.send_mail(&SEND_BULK, &mail, size, &scope.part()).await {
                Ok(Sent::Accepted(id)) => {
                    settle(&rest, &|| (RecipientStatus::Accepted, id.clone()));
                    break;
                }
                Ok(Sent::Refused(addresses, error)) => {
                    let is_refused = |position: usize| {
                        addresses
                            .iter()
                            .any(|address| address.personalization == position)
                    };
                    let (bad, good): (Vec<_>, Vec<_>) = rest
                        .iter()
                        .enumerate()
                        .partition(|(position, _)| is_refused(*position));
                    let people = |part: Vec<(usize, &(usize, _))>| -> Vec<_> {
                        part.into_iter().map(|(_, person)| *person).collect()
                    };
                    let (bad, good) = (people(bad), people(good));
                    let rejected = || {
                        (
                            RecipientStatus::Rejected(RejectReason::InvalidAddress),
                            None,
                        )
                    };
                    settle(&bad, &rejected);
                    rest = good;
                    if bad.is_empty() || rounds == MAX_ROUNDS {
                        settle(&rest, &|| not_sent(&error));
                        break;
                    }
                }
                Err(error) if rounds == 1 => return Err(error),
                Err(error) => {
                    settle(&rest, &|| failed(&error));
                    break;
                }
            }
        }
        // Every exit from the loop sets the result of all recipients that are left.
        Ok(fates.into_iter().flatten().collect())
    }
}

/// Splits in order into chunks within the vendor's count and the given size; `Err` is the size of a recipient that does not
/// fit.
fn cut(people: &[Box<RawValue>], limit: usize) -> Result<Vec<&[Box<RawValue>]>, usize> {
    let mut chunks = Vec::new();
    let mut rest = people;
    while !rest.is_empty() {
        let mut size = 0_usize;
        let fitting = rest.iter().take(MAX_RECIPIENTS).take_while(|person| {
            size = size.saturating_add(person.get().len() + 1);
            size <= limit
        });
        let (chunk, after) = rest.split_at(fitting.count());
        if chunk.is_empty() {
            return Err(size);
        }
        chunks.push(chunk);
        rest = after;
    }
    Ok(chunks)
}

fn not_sent(error: &Error) -> Fate {
    (RecipientStatus::NotSent(error.clone()), None)
}

fn failed(error: &Error) -> Fate {
    match error.delivery() {
        Delivery::Unknown | Delivery::Accepted => (RecipientStatus::Unknown(error.clone()), None),
        Delivery::NotSent | Delivery::Refused => not_sent(error),
    }
}

/// Whether the content or the account is at fault, so that every other request of the same bulk would fail too.
fn is_callers(error: &Error) -> bool {
    let content = matches!(
        error.kind(),
        Kind::InvalidRequest | Kind::NotFound | Kind::Conflict | Kind::Unsupported
    );
    let is_refused = matches!(error.delivery(), Delivery::NotSent | Delivery::Refused);
    is_refused && (content || error::concerns_account(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(count: usize, size: usize) -> Vec<Box<RawValue>> {
        let json = format!("\"{}\"", "x".repeat(size - 2));
        (0..count)
            .map(|_| RawValue::from_string(json.clone()).unwrap())
            .collect()
    }

    #[test]
    fn cut_by_count_and_by_size() {
        let sizes = |people: &[Box<RawValue>], limit| {
            cut(people, limit)
                .map(|chunks| chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>())
        };
        assert_eq!(
            sizes(&people(2_500, 9), usize::MAX),
            Ok(vec![1_000, 1_000, 500])
        );
        assert_eq!(sizes(&people(1_000, 9), usize::MAX), Ok(vec![1_000]));
        assert_eq!(sizes(&people(5, 9), 20), Ok(vec![2, 2, 1]));
        assert_eq!(sizes(&people(5, 9), 9), Err(10));
        assert_eq!(sizes(&[], 9), Ok(vec![]));
    }
}
