//! The contract of a payment vendor.

use async_trait::async_trait;

use super::{
    CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
    GetPayment, GetRefund, ListPayments, ListSources, Payment, PaymentCapabilities, PaymentOutcome,
    Refund, RefundPayment, RemoveSource, SaveSource, SaveSourceOutcome, SavedSource,
};
use crate::{error::Error, values::Page};

/// A vendor that takes payments.
///
/// Open to outsiders. All methods are required; ids of another vendor are refused as `InvalidRequest` before anything
/// is sent. Amount and currency of every response are compared with what was asked: a difference is
/// `Protocol(Mismatch)`, never a success.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PaymentProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name as it stands in every [`VendorId`](crate::values::VendorId) of it.
    fn vendor(&self) -> &'static str;

    /// What the vendor can do.
    fn capabilities(&self) -> PaymentCapabilities;

    /// Creates a payment and, unless told otherwise, pays at once.
    ///
    /// # Behavior
    /// - `create_captures`: with a good source the whole amount is captured.
    /// - `create_manual_authorizes`: with manual capture the amount is reserved, nothing is captured.
    /// - `create_declined_is_an_outcome`: a refused source is `Declined` with a neutral code.
    /// - `create_requires_action`: a source that wants authentication is `RequiresAction`.
    /// - `create_off_session_requires_action`: with the payer away it is `RequiresAction(ReturnToSession)`.
    /// - `create_same_key_twice`: one payment, the same outcome twice.
    /// - `create_same_key_at_once`: many at the same time make one payment.
    /// - `create_same_key_other_amount`: `IdempotencyMismatch`, nothing is charged.
    /// - `create_unconfirmed_is_incomplete`: without confirmation nothing is charged.
    /// - `create_zero_is_refused`: an amount of zero is `InvalidRequest` and nothing is sent.
    /// - `create_keeps_reference_and_metadata`: they come back in the response.
    /// - `create_saves_source`: with `save_source` the customer can be charged again while away.
    ///
    /// # Errors
    /// `InvalidRequest` for what the vendor cannot take; `IdempotencyMismatch` when the key was used for another
    /// request; any error whose delivery is `Unknown` is settled by sending the same request again.
    async fn create(&self, request: CreatePayment) -> Result<PaymentOutcome, Error>;

    /// Goes on with a payment that waits for the payer or for a confirmation. Call it when the payer is back from a
    /// redirect, and to pay what was prepared with `confirm` off. A payment that no longer waits is told as it stands.
    ///
    /// # Behavior
    /// - `confirm_pays_what_was_prepared`: an incomplete payment is captured.
    /// - `confirm_after_the_payer_acted`: the payer agreed: it is captured, once, however often it is confirmed.
    /// - `confirm_authorizes_what_is_manual`: with manual capture the amount is reserved only.
    /// - `confirm_before_the_payer_acted`: it still `RequiresAction`, nothing is taken.
    /// - `confirm_after_the_payer_refused`: nothing is taken, and it is no error.
    /// - `confirm_captured_changes_nothing`: a captured payment comes back as it stands.
    ///
    /// # Errors
    /// `NotFound` for an unknown payment; an error whose delivery is `Unknown` is settled by the same call again.
    async fn confirm(&self, request: ConfirmPayment) -> Result<PaymentOutcome, Error>;

    /// Takes reserved money, wholly or in part.
    ///
    /// # Behavior
    /// - `capture_all`: the whole reservation is captured.
    /// - `capture_part_releases_the_rest`: a final partial capture leaves nothing to capture.
    /// - `capture_over_authorized`: refused as `InvalidRequest`.
    /// - `capture_twice_is_the_same`: capturing again with the same key changes nothing.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `Conflict` when nothing is reserved; `NotFound` for an unknown payment.
    async fn capture(&self, request: CapturePayment) -> Result<PaymentOutcome, Error>;

    /// Gives a payment up before money was taken.
    ///
    /// # Behavior
    /// - `cancel_releases`: a reserved payment is cancelled.
    /// - `cancel_twice_is_the_same`: cancelling again is a success.
    /// - `cancel_captured_is_refused`: `Conflict` once money was taken.
    ///
    /// # Errors
    /// `Conflict` when it is too late; `NotFound` for an unknown payment.
    async fn cancel(&self, request: CancelPayment) -> Result<PaymentOutcome, Error>;

    /// Looks a payment up.
    ///
    /// # Behavior
    /// - `get_sees_what_was_made`: same id, amount and status as the outcome.
    /// - `get_unknown`: `NotFound`.
    /// - `get_of_another_vendor`: `InvalidRequest`, nothing is sent.
    ///
    /// # Errors
    /// `NotFound` for an unknown payment.
    async fn get(&self, request: GetPayment) -> Result<Payment, Error>;

    /// Lists payments, newest first.
    ///
    /// # Behavior
    /// - `list_pages_through_all`: walking the pages yields every payment once, newest first.
    ///
    /// # Errors
    /// `Unsupported` without the capability.
    async fn list(&self, request: ListPayments) -> Result<Page<Payment>, Error>;

    /// Gives captured money back, wholly or in part.
    ///
    /// # Behavior
    /// - `refund_all`: the whole captured amount.
    /// - `refund_part_twice`: parts add up, the payment says how much was given back where the vendor does.
    /// - `refund_same_key_twice`: one refund, the same outcome twice.
    /// - `refund_over_capture`: refused as `InvalidRequest` or `Conflict`.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown payment.
    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error>;

    /// Looks a refund up.
    ///
    /// # Behavior
    /// - `get_refund_sees_what_was_made`: same id, amount and status as the outcome.
    ///
    /// # Errors
    /// `NotFound` for an unknown refund.
    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error>;

    /// Gives the vendor's customer that belongs to ours, making it if there is none.
    ///
    /// # Behavior
    /// - `customer_is_made_once`: the same reference gives the same customer, also when asked many times at once.
    ///
    /// # Errors
    /// `Unsupported` without the capability. An error while searching is an error, never "there is none".
    async fn get_or_create_customer(&self, request: CustomerRequest) -> Result<Customer, Error>;

    /// Keeps a source for later payments, without paying now.
    ///
    /// # Behavior
    /// - `save_list_remove_source`: a saved source is listed, can be charged off session, and is gone once removed.
    ///
    /// # Errors
    /// `Unsupported` without the capability.
    async fn save_source(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error>;

    /// Lists the saved sources of a customer.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown customer.
    async fn list_sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error>;

    /// Removes a saved source. Removing it twice is a success.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown source.
    async fn remove_source(&self, request: RemoveSource) -> Result<(), Error>;
}

fn _dyn_safe(_: &dyn PaymentProvider) {}
