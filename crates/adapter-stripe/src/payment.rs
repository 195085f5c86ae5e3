//! Stripe as a payment provider: our requests in its words, its answers in ours.

mod customer;
mod intent;
mod refund;
mod source;

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    payment::{
        CancelPayment, CancelReason, CaptureMode, CapturePayment, CreatePayment, Customer,
        CustomerRequest, FutureUse, GetPayment, GetRefund, ListPayments, ListSources, NextAction,
        PayerPresence, Payment, PaymentCapabilities, PaymentOutcome, PaymentProvider,
        PaymentSource, PaymentStatus, Refund, RefundPayment, RemoveSource, SaveSource,
        SaveSourceOutcome, SavedSource,
    },
    resilience::{Answer, Operation, OperationClass},
    values::{Cursor, Metadata, Money, Page, PageRequest},
};
use async_trait::async_trait;
use http::Method;

use crate::{
    VENDOR, amount,
    client::Stripe,
    config::StripeOptions,
    error::decline,
    form::Form,
    wire::{ErrorBody, List, PaymentIntent},
};

/// Our own id of a payment or customer, in Stripe's metadata.
pub(crate) const REFERENCE: &str = "anyvendor_reference";

const CREATE: Operation = Operation::new(
    "payment.create",
    &Method::POST,
    "/v1/payment_intents",
    OperationClass::Keyed,
);
const CAPTURE: Operation = Operation::new(
    "payment.capture",
    &Method::POST,
    "/v1/payment_intents/{id}/capture",
    OperationClass::Keyed,
);
const CANCEL: Operation = Operation::new(
    "payment.cancel",
    &Method::POST,
    "/v1/payment_intents/{id}/cancel",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.get",
    &Method::GET,
    "/v1/payment_intents/{id}",
    OperationClass::Safe,
);
const LIST: Operation = Operation::new(
    "payment.list",
    &Method::GET,
    "/v1/payment_intents",
    OperationClass::Safe,
);

#[async_trait]
impl PaymentProvider for Stripe {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> PaymentCapabilities {
        let mut capabilities = PaymentCapabilities::default();
        capabilities.capture.manual = true;
        capabilities.capture.partial = true;
        capabilities.refund.full = true;
        capabilities.refund.partial = true;
        capabilities.source.customers = true;
        capabilities.source.save = true;
        capabilities.source.save_with_payment = true;
        capabilities.source.list = true;
        capabilities.off_session = true;
        capabilities.list = true;
        capabilities.idempotency_hours = Some(24);
        capabilities
    }

    async fn create(&self, request: CreatePayment) -> Result<PaymentOutcome, Error> {
        let extra = request.extensions.get::<StripeOptions>();
        if extra.is_none() && !request.extensions.is_empty() {
            return Err(Error::unsupported(VENDOR, "an extension of another vendor")
                .with_field("extensions"));
        }
        let form = create_form(&request, extra)?;
        let key = &request.idempotency_key;
        let answer = self
            .post(
                &CREATE,
                &["v1", "payment_intents"],
                form,
                key,
                extra,
                &request.options,
            )
            .await?;
        let outcome = self.outcome(&answer)?;
        if let Some(payment) = outcome.payment() {
            same_amount(&answer, payment.amount, request.amount)?;
        }
        Ok(outcome)
    }

    async fn capture(&self, request: CapturePayment) -> Result<PaymentOutcome, Error> {
        if !request.final_capture {
            return Err(
                Error::unsupported(VENDOR, "a capture that keeps the rest reserved")
                    .with_field("final_capture"),
            );
        }
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        let amount = request
            .amount
            .map(|amount| amount::to_wire(amount, "amount"))
            .transpose()?;
        // `final_capture` is Stripe's default and exists only for multicapture accounts, so it is not sent.
        let form = Form::default()
            .add_some("amount_to_capture", amount)
            .add("expand[0]", "latest_charge");
        let key = &request.idempotency_key;
        let segments = ["v1", "payment_intents", id, "capture"];
        let answer = self
            .post(&CAPTURE, &segments, form, key, None, &request.options)
            .await?;
        if let Some(payment) = self.refused_by_state(&answer)? {
            let wanted = request.amount.unwrap_or(payment.amount);
            return match payment.status {
                // Captured before, as much as is asked for now: the state that the caller wants is there.
                PaymentStatus::Captured | PaymentStatus::PartiallyCaptured
                    if payment.captured == wanted =>
                {
                    Ok(payment.into())
                }
                _ => Err(conflict(
                    &answer,
                    "the payment is not reserved, or was captured with another amount",
                )),
            };
        }
        let outcome = self.outcome(&answer)?;
        if let (Some(payment), Some(wanted)) = (outcome.payment(), request.amount) {
            same_amount(&answer, payment.captured, wanted)?;
        }
        Ok(outcome)
    }

