//! Customers: create, update, list by exact email address, and delete: <https://docs.stripe.com/api/customers>.

use serde_json::Value;

use super::collection::ListRequest;
use super::context::Context;
use super::error::ApiError;
use super::objects::Customer;
use super::params::{MetadataChange, Params};
use super::render::Show;

impl Context<'_> {
    /// Handles `POST /v1/customers`.
    pub(super) fn create_customer(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let mut customer = self.blank_customer();
        apply_changes(&mut customer, &mut params)?;
        let method = params.text("payment_method")?;
        params.ignore(&["test_clock", "tax_id_data"]);
        params.finish()?;
        if let Some(id) = method {
            let method = self.method_by_id(&id)?;
            self.attach(method, &customer.id)?;
        }
        self.account.customers.put(customer.clone());
        self.event("customer.created", &customer);
        Ok(customer.show())
    }

    fn blank_customer(&self) -> Customer {
        Customer {
            id: format!("cus_{}", self.ids.letters(14)),
            account: self.account_id.to_owned(),
            email: None,
            name: None,
            metadata: Default::default(),
            deleted: false,
            created: self.now,
            default_payment_method: None,
            echo: Default::default(),
        }
    }

    /// Makes a customer of whom nothing is known, and returns its id.
    pub(super) fn new_customer(&mut self) -> String {
        let customer = self.blank_customer();
        let id = customer.id.clone();
        self.account.customers.put(customer.clone());
        self.event("customer.created", &customer);
        id
    }

    /// Handles `POST /v1/customers/{id}`.
    pub(super) fn update_customer(
        &mut self,
        id: &str,
        mut params: Params,
    ) -> Result<Value, ApiError> {
        let mut customer = self.account.customers.find(id, "id")?;
        if customer.deleted {
            return Err(ApiError::not_found("customer", id, "id"));
        }
        apply_changes(&mut customer, &mut params)?;
        params.finish()?;
        if let Some(method) = &customer.default_payment_method {
            let owner = self
                .account
                .methods
                .get(method)
                .and_then(|m| m.customer.as_deref());
            if owner != Some(id) {
                return Err(ApiError::state(format!(
                    "The customer does not have a payment method with the ID {method}. The payment method must be \
                     attached to the customer."
                ))
                .code("resource_missing")
                .param("invoice_settings[default_payment_method]"));
            }
        }
        self.account.customers.put(customer.clone());
        self.event("customer.updated", &customer);
        Ok(customer.show())
    }

    /// Handles `GET /v1/customers/{id}`; a deleted customer is shown with `deleted: true`.
    pub(super) fn get_customer(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        Ok(self.account.customers.find(id, "id")?.show())
    }

    /// Handles `DELETE /v1/customers/{id}`.
    pub(super) fn delete_customer(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let mut customer = self.account.customers.find(id, "id")?;
        if customer.deleted {
            return Err(ApiError::not_found("customer", id, "id"));
        }
        self.event("customer.deleted", &customer);
        customer.deleted = true;
        let response = customer.show();
        self.account.customers.put(customer);
        let owned: Vec<String> = self
            .account
            .methods
            .iter()
            .filter(|m| m.customer.as_deref() == Some(id))
            .map(|m| m.id.clone())
            .collect();
        for method in owned {
            if let Some(method) = self.account.methods.get_mut(&method) {
                method.customer = None;
                method.consumed = true;
            }
        }
        Ok(response)
    }

    /// Handles `GET /v1/customers`; the `email` filter is case-sensitive.
    pub(super) fn list_customers(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let email = params.text("email")?;
        params.ignore(&["test_clock"]);
        params.finish()?;
        let matches = |c: &Customer| !c.deleted && (email.is_none() || c.email == email);
        self.account
            .customers
            .page(&request, "/v1/customers", matches, Show::show)
    }

    /// The customer that a parameter names; a deleted one counts as missing.
    pub(super) fn existing_customer(&self, id: &str, param: &str) -> Result<Customer, ApiError> {
        match self.account.customers.get(id) {
            Some(customer) if !customer.deleted => Ok(customer.clone()),
            _ => Err(ApiError::missing("customer", id, param)),
        }
    }
}

/// Applies the parameters that create and update share.
fn apply_changes(customer: &mut Customer, params: &mut Params) -> Result<(), ApiError> {
    if let Some(email) = params.short("email", 512)? {
        if let Some(wrong) = email.as_deref().filter(|e| !e.contains('@')) {
            return Err(ApiError::invalid(format!("Invalid email address: {wrong}"))
                .code("email_invalid")
                .param("email"));
        }
        customer.email = email;
    }
    if let Some(name) = params.short("name", 256)? {
        customer.name = name;
    }
    for (field, most) in [("phone", 20), ("description", 5000)] {
        if let Some(value) = params.short(field, most)? {
            customer.echo.insert(field.to_owned(), value.into());
        }
    }
    for field in ["address", "shipping", "preferred_locales"] {
        if let Some(value) = params.json(field) {
            customer.echo.insert(field.to_owned(), value);
        }
    }
    if let Some(mut settings) = params.object("invoice_settings")? {
        if let Some(method) = settings.change("default_payment_method")? {
            customer.default_payment_method = method;
        }
        settings.ignore(&["custom_fields", "footer", "rendering_options"]);
        settings.finish()?;
    }
    customer.metadata = MetadataChange::apply(params.metadata()?, &customer.metadata)?;
    params.ignore(&[
        "balance",
        "invoice_prefix",
        "next_invoice_sequence",
        "tax",
        "tax_exempt",
    ]);
    Ok(())
}
