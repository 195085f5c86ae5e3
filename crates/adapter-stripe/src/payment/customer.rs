//! One Stripe customer for each of ours, however many ask at once.
//!
//! Looked up first (the list by e-mail address is consistent, search is not), then made under a key derived from our
//! reference: those who ask at the same time get the same object. The key is remembered for 24 hours, after which the
//! look-up alone keeps a second one from being made; without an address that look-up is Stripe's search, which may lag
//! by a minute. Keep the id that you get.

use anyvendor_core::{
    Error, Kind,
    payment::{Customer, CustomerRequest},
    resilience::{CallOptions, Operation, OperationClass},
    values::IdempotencyKey,
};
use http::Method;

use super::{REFERENCE, add_metadata};
use crate::{
    VENDOR,
    client::{Stripe, vendor_id},
    form::Form,
    wire::{self, List},
};

const CREATE: Operation = Operation::new(
    "payment.customer.create",
    &Method::POST,
    "/v1/customers",
    OperationClass::Keyed,
);
const LIST: Operation = Operation::new(
    "payment.customer.list",
    &Method::GET,
    "/v1/customers",
    OperationClass::Safe,
);
const SEARCH: Operation = Operation::new(
    "payment.customer.search",
    &Method::GET,
    "/v1/customers/search",
    OperationClass::Safe,
);

impl Stripe {
    pub(super) async fn customer(&self, request: CustomerRequest) -> Result<Customer, Error> {
        let form = customer_form(&request)?;
        if let Some(found) = self.find(&request).await? {
            return Ok(found);
        }
        let key = self.customer_key(&request)?;
        let segments = ["v1", "customers"];
        match self
            .post(&CREATE, &segments, form, &key, None, &request.options)
            .await
        {
            Ok(answer) => {
                let customer: wire::Customer = answer.json()?;
                Ok(Customer::new(vendor_id(&customer.id)?, request.reference))
            }
            // Made a moment ago with other details: it is there, so find it.
            Err(error) if error.kind() == &Kind::IdempotencyMismatch => {
                self.find(&request).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// The oldest customer that carries our reference. An error is an error, never "there is none".
    async fn find(&self, request: &CustomerRequest) -> Result<Option<Customer>, Error> {
        let found = match &request.email {
            Some(email) => {
                self.by_email(email.address(), &request.reference, &request.options)
                    .await?
            }
            None => {
                self.by_reference(&request.reference, &request.options)
                    .await?
            }
        };
        let oldest = found
            .into_iter()
            .filter(|customer| !customer.deleted)
            .filter(|customer| customer.metadata.get(REFERENCE) == Some(&request.reference))
            .min_by_key(|customer| customer.created);
        oldest
            .map(|customer| {
                Ok(Customer::new(
                    vendor_id(&customer.id)?,
                    request.reference.clone(),
                ))
            })
            .transpose()
    }

    async fn by_email(
        &self,
        email: &str,
        reference: &str,
        options: &CallOptions,
    ) -> Result<Vec<wire::Customer>, Error> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let query = Form::default()
                .add("email", email)
                .add("limit", 100)
                .add_some("starting_after", after.as_deref());
            let page: List<wire::Customer> = self
                .get(&LIST, &["v1", "customers"], query, options)
                .await?;
            after = page.data.last().map(|last| last.id.clone());
            found.extend(page.data.into_iter().filter(|customer| {
                customer
                    .metadata
                    .get(REFERENCE)
                    .is_some_and(|found| found == reference)
            }));
            if !page.has_more || after.is_none() {
                return Ok(found);
            }
        }
    }

    async fn by_reference(
        &self,
        reference: &str,
        options: &CallOptions,
    ) -> Result<Vec<wire::Customer>, Error> {
        let quoted = reference.replace('\\', "\\\\").replace('\'', "\\'");
        let clause = ["metadata['", REFERENCE, "']:'", &quoted, "'"].concat();
        let query = Form::default().add("query", clause).add("limit", 100);
        let page: List<wire::Customer> = self
            .get(&SEARCH, &["v1", "customers", "search"], query, options)
            .await?;
        Ok(page.data)
    }

    fn customer_key(&self, request: &CustomerRequest) -> Result<IdempotencyKey, Error> {
        let account = self.account.as_deref().unwrap_or("own");
        Ok(IdempotencyKey::new("anyvendor-customer")?
            .derive(account)
            .derive(&request.reference))
    }
}

fn customer_form(request: &CustomerRequest) -> Result<Form, Error> {
    if request.reference.is_empty() {
        return Err(Error::invalid("reference", "must not be empty"));
    }
    let longer = |text: Option<&str>, limit| text.is_some_and(|text| text.chars().count() > limit);
    if longer(request.name.as_deref(), 256) {
        return Err(Error::invalid(
            "name",
            format_args!("has more than the 256 characters that {VENDOR} takes"),
        ));
    }
    let form = Form::default()
        .add_some("email", request.email.as_ref().map(|email| email.address()))
        .add_some("name", request.name.as_deref())
        .add_some("phone", request.phone.as_ref().map(|phone| phone.as_str()));
    add_metadata(form, &request.metadata, Some(&request.reference))
}
