//! Confirming an order: PayPal does not take the money by itself once the payer has approved.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    extension,
    payment::{ConfirmField, ConfirmPayment, PayerPresence, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass},
};
use http::Method;
use serde_json::json;

use super::{
    authentication,
    id::{self, Named},
    options::PayPalOptions,
    pay_with::{Payer, saved_source},
};
use crate::{
    client::{PayPal, Post},
    config::VENDOR,
    issue::Group,
    wire::Order,
};

const CAPTURE: Operation = Operation::new(
    "payment.confirm",
    &Method::POST,
    "/v2/checkout/orders/{id}/capture",
    OperationClass::Keyed,
);
const AUTHORIZE: Operation = Operation::new(
    "payment.confirm",
    &Method::POST,
    "/v2/checkout/orders/{id}/authorize",
    OperationClass::Keyed,
);

impl PayPal {
    pub(super) async fn confirm_order(
        &self,
        request: ConfirmPayment,
    ) -> Result<PaymentOutcome, Error> {
        let source = saved_source(request.source.as_ref())?;
        let extra = extension::only::<PayPalOptions>(VENDOR, &request.extensions)?;
        check(&request, source.is_some(), extra)?;
        let payer = Payer {
            presence: PayerPresence::OnSession,
            return_url: request.return_url.as_ref(),
            cancel_url: None,
            options: extra,
        };
        let headers = extra.map(|extra| extra.headers(self.environment()));
        let headers = headers.transpose()?.unwrap_or_default();
        let body = match source {
            Some(source) => json!({"payment_source": self.saved(source, payer)?}),
            None => json!({}),
        };
        let scope = self.pipeline.writing(&request.options);
        let id = match id::payment(&request.payment)? {
            Named::Order(id) => id,
            // Money was already reserved or taken, so there is nothing left to confirm.
            _ => {
                let payment = self.look_payment_up(&request.payment, &scope).await?;
                return Ok(payment.into());
            }
        };
        let response = self.order(id, &scope).await?;
        let (order, payment) = response.decode(|order: Order| {
            let payment = self.payment(&order)?;
            Ok((order, payment))
        })?;
        let ready = match payment.status {
            PaymentStatus::RequiresConfirmation => true,
            PaymentStatus::RequiresSource | PaymentStatus::RequiresAction(_) => source.is_some(),
            _ => false,
        };
        if !ready {
            return Ok(payment.into());
        }
        if source.is_none()
            && let Some(decline) = authentication::failed(&order)
        {
            return Ok(PaymentOutcome::Declined(decline, Some(Box::new(payment))));
        }
        let (operation, last) = match order.intent.as_str() {
            "AUTHORIZE" => (&AUTHORIZE, "authorize"),
            _ => (&CAPTURE, "capture"),
        };
        let segments = ["v2", "checkout", "orders", id, last];
        let response = self
            .post(
                &scope,
                Post {
                    operation,
                    segments: &segments,
                    body: Some(&body),
                    key: &request.idempotency_key,
                    step: Some("confirm"),
                    headers,
                },
            )
            .await?;
        if response.head.status.is_success() {
            let paid = self.read_order(&response)?;
            let taken = paid.captured.minor().max(paid.capturable.minor());
            if paid.amount != payment.amount || taken > payment.amount.minor() {
                let message = format!(
                    "{} was expected and {} of {} was received; look the payment up before anything else",
                    payment.amount, paid.captured, paid.amount
                );
                return Err(response.head.malformed(ProtocolReason::Mismatch, message));
            }
            return Ok(paid.into());
        }
        let refusal = Self::refusal(&response)?;
        if refusal.group == Group::AlreadyDone {
            // It was confirmed elsewhere in the meantime: its current state counts.
            let now = self.state_after(&response, &request.payment, &scope);
            return now.await.map(PaymentOutcome::from);
        }
        Ok(refusal.of(payment))
    }
}

/// Decides about every field of the request.
fn check(
    request: &ConfirmPayment,
    has_source: bool,
    extra: Option<&PayPalOptions>,
) -> Result<(), Error> {
    for field in request.fields() {
        match field {
            ConfirmField::Payment
            | ConfirmField::IdempotencyKey
            | ConfirmField::Source
            | ConfirmField::Options => {}
            // Sent with a source. Without one the order keeps the page that it was created with.
            ConfirmField::ReturnUrl => {}
            ConfirmField::Extensions => {
                let set = extra.filter(|_| !has_source).map(|extra| {
                    [
                        (extra.shipping_preference.is_some(), "shipping_preference"),
                        (extra.locale.is_some(), "locale"),
                        (extra.card_verification.is_some(), "card_verification"),
                    ]
                });
                let set = set.into_iter().flatten().find(|(is_set, _)| *is_set);
                if let Some((_, name)) = set {
                    let remedy = "is sent with a source; pass the source, or set it when the payment is created";
                    return Err(Error::invalid(name, remedy));
                }
            }
        }
    }
    Ok(())
}
