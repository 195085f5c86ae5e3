//! Saved payment methods: listed and removed; see <https://docs.stripe.com/api/payment_methods>.

use anyvendor_core::{
    Error, Kind,
    form::Form,
    payment::{ListSources, RemoveSource, SavedSource, SourceDetails},
    resilience::{MalformedResponse, Operation, OperationClass},
    values::{IdempotencyKey, Page},
};
use http::Method;

use super::{
    acting::Acting,
    look_up::{page_of, page_query},
};
use crate::{
    client::{Get, Post, Stripe},
    wire::PaymentMethod,
};

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
    pub(super) async fn sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        let mut at = Acting::reading(self, LIST.name, &request.extensions, &request.options)?;
        let customer = at.id(&request.customer, "customer")?;
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &LIST,
                    segments: &["v1", "customers", customer, "payment_methods"],
                    query: page_query(&request.page),
                },
            )
            .await?;
        page_of(&response, |method| self.saved(&at, method))
    }

    pub(super) async fn detach(&self, request: RemoveSource) -> Result<(), Error> {
        let mut at = Acting::writing(
            self,
            DETACH.name,
            &request.extensions,
            &[],
            &request.options,
        )?;
        let id = at.id(&request.source, "source")?;
        let rejected = match self
            .post(
                at.sender(),
                Post {
                    operation: &DETACH,
                    segments: &["v1", "payment_methods", id, "detach"],
                    form: Form::default(),
                    // A new key for each call: removing twice is harmless, but a replayed rejection would not be.
                    key: IdempotencyKey::random(),
                },
            )
            .await
        {
            Err(error) if error.kind() == &Kind::InvalidRequest => error,
            result => return result.map(drop),
        };
        // Stripe has no error code for a source without a customer.
        match self.source(&at, id).await?.customer {
            None => Ok(()),
            Some(_) => Err(rejected),
        }
    }

    pub(super) async fn source(&self, at: &Acting<'_>, id: &str) -> Result<SavedSource, Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET,
                    segments: &["v1", "payment_methods", id],
                    query: Form::default(),
                },
            )
            .await?;
        response.decode(|method| self.saved(at, method))
    }

    pub(super) fn saved(
        &self,
        at: &Acting<'_>,
        method: PaymentMethod,
    ) -> Result<SavedSource, MalformedResponse> {
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
        let customer = method.customer.as_ref();
        let customer = customer.map(|customer| at.name(customer.id()));
        Ok(SavedSource::new(
            at.name(&method.id)?,
            customer.transpose()?,
            details,
        ))
    }
}
