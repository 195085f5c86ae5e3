//! Refunds; see <https://docs.stripe.com/api/refunds>.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    form::Form,
    payment::{
        GetRefund, ListRefunds, Refund, RefundFailure, RefundPayment, RefundReason, RefundStatus,
    },
    resilience::{MalformedResponse, Operation, OperationClass},
    values::Page,
};
use http::Method;
use jiff::Timestamp;

use super::{
    acting::Acting,
    capture::same_currency,
    current::current,
    intent::{MAX_KEY, same_amount},
    look_up::{page_of, page_query},
    metadata::{add_metadata, metadata},
    options::OF_REFUNDING,
    step::Found,
};
use crate::{
    amount::{from_wire, to_wire},
    client::{Get, Post, Stripe},
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
const LIST: Operation = Operation::new(
    "payment.list_refunds",
    &Method::GET,
    "/v1/refunds",
    OperationClass::Safe,
);

impl Stripe {
    pub(super) async fn refund_payment(&self, request: RefundPayment) -> Result<Refund, Error> {
        let at = Acting::writing(
            self,
            REFUND.name,
            &request.extensions,
            &[OF_REFUNDING],
            &request.options,
        )?;
        let reason = request.reason.map(refund_reason).transpose()?;
        let amount = request
            .amount
            .map(|amount| to_wire(amount, "amount"))
            .transpose()?;
        let extra = at.options;
        let reverse = extra.and_then(|extra| extra.reverse_transfer);
        let form = Form::default()
            .add_some("amount", amount)
            .add_some("reason", reason)
            .add_some("reverse_transfer", reverse)
            .add_some(
                "refund_application_fee",
                extra.and_then(|extra| extra.refund_application_fee),
            );
        let form = add_metadata(form, "metadata", &request.metadata, None)?;
        let target = self.target(at, &request.payment).await?;
        let at = &target.at;
        // Stripe reads a bare number in the payment's currency, and takes the money from the platform unless it is told
        // otherwise: both are known before anything moves.
        let (payment, is_transferred) = self.look_up(at, &target.intent).await?;
        if let Some(amount) = request.amount {
            same_currency(amount, &payment)?;
        }
        if is_transferred && reverse.is_none() {
            return Err(Error::invalid(
                "reverse_transfer",
                "must say who pays the refund of a payment that went to a connected account: that account (true) or \
                 the platform (false); set it in StripeOptions",
            ));
        }
        let response = self
            .post(
                at.sender(),
                Post {
                    operation: &REFUND,
                    segments: &["v1", "refunds"],
                    form: form.add("payment_intent", &target.intent),
                    key: request.idempotency_key.for_step("refund", MAX_KEY),
                },
            )
            .await?;
        let (id, told) = response
            .decode(|refunded: wire::Refund| Ok((refunded.id.clone(), refund(at, refunded)?)))?;
        let look_up = || self.look_refund_up(at, &id);
        let refund = current(&response.head, told, look_up).await?;
        if let Some(sent) = request.amount {
            same_amount(&response.head, refund.amount, sent)?;
        }
        match &refund.payment {
            Some(of) if *of != payment.id => Err(response.head.malformed(
                ProtocolReason::Mismatch,
                "the response is about a refund of another payment; look the payment up",
            )),
            _ => Ok(refund),
        }
    }

    pub(super) async fn refund_by_id(&self, request: GetRefund) -> Result<Refund, Error> {
        let mut at = Acting::reading(self, GET.name, &request.extensions, &request.options)?;
        let id = at.id(&request.refund, "refund")?;
        self.look_refund_up(&at, id).await
    }

    async fn look_refund_up(&self, at: &Acting<'_>, id: &str) -> Result<Refund, Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET,
                    segments: &["v1", "refunds", id],
                    query: Form::default(),
                },
            )
            .await?;
        response.decode(|wire| refund(at, wire))
    }

    pub(super) async fn refunds_of(&self, request: ListRefunds) -> Result<Page<Refund>, Error> {
        let at = Acting::reading(self, LIST.name, &request.extensions, &request.options)?;
        let Found::Payment(target) = self.find(at, &request.payment).await? else {
            return Ok(Page::last(Vec::new()));
        };
        let at = &target.at;
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &LIST,
                    segments: &["v1", "refunds"],
                    query: page_query(&request.page).add("payment_intent", &target.intent),
                },
            )
            .await?;
        page_of(&response, |wire| refund(at, wire))
    }
}

fn refund_reason(reason: RefundReason) -> Result<&'static str, Error> {
    Ok(match reason {
        RefundReason::Duplicate => "duplicate",
        RefundReason::Fraudulent => "fraudulent",
        RefundReason::RequestedByCustomer => "requested_by_customer",
        _ => return Err(Error::unsupported(VENDOR, "this reason").with_field("reason")),
    })
}

fn refund(at: &Acting<'_>, wire: wire::Refund) -> Result<Refund, MalformedResponse> {
    let status = status(wire.status.as_deref(), wire.failure_reason.as_deref());
    let amount = from_wire(wire.amount, &wire.currency)?;
    let mut refund = Refund::new(at.name(&wire.id)?, status, amount);
    let payment = wire.payment_intent.as_ref();
    let payment = payment.map(|payment| at.name(payment.id()));
    refund.payment = payment.transpose()?;
    refund.metadata = metadata(wire.metadata.iter().flatten());
    let created = wire.created;
    refund.created_at = created.and_then(|second| Timestamp::from_second(second).ok());
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
