//! The one list of emulated vendors. Everything else of a vendor is in its own folder.

use std::sync::Arc;

use crate::emulator::{Emulator, Setup};
use crate::error::SandboxError;

/// Hands the list to a macro. The order is that of the ports, of the configuration and of the page.
macro_rules! for_each_vendor {
    ($then:ident) => {
        $then! {
            /// Stripe, for payments.
            Stripe = stripe::{StripeEmulator, StripeHandle};
            /// SendGrid, for email.
            SendGrid = sendgrid::{SendGridEmulator, SendGridHandle};
            /// AWS S3, for objects.
            S3 = s3::{S3Emulator, S3Handle};
            /// PayPal, for payments.
            PayPal = paypal::{PayPalEmulator, PayPalHandle};
            /// Twilio, for messages and verifications.
            Twilio = twilio::{TwilioEmulator, TwilioHandle};
        }
    };
}

mod accessors;
pub(crate) mod name;

pub mod paypal;
pub mod s3;
pub mod sendgrid;
pub mod stripe;
pub mod twilio;

pub use name::Vendor;

macro_rules! emulators {
    ($($(#[$doc:meta])* $Vendor:ident = $module:ident::{$Emulator:ident, $Handle:ident};)+) => {
        /// The options that only one vendor has. As a part of a program's arguments, each has its vendor's name first.
        #[derive(Clone, Debug, Default, clap::Args)]
        pub struct VendorOptions {
            $(
                #[command(flatten)]
                pub(crate) $module: $module::Options,
            )+
        }

        /// The emulators of one sandbox.
        pub(crate) struct Emulators {
            $(pub(crate) $module: $module::$Emulator,)+
        }

        impl Emulators {
            /// Creates each emulator from its setup and its options.
            pub(crate) fn create(
                options: VendorOptions,
                setup: impl Fn(Vendor) -> Result<Setup, SandboxError>,
            ) -> Result<Self, SandboxError> {
                Ok(Self {
                    $($module: $module::$Emulator::create(&setup(Vendor::$Vendor)?, options.$module)?,)+
                })
            }

            /// The same emulators as the shell uses them.
            pub(crate) fn all(&self) -> Vec<(Vendor, Arc<dyn Emulator>)> {
                vec![$((Vendor::$Vendor, Arc::new(self.$module.clone()))),+]
            }
        }
    };
}

for_each_vendor!(emulators);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::Method;

    use super::*;
    use crate::faults::FaultPlan;
    use crate::webhooks::{Dispatcher, WebhookPlan};

    #[tokio::test]
    async fn a_flaky_vendor_fails_about_a_quarter_of_the_requests() {
        let dispatcher = Dispatcher::new(WebhookPlan::none(), BTreeSet::new());
        let setup = |vendor| {
            let url = "http://127.0.0.1:1".to_owned();
            Ok(Setup::new(vendor, 1, url, dispatcher.clone()))
        };
        let emulators = Emulators::create(VendorOptions::default(), setup).unwrap();
        for (vendor, emulator) in emulators.all() {
            for method in [Method::GET, Method::POST] {
                let mix = emulator.fault_mix(&FaultPlan::flaky(), &method, "/");
                let share: u64 = mix.iter().map(|(share, _)| share).sum();
                assert!((240..=260).contains(&share), "{vendor:?} {method}: {share}");
            }
        }
    }
}