    async fn cancel(&self, request: CancelPayment) -> Result<PaymentOutcome, Error> {
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        let reason = request.reason.map(cancel_reason).transpose()?;
        let form = Form::default()
            .add_some("cancellation_reason", reason)
            .add("expand[0]", "latest_charge");
        let key = &request.idempotency_key;
        let segments = ["v1", "payment_intents", id, "cancel"];
        let answer = self
            .post(&CANCEL, &segments, form, key, None, &request.options)
            .await?;
        match self.refused_by_state(&answer)? {
            Some(payment)
                if matches!(
                    payment.status,
                    PaymentStatus::Cancelled | PaymentStatus::Expired
                ) =>
            {
                Ok(payment.into())
            }
            Some(_) => Err(conflict(
                &answer,
                "the payment can no longer be cancelled; refund it instead",
            )),
            None => self.outcome(&answer),
        }
    }

    async fn get(&self, request: GetPayment) -> Result<Payment, Error> {
        let id = request.payment.expect_vendor(VENDOR, "payment")?;
        let query = Form::default().add("expand[0]", "latest_charge");
        let intent: PaymentIntent = Self::get(
            self,
            &GET,
            &["v1", "payment_intents", id],
            query,
            &request.options,
        )
        .await?;
        self.payment(intent)
    }

    async fn list(&self, request: ListPayments) -> Result<Page<Payment>, Error> {
        let customer = request
            .customer
            .as_ref()
            .map(|id| id.expect_vendor(VENDOR, "customer"))
            .transpose()?;
        let query = page_query(&request.page)
            .add_some("customer", customer)
            .add_some(
                "created[gte]",
                request.created_from.map(|time| time.as_second()),
            )
            .add_some(
                "created[lt]",
                request.created_before.map(|time| time.as_second()),
            )
            .add("expand[0]", "data.latest_charge");
        let list: List<PaymentIntent> = Self::get(
            self,
            &LIST,
            &["v1", "payment_intents"],
            query,
            &request.options,
        )
        .await?;
        page_of(
            list,
            |intent| intent.id.clone(),
            |intent| self.payment(intent),
        )
    }

    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error> {
        self.refund_payment(request).await
    }

    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error> {
        self.look_refund_up(request).await
    }

    async fn get_or_create_customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        self.customer(request).await
    }

    async fn save_source(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        self.save(request).await
    }

    async fn list_sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        self.sources(request).await
    }

    async fn remove_source(&self, request: RemoveSource) -> Result<(), Error> {
        self.detach(request).await
    }
}

impl Stripe {
    /// The outcome that an answer tells: a payment, or a refusal of the payer's bank.
    fn outcome(&self, answer: &Answer) -> Result<PaymentOutcome, Error> {
        if answer.head.status.is_success() {
            return Ok(self.payment(answer.json()?)?.into());
        }
        let ErrorBody { error } = answer.json()?;
        let decline = decline(&error);
        let Some(intent) = error.payment_intent else {
            return Ok(PaymentOutcome::Declined(decline, None));
        };
        let mut payment = self.payment(*intent)?;
        if decline.code == anyvendor_core::payment::DeclineCode::AuthenticationRequired {
            payment.status = PaymentStatus::RequiresAction(NextAction::ReturnToSession);
            return Ok(payment.into());
        }
        payment.status = PaymentStatus::Declined(decline);
        Ok(payment.into())
    }

    /// The payment that an answer shows which refuses because of its state.
    fn refused_by_state(&self, answer: &Answer) -> Result<Option<Payment>, Error> {
        if answer.head.status.is_success() {
            return Ok(None);
        }
        let ErrorBody { error } = answer.json()?;
        error
            .payment_intent
            .map(|intent| self.payment(*intent))
            .transpose()
    }
}

fn conflict(answer: &Answer, message: &str) -> Error {
    answer.head.refused(Kind::Conflict, message)
}

fn same_amount(answer: &Answer, answered: Money, sent: Money) -> Result<(), Error> {
    if answered == sent {
        return Ok(());
    }
    Err(answer.head.odd(
        ProtocolReason::Mismatch,
        format!(
            "{sent} was sent and {answered} was answered; look the payment up before anything else"
        ),
    ))
}

