//! Customers. PayPal has no call that creates one: it creates a customer when the first source is saved, and until then our own
//! id identifies them.

use anyvendor_core::{
    Error, extension,
    payment::{Customer, CustomerRequest},
    values::{VendorId, VendorIds},
};
use serde_json::{Value, json};

use super::id::REFERENCE;
use crate::config::VENDOR;

/// The most characters of our own id of a customer.
const MAX_CUSTOMER: usize = 64;

/// A customer for whom PayPal has no id yet. Sends nothing.
pub(super) fn customer(request: &CustomerRequest) -> Result<Customer, Error> {
    extension::none(VENDOR, &request.extensions)?;
    check_customer_reference(&request.reference)?;
    if !request.metadata.is_empty() {
        return Err(Error::unsupported(VENDOR, "metadata").with_field("metadata"));
    }
    let id = VendorId::new(VENDOR, [REFERENCE, "/", &request.reference].concat())?;
    Ok(Customer::new(id, &request.reference).pending())
}

/// The customer: PayPal's id, or our own if PayPal has none yet.
pub(super) fn customer_of(
    customer: &VendorIds,
    reference: Option<&str>,
) -> Result<Option<Value>, Error> {
    let id = customer.expect_vendor(VENDOR, "customer")?;
    let own = id
        .and_then(|id| id.strip_prefix(REFERENCE)?.strip_prefix('/'))
        .or(reference.filter(|_| id.is_none()));
    Ok(match (own, id) {
        (Some(own), _) => {
            check_customer_reference(own)?;
            Some(json!({ "merchant_customer_id": own }))
        }
        (None, Some(id)) => Some(json!({ "id": id })),
        (None, None) => None,
    })
}

/// Checks our own id of a customer, of which PayPal accepts up to 64 characters.
fn check_customer_reference(reference: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.^*$@#".contains(&byte);
    if (1..=MAX_CUSTOMER).contains(&reference.len()) && reference.bytes().all(fits) {
        Ok(())
    } else {
        Err(Error::invalid(
            "reference",
            "of a customer must be 1 to 64 letters, digits and any of -_.^*$@#",
        ))
    }
}
