//! Reauthorizing: PayPal guarantees the money of an authorization for three days, and again after a reauthorization.
//!
//! See <https://developer.paypal.com/docs/checkout/advanced/authorization-honor>.

use std::time::Duration;

use anyvendor_core::{
    Error, Kind,
    payment::{CapturePayment, Decline, PaymentOutcome},
    resilience::{CallOptions, CallScope, Operation, OperationClass, Response},
    values::{IdempotencyKey, Money, VendorId},
};
use http::{HeaderMap, Method};
use serde_json::json;

use super::{
    authorization::{original, reserving},
    capture::{check_currency, same_amount},
    decline::decline_of_processor,
    id::{self, Named},
};
use crate::{
    amount::to_wire,
    client::{PayPal, Post},
    config::VENDOR,
    times::time,
    wire::{Booking, Order},
};

const REAUTHORIZE: Operation = Operation::new(
    "payment.reauthorize",
    &Method::POST,
    "/v2/payments/authorizations/{id}/reauthorize",
    OperationClass::Keyed,
);
/// How long PayPal guarantees the money of an authorization.
const HONOR_PERIOD: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A request to reserve the authorized money of a payment again; see [`PayPal::reauthorize`].
///
/// # Examples
/// ```
/// use anyvendor_adapter_paypal::Reauthorize;
/// use anyvendor_core::values::{IdempotencyKey, VendorId};
///
/// let payment = VendorId::new("paypal", "5O190127TN364715T")?;
/// let request = Reauthorize::new(payment, IdempotencyKey::new("order-1001-day-4")?);
/// assert!(request.amount.is_none());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reauthorize {
    /// The payment whose money is reserved again.
    pub payment: VendorId,
    /// The same key never reserves twice.
    pub idempotency_key: IdempotencyKey,
    /// The amount; `None` reserves the same amount again. What PayPal accepts depends on the country, in the United States
    /// up to 115 % of the original amount and 75 USD more.
    pub amount: Option<Money>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl Reauthorize {
    /// Reserves the same amount again.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            amount: None,
            options: CallOptions::default(),
        }
    }

    /// Sets the amount.
    #[must_use]
    pub fn with_amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Sets the settings of this call.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}

impl PayPal {
    /// Reserves the authorized money of a payment again.
    ///
    /// PayPal guarantees the money of an authorization for an honor period of three days; afterwards a capture succeeds only
    /// if the payer still has the money. Reauthorizing begins a new honor period, within the 29 days of the original
    /// authorization, from the fourth day on (in some countries only once). On the 27th day the new period has two days.
    /// The payment keeps its id; its new authorization is in `Payment::transactions`, and later captures use it.
    ///
    /// # Errors
    /// `Conflict` if nothing is reserved, and with the vendor's code `REAUTHORIZATION_TOO_SOON` within the honor period or
    /// `REAUTHORIZATION_NOT_SUPPORTED`; `InvalidRequest` for an amount that PayPal does not accept; `NotFound` for an
    /// unknown payment.
    pub async fn reauthorize(&self, request: Reauthorize) -> Result<PaymentOutcome, Error> {
        let amount = request.amount.map(|amount| to_wire(amount, "amount"));
        amount.transpose()?;
        let named = id::payment(&request.payment)?;
        let scope = self.pipeline.writing(&request.options);
        let (mut order, payment) = self.order_and_payment(&request.payment, &scope).await?;
        check_currency(request.amount, payment.amount)?;
        let authorization = reserving(&order, named).and_then(original);
        let Some(id) = authorization.map(|authorization| authorization.id.clone()) else {
            let message = "the payment reserves no money that could be reserved again";
            return Err(Error::unsent(Kind::Conflict, message).with_vendor(VENDOR));
        };
        let (response, reserved) = self
            .reserve_again(&scope, &mut order, &id, &request)
            .await?;
        let payment = self
            .payment(&order)
            .map_err(|malformed| malformed.into_error(&response.head))?;
        Ok(match reserved {
            Ok(_) => payment.into(),
            Err(decline) => PaymentOutcome::Declined(decline, Some(Box::new(payment))),
        })
    }

    /// Reauthorizes an authorization that is to be captured after its honor period, and returns the new one. `None` if that is
    /// not due, or if PayPal refuses it.
    pub(super) async fn renew(
        &self,
        scope: &CallScope,
        order: &mut Order,
        id: &str,
        request: &CapturePayment,
    ) -> Result<Option<String>, Error> {
        let now = self.pipeline.clock().wall();
        let units = order.purchase_units.iter();
        let all = units.flat_map(|unit| &unit.payments.authorizations);
        let is_over = |one: &Booking| {
            let end = time(one.create_time.as_deref())?.checked_add(HONOR_PERIOD);
            Some(end.ok()? <= now)
        };
        let is_due = all
            .filter(|one| one.id == id && one.status == "CREATED")
            .any(|one| is_over(one).unwrap_or(false));
        if !is_due {
            return Ok(None);
        }
        let unit = reserving(order, Named::Authorization(id)).and_then(original);
        let Some(original) = unit.map(|authorization| authorization.id.clone()) else {
            return Ok(None);
        };
        let again = Reauthorize::new(request.payment.clone(), request.idempotency_key.clone());
        match self.reserve_again(scope, order, &original, &again).await {
            Ok((_, reserved)) => Ok(reserved.ok()),
            // PayPal does not do this for this payment; the authorization can still be captured.
            Err(error)
                if error.status().is_some()
                    && matches!(
                        error.kind(),
                        Kind::Conflict | Kind::InvalidRequest | Kind::PermissionDenied
                    ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Reauthorizes this authorization. Its new one is added to the order and returned, unless it was declined.
    async fn reserve_again(
        &self,
        scope: &CallScope,
        order: &mut Order,
        id: &str,
        request: &Reauthorize,
    ) -> Result<(Response, Result<String, Decline>), Error> {
        let body = match request.amount {
            Some(amount) => json!({ "amount": to_wire(amount, "amount")? }),
            None => json!({}),
        };
        let segments = ["v2", "payments", "authorizations", id, "reauthorize"];
        let response = self
            .post(
                scope,
                Post {
                    operation: &REAUTHORIZE,
                    segments: &segments,
                    body: Some(&body),
                    key: &request.idempotency_key,
                    step: Some("reauthorize"),
                    headers: HeaderMap::new(),
                },
            )
            .await?;
        if !response.head.status.is_success() {
            let decline = Self::refusal(&response)?.decline;
            return Ok((response, Err(decline)));
        }
        let new: Booking = response.json()?;
        same_amount(&response, &new, request.amount)?;
        let reserved = match new.status.as_str() {
            "DENIED" => Err(decline_of_processor(new.processor_response.as_ref())),
            _ => Ok(new.id.clone()),
        };
        add(order, id, new);
        Ok((response, reserved))
    }
}

/// Adds the new authorization to the unit of the original one, as PayPal does.
fn add(order: &mut Order, original: &str, new: Booking) {
    let mut units = order.purchase_units.iter_mut();
    let unit = units.find(|unit| {
        let mut all = unit.payments.authorizations.iter();
        all.any(|one| one.id == original)
    });
    if let Some(unit) = unit {
        let all = &mut unit.payments.authorizations;
        match all.iter_mut().find(|one| one.id == new.id) {
            Some(known) => *known = new,
            None => all.push(new),
        }
    }
}
