//! The doubles, one room per vendor.

use serde::{Deserialize, Serialize};

pub(crate) mod paypal;
pub(crate) mod s3;
pub(crate) mod sendgrid;
pub(crate) mod stripe;
pub(crate) mod twilio;

/// A vendor that the sandbox stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Vendor {
    /// Stripe: payments.
    Stripe,
    /// SendGrid: mail.
    SendGrid,
    /// AWS S3: objects.
    S3,
    /// PayPal: payments.
    PayPal,
    /// Twilio: messages and verifications.
    Twilio,
}

impl Vendor {
    /// The name as configuration files and addresses of the sandbox write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::SendGrid => "sendgrid",
            Self::S3 => "s3",
            Self::PayPal => "paypal",
            Self::Twilio => "twilio",
        }
    }
}