fn create_form(request: &CreatePayment, extra: Option<&StripeOptions>) -> Result<Form, Error> {
    if request.cancel_url.is_some() && request.return_url.is_none() {
        return Err(Error::invalid(
            "return_url",
            "is needed where there is a cancel_url; the vendor has one for both",
        ));
    }
    let amount = amount::to_wire(request.amount, "amount")?;
    let customer = request
        .customer
        .as_ref()
        .map(|id| id.expect_vendor(VENDOR, "customer"))
        .transpose()?;
    let source = match &request.source {
        Some(PaymentSource::Vendor(id)) => Some(id.expect_vendor(VENDOR, "source")?),
        Some(_) => {
            return Err(Error::unsupported(VENDOR, "this kind of source").with_field("source"));
        }
        None => None,
    };
    let confirm = request.confirm && source.is_some();
    let off_session = request.presence == PayerPresence::OffSession;
    let mut form = Form::default()
        .add("amount", amount)
        .add(
            "currency",
            request.amount.currency().code().to_ascii_lowercase(),
        )
        .add_some("customer", customer)
        .add_some("payment_method", source)
        .add("automatic_payment_methods[enabled]", true)
        .add_some("description", request.description.as_deref())
        .add_some(
            "statement_descriptor",
            request.statement_descriptor.as_deref(),
        )
        .add_some(
            "receipt_email",
            request.receipt_email.as_ref().map(|email| email.address()),
        );
    if request.capture == CaptureMode::Manual {
        form = form.add("capture_method", "manual");
    }
    if let Some(future) = request.save_source {
        form = form.add("setup_future_usage", future_use(future));
    }
    if confirm {
        form = form.add("confirm", true);
        if off_session {
            form = form.add("off_session", true);
        }
        form = form.add_some("return_url", request.return_url.as_ref());
    }
    if request.return_url.is_none() || !confirm {
        // Without a place to come back to, sources that send the payer away are not offered.
        form = form.add(
            "automatic_payment_methods[allow_redirects]",
            if confirm { "never" } else { "always" },
        );
    }
    if let Some(extra) = extra {
        form = form
            .add_some(
                "statement_descriptor_suffix",
                extra.statement_descriptor_suffix.as_deref(),
            )
            .add_some("on_behalf_of", extra.on_behalf_of.as_deref())
            .add_some("transfer_group", extra.transfer_group.as_deref());
    }
    let form = add_metadata(form, &request.metadata, request.reference.as_deref())?;
    Ok(form.add("expand[0]", "latest_charge"))
}

fn future_use(future: FutureUse) -> &'static str {
    match future {
        FutureUse::OnSession => "on_session",
        FutureUse::OffSession => "off_session",
    }
}

fn cancel_reason(reason: CancelReason) -> Result<&'static str, Error> {
    Ok(match reason {
        CancelReason::Duplicate => "duplicate",
        CancelReason::Fraudulent => "fraudulent",
        CancelReason::RequestedByCustomer => "requested_by_customer",
        CancelReason::Abandoned => "abandoned",
        _ => return Err(Error::unsupported(VENDOR, "this reason").with_field("reason")),
    })
}

/// Writes metadata and our reference. Limits: <https://docs.stripe.com/api/metadata>.
fn add_metadata(form: Form, metadata: &Metadata, reference: Option<&str>) -> Result<Form, Error> {
    if metadata.len() + usize::from(reference.is_some()) > 50 {
        return Err(Error::invalid(
            "metadata",
            "has more than 50 entries, our reference included",
        ));
    }
    for (key, value) in metadata.iter() {
        if key == REFERENCE {
            return Err(Error::invalid(
                "metadata",
                format_args!("the key {REFERENCE} is ours; use the reference"),
            ));
        }
        if key.chars().count() > 40 || key.contains(['[', ']']) {
            return Err(Error::invalid(
                "metadata",
                "keys have at most 40 characters and no square brackets",
            ));
        }
        if value.chars().count() > 500 {
            return Err(Error::invalid(
                "metadata",
                "values have at most 500 characters",
            ));
        }
    }
    if reference.is_some_and(|reference| reference.is_empty() || reference.chars().count() > 500) {
        return Err(Error::invalid("reference", "must have 1 to 500 characters"));
    }
    let form = form.add_map("metadata", metadata.iter());
    Ok(form.add_map(
        "metadata",
        reference.map(|reference| (REFERENCE, reference)),
    ))
}

fn page_query(page: &PageRequest) -> Form {
    // Stripe gives 1 to 100, 10 unless asked.
    Form::default()
        .add_some("limit", page.limit.map(|limit| limit.get().min(100)))
        .add_some("starting_after", page.after.as_ref().map(Cursor::as_str))
}

fn page_of<W, T>(
    list: List<W>,
    id: impl Fn(&W) -> String,
    read: impl Fn(W) -> Result<T, Error>,
) -> Result<Page<T>, Error> {
    let next = match list.data.last() {
        Some(last) if list.has_more => Some(Cursor::new(id(last))?),
        _ => None,
    };
    let items = list
        .data
        .into_iter()
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(items, next))
}
