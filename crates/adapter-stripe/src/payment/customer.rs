//! One Stripe customer for each of ours, however many ask at once.
//!
//! Three things together: who asks for a reference that has an e-mail address is first looked up by it (the list is
//! consistent; Stripe's search lags and is never used); a new customer is made under a key derived from our reference,
//! so that those who ask at the same time get the same one; and the same key with other details, which Stripe refuses,
//! means that it is there, so it is looked up once more. Keys are remembered for 24 hours: without an address nothing
//! finds a customer after that. Keep the id that you get.

use anyvendor_core::{
    Error, Kind,
    form::Form,
    payment::{Customer, CustomerRequest},
    resilience::{Operation, OperationClass, Response},
    values::IdempotencyKey,
};
use http::Method;

use super::metadata::{REFERENCE, add_metadata};
use crate::{
    VENDOR,
    client::{Stripe, read, vendor_id},
    error::MalformedResponse,
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

/// How many customers of one reference may have been deleted within the 24 hours that keys are remembered.
const MAX_DELETED: usize = 10;

impl Stripe {
    pub(super) async fn customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        // Refuses what cannot be sent before anything is.
        customer_form(&request)?;
        if let Some(found) = self.find(&request).await? {
            return Ok(found);
        }
        let mut key = self.customer_key(&request.reference)?;
        for _ in 0..MAX_DELETED {
            let made = self.make(&request, &key).await;
            let response = match made {
                Ok(response) => response,
                // Made a moment ago with other details: it is there, so find it.
                Err(error) if error.kind() == &Kind::IdempotencyMismatch => {
                    return self.find(&request).await?.ok_or(error);
                }
                Err(error) => return Err(error),
            };
            let customer = read(&response, |customer| {
                self.ours(customer, &request.reference)
            })?;
            if !is_replay(&response) || self.is_alive(&customer, &request).await? {
                return Ok(customer);
            }
            // The key remembers a customer that was deleted since; all who ask now agree on the next key.
            key = key.derive(customer.id.id());
        }
        let message = "the customer was deleted too often within a day";
        Err(Error::new(Kind::Conflict, message).with_vendor(VENDOR))
    }

    async fn make(
        &self,
        request: &CustomerRequest,
        key: &IdempotencyKey,
    ) -> Result<Response, Error> {
        let (form, segments) = (customer_form(request)?, ["v1", "customers"]);
        self.post(&CREATE, &segments, form, key, None, &request.options)
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
        read(&response, |customer: wire::Customer| Ok(!customer.deleted))
    }

    /// The oldest customer with this address that carries our reference. An error is an error, never "there is none".
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
            // Newest first: of those made in the same second the later one is the older.
            oldest = oldest.into_iter().chain(found).reduce(|old, next| {
                match next.created <= old.created {
                    true => next,
                    false => old,
                }
            });
            if !page.has_more || after.is_none() {
                return oldest
                    .map(|customer| self.ours(customer, &request.reference))
                    .transpose()
                    .map_err(|malformed| malformed.of(&response.head));
            }
        }
    }

    fn ours(
        &self,
        customer: wire::Customer,
        reference: &str,
    ) -> Result<Customer, MalformedResponse> {
        self.check_mode(customer.livemode)?;
        Ok(Customer::new(vendor_id(&customer.id)?, reference))
    }

    fn customer_key(&self, reference: &str) -> Result<IdempotencyKey, Error> {
        let account = self.account.as_deref().unwrap_or("own");
        Ok(IdempotencyKey::new("anyvendor-customer")?
            .derive(account)
            .derive(reference))
    }
}

/// Whether Stripe repeats what it answered to an earlier use of the key.
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
