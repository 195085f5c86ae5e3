//! Creating a payment; see <https://docs.stripe.com/api/payment_intents/create>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{
        CaptureMode, CreatePayment, PayerPresence, PaymentOutcome, PaymentProvider, PaymentSource,
    },
    resilience::{Operation, OperationClass},
};
use http::Method;

use super::{
    acting::Acting,
    fields,
    intent::{MAX_KEY, future_use, same_amount},
    metadata::add_metadata,
    options::{OF_CREATING, OF_PAGE, StripeOptions},
};
use crate::{
    amount::to_wire,
    client::{Post, Stripe},
    config::VENDOR,
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
        self.capabilities().check(VENDOR, &request)?;
        fields::of_create(&request)?;
        if request.source == Some(PaymentSource::VendorPage) {
            let at = Acting::writing(
                self,
                CREATE.name,
                &request.extensions,
                &[OF_CREATING, &[OF_PAGE]],
                &request.options,
            )?;
            return self.create_page(at, &request).await;
        }
        let mut at = Acting::writing(
            self,
            CREATE.name,
            &request.extensions,
            &[OF_CREATING],
            &request.options,
        )?;
        let form = create_form(&mut at, &request)?;
        let response = self
            .post(
                at.sender(),
                Post {
                    operation: &CREATE,
                    segments: &["v1", "payment_intents"],
                    form,
                    key: request.idempotency_key.within(MAX_KEY),
                },
            )
            .await?;
        let outcome = self.outcome(&at, &response, request.presence).await?;
        if let Some(payment) = outcome.payment() {
            same_amount(&response.head, payment.amount, request.amount)?;
        }
        Ok(outcome)
    }
}

fn create_form<'a>(at: &mut Acting<'a>, request: &'a CreatePayment) -> Result<Form, Error> {
    let amount = to_wire(request.amount, "amount")?;
    let customer = customer(at, request)?;
    let source = at.source(request.source.as_ref())?;
    let confirm = request.confirm && source.is_some();
    check_presence(request, confirm)?;
    let form = Form::default()
        .add("amount", amount)
        .add("currency", currency(request))
        .add_some("customer", customer)
        .add_some("payment_method", source);
    let form = add_details(form, Fields::TOP, request, at.options)?;
    let form = add_confirmation(form, request, confirm);
    let reference = request.reference.as_deref();
    let form = add_metadata(form, "metadata", &request.metadata, reference)?;
    Ok(form.add("expand[0]", "latest_charge"))
}

/// Stripe's id of the payer.
pub(super) fn customer<'a>(
    at: &mut Acting<'a>,
    request: &'a CreatePayment,
) -> Result<Option<&'a str>, Error> {
    let customer = request.customer.expect_vendor(VENDOR, "customer")?;
    customer.map(|id| at.read(id, "customer")).transpose()
}

/// Stripe's code of the currency.
pub(super) fn currency(request: &CreatePayment) -> String {
    request.amount.currency().code().to_ascii_lowercase()
}

fn check_presence(request: &CreatePayment, confirm: bool) -> Result<(), Error> {
    if request.presence == PayerPresence::OffSession && !confirm {
        return Err(Error::invalid(
            "presence",
            "can be off session only for a payment with a source that is confirmed immediately",
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

/// Where the fields of a payment are in a form: at its top, or within an object.
#[derive(Clone, Copy)]
pub(super) struct Fields(Option<&'static str>);

impl Fields {
    pub(super) const TOP: Self = Self(None);

    pub(super) const fn within(object: &'static str) -> Self {
        Self(Some(object))
    }

    /// The name of a field, such as `a[b]`, in the form.
    pub(super) fn name(self, field: &str) -> String {
        match (self.0, field.split_once('[')) {
            (None, _) => field.to_owned(),
            (Some(object), None) => [object, "[", field, "]"].concat(),
            (Some(object), Some((field, rest))) => [object, "[", field, "][", rest].concat(),
        }
    }
}

/// The details of a payment that are the same however it is paid.
pub(super) fn add_details(
    form: Form,
    at: Fields,
    request: &CreatePayment,
    extra: Option<&StripeOptions>,
) -> Result<Form, Error> {
    let receipt = request.receipt_email.as_ref().map(|email| email.address());
    let suffix = descriptor(request, extra)?;
    let manual = request.capture == CaptureMode::Manual;
    let usage = request.save_source.map(future_use);
    let form = form
        .add_if(&at.name("capture_method"), "manual", manual)
        .add_some(&at.name("setup_future_usage"), usage)
        .add_some(&at.name("description"), request.description.as_deref())
        .add_some(&at.name("receipt_email"), receipt)
        .add_some(&at.name("statement_descriptor_suffix"), suffix);
    let Some(extra) = extra else {
        return Ok(form);
    };
    let fee = match extra.application_fee {
        Some(fee) if fee.currency() != request.amount.currency() => {
            return Err(Error::invalid(
                "application_fee",
                "must be in the payment's currency",
            ));
        }
        fee => fee.map(|fee| to_wire(fee, "application_fee")).transpose()?,
    };
    let (group, to) = (
        extra.transfer_group.as_deref(),
        extra.transfer_to.as_deref(),
    );
    Ok(form
        .add_some(&at.name("on_behalf_of"), extra.on_behalf_of.as_deref())
        .add_some(&at.name("transfer_group"), group)
        .add_some(&at.name("transfer_data[destination]"), to)
        .add_some(&at.name("application_fee_amount"), fee))
}

/// The text on the payer's statement. Stripe takes a whole one for payments without a card only, so it is sent as the suffix
/// of the account's own; see <https://docs.stripe.com/get-started/account/statement-descriptors>.
fn descriptor<'a>(
    request: &'a CreatePayment,
    extra: Option<&'a StripeOptions>,
) -> Result<Option<&'a str>, Error> {
    let suffix = extra.and_then(|extra| extra.statement_descriptor_suffix.as_deref());
    let reject = |remedy: &str| Err(Error::invalid("statement_descriptor", remedy));
    let text = match (request.statement_descriptor.as_deref(), suffix) {
        (Some(_), Some(_)) => {
            return reject(
                "is the same as the option statement_descriptor_suffix; set one of them",
            );
        }
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => return Ok(None),
    };
    if !(1..=22).contains(&text.chars().count()) || !text.chars().any(char::is_alphabetic) {
        return reject("must have 1 to 22 characters with a letter among them");
    }
    if text.contains(['<', '>', '\\', '\'', '"', '*']) {
        return reject("cannot contain any of < > \\ ' \" *");
    }
    Ok(Some(text))
}
