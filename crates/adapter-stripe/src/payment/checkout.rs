//! Stripe's page on which the payer chooses how to pay: a Checkout Session; see
//! <https://docs.stripe.com/api/checkout/sessions>. The session is the payment's id from the beginning, and its
//! PaymentIntent, which exists once the payer has acted, another id of the same payment.

use anyvendor_core::{
    Error, Kind,
    form::Form,
    payment::{CreatePayment, NextAction, PayerPresence, Payment, PaymentOutcome, PaymentStatus},
    resilience::{MalformedResponse, Operation, OperationClass},
    values::{IdempotencyKey, SensitiveUrl},
};
use http::Method;
use jiff::Timestamp;
use url::Url;

use super::{
    acting::Acting,
    create::{Fields, add_details, currency, customer},
    current::current,
    intent::{MAX_KEY, renamed, same_amount},
    metadata::{REFERENCE, add_metadata, metadata},
};
use crate::{
    amount::{from_wire, to_wire},
    client::{Get, Post, Stripe},
    wire::{CheckoutSession, Expandable},
};

const CREATE: Operation = Operation::new(
    "payment.create",
    &Method::POST,
    "/v1/checkout/sessions",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.get",
    &Method::GET,
    "/v1/checkout/sessions/{id}",
    OperationClass::Safe,
);
const EXPIRE: Operation = Operation::new(
    "payment.cancel",
    &Method::POST,
    "/v1/checkout/sessions/{id}/expire",
    OperationClass::Keyed,
);

/// The prefix of a session's id.
pub(super) const SESSION: &str = "cs_";

/// The payment of a page, as it is now.
pub(super) struct Page {
    pub(super) payment: Payment,
    /// The PaymentIntent, once the payer has acted.
    pub(super) intent: Option<String>,
    /// Whether the payer can still act on the page.
    pub(super) is_open: bool,
    id: String,
}

impl Stripe {
    pub(super) async fn create_page(
        &self,
        mut at: Acting<'_>,
        request: &CreatePayment,
    ) -> Result<PaymentOutcome, Error> {
        let form = page_form(&mut at, request)?;
        let response = self
            .post(
                at.sender(),
                Post {
                    operation: &CREATE,
                    segments: &["v1", "checkout", "sessions"],
                    form,
                    key: request.idempotency_key.within(MAX_KEY),
                },
            )
            .await?;
        let told = response.decode(|session| self.paged(&at, session))?;
        let id = told.id.clone();
        let look_up = || self.page(&at, &id);
        let page = current(&response.head, told, look_up).await?;
        same_amount(&response.head, page.payment.amount, request.amount)?;
        Ok(page.payment.into())
    }

