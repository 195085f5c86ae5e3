//! Refunds: several per charge, up to the captured amount. A test card's refund changes its status when it is next read:
//! <https://docs.stripe.com/api/refunds>.

use serde_json::Value;

use super::cards::Behaviour;
use super::collection::ListRequest;
use super::context::Context;
use super::currency::shown;
use super::error::ApiError;
use super::objects::{Charge, Refund, RefundStatus};
use super::params::{MetadataChange, Params};
use super::render::Show;

/// The values of `reason`.
const REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer"];

impl Context<'_> {
    /// Handles `POST /v1/refunds`.
    pub(super) fn create_refund(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let intent = params.text("payment_intent")?;
        let charge = params.text("charge")?;
        let amount = params.positive("amount")?;
        let reason = params.one_of("reason", REASONS)?;
        let metadata = MetadataChange::apply(params.metadata()?, &Default::default())?;
        let reverse_transfer = params.boolean("reverse_transfer")?.unwrap_or(false);
        let refund_application_fee = params.boolean("refund_application_fee")?.unwrap_or(false);
        params.ignore(&["instructions_email"]);
        params.finish()?;
        let mut charge = match (intent, charge) {
            (Some(intent), None) => self.charge_of(&intent)?,
            (None, Some(charge)) => match self.account.charges.get(&charge) {
                Some(charge) => charge.clone(),
                None => return Err(ApiError::missing("charge", &charge, "charge")),
            },
            (None, None) => {
                let message = "One of the following params should be provided for this request: payment_intent or charge.";
                return Err(ApiError::invalid(message));
            }
            (Some(_), Some(_)) => {
                let message =
                    "You may only specify one of these parameters: payment_intent, charge.";
                return Err(ApiError::invalid(message));
            }
        };
        if !charge.captured {
            let message = format!(
                "Charge {} has not been captured and cannot be refunded.",
                charge.id
            );
            return Err(ApiError::state(message).code("charge_not_refundable"));
        }
        for (asked, param, needs) in [
            (reverse_transfer, "reverse_transfer", "transfer_data"),
            (
                refund_application_fee,
                "refund_application_fee",
                "application_fee_amount",
            ),
        ] {
            if asked && !charge.echo.contains_key(needs) {
                let message = format!("Charge {} has no {needs}, which {param} needs.", charge.id);
                return Err(ApiError::state(message).param(param));
            }
        }
        let left = charge.amount_captured - charge.amount_refunded;
        if left == 0 {
            let message = format!("Charge {} has already been refunded.", charge.id);
            return Err(ApiError::state(message).code("charge_already_refunded"));
        }
        let amount = amount.unwrap_or(left);
        if amount > left {
            let (requested, left) = (
                shown(amount, &charge.currency),
                shown(left, &charge.currency),
            );
            return Err(ApiError::state(format!(
                "Refund amount ({requested}) is greater than unrefunded amount on charge ({left})"
            ))
            .param("amount"));
        }
        let (status, next_status) = match charge.card.behaviour {
            Behaviour::RefundPends => (RefundStatus::Pending, Some(RefundStatus::Succeeded)),
            Behaviour::RefundFails => (RefundStatus::Succeeded, Some(RefundStatus::Failed)),
            _ => (RefundStatus::Succeeded, None),
        };
        let refund = Refund {
            id: self.ids.object("re"),
            account: self.account_id.to_owned(),
            amount,
            currency: charge.currency.clone(),
            charge: charge.id.clone(),
            payment_intent: charge.payment_intent.clone(),
            reason: reason.map(str::to_owned),
            status,
            metadata,
            created: self.now,
            reverse_transfer,
            refund_application_fee,
            next_status,
        };
        charge.amount_refunded += amount;
        self.account.charges.put(charge.clone());
        self.account.refunds.put(refund.clone());
        self.event("refund.created", &refund);
        self.event("charge.refunded", &charge);
        Ok(refund.show())
    }

    /// Handles `GET /v1/refunds/{id}`.
    pub(super) fn get_refund(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        self.advance_refund(id);
        Ok(self.account.refunds.find(id, "refund")?.show())
    }

    /// Handles `POST /v1/refunds/{id}`.
    pub(super) fn update_refund(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut refund = self.account.refunds.find(id, "refund")?;
        refund.metadata = MetadataChange::apply(params.metadata()?, &refund.metadata)?;
        params.finish()?;
        self.account.refunds.put(refund.clone());
        Ok(refund.show())
    }

    /// Handles `GET /v1/refunds`.
    pub(super) fn list_refunds(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let intent = params.text("payment_intent")?;
        let charge = params.text("charge")?;
        params.finish()?;
        let matches = |r: &Refund| {
            intent.as_ref().is_none_or(|id| *id == r.payment_intent)
                && charge.as_ref().is_none_or(|id| *id == r.charge)
        };
        self.account
            .refunds
            .page(&request, "/v1/refunds", matches, Show::show)
    }

    /// The captured charge of a payment.
    fn charge_of(&self, intent: &str) -> Result<Charge, ApiError> {
        let Some(found) = self.account.intents.get(intent) else {
            return Err(ApiError::missing(
                "payment_intent",
                intent,
                "payment_intent",
            ));
        };
        let charge = found
            .latest_charge
            .as_deref()
            .and_then(|id| self.account.charges.get(id));
        match charge {
            Some(charge) if charge.paid && charge.captured => Ok(charge.clone()),
            _ => {
                let message = format!(
                    "This PaymentIntent ({intent}) does not have a successful charge to refund."
                );
                Err(ApiError::state(message)
                    .code("payment_intent_unexpected_state")
                    .with("payment_intent", found.show()))
            }
        }
    }

    /// Gives the refund its next status: a pending refund succeeds, and one of a failing card fails.
    fn advance_refund(&mut self, id: &str) {
        let Some(mut refund) = self.account.refunds.get(id).cloned() else {
            return;
        };
        let Some(next) = refund.next_status.take() else {
            return;
        };
        refund.status = next;
        let kind = match next {
            RefundStatus::Failed => {
                if let Some(charge) = self.account.charges.get_mut(&refund.charge) {
                    charge.amount_refunded -= refund.amount;
                }
                "refund.failed"
            }
            _ => "refund.updated",
        };
        self.account.refunds.put(refund.clone());
        self.event(kind, &refund);
    }
}
