//! Saved payment methods; see <https://docs.stripe.com/api/payment_methods> and setup intents.

use anyvendor_core::{
    Error, Kind,
    payment::{
        ListSources, RemoveSource, SaveSource, SaveSourceOutcome, SavedSource, SourceDetails,
    },
    resilience::{Operation, OperationClass},
    values::{IdempotencyKey, Page},
};
use http::Method;

use super::{future_use, intent::next_action, page_of, page_query};
use crate::{
    VENDOR,
    client::{Stripe, vendor_id},
    error::decline,
    form::Form,
    wire::{ErrorBody, Expandable, List, PaymentMethod, SetupIntent},
};

const SAVE: Operation = Operation::new(
    "payment.source.save",
    &Method::POST,
    "/v1/setup_intents",
    OperationClass::Keyed,
);
const LIST: Operation = Operation::new(
    "payment.source.list",
    &Method::GET,
    "/v1/customers/{customer}/payment_methods",
    OperationClass::Safe,
);
const GET: Operation = Operation::new(
    "payment.source.get",
    &Method::GET,
    "/v1/payment_methods/{id}",
    OperationClass::Safe,
);
const DETACH: Operation = Operation::new(
    "payment.source.remove",
    &Method::POST,
    "/v1/payment_methods/{id}/detach",
    OperationClass::Keyed,
);

impl Stripe {
    pub(super) async fn save(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        let customer = request.customer.expect_vendor(VENDOR, "customer")?;
        let source = request.source.expect_vendor(VENDOR, "source")?;
        let mut form = Form::default()
            .add("customer", customer)
            .add("payment_method", source)
            .add("usage", future_use(request.future_use))
            .add("confirm", true)
            .add("automatic_payment_methods[enabled]", true);
        form = match &request.return_url {
            Some(url) => form.add("return_url", url),
            None => form.add("automatic_payment_methods[allow_redirects]", "never"),
        };
        let form = form.add("expand[0]", "payment_method");
        let key = &request.idempotency_key;
        let answer = self
            .post(
                &SAVE,
                &["v1", "setup_intents"],
                form,
                key,
                None,
                &request.options,
            )
            .await?;
        if !answer.head.status.is_success() {
            let ErrorBody { error } = answer.json()?;
            return Ok(SaveSourceOutcome::Declined(decline(&error)));
        }
        let intent: SetupIntent = answer.json()?;
        Ok(match (intent.status.as_str(), intent.payment_method) {
            ("succeeded", Some(Expandable::Object(method))) => {
                SaveSourceOutcome::Saved(saved(*method)?)
            }
            ("succeeded", Some(Expandable::Id(id))) => {
                let segments = ["v1", "payment_methods", &id];
                SaveSourceOutcome::Saved(saved(
                    self.get(&GET, &segments, Form::default(), &request.options)
                        .await?,
                )?)
            }
            ("requires_action", _) => {
                let action =
                    next_action(intent.next_action.as_ref(), intent.client_secret.as_deref());
                SaveSourceOutcome::RequiresAction(action)
            }
            ("requires_payment_method", _) => match &intent.last_setup_error {
                Some(error) => SaveSourceOutcome::Declined(decline(error)),
                None => SaveSourceOutcome::Processing,
            },
            _ => SaveSourceOutcome::Processing,
        })
    }

    pub(super) async fn sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        let customer = request.customer.expect_vendor(VENDOR, "customer")?;
        let segments = ["v1", "customers", customer, "payment_methods"];
        let list: List<PaymentMethod> = self
            .get(
                &LIST,
                &segments,
                page_query(&request.page),
                &request.options,
            )
            .await?;
        page_of(list, |method| method.id.clone(), saved)
    }

    pub(super) async fn detach(&self, request: RemoveSource) -> Result<(), Error> {
        let id = request.source.expect_vendor(VENDOR, "source")?;
        // Detaching has one effect however often it is done, so its key follows from the id alone.
        let key = IdempotencyKey::new("anyvendor-detach")?.derive(id);
        let segments = ["v1", "payment_methods", id, "detach"];
        match self
            .post(
                &DETACH,
                &segments,
                Form::default(),
                &key,
                None,
                &request.options,
            )
            .await
        {
            Ok(_) => Ok(()),
            // Refused: perhaps it is detached already, under a key that is forgotten by now.
            Err(error) if error.kind() == &Kind::InvalidRequest => {
                let segments = ["v1", "payment_methods", id];
                let method: PaymentMethod = self
                    .get(&GET, &segments, Form::default(), &request.options)
                    .await?;
                if method.customer.is_none() {
                    Ok(())
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }
}

fn saved(method: PaymentMethod) -> Result<SavedSource, Error> {
    let details = match method.card {
        Some(card) => SourceDetails::Card {
            brand: card.brand,
            last4: card.last4,
            expiry_month: card.exp_month,
            expiry_year: card.exp_year,
        },
        None => SourceDetails::Other(method.kind),
    };
    let customer = method
        .customer
        .as_ref()
        .map(|customer| vendor_id(customer.id()))
        .transpose()?;
    Ok(SavedSource::new(vendor_id(&method.id)?, customer, details))
}