    /// Looks a page and its payment up.
    pub(super) async fn page(&self, at: &Acting<'_>, id: &str) -> Result<Page, Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET,
                    segments: &["v1", "checkout", "sessions", id],
                    query: Form::default().add("expand[0]", "payment_intent.latest_charge"),
                },
            )
            .await?;
        response.decode(|session| self.paged(at, session))
    }

    /// Closes a page on which nobody has paid, so that nobody can.
    pub(super) async fn close_page(
        &self,
        at: &Acting<'_>,
        page: &Page,
        key: &IdempotencyKey,
    ) -> Result<Payment, Error> {
        let closed = self
            .post(
                at.sender(),
                Post {
                    operation: &EXPIRE,
                    segments: &["v1", "checkout", "sessions", &page.id, "expire"],
                    form: Form::default().add("expand[0]", "payment_intent.latest_charge"),
                    key: key.for_step("cancel", MAX_KEY),
                },
            )
            .await;
        let response = match closed {
            Ok(response) => response,
            // Stripe has no error code for a page that is no longer open: its state decides.
            Err(error) if error.kind() == &Kind::InvalidRequest => {
                let now = self.page(at, &page.id).await;
                return match now {
                    Ok(now) if now.payment.status == PaymentStatus::Expired => Ok(now.payment),
                    _ => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        let told = response.decode(|session| self.paged(at, session))?;
        let look_up = || self.page(at, &page.id);
        Ok(current(&response.head, told, look_up).await?.payment)
    }

    fn paged(&self, at: &Acting<'_>, session: CheckoutSession) -> Result<Page, MalformedResponse> {
        self.check_mode(session.livemode)?;
        let name = at.name(&session.id)?;
        let is_open = session.status.as_deref() == Some("open");
        let intent = match &session.payment_intent {
            Some(Expandable::Id(id)) => Some(id.clone()),
            Some(Expandable::Object(intent)) => Some(intent.id.clone()),
            None => None,
        };
        let mut payment = match session.payment_intent {
            Some(Expandable::Object(intent)) if !is_open => {
                let expired = session.status.as_deref() == Some("expired");
                let mut payment = renamed(self.payment(at, *intent)?, &name);
                if expired && payment.captured.is_zero() && payment.capturable.is_zero() {
                    payment.status = PaymentStatus::Expired;
                }
                payment
            }
            _ => {
                let missing = MalformedResponse::bad_body("the response contains no amount");
                let code = session.currency.as_deref().ok_or(missing)?;
                let amount = from_wire(session.amount_total.ok_or(missing)?, code)?;
                let status = status(
                    session.status.as_deref(),
                    session.payment_status.as_deref(),
                    session.url.as_deref(),
                )?;
                let mut payment = Payment::new(name, status, amount);
                if payment.status == PaymentStatus::Captured {
                    payment.captured = amount;
                }
                let named = |id: &String| at.name(id);
                payment.other_ids = intent.iter().map(named).collect::<Result<_, _>>()?;
                let customer = session.customer.as_ref();
                let customer = customer.map(|customer| at.name(customer.id()));
                payment.customer = customer.transpose()?;
                let pairs = session.metadata.unwrap_or_default();
                payment.reference = pairs.get(REFERENCE).cloned();
                payment.metadata = metadata(&pairs);
                let created = session.created;
                payment.created_at = created.and_then(|at| Timestamp::from_second(at).ok());
                payment.live = self.mode().is_live();
                payment
            }
        };
        let in_events = at.name_in_events(&session.id)?;
        payment.other_ids.extend(in_events);
        Ok(Page {
            payment,
            intent,
            is_open,
            id: session.id,
        })
    }
}

/// The status of a payment of which only the page is known.
fn status(
    status: Option<&str>,
    paid: Option<&str>,
    url: Option<&str>,
) -> Result<PaymentStatus, MalformedResponse> {
    Ok(match (status, paid) {
        (Some("open"), _) => PaymentStatus::RequiresAction(hosted_page(url)?),
        (Some("expired"), _) => PaymentStatus::Expired,
        (Some("complete"), Some("paid")) => PaymentStatus::Captured,
        (Some("complete"), _) => PaymentStatus::Processing,
        (other, _) => PaymentStatus::Other(other.unwrap_or("unknown").to_owned()),
    })
}

/// The page of an open session.
pub(super) fn hosted_page(url: Option<&str>) -> Result<NextAction, MalformedResponse> {
    let url = url.and_then(|url| Url::parse(url).ok());
    let missing = MalformedResponse::bad_body("the response contains no page for the payer");
    Ok(NextAction::HostedPage(SensitiveUrl::new(
        url.ok_or(missing)?,
    )))
}

fn page_form<'a>(at: &mut Acting<'a>, request: &'a CreatePayment) -> Result<Form, Error> {
    let amount = to_wire(request.amount, "amount")?;
    let customer = customer(at, request)?;
    if request.presence == PayerPresence::OffSession {
        return Err(Error::invalid(
            "presence",
            "can be off session only for a payment with a saved source",
        ));
    }
    if !request.confirm {
        return Err(Error::invalid(
            "confirm",
            "must be on, since the payer pays on the vendor's page",
        ));
    }
    let Some(back) = &request.return_url else {
        return Err(Error::invalid(
            "return_url",
            "is needed; the payer returns to it from the vendor's page",
        ));
    };
    let reference = request.reference.as_deref();
    // The page shows one item, which must have a name.
    let name = request.description.as_deref().or(reference);
    let keeps = request.save_source.is_some() && customer.is_none();
    let expires = at.options.and_then(|options| options.page_expires_at);
    let form = Form::default()
        .add("mode", "payment")
        .add("line_items[0][price_data][currency]", currency(request))
        .add("line_items[0][price_data][unit_amount]", amount)
        .add(
            "line_items[0][price_data][product_data][name]",
            name.unwrap_or("Payment"),
        )
        .add("line_items[0][quantity]", 1)
        .add_some("customer", customer)
        .add_if("customer_creation", "always", keeps)
        .add("success_url", back)
        .add_some("cancel_url", request.cancel_url.as_ref())
        .add_some("expires_at", expires.map(Timestamp::as_second));
    let of_payment = Fields::within("payment_intent_data");
    let form = add_details(form, of_payment, request, at.options)?;
    // The metadata of the session is not that of its payment.
    let form = add_metadata(form, "metadata", &request.metadata, reference)?;
    let map = of_payment.name("metadata");
    add_metadata(form, &map, &request.metadata, reference)
}
