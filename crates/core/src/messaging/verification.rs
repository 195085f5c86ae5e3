//! Codes that verify a phone number: the vendor makes one, sends it and checks what the person types.

use async_trait::async_trait;

use crate::{
    error::Error,
    macros::{setters, words},
    resilience::CallOptions,
    values::{PhoneNumber, Secret, VendorId},
};

/// A vendor that sends codes and checks them. Crates outside this workspace can implement it.
///
/// # For callers
/// Hold an `Arc<dyn VerificationProvider>`.
///
/// ```
/// use anyvendor_core::messaging::{
///     CheckVerification, StartVerification, Verification, VerificationProvider, VerificationStatus,
/// };
/// use anyvendor_core::{Error, values::{PhoneNumber, Secret}};
///
/// async fn start(codes: &dyn VerificationProvider, to: PhoneNumber) -> Result<Verification, Error> {
///     codes.start(StartVerification::new(to)).await
/// }
///
/// async fn is_right(
///     codes: &dyn VerificationProvider,
///     started: Verification,
///     typed: Secret,
/// ) -> Result<bool, Error> {
///     let status = codes.check(CheckVerification::new(started.id, typed)).await?;
///     Ok(status == VerificationStatus::Approved)
/// }
/// ```
///
/// # For adapter authors
/// All methods are required. A wrong or late code is a status, never an error.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait VerificationProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name, as in every [`VendorId`] of this vendor.
    fn vendor(&self) -> &'static str;

    /// Sends a code. Starting again while a verification is open sends the code again.
    ///
    /// # Behavior
    /// - `start_then_check_approves`: the right code is `Approved`.
    /// - `check_wrong_code_is_pending`: a wrong code leaves it `Pending`.
    /// - `check_too_often`: `TooManyAttempts` once the vendor's limit is reached.
    /// - `check_unknown_is_gone`: a verification that is not open is `Gone`.
    ///
    /// # Errors
    /// `InvalidRequest` for a number that cannot be reached; `RateLimited` when too many codes were sent to it.
    async fn start(&self, request: StartVerification) -> Result<Verification, Error>;

    /// Checks the code that the person typed.
    ///
    /// # Errors
    /// The errors of any call; a wrong or late code is a status, not an error.
    async fn check(&self, request: CheckVerification) -> Result<VerificationStatus, Error>;
}

fn _dyn_safe(_: &dyn VerificationProvider) {}

/// The channel that a code is sent over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationChannel {
    /// A text message with the code.
    #[default]
    Sms,
    /// A message over `WhatsApp`.
    WhatsApp,
    /// A call that reads the code out.
    Call,
}

/// A request to send a code.
///
/// # Examples
/// ```
/// use anyvendor_core::{messaging::{StartVerification, VerificationChannel}, values::PhoneNumber};
///
/// let to = PhoneNumber::new("+15550109999")?;
/// let start = StartVerification::new(to).with_channel(VerificationChannel::Call).with_locale("en");
/// assert_eq!(start.locale.as_deref(), Some("en"));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct StartVerification {
    /// The phone number that is verified.
    pub to: PhoneNumber,
    /// The channel that the code is sent over.
    pub channel: VerificationChannel,
    /// The language of the text, such as `en` or `pt-BR`; `None` keeps the vendor's choice.
    pub locale: Option<String>,
    /// Settings of this call.
    pub options: CallOptions,
}

crate::debug_only!(StartVerification { channel });

impl StartVerification {
    /// Sends a code by SMS. A second code does no harm, so duplicates are tolerated.
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
        /// Sets the channel that the code is sent over.
        with_channel(channel: VerificationChannel);
        /// Sets the language of the text.
        with_locale(locale: Option<String>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A verification that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// The vendor's id of the verification.
    pub id: VendorId,
    /// The status of the verification.
    pub status: VerificationStatus,
}

impl Verification {
    /// Creates a verification with this id.
    #[must_use]
    pub fn new(id: VendorId, status: VerificationStatus) -> Self {
        Self { id, status }
    }
}

/// A request to check the code that the person typed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckVerification {
    /// The verification that the code belongs to.
    pub verification: VendorId,
    /// The code that the person typed.
    pub code: Secret,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CheckVerification {
    /// Checks `code` against the verification.
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

/// The status of a verification. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationStatus {
    /// The right code was typed.
    Approved,
    /// The verification is open; a code that was typed was wrong.
    Pending,
    /// Too many codes were typed or sent; start again later.
    TooManyAttempts,
    /// The verification is no longer open: it expired, was approved before, or never existed.
    Gone,
    /// Any other status, in the vendor's words.
    Other(String),
}

words!(VerificationStatus {
    Self::Approved => "approved",
    Self::Pending => "pending",
    Self::TooManyAttempts => "too_many_attempts",
    Self::Gone => "gone",
} or Other);
