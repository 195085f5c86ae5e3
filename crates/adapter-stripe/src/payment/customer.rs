//! One Stripe customer for each of our references, even if several callers ask concurrently, with whatever details.
//!
//! Two nets overlap. A customer is created under a key derived from our reference, by a request that contains nothing but
//! the reference: for the 24 hours for which Stripe remembers keys, everybody gets the same customer, and details that
//! differ cannot make the key unusable. An older customer is found by Stripe's search for our reference in the metadata,
//! whose lag (below a minute, up to an hour in an outage) lies within those 24 hours. The details are added afterwards.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{Customer, CustomerRequest},
    resilience::{MalformedResponse, Operation, OperationClass},
    values::{IdempotencyKey, Metadata},
};
use http::Method;

use super::{
    acting::Acting,
    current::is_replay,
    intent::MAX_KEY,
    look_up::{MAX_PAGE, by_reference, reference_of},
    metadata::add_metadata,
};
use crate::{
    client::{Get, Post, Stripe},
    error::not_now,
    wire::{self, List},
};

const CREATE: Operation = Operation::new(
    "payment.customer.create",
    &Method::POST,
    "/v1/customers",
    OperationClass::Keyed,
);
const UPDATE: Operation = Operation::new(
    "payment.customer.update",
    &Method::POST,
    "/v1/customers/{id}",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.customer.get",
    &Method::GET,
    "/v1/customers/{id}",
    OperationClass::Safe,
);
const SEARCH: Operation = Operation::new(
    "payment.customer.search",
    &Method::GET,
    "/v1/customers/search",
    OperationClass::Safe,
);

/// The most customers with one reference that may have been deleted within the 24 hours for which keys are remembered.
const MAX_DELETED: usize = 10;

/// A customer as Stripe has it, and its neutral form.
type Found = (wire::Customer, Customer);

impl Stripe {
    pub(super) async fn customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        let at = Acting::writing(
            self,
            CREATE.name,
            &request.extensions,
            &[],
            &request.options,
        )?;
        // Rejects an invalid request before anything is sent.
        details(&request, None)?;
        let (found, customer) = match self.search(&at, &request).await? {
            Some(found) => found,
            None => self.create(&at, &request).await?,
        };
        let missing = details(&request, Some(&found))?;
        if !missing.is_empty() {
            self.post(
                at.sender(),
                Post {
                    operation: &UPDATE,
                    segments: &["v1", "customers", &found.id],
                    form: missing,
                    key: IdempotencyKey::random(),
                },
            )
            .await?;
        }
        Ok(customer)
    }

    /// Creates the customer, or gets the one that was created under the same key a moment ago.
    async fn create(&self, at: &Acting<'_>, request: &CustomerRequest) -> Result<Found, Error> {
        let reference = &request.reference;
        let mut key = IdempotencyKey::new("anyvendor-customer")?
            .derive(at.account().unwrap_or("own"))
            .derive(reference);
        for _ in 0..MAX_DELETED {
            let none = Metadata::default();
            let form = add_metadata(Form::default(), "metadata", &none, Some(reference))?;
            let response = self
                .post(
                    at.sender(),
                    Post {
                        operation: &CREATE,
                        segments: &["v1", "customers"],
                        form,
                        key: key.within(MAX_KEY),
                    },
                )
                .await?;
            let made = response.decode(|made| self.known(at, made, reference))?;
            if !is_replay(&response.head) {
                return Ok(made);
            }
            let now = self.look_customer_up(at, &made.0.id, request).await?;
            if !now.0.deleted {
                return Ok(now);
            }
            // The key belongs to a customer that was deleted since; all callers derive the same next key.
            key = key.derive(&made.0.id);
        }
        Err(not_now(
            &at.scope,
            "the customer was deleted too often within a day",
        ))
    }

    async fn look_customer_up(
        &self,
        at: &Acting<'_>,
        id: &str,
        request: &CustomerRequest,
    ) -> Result<Found, Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET,
                    segments: &["v1", "customers", id],
                    query: Form::default(),
                },
            )
            .await?;
        response.decode(|customer| self.known(at, customer, &request.reference))
    }

    /// The oldest customer with our reference. A failed search is an error, never "no such customer".
    async fn search(
        &self,
        at: &Acting<'_>,
        request: &CustomerRequest,
    ) -> Result<Option<Found>, Error> {
        let mut oldest: Option<Found> = None;
        let mut after: Option<String> = None;
        loop {
            let response = self
                .get(
                    at.sender(),
                    Get {
                        operation: &SEARCH,
                        segments: &["v1", "customers", "search"],
                        query: Form::default()
                            .add("query", by_reference(&request.reference))
                            .add("limit", MAX_PAGE)
                            .add_some("page", after.as_deref()),
                    },
                )
                .await?;
            let page: List = response.json()?;
            after = page.next(true).map(|(_, place)| place);
            for item in page.data {
                // The index compares less strictly than we do.
                if reference_of(&item) != Some(&request.reference) {
                    continue;
                }
                let unreadable = MalformedResponse::bad_body("a customer is not readable");
                let found = serde_json::from_value(item)
                    .map_err(|_| unreadable)
                    .and_then(|customer| self.known(at, customer, &request.reference))
                    .map_err(|malformed| malformed.into_error(&response.head))?;
                let is_older = |old: &Found| found.0.created <= old.0.created;
                if !found.0.deleted && oldest.as_ref().is_none_or(is_older) {
                    oldest = Some(found);
                }
            }
            if after.is_none() {
                return Ok(oldest);
            }
        }
    }

    fn known(
        &self,
        at: &Acting<'_>,
        customer: wire::Customer,
        reference: &str,
    ) -> Result<Found, MalformedResponse> {
        self.check_mode(customer.livemode)?;
        let neutral = Customer::new(at.name(&customer.id)?, reference);
        Ok((customer, neutral))
    }
}

/// The details of the request that the customer has not got yet. What it has is kept.
fn details(request: &CustomerRequest, found: Option<&wire::Customer>) -> Result<Form, Error> {
    let lacks = |field: fn(&wire::Customer) -> &Option<String>| {
        found.is_none_or(|customer| field(customer).is_none())
    };
    let email = request.email.as_ref().map(|email| email.address());
    let phone = request.phone.as_ref().map(|phone| phone.as_str());
    let form = Form::default()
        .add_some("email", email.filter(|_| lacks(|found| &found.email)))
        .add_some(
            "name",
            request
                .name
                .as_deref()
                .filter(|_| lacks(|found| &found.name)),
        )
        .add_some("phone", phone.filter(|_| lacks(|found| &found.phone)));
    // The whole metadata is checked, with our reference, and then only what is missing is sent.
    let reference = found.is_none().then_some(&*request.reference);
    add_metadata(Form::default(), "metadata", &request.metadata, reference)?;
    let known = |key: &str| found.is_some_and(|found| found.metadata.contains_key(key));
    let missing = request.metadata.iter().filter(|(key, _)| !known(key));
    Ok(form.add_map("metadata", missing))
}
