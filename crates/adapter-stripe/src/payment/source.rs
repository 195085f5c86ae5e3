//! Saved payment methods; see <https://docs.stripe.com/api/payment_methods> and setup intents.

use anyvendor_core::{
    Error, Kind,
    form::Form,
    payment::{
        ListSources, RemoveSource, SaveSource, SaveSourceOutcome, SavedSource, SourceDetails,
    },
    resilience::{
        CallOptions, MalformedResponse, Operation, OperationClass, Response, response_id,
    },
    values::{IdempotencyKey, Page},
};
use http::Method;

use super::{
    create::source_of,
    decline::decline,
    intent::{future_use, next_action},
    look_up::{page_of, page_query},
};
use crate::{
    client::{Post, Stripe},
    config::VENDOR,
    wire::{ErrorBody, Expandable, PaymentMethod, SetupIntent},
};

const SAVE: Operation = Operation::new(
    "payment.source.save",
    &Method::POST,
    "/v1/setup_intents",
    OperationClass::Keyed,
);
const GET_SETUP: Operation = Operation::new(
    "payment.source.get_setup",
    &Method::GET,
    "/v1/setup_intents/{id}",
    OperationClass::Safe,
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

/// The prefix of a setup intent's id, which identifies the source while the payer has to act.
const SETUP: &str = "seti_";

impl Stripe {
    pub(super) async fn save(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        let customer = request.customer.expect_vendor(VENDOR, "customer")?;
        let Some(source) = source_of(request.source.as_ref())? else {
            let remedy = "is needed; the vendor's code in the payer's browser creates one";
            return Err(Error::invalid("source", remedy));
        };
        if source.starts_with(SETUP) {
            return self.set_up(source, &request.options).await;
        }
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
        let segments = ["v1", "setup_intents"];
        let response = self
            .post(Post {
                operation: &SAVE,
                segments: &segments,
                form,
                key,
                account: None,
                options: &request.options,
            })
            .await?;
        if !response.head.status.is_success() {
            let ErrorBody { error } = response.json()?;
            return Ok(SaveSourceOutcome::Declined(decline(&error)));
        }
        self.setup_outcome(&response, &request.options).await
    }

    /// The state of a source whose payer had to act.
    async fn set_up(&self, id: &str, options: &CallOptions) -> Result<SaveSourceOutcome, Error> {
        let segments = ["v1", "setup_intents", id];
        let query = Form::default().add("expand[0]", "payment_method");
        let response = self.get(&GET_SETUP, &segments, query, options).await?;
        self.setup_outcome(&response, options).await
    }

    async fn setup_outcome(
        &self,
        response: &Response,
        options: &CallOptions,
    ) -> Result<SaveSourceOutcome, Error> {
        let intent: SetupIntent = response.json()?;
        self.check_mode(intent.livemode)
            .map_err(|malformed| malformed.into_error(&response.head))?;
        let id = response.head.vendor_id(None, &intent.id)?;
        Ok(match (intent.status.as_str(), intent.payment_method) {
            ("succeeded", Some(Expandable::Object(method))) => SaveSourceOutcome::Saved(
                self.saved(*method)
                    .map_err(|malformed| malformed.into_error(&response.head))?,
            ),
            ("succeeded", Some(Expandable::Id(id))) => {
                SaveSourceOutcome::Saved(self.source(&id, options).await?)
            }
            ("requires_action", _) => {
                let secret = intent.client_secret.as_deref();
                let action = next_action(intent.next_action.as_ref(), secret);
                SaveSourceOutcome::RequiresAction(id, action)
            }
            ("requires_payment_method", _) => match &intent.last_setup_error {
                Some(error) => SaveSourceOutcome::Declined(decline(error)),
                None => SaveSourceOutcome::Processing(id),
            },
            _ => SaveSourceOutcome::Processing(id),
        })
    }

    pub(super) async fn sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        let customer = request.customer.expect_vendor(VENDOR, "customer")?;
        let segments = ["v1", "customers", customer, "payment_methods"];
        let query = page_query(&request.page);
        let response = self.get(&LIST, &segments, query, &request.options).await?;
        page_of(
            &response,
            |method: &PaymentMethod| &method.id,
            |method| self.saved(method),
        )
    }

    pub(super) async fn detach(&self, request: RemoveSource) -> Result<(), Error> {
        let id = request.source.expect_vendor(VENDOR, "source")?;
        // A new key for each call: removing twice is harmless, but a replayed rejection would not be.
        let (key, options) = (IdempotencyKey::random(), &request.options);
        let segments = ["v1", "payment_methods", id, "detach"];
        let rejected = match self
            .post(Post {
                operation: &DETACH,
                segments: &segments,
                form: Form::default(),
                key: &key,
                account: None,
                options,
            })
            .await
        {
            Err(error) if error.kind() == &Kind::InvalidRequest => error,
            result => return result.map(drop),
        };
        // Stripe has no error code for a source without a customer.
        match self.source(id, options).await?.customer {
            None => Ok(()),
            Some(_) => Err(rejected),
        }
    }

    async fn source(&self, id: &str, options: &CallOptions) -> Result<SavedSource, Error> {
        let segments = ["v1", "payment_methods", id];
        let response = self.get(&GET, &segments, Form::default(), options).await?;
        response.decode(|method| self.saved(method))
    }

    fn saved(&self, method: PaymentMethod) -> Result<SavedSource, MalformedResponse> {
        self.check_mode(method.livemode)?;
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
            .map(|customer| response_id(VENDOR, None, customer.id()))
            .transpose()?;
        Ok(SavedSource::new(
            response_id(VENDOR, None, &method.id)?,
            customer,
            details,
        ))
    }
}
