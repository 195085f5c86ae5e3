//! The ids of one payment: at PayPal an order, its authorization, each capture and each refund have their own id.
//!
//! A payment is identified by its order. The other ids have a prefix (`paypal:capture/3C679366HH908993F`), so that a record
//! which kept only the capture still leads to the payment.

use anyvendor_core::{Error, values::VendorId};

use crate::config::VENDOR;

pub(crate) const AUTHORIZATION: &str = "authorization";
pub(crate) const CAPTURE: &str = "capture";
/// The prefix of a setup token whose payer has to act.
pub(super) const SETUP: &str = "setup";
/// The prefix of our own id, for a customer that PayPal does not know yet.
pub(super) const REFERENCE: &str = "reference";

/// The object by which a payment is identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named<'a> {
    Order(&'a str),
    Authorization(&'a str),
    Capture(&'a str),
}

/// The object that the id of a payment identifies.
pub(super) fn payment(id: &VendorId) -> Result<Named<'_>, Error> {
    let text = id.expect_vendor(VENDOR, "payment")?;
    match text.split_once('/') {
        None => Ok(Named::Order(text)),
        Some((AUTHORIZATION, id)) => Ok(Named::Authorization(id)),
        Some((CAPTURE, id)) => Ok(Named::Capture(id)),
        Some(_) => Err(Error::invalid(
            "payment",
            "is the id of another object; use the id of the payment, of its authorization or of a capture",
        )),
    }
}

/// The kind of a saved source, and its token.
pub(super) fn source(id: &str) -> Result<(&str, &str), Error> {
    match id.split_once('/') {
        Some((kind, token)) if kind != SETUP && kind != REFERENCE => Ok((kind, token)),
        _ => Err(Error::invalid(
            "source",
            "must be the id of a saved source, such as paypal:paypal/8kk8451t or paypal:card/8kk8451t",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_an_id_is_recognized() {
        let id = |text: &str| VendorId::new(VENDOR, text).unwrap();
        assert_eq!(payment(&id("5O1")).unwrap(), Named::Order("5O1"));
        assert_eq!(payment(&id("capture/3C6")).unwrap(), Named::Capture("3C6"));
        assert_eq!(
            payment(&id("authorization/9J")).unwrap(),
            Named::Authorization("9J")
        );
        for other in ["setup/1", "paypal/1"] {
            assert_eq!(payment(&id(other)).unwrap_err().field(), Some("payment"));
        }
        assert_eq!(source("card/8kk").unwrap(), ("card", "8kk"));
        for other in ["8kk", "setup/8kk", "reference/c-1"] {
            assert_eq!(
                source(other).unwrap_err().field(),
                Some("source"),
                "{other}"
            );
        }
    }
}
