//! The ids of one payment: PayPal gives an order, its authorization, each capture and each refund one of its own.
//!
//! A payment is known by its order. The others have what they are before them (`paypal:capture/3C679366HH908993F`), so that
//! a record which kept only the capture still leads to the payment.

use anyvendor_core::{Error, values::VendorId};

use crate::VENDOR;

pub(crate) const AUTHORIZATION: &str = "authorization";
pub(crate) const CAPTURE: &str = "capture";
/// A setup token whose payer has to act.
pub(super) const SETUP: &str = "setup";
/// A customer whom PayPal does not know yet, by our own id.
pub(super) const REFERENCE: &str = "reference";

/// What a payment is named by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named<'a> {
    Order(&'a str),
    Authorization(&'a str),
    Capture(&'a str),
}

pub(super) fn payment(id: &VendorId) -> Result<Named<'_>, Error> {
    let text = id.expect_vendor(VENDOR, "payment")?;
    match text.split_once('/') {
        None => Ok(Named::Order(text)),
        Some((AUTHORIZATION, id)) => Ok(Named::Authorization(id)),
        Some((CAPTURE, id)) => Ok(Named::Capture(id)),
        Some(_) => Err(Error::invalid(
            "payment",
            "is the id of something else; use that of the payment, of its authorization or of a capture",
        )),
    }
}

/// A saved source: the kind of what was saved, and its token.
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
    fn each_form_is_told_apart() {
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
