//! Releasing reserved money: voiding an authorization.

use anyvendor_core::{
    Error, Kind, extension,
    payment::{CancelField, CancelPayment, Payment, PaymentOutcome, PaymentStatus},
    resilience::{Operation, OperationClass, ResponseHead},
};
use http::{HeaderMap, Method};

use super::{
    authorization::{current, is_open, original, reserving},
    id,
};
use crate::{
    client::{PayPal, Post},
    config::VENDOR,
};

/// Voiding twice voids once, so it can be repeated even if PayPal ignores the request id here.
const VOID: Operation = Operation::new(
    "payment.cancel",
    &Method::POST,
    "/v2/payments/authorizations/{id}/void",
    OperationClass::Idempotent,
);

impl PayPal {
    pub(super) async fn void_authorization(
        &self,
        request: CancelPayment,
    ) -> Result<PaymentOutcome, Error> {
        check(&request)?;
        let scope = self.pipeline.writing(&request.options);
        let named = id::payment(&request.payment)?;
        let (mut order, payment) = self.order_and_payment(&request.payment, &scope).await?;
        // Voiding the original authorization releases its reauthorizations too.
        let authorization = reserving(&order, named).and_then(original);
        let Some(id) = authorization.map(|authorization| authorization.id.clone()) else {
            let mut all = order.purchase_units.iter().filter_map(current);
            if payment.status == PaymentStatus::PartiallyCaptured
                && all.any(|authorization| authorization.status == "VOIDED")
            {
                // The rest was released before.
                return Ok(payment.into());
            }
            return nothing_to_void(payment, None);
        };
        let segments = ["v2", "payments", "authorizations", &id, "void"];
        let response = self
            .post(
                &scope,
                Post {
                    operation: &VOID,
                    segments: &segments,
                    body: None,
                    key: &request.idempotency_key,
                    step: Some("cancel"),
                    headers: HeaderMap::new(),
                },
            )
            .await?;
        if !response.head.status.is_success() {
            // It was voided or captured elsewhere in the meantime.
            let now = self.state_after(&response, &request.payment, &scope);
            return nothing_to_void(now.await?, Some(&response.head));
        }
        let units = order.purchase_units.iter_mut();
        let all = units.map(|unit| &mut unit.payments.authorizations);
        for authorizations in all.filter(|all| all.iter().any(|one| one.id == id)) {
            for one in authorizations.iter_mut().filter(|one| is_open(&one.status)) {
                "VOIDED".clone_into(&mut one.status);
            }
        }
        let payment = self
            .payment(&order)
            .map_err(|malformed| malformed.into_error(&response.head))?;
        Ok(payment.into())
    }
}

/// Decides about every field of the request.
fn check(request: &CancelPayment) -> Result<(), Error> {
    for field in request.fields() {
        match field {
            CancelField::Payment | CancelField::IdempotencyKey | CancelField::Options => {}
            // A note for the application's own records: it changes nothing, and PayPal has no place for it.
            CancelField::Reason => {}
            CancelField::Extensions => extension::none(VENDOR, &request.extensions)?,
        }
    }
    Ok(())
}

/// The outcome if nothing is reserved: already voided, too late, or never paid.
fn nothing_to_void(
    payment: Payment,
    refused: Option<&ResponseHead>,
) -> Result<PaymentOutcome, Error> {
    let (kind, message) = match payment.status {
        PaymentStatus::Cancelled | PaymentStatus::Expired => return Ok(payment.into()),
        PaymentStatus::RequiresSource
        | PaymentStatus::RequiresConfirmation
        | PaymentStatus::RequiresAction(_) => (
            Kind::Unsupported,
            "the vendor cannot cancel an unpaid order: it expires by itself, and takes no money unless it is confirmed",
        ),
        _ => (
            Kind::Conflict,
            "the payment can no longer be cancelled; refund it instead",
        ),
    };
    let error = match refused {
        Some(head) => head.refused(kind, message),
        None => Error::unsent(kind, message).with_vendor(VENDOR),
    };
    Err(error.with_object_id(payment.id.to_string()))
}
