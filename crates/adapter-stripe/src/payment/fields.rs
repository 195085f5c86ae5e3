//! What becomes of each field of the requests whose fields Stripe cannot all express: sent, or rejected before anything is
//! sent. A new field compiles only once it has a place here.

use anyvendor_core::{
    Error,
    payment::{
        CaptureField, CapturePayment, CreateField, CreatePayment, PaymentSource, SaveField,
        SaveSource,
    },
};

use crate::config::VENDOR;

pub(super) fn of_create(request: &CreatePayment) -> Result<(), Error> {
    let on_page = request.source == Some(PaymentSource::VendorPage);
    for field in request.fields() {
        match field {
            CreateField::Amount
            | CreateField::IdempotencyKey
            | CreateField::Confirm
            | CreateField::Capture
            | CreateField::Presence
            | CreateField::Options
            | CreateField::Reference
            | CreateField::Customer
            | CreateField::Source
            | CreateField::SaveSource
            | CreateField::Description
            | CreateField::StatementDescriptor
            | CreateField::ReceiptEmail
            | CreateField::Metadata
            | CreateField::Extensions => {}
            // Stripe has no such id; the capabilities have rejected it.
            CreateField::UniqueReference => {}
            // Stripe's customer has it from its creation.
            CreateField::CustomerReference => {}
            // A payment that is only prepared gets it with its confirmation.
            CreateField::ReturnUrl => {}
            CreateField::CancelUrl if !on_page && request.return_url.is_none() => {
                return Err(Error::invalid(
                    "return_url",
                    "is needed if there is a cancel_url; the vendor has one URL for both",
                ));
            }
            CreateField::CancelUrl => {}
        }
    }
    Ok(())
}

pub(super) fn of_capture(request: &CapturePayment) -> Result<(), Error> {
    for field in request.fields() {
        match field {
            CaptureField::FinalCapture if !request.final_capture => {
                let what = "a capture that keeps the rest reserved";
                return Err(Error::unsupported(VENDOR, what).with_field(field.name()));
            }
            CaptureField::Payment
            | CaptureField::IdempotencyKey
            | CaptureField::FinalCapture
            | CaptureField::Options
            | CaptureField::Amount
            | CaptureField::Extensions => {}
        }
    }
    Ok(())
}

pub(super) fn of_save(request: &SaveSource) -> Result<(), Error> {
    let on_page = request.source == Some(PaymentSource::VendorPage);
    for field in request.fields() {
        match field {
            SaveField::Customer
            | SaveField::IdempotencyKey
            | SaveField::FutureUse
            | SaveField::Options
            | SaveField::Source
            | SaveField::Extensions => {}
            // A source that is named has its currencies; only the page asks.
            SaveField::Currency => {}
            // The vendor's code in the browser sets it for a source that is chosen there.
            SaveField::ReturnUrl => {}
            SaveField::CancelUrl if !on_page && request.return_url.is_none() => {
                return Err(Error::invalid(
                    "return_url",
                    "is needed if there is a cancel_url; the vendor has one URL for both",
                ));
            }
            SaveField::CancelUrl => {}
        }
    }
    Ok(())
}
