//! Captures an authorized payment, in full or in part, or cancels a payment:
//! <https://docs.stripe.com/api/payment_intents/capture>.

use serde_json::Value;

use super::context::Context;
use super::error::ApiError;
use super::objects::{Charge, IntentStatus, PaymentIntent};
use super::params::{MetadataChange, Params};
use super::render::Show;

/// The values of `cancellation_reason`.
const REASONS: &[&str] = &[
    "abandoned",
    "duplicate",
    "fraudulent",
    "requested_by_customer",
];

impl Context<'_> {
    /// Handles `POST /v1/payment_intents/{id}/capture`.
    pub(super) fn capture_intent(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut intent = self.account.intents.find(id, "intent")?;
        let requested = params.positive("amount_to_capture")?;
        let last = params.boolean("final_capture")?.unwrap_or(true);
        let metadata = MetadataChange::apply(params.metadata()?, &intent.metadata)?;
        params.ignore(&[
            "application_fee_amount",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_data",
        ]);
        params.finish()?;
        let charge = self.latest_charge(&intent);
        let (IntentStatus::RequiresCapture, Some(mut charge)) = (intent.status, charge) else {
            let message = format!(
                "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one \
                 of the following statuses may be captured: requires_capture.",
                intent.status.as_str()
            );
            return Err(ApiError::intent_state(message, intent.show()));
        };
        let amount = requested.unwrap_or(intent.amount_capturable);
        if amount > intent.amount_capturable {
            let message = format!(
                "The requested amount_to_capture ({amount}) is greater than the amount you can capture for this \
                 PaymentIntent ({}).",
                intent.amount_capturable
            );
            return Err(ApiError::state(message)
                .code("amount_too_large")
                .param("amount_to_capture"));
        }
        if !last && !intent.multicapture {
            let message = "`final_capture` can only be false for a PaymentIntent whose payment method allows multicapture.";
            return Err(ApiError::state(message).param("final_capture"));
        }
        intent.metadata = metadata;
        intent.amount_received += amount;
        intent.amount_capturable -= amount;
        charge.captured = true;
        charge.amount_captured += amount;
        if last || intent.amount_capturable == 0 {
            charge.amount_released = intent.amount_capturable;
            intent.amount_capturable = 0;
            intent.status = IntentStatus::Succeeded;
        }
        self.account.charges.put(charge.clone());
        self.account.intents.put(intent.clone());
        self.event("charge.captured", &charge);
        if intent.status == IntentStatus::Succeeded {
            self.event("payment_intent.succeeded", &intent);
        }
        Ok(intent.show())
    }

    /// Handles `POST /v1/payment_intents/{id}/cancel`.
    pub(super) fn cancel_intent(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut intent = self.account.intents.find(id, "intent")?;
        let reason = params.one_of("cancellation_reason", REASONS)?;
        params.finish()?;
        if matches!(
            intent.status,
            IntentStatus::Succeeded | IntentStatus::Canceled
        ) {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of \
                 the following statuses may be canceled: requires_payment_method, requires_capture, \
                 requires_confirmation, requires_action.",
                intent.status.as_str()
            );
            return Err(ApiError::intent_state(message, intent.show()));
        }
        let of_page = self.account.sessions.iter().any(|session| {
            session.status == "open" && session.payment_intent.as_deref() == Some(id)
        });
        if of_page && intent.status != IntentStatus::RequiresCapture {
            let message = "You cannot cancel a PaymentIntent of an open Checkout Session. Expire the session instead.";
            return Err(ApiError::intent_state(message, intent.show()));
        }
        if intent.status == IntentStatus::RequiresCapture
            && let Some(mut charge) = self.latest_charge(&intent)
        {
            charge.amount_released = intent.amount_capturable;
            self.account.charges.put(charge);
        }
        intent.status = IntentStatus::Canceled;
        intent.cancellation_reason = reason.map(str::to_owned);
        intent.canceled_at = Some(self.now);
        intent.amount_capturable = 0;
        intent.next_action = None;
        self.account.intents.put(intent.clone());
        self.event("payment_intent.canceled", &intent);
        Ok(intent.show())
    }

    /// The charge of the latest attempt.
    fn latest_charge(&self, intent: &PaymentIntent) -> Option<Charge> {
        let id = intent.latest_charge.as_deref()?;
        self.account.charges.get(id).cloned()
    }
}
