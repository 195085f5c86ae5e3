//! How things stand, and not how they stood: Stripe replays the stored response to the first use of a key for 24 hours,
//! so a response that is a replay is followed by a look-up of its object.

use std::future::Future;

use anyvendor_core::{
    Error,
    payment::{DeclineCode, NextAction, PayerPresence, PaymentOutcome, PaymentStatus},
    resilience::{Response, ResponseHead},
};

use super::{acting::Acting, decline::decline};
use crate::{
    client::Stripe,
    wire::{ErrorBody, PaymentIntent},
};

/// Whether Stripe replayed the response to an earlier use of the key.
pub(super) fn is_replay(head: &ResponseHead) -> bool {
    head.header("idempotent-replayed") == Some("true")
}

/// What a response says, or what a look-up says if the response is a replay.
pub(super) async fn current<T, F>(
    head: &ResponseHead,
    told: T,
    look_up: impl FnOnce() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    if is_replay(head) {
        look_up().await
    } else {
        Ok(told)
    }
}

impl Stripe {
    /// The current outcome of a write about one payment: a payment, or a decline by the payer's bank.
    pub(super) async fn outcome(
        &self,
        at: &Acting<'_>,
        response: &Response,
        presence: PayerPresence,
    ) -> Result<PaymentOutcome, Error> {
        let (id, told) = if response.head.status.is_success() {
            response.decode(|intent: PaymentIntent| {
                let id = intent.id.clone();
                Ok((id, self.payment(at, intent)?.into()))
            })?
        } else {
            let ErrorBody { error } = response.json()?;
            let decline = decline(&error);
            let Some(intent) = error.payment_intent else {
                return Ok(PaymentOutcome::Declined(decline, None));
            };
            let id = intent.id.clone();
            let mut payment = self
                .payment(at, *intent)
                .map_err(|malformed| malformed.into_error(&response.head))?;
            payment.status = PaymentStatus::Declined(decline);
            (id, payment.into())
        };
        let look_up = || async { Ok(self.look_up(at, &id).await?.0.into()) };
        let outcome = current(&response.head, told, look_up).await?;
        Ok(with_presence(outcome, presence))
    }
}

/// A bank that wants to see a payer who is away does not decline: the payer must come back.
fn with_presence(outcome: PaymentOutcome, presence: PayerPresence) -> PaymentOutcome {
    match outcome {
        PaymentOutcome::Declined(decline, Some(mut payment))
            if presence == PayerPresence::OffSession
                && decline.code == DeclineCode::AuthenticationRequired =>
        {
            payment.status = PaymentStatus::RequiresAction(NextAction::ReturnToSession);
            (*payment).into()
        }
        other => other,
    }
}
