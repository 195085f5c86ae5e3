//! Creating a payment, and its outcome; see <https://docs.stripe.com/api/payment_intents/create>.

use anyvendor_core::{
    Error, extension,
    form::Form,
    payment::{
        CaptureMode, CreatePayment, DeclineCode, NextAction, PayerPresence, PaymentOutcome,
        PaymentSource, PaymentStatus,
    },
    resilience::{Operation, OperationClass, Response},
};
use http::Method;

use super::{
    decline::decline,
    intent::{future_use, same_amount},
    metadata::add_metadata,
    options::StripeOptions,
};
use crate::{
    amount::to_wire,
    client::{Post, Stripe},
    config::VENDOR,
    wire::{ApiError, ErrorBody},
};

const CREATE: Operation = Operation::new(
    "payment.create",
    &Method::POST,
    "/v1/payment_intents",
    OperationClass::Keyed,
);

impl Stripe {
    pub(super) async fn create_payment(
        &self,
        request: CreatePayment,
    ) -> Result<PaymentOutcome, Error> {
        let extra = extension::only::<StripeOptions>(VENDOR, &request.extensions)?;
        let form = create_form(&request, extra)?;
        let account = extra.and_then(|extra| extra.account.as_deref());
        let key = &request.idempotency_key;
        let segments = ["v1", "payment_intents"];
        let response = self
            .post(Post {
                operation: &CREATE,
                segments: &segments,
                form,
                key,
                account,
                options: &request.options,
            })
            .await?;
        let outcome = self.outcome(&response, request.presence)?;
        if let Some(payment) = outcome.payment() {
            same_amount(&response.head, payment.amount, request.amount)?;
        }
        Ok(outcome)
    }

    /// The outcome in a response: a payment, or a decline by the payer's bank.
    pub(super) fn outcome(
        &self,
        response: &Response,
        presence: PayerPresence,
    ) -> Result<PaymentOutcome, Error> {
        if response.head.status.is_success() {
            return Ok(response.decode(|intent| self.payment(intent))?.into());
        }
        let ErrorBody { error } = response.json()?;
        self.declined(response, error, presence)
    }

    /// The outcome of a decline.
    pub(super) fn declined(
        &self,
        response: &Response,
        error: ApiError,
        presence: PayerPresence,
    ) -> Result<PaymentOutcome, Error> {
        let decline = decline(&error);
        let Some(intent) = error.payment_intent else {
            return Ok(PaymentOutcome::Declined(decline, None));
        };
        let mut payment = self
            .payment(*intent)
            .map_err(|malformed| malformed.into_error(&response.head))?;
        let away = presence == PayerPresence::OffSession;
        payment.status = if away && decline.code == DeclineCode::AuthenticationRequired {
            PaymentStatus::RequiresAction(NextAction::ReturnToSession)
        } else {
            PaymentStatus::Declined(decline)
        };
        Ok(payment.into())
    }
}

fn create_form(request: &CreatePayment, extra: Option<&StripeOptions>) -> Result<Form, Error> {
    let amount = to_wire(request.amount, "amount")?;
    let customer = request.customer.expect_vendor(VENDOR, "customer")?;
    let source = source_of(request.source.as_ref())?;
    let confirm = request.confirm && source.is_some();
    check_presence(request, confirm)?;
    let code = request.amount.currency().code().to_ascii_lowercase();
    let receipt = request.receipt_email.as_ref().map(|email| email.address());
    let form = Form::default()
        .add("amount", amount)
        .add("currency", code)
        .add_some("customer", customer)
        .add_some("payment_method", source)
        .add_if(
            "capture_method",
            "manual",
            request.capture == CaptureMode::Manual,
        )
        .add_some("setup_future_usage", request.save_source.map(future_use))
        .add_some("description", request.description.as_deref())
        .add_some(
            "statement_descriptor",
            request.statement_descriptor.as_deref(),
        )
        .add_some("receipt_email", receipt);
    let form = add_confirmation(form, request, confirm);
    let form = match extra {
        Some(extra) => add_options(form, request, extra)?,
        None => form,
    };
    let form = add_metadata(form, &request.metadata, request.reference.as_deref())?;
    Ok(form.add("expand[0]", "latest_charge"))
}

/// The id of the source to pay with.
pub(super) fn source_of(source: Option<&PaymentSource>) -> Result<Option<&str>, Error> {
    match source {
        Some(source) => source.expect_vendor(VENDOR, "source"),
        None => Ok(None),
    }
}

fn check_presence(request: &CreatePayment, confirm: bool) -> Result<(), Error> {
    if request.presence == PayerPresence::OffSession && !confirm {
        return Err(Error::invalid(
            "presence",
            "can be off session only for a payment with a source that is confirmed immediately",
        ));
    }
    if request.cancel_url.is_some() && request.return_url.is_none() {
        return Err(Error::invalid(
            "return_url",
            "is needed if there is a cancel_url; the vendor has one URL for both",
        ));
    }
    Ok(())
}

/// Whether and to where the payer may be redirected. A payment that is only prepared is confirmed by the vendor's code in
/// the browser, which sets the return URL itself.
fn add_confirmation(form: Form, request: &CreatePayment, confirm: bool) -> Form {
    let redirects = match (confirm, &request.return_url) {
        (true, None) => "never",
        _ => "always",
    };
    let form = form
        .add("automatic_payment_methods[enabled]", true)
        .add("automatic_payment_methods[allow_redirects]", redirects);
    if !confirm {
        return form;
    }
    let away = request.presence == PayerPresence::OffSession;
    form.add("confirm", true)
        .add_if("off_session", true, away)
        .add_some("return_url", request.return_url.as_ref())
}

fn add_options(form: Form, request: &CreatePayment, extra: &StripeOptions) -> Result<Form, Error> {
    let fee = match extra.application_fee {
        Some(fee) if fee.currency() != request.amount.currency() => {
            return Err(Error::invalid(
                "application_fee",
                "must be in the payment's currency",
            ));
        }
        fee => fee.map(|fee| to_wire(fee, "application_fee")).transpose()?,
    };
    let suffix = extra.statement_descriptor_suffix.as_deref();
    Ok(form
        .add_some("statement_descriptor_suffix", suffix)
        .add_some("on_behalf_of", extra.on_behalf_of.as_deref())
        .add_some("transfer_group", extra.transfer_group.as_deref())
        .add_some("transfer_data[destination]", extra.transfer_to.as_deref())
        .add_some("application_fee_amount", fee))
}
