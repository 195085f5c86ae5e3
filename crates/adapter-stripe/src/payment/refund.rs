//! Refunds; see <https://docs.stripe.com/api/refunds>.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    form::Form,
    payment::{GetRefund, Refund, RefundFailure, RefundPayment, RefundReason, RefundStatus},
    resilience::{MalformedResponse, Operation, OperationClass, response_id},
};
use http::Method;
use jiff::Timestamp;

use super::{
    intent::same_amount,
    metadata::{add_metadata, metadata},
};
use crate::{
    amount::{from_wire, to_wire},
    client::{Post, Stripe},
    config::VENDOR,
    wire,
};

const REFUND: Operation = Operation::new(
    "payment.refund",
    &Method::POST,
    "/v1/refunds",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.get_refund",
    &Method::GET,
    "/v1/refunds/{id}",
    OperationClass::Safe,
);

impl Stripe {
    pub(super) async fn refund_payment(&self, request: RefundPayment) -> Result<Refund, Error> {
        let payment = request.payment.expect_vendor(VENDOR, "payment")?;
        let reason = match request.reason {
            None => None,
            Some(RefundReason::Duplicate) => Some("duplicate"),
            Some(RefundReason::Fraudulent) => Some("fraudulent"),
            Some(RefundReason::RequestedByCustomer) => Some("requested_by_customer"),
            Some(_) => return Err(Error::unsupported(VENDOR, "this reason").with_field("reason")),
        };
        let amount = request
            .amount
            .map(|amount| to_wire(amount, "amount"))
            .transpose()?;
        let form = Form::default()
            .add("payment_intent", payment)
            .add_some("amount", amount)
            .add_some("reason", reason);
        let form = add_metadata(form, &request.metadata, None)?;
        let key = &request.idempotency_key;
        let segments = ["v1", "refunds"];
        let response = self
            .post(Post {
                operation: &REFUND,
                segments: &segments,
                form,
                key,
                account: None,
                options: &request.options,
            })
            .await?;
        let refund = response.decode(refund)?;
        if let Some(sent) = request.amount {
            same_amount(&response.head, refund.amount, sent)?;
        }
        match &refund.payment {
            Some(of) if *of != request.payment => Err(response.head.malformed(
                ProtocolReason::Mismatch,
                "the response is about a refund of another payment; look the payment up",
            )),
            _ => Ok(refund),
        }
    }

    pub(super) async fn look_refund_up(&self, request: GetRefund) -> Result<Refund, Error> {
        let id = request.refund.expect_vendor(VENDOR, "refund")?;
        let segments = ["v1", "refunds", id];
        let response = self
            .get(&GET, &segments, Form::default(), &request.options)
            .await?;
        response.decode(refund)
    }
}

fn refund(wire: wire::Refund) -> Result<Refund, MalformedResponse> {
    let status = status(wire.status.as_deref(), wire.failure_reason.as_deref());
    let mut refund = Refund::new(
        response_id(VENDOR, None, &wire.id)?,
        status,
        from_wire(wire.amount, &wire.currency)?,
    );
    refund.payment = wire
        .payment_intent
        .as_ref()
        .map(|payment| response_id(VENDOR, None, payment.id()))
        .transpose()?;
    refund.metadata = metadata(wire.metadata.iter().flatten());
    refund.created_at = wire
        .created
        .and_then(|second| Timestamp::from_second(second).ok());
    Ok(refund)
}

/// The neutral status of a refund, from Stripe's status and failure reason.
pub(crate) fn status(status: Option<&str>, failure_reason: Option<&str>) -> RefundStatus {
    match status {
        Some("succeeded") => RefundStatus::Succeeded,
        Some("requires_action") => RefundStatus::RequiresAction,
        Some("canceled") => RefundStatus::Cancelled,
        Some("failed") => RefundStatus::Failed(failure(failure_reason)),
        Some("pending") | None => RefundStatus::Pending,
        Some(other) => RefundStatus::Other(other.to_owned()),
    }
}

fn failure(reason: Option<&str>) -> RefundFailure {
    match reason {
        Some("lost_or_stolen_card") => RefundFailure::LostOrStolen,
        Some("expired_or_canceled_card") => RefundFailure::ExpiredOrCancelled,
        Some("charge_for_pending_refund_disputed") => RefundFailure::Disputed,
        Some("insufficient_funds") => RefundFailure::InsufficientFunds,
        Some("declined") => RefundFailure::Declined,
        Some("merchant_request") => RefundFailure::RequestedByMerchant,
        Some("unknown") | None => RefundFailure::Unknown,
        Some(other) => RefundFailure::Other(other.to_owned()),
    }
}
