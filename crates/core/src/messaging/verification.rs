//! Codes that show whose phone it is: the vendor makes one, sends it and checks what the person types.

use async_trait::async_trait;

use crate::{
    error::Error,
    macros::setters,
    resilience::CallOptions,
    values::{PhoneNumber, Secret, VendorId},
};

/// A vendor that sends codes and checks them. Open to outsiders; all methods are required.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait VerificationProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name as it stands in every [`VendorId`] of it.
    fn vendor(&self) -> &'static str;

    /// Sends a code. Asking again while one is open sends it again.
    ///
    /// # Behavior
    /// - `start_then_check_approves`: the right code is `Approved`.
    /// - `check_wrong_code_is_pending`: a wrong code leaves it `Pending`.
    /// - `check_too_often`: `TooManyAttempts` once the vendor's count is spent.
    /// - `check_unknown_is_gone`: a verification that is not open is `Gone`.
    ///
    /// # Errors
    /// `InvalidRequest` for a number that cannot be reached; `RateLimited` when too many codes were sent to it.
    async fn start(&self, request: StartVerification) -> Result<Verification, Error>;

    /// Checks what the person typed.
    ///
    /// # Errors
    /// Those of any call; a wrong or late code is a status, not an error.
    async fn check(&self, request: CheckVerification) -> Result<VerificationStatus, Error>;
}

fn _dyn_safe(_: &dyn VerificationProvider) {}

/// How a code travels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationChannel {
    /// SMS.
    #[default]
    Sms,
    /// `WhatsApp`.
    WhatsApp,
    /// A call that reads the code out.
    Call,
}

/// Sends a code.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StartVerification {
    /// To whom.
    pub to: PhoneNumber,
    /// How.
    pub channel: VerificationChannel,
    /// The language of the text, such as `en` or `pt-BR`; `None` leaves the vendor's choice.
    pub locale: Option<String>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl StartVerification {
    /// Sends a code by SMS. A second code harms nobody, so duplicates are tolerated.
    #[must_use]
    pub fn new(to: PhoneNumber) -> Self {
        Self {
            to,
            channel: VerificationChannel::default(),
            locale: None,
            options: CallOptions::default().tolerating_duplicates(),
        }
    }

    setters! {
        /// Sets how the code travels.
        with_channel(channel: VerificationChannel);
        /// Sets the language of the text.
        with_locale(locale: Option<String>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A code on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// The vendor's id.
    pub id: VendorId,
    /// How it stands.
    pub status: VerificationStatus,
}

impl Verification {
    /// A verification under this id.
    #[must_use]
    pub fn new(id: VendorId, status: VerificationStatus) -> Self {
        Self { id, status }
    }
}

/// Checks what the person typed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckVerification {
    /// Which verification.
    pub verification: VendorId,
    /// What the person typed.
    pub code: Secret,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CheckVerification {
    /// Checks `code`.
    #[must_use]
    pub fn new(verification: VendorId, code: Secret) -> Self {
        Self {
            verification,
            code,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// How a verification stands. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationStatus {
    /// The right code was typed.
    Approved,
    /// It is open; a code that was typed was wrong.
    Pending,
    /// Too many codes were typed or sent; start anew later.
    TooManyAttempts,
    /// It is no longer open: expired, approved before, or never there.
    Gone,
    /// A status that we have no word for, in the vendor's.
    Other(String),
}
