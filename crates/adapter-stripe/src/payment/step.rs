//! The steps of a payment after its creation: which payment is meant, and the one request that confirm, capture and cancel
//! have in common; see <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use std::borrow::Cow;

use anyvendor_core::{
    Error,
    form::Form,
    payment::Payment,
    resilience::{Operation, Response},
    values::{IdempotencyKey, VendorId},
};

use super::{
    acting::Acting,
    checkout::{Page, SESSION},
    current::is_replay,
    intent::{MAX_KEY, renamed},
};
use crate::{
    client::{Post, Stripe},
    error::not_now,
    wire::ApiError,
};

/// The payment that a step is about.
pub(super) struct Target<'a> {
    pub(super) at: Acting<'a>,
    /// The id of the PaymentIntent.
    pub(super) intent: Cow<'a, str>,
    /// The id by which the request names the payment.
    name: &'a VendorId,
}

impl Target<'_> {
    /// A payment under the id by which the request named it.
    pub(super) fn named(&self, payment: Payment) -> Payment {
        renamed(payment, self.name)
    }
}

/// A payment that a step is about, or the page on which nobody has paid yet.
pub(super) enum Found<'a> {
    Payment(Target<'a>),
    Page(Acting<'a>, Box<Page>),
}

impl Stripe {
    /// Finds the PaymentIntent of a payment; only a payment on Stripe's page needs a request for it.
    pub(super) async fn find<'a>(
        &self,
        mut at: Acting<'a>,
        name: &'a VendorId,
    ) -> Result<Found<'a>, Error> {
        let id = at.id(name, "payment")?;
        if !id.starts_with(SESSION) {
            let intent = Cow::Borrowed(id);
            return Ok(Found::Payment(Target { at, intent, name }));
        }
        let page = self.page(&at, id).await?;
        Ok(match page.intent.clone() {
            Some(intent) if !page.is_open => Found::Payment(Target {
                at,
                intent: Cow::Owned(intent),
                name,
            }),
            _ => Found::Page(at, Box::new(page)),
        })
    }

    /// The same for a step that needs a payment.
    pub(super) async fn target<'a>(
        &self,
        at: Acting<'a>,
        name: &'a VendorId,
    ) -> Result<Target<'a>, Error> {
        match self.find(at, name).await? {
            Found::Payment(target) => Ok(target),
            Found::Page(at, _) => {
                let message = "nobody has paid on the vendor's page yet";
                Err(not_now(&at.scope, message))
            }
        }
    }

    /// Sends a step of a PaymentIntent, under a key of its own.
    pub(super) async fn step(
        &self,
        target: &Target<'_>,
        operation: &Operation,
        step: &str,
        form: Form,
        key: &IdempotencyKey,
    ) -> Result<Response, Error> {
        self.post(
            target.at.sender(),
            Post {
                operation,
                segments: &["v1", "payment_intents", &target.intent, step],
                form: form.add("expand[0]", "latest_charge"),
                key: key.for_step(step, MAX_KEY),
            },
        )
        .await
    }

    /// The current state of a payment that was rejected for being in the wrong state: from the error's body, or fetched.
    pub(super) async fn current_payment(
        &self,
        target: &Target<'_>,
        response: &Response,
        error: ApiError,
    ) -> Result<Payment, Error> {
        let payment = match error.payment_intent {
            Some(intent) if !is_replay(&response.head) => self
                .payment(&target.at, *intent)
                .map_err(|malformed| malformed.into_error(&response.head))?,
            _ => self.look_up(&target.at, &target.intent).await?.0,
        };
        Ok(target.named(payment))
    }
}
