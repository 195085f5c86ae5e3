//! One Stripe customer for each of our references, even if several callers ask concurrently.
//!
//! Three steps ensure this. A request with an email address is first looked up by that address (the list is consistent;
//! Stripe's search lags and is never used). A new customer is created under a key derived from our reference, so that
//! concurrent callers get the same one. If Stripe rejects that key because of other details, the customer exists and is
//! looked up once more. Stripe remembers keys for 24 hours: without an email address a customer cannot be found after
//! that, so the caller keeps the id.

use anyvendor_core::{
    Delivery, Error, Kind,
    form::Form,
    payment::{Customer, CustomerRequest},
    resilience::{MalformedResponse, Operation, OperationClass, Response, response_id},
    values::IdempotencyKey,
};
use http::Method;

use super::metadata::{REFERENCE, add_metadata};
use crate::{
    client::{Post, Stripe},
    config::VENDOR,
    wire::{self, List},
};

const CREATE: Operation = Operation::new(
    "payment.customer.create",
    &Method::POST,
    "/v1/customers",
    OperationClass::Keyed,
);
const GET: Operation = Operation::new(
    "payment.customer.get",
    &Method::GET,
    "/v1/customers/{id}",
    OperationClass::Safe,
);
const LIST: Operation = Operation::new(
    "payment.customer.list",
    &Method::GET,
    "/v1/customers",
    OperationClass::Safe,
);

/// The most customers with one reference that may have been deleted within the 24 hours for which keys are remembered.
const MAX_DELETED: usize = 10;

impl Stripe {
    pub(super) async fn customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        // Rejects an invalid request before anything is sent.
        customer_form(&request)?;
        if let Some(found) = self.find(&request).await? {
            return Ok(found);
        }
        let mut key = self.customer_key(&request.reference)?;
        for _ in 0..MAX_DELETED {
            let made = self.make(&request, &key).await;
            let response = match made {
                Ok(response) => response,
                // It was created a moment ago with other details, so it can be found.
                Err(error) if error.kind() == &Kind::IdempotencyMismatch => {
                    return self.find(&request).await?.ok_or(error);
                }
                Err(error) => return Err(error),
            };
            let customer =
                response.decode(|customer| self.with_reference(customer, &request.reference))?;
            if !is_replay(&response) || self.is_alive(&customer, &request).await? {
                return Ok(customer);
            }
            // The key belongs to a customer that was deleted since; all callers derive the same next key.
            key = key.derive(customer.id.id());
        }
        let message = "the customer was deleted too often within a day";
        Err(Error::new(Kind::Conflict, Delivery::Refused, message).with_vendor(VENDOR))
    }

    async fn make(
        &self,
        request: &CustomerRequest,
        key: &IdempotencyKey,
    ) -> Result<Response, Error> {
        let (form, segments) = (customer_form(request)?, ["v1", "customers"]);
        self.post(Post {
            operation: &CREATE,
            segments: &segments,
            form,
            key,
            account: None,
            options: &request.options,
        })
        .await
    }

    async fn is_alive(
        &self,
        customer: &Customer,
        request: &CustomerRequest,
    ) -> Result<bool, Error> {
        let segments = ["v1", "customers", customer.id.id()];
        let response = self
            .get(&GET, &segments, Form::default(), &request.options)
            .await?;
        response.decode(|customer: wire::Customer| Ok(!customer.deleted))
    }

    /// The oldest customer with this address and our reference. A failed lookup is an error, never "no such customer".
    async fn find(&self, request: &CustomerRequest) -> Result<Option<Customer>, Error> {
        let Some(email) = &request.email else {
            return Ok(None);
        };
        let mut oldest: Option<wire::Customer> = None;
        let mut after: Option<String> = None;
        loop {
            let query = Form::default()
                .add("email", email.address())
                .add("limit", 100)
                .add_some("starting_after", after.as_deref());
            let segments = ["v1", "customers"];
            let response = self.get(&LIST, &segments, query, &request.options).await?;
            let page: List<wire::Customer> = response.json()?;
            after = page.data.last().map(|last| last.id.clone());
            let found = page.data.into_iter().filter(|customer| {
                !customer.deleted && customer.metadata.get(REFERENCE) == Some(&request.reference)
            });
            // The list is newest first: of two customers created in the same second the later entry is the older.
            oldest = oldest.into_iter().chain(found).reduce(|old, next| {
                if next.created <= old.created {
                    next
                } else {
                    old
                }
            });
            if !page.has_more || after.is_none() {
                return oldest
                    .map(|customer| self.with_reference(customer, &request.reference))
                    .transpose()
                    .map_err(|malformed| malformed.into_error(&response.head));
            }
        }
    }

    fn with_reference(
        &self,
        customer: wire::Customer,
        reference: &str,
    ) -> Result<Customer, MalformedResponse> {
        self.check_mode(customer.livemode)?;
        Ok(Customer::new(
            response_id(VENDOR, None, &customer.id)?,
            reference,
        ))
    }

    fn customer_key(&self, reference: &str) -> Result<IdempotencyKey, Error> {
        let account = self.account.as_deref().unwrap_or("own");
        Ok(IdempotencyKey::new("anyvendor-customer")?
            .derive(account)
            .derive(reference))
    }
}

/// Whether Stripe replayed the response to an earlier use of the key.
fn is_replay(response: &Response) -> bool {
    response.head.header("idempotent-replayed") == Some("true")
}

fn customer_form(request: &CustomerRequest) -> Result<Form, Error> {
    let form = Form::default()
        .add_some("email", request.email.as_ref().map(|email| email.address()))
        .add_some("name", request.name.as_deref())
        .add_some("phone", request.phone.as_ref().map(|phone| phone.as_str()));
    add_metadata(form, &request.metadata, Some(&request.reference))
}
