//! A PaymentIntent as a neutral payment; see <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    payment::{FutureUse, NextAction, Payment, PaymentStatus, SensitiveText},
    resilience::{MalformedResponse, ResponseHead},
    values::{Money, Secret, SensitiveUrl, VendorId},
};
use jiff::Timestamp;
use url::Url;

use super::{
    acting::Acting,
    decline::decline,
    metadata::{REFERENCE, metadata},
};
use crate::{
    amount::from_wire,
    client::Stripe,
    wire::{self, Expandable, PaymentIntent},
};

/// The most characters of an idempotency key.
pub(super) const MAX_KEY: usize = 255;

impl Stripe {
    pub(super) fn payment(
        &self,
        at: &Acting<'_>,
        intent: PaymentIntent,
    ) -> Result<Payment, MalformedResponse> {
        self.check_mode(intent.livemode)?;
        let money = |minor| from_wire(minor, &intent.currency);
        let status = status(&intent);
        let mut payment = Payment::new(at.name(&intent.id)?, status, money(intent.amount)?);
        payment.other_ids.extend(at.name_in_events(&intent.id)?);
        payment.captured = money(intent.amount_received)?;
        payment.capturable = money(intent.amount_capturable)?;
        payment.refunded = match &intent.latest_charge {
            Some(Expandable::Object(charge)) => Some(money(charge.amount_refunded)?),
            _ => None,
        };
        payment.customer = intent
            .customer
            .as_ref()
            .map(|customer| at.name(customer.id()))
            .transpose()?;
        payment.source = intent
            .payment_method
            .as_ref()
            .map(|source| at.name(source.id()))
            .transpose()?;
        payment.reference = intent.metadata.get(REFERENCE).cloned();
        payment.metadata = metadata(&intent.metadata);
        let secret = intent.client_secret.as_deref();
        payment.client_secret = secret.map(|secret| SensitiveText(Secret::new(secret)));
        payment.created_at = intent
            .created
            .and_then(|second| Timestamp::from_second(second).ok());
        payment.live = self.mode().is_live();
        Ok(payment)
    }
}

fn status(intent: &PaymentIntent) -> PaymentStatus {
    match intent.status.as_str() {
        "requires_payment_method" => match &intent.last_payment_error {
            Some(error) => PaymentStatus::Declined(decline(error)),
            None => PaymentStatus::RequiresSource,
        },
        "requires_confirmation" => PaymentStatus::RequiresConfirmation,
        "requires_action" => {
            let secret = intent.client_secret.as_deref();
            PaymentStatus::RequiresAction(next_action(intent.next_action.as_ref(), secret))
        }
        "processing" => PaymentStatus::Processing,
        "requires_capture" if intent.amount_received > 0 => PaymentStatus::PartiallyCaptured,
        "requires_capture" => PaymentStatus::Authorized,
        "succeeded" if intent.amount_received < intent.amount => PaymentStatus::PartiallyCaptured,
        "succeeded" => PaymentStatus::Captured,
        "canceled" if intent.cancellation_reason.as_deref() == Some("automatic") => {
            PaymentStatus::Expired
        }
        "canceled" => PaymentStatus::Cancelled,
        other => PaymentStatus::Other(other.to_owned()),
    }
}

/// What the payer must do: open a page, or continue in the vendor's code in the browser.
pub(super) fn next_action(
    action: Option<&wire::NextAction>,
    client_secret: Option<&str>,
) -> NextAction {
    let page = action
        .and_then(|action| action.redirect_to_url.as_ref()?.url.as_deref())
        .and_then(|url| Url::parse(url).ok());
    match (page, client_secret, action) {
        (Some(url), ..) => NextAction::Redirect(SensitiveUrl::new(url)),
        (None, Some(secret), _) => NextAction::ClientSecret(SensitiveText(Secret::new(secret))),
        (None, None, Some(action)) => NextAction::Other(action.kind.clone()),
        (None, None, None) => NextAction::Other("none".to_owned()),
    }
}

/// Stripe's name of a future use of a payment method.
pub(super) fn future_use(future: FutureUse) -> &'static str {
    match future {
        FutureUse::OnSession => "on_session",
        FutureUse::OffSession => "off_session",
    }
}

/// A payment under another of its ids.
pub(super) fn renamed(mut payment: Payment, name: &VendorId) -> Payment {
    if payment.id != *name {
        let id = std::mem::replace(&mut payment.id, name.clone());
        payment.other_ids.retain(|other| other != name);
        payment.other_ids.push(id);
    }
    payment
}

/// Compares the amount in the response with the amount sent: a difference is an error, never a success.
pub(super) fn same_amount(head: &ResponseHead, received: Money, sent: Money) -> Result<(), Error> {
    if received == sent {
        return Ok(());
    }
    let message = format!(
        "{sent} was sent and {received} was received; look the payment up before anything else"
    );
    Err(head.malformed(ProtocolReason::Mismatch, message))
}
