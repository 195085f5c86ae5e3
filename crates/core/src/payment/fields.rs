//! The fields that a request sets, as an exhaustive enum: an adapter says of each what it does with it, so that a new
//! field compiles in no adapter unnoticed and nothing is dropped in silence.

use http::Extensions;

use super::{
    CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, RefundPayment, SaveSource,
};
use crate::values::{Metadata, VendorIds};

/// Whether a field of a request says anything.
trait IsSet {
    fn is_set(&self) -> bool;
}

impl<T> IsSet for Option<T> {
    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl IsSet for VendorIds {
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

impl IsSet for Metadata {
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

impl IsSet for Extensions {
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

/// Writes the enum of a request's fields, and the method that returns those that are set. The first list has the fields
/// that always say something, the second those that may be unset.
macro_rules! fields {
    ($($request:ident as $name:ident {
        always: $($required:ident $always:ident),+;
        optional: $($field:ident $variant:ident),*;
    })+) => {$(
        #[doc = concat!("A field of [`", stringify!($request), "`]. Exhaustive on purpose: an adapter decides for each.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("The field `", stringify!($required), "`.")] $always,)+
            $(#[doc = concat!("The field `", stringify!($field), "`.")] $variant,)*
        }

        impl $name {
            /// The name of the field, as errors use it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$always => stringify!($required),)+
                    $(Self::$variant => stringify!($field),)*
                }
            }
        }

        impl $request {
            /// Returns the fields that this request sets. An adapter matches each one, and rejects those that it cannot
            /// express.
            #[must_use]
            pub fn fields(&self) -> Vec<$name> {
                // Without `..`, so that a new field has to be added here.
                let Self { $($required: _,)+ $($field),* } = self;
                let mut set = vec![$($name::$always),+];
                $(if $field.is_set() {
                    set.push($name::$variant);
                })*
                set
            }
        }
    )+};
}

fields! {
    CreatePayment as CreateField {
        always: amount Amount, idempotency_key IdempotencyKey, confirm Confirm, capture Capture,
            presence Presence, options Options;
        optional: reference Reference, unique_reference UniqueReference, customer Customer,
            customer_reference CustomerReference, source Source, save_source SaveSource,
            return_url ReturnUrl, cancel_url CancelUrl, description Description,
            statement_descriptor StatementDescriptor, receipt_email ReceiptEmail,
            metadata Metadata, extensions Extensions;
    }
    ConfirmPayment as ConfirmField {
        always: payment Payment, idempotency_key IdempotencyKey, options Options;
        optional: source Source, return_url ReturnUrl, extensions Extensions;
    }
    CapturePayment as CaptureField {
        always: payment Payment, idempotency_key IdempotencyKey, final_capture FinalCapture,
            options Options;
        optional: amount Amount, extensions Extensions;
    }
    CancelPayment as CancelField {
        always: payment Payment, idempotency_key IdempotencyKey, options Options;
        optional: reason Reason, extensions Extensions;
    }
    RefundPayment as RefundField {
        always: payment Payment, idempotency_key IdempotencyKey, options Options;
        optional: amount Amount, reason Reason, metadata Metadata, extensions Extensions;
    }
    SaveSource as SaveField {
        always: customer Customer, idempotency_key IdempotencyKey, future_use FutureUse,
            options Options;
        optional: source Source, currency Currency, return_url ReturnUrl, cancel_url CancelUrl,
            extensions Extensions;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{Currency, IdempotencyKey, Money};

    #[test]
    fn f24_a_request_names_the_fields_that_it_sets() {
        let amount = Money::from_minor(100, Currency::EUR).unwrap();
        let request = CreatePayment::new(amount, IdempotencyKey::random());
        let plain = request.fields();
        let names: Vec<_> = plain.iter().map(|field| field.name()).collect();
        let always = [
            "amount",
            "idempotency_key",
            "confirm",
            "capture",
            "presence",
            "options",
        ];
        assert_eq!(names, always);
        let more = request.with_reference("order-1").with_extension(7_u32);
        let added: Vec<_> = more.fields().into_iter().skip(plain.len()).collect();
        assert_eq!(added, [CreateField::Reference, CreateField::Extensions]);
    }
}
