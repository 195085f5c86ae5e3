//! The trait that every payment vendor implements.

use async_trait::async_trait;

use super::{
    CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
    FindPayments, GetPayment, GetRefund, ListPayments, ListRefunds, ListSources, Payment,
    PaymentCapabilities, PaymentOutcome, Refund, RefundPayment, RemoveSource, SaveSource,
    SaveSourceOutcome, SavedSource,
};
use crate::{
    error::Error,
    values::{Page, VendorIds},
};

/// A vendor that takes payments. Crates outside this workspace can implement it.
///
/// # For callers
/// Hold an `Arc<dyn PaymentProvider>`; [`PaymentProviderExt`](super::PaymentProviderExt) adds convenience methods.
///
/// ```
/// use anyvendor_core::payment::{CreatePayment, PaymentOutcome, PaymentProvider};
/// use anyvendor_core::Error;
///
/// async fn pay(payments: &dyn PaymentProvider, request: CreatePayment) -> Result<String, Error> {
///     Ok(match payments.create(request).await? {
///         PaymentOutcome::Captured(payment) => format!("paid: {}", payment.id),
///         PaymentOutcome::Declined(decline, _) => format!("declined: {}", decline.code),
///         other => format!("not yet: {other:?}"),
///     })
/// }
/// ```
///
/// # For adapter authors
///
/// Methods with a body answer `Unsupported`, so that a vendor that cannot do it needs no code; a wrapper that forwards
/// calls sets `#[deny(clippy::missing_trait_methods)]`, so that it forwards these too. One key of the caller's may serve
/// all steps of an order: `create` sends it as it is and the other steps derive theirs with
/// [`IdempotencyKey::for_step`](crate::values::IdempotencyKey::for_step). An extension that the adapter does not know is
/// rejected by [`extension::only`](crate::extension::only). Ids of another vendor are rejected as `InvalidRequest` before anything is sent. Amount
/// and currency of every response are compared with the request: a difference is `Protocol(Mismatch)`, never a
/// success. The conformance suite has one case per bullet below, under the same name.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PaymentProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name, as in every [`VendorId`](crate::values::VendorId) of this vendor.
    fn vendor(&self) -> &'static str;

    /// The capabilities of this vendor.
    fn capabilities(&self) -> PaymentCapabilities;

    /// Creates a payment and, unless the request says otherwise, pays immediately.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{CreatePayment, PaymentProvider};
    /// use anyvendor_core::{Error, values::{Currency, IdempotencyKey, Money, VendorId}};
    ///
    /// async fn pay(payments: &dyn PaymentProvider, order: &str, card: VendorId) -> Result<(), Error> {
    ///     let price = Money::from_minor(1_234, Currency::EUR)?;
    ///     let request = CreatePayment::new(price, IdempotencyKey::new(order)?).with_source(card);
    ///     let outcome = payments.create(request).await?;
    ///     println!("{:?}", outcome.payment().map(|payment| &payment.status));
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `create_captures`: with a good source the whole amount is captured.
    /// - `create_manual_authorizes`: with manual capture the amount is authorized, nothing is captured.
    /// - `create_declined_is_an_outcome`: a declined source is `Declined` with a neutral code.
    /// - `create_requires_action`: a source that needs authentication is `RequiresAction`.
    /// - `create_off_session_requires_action`: with the payer away it is `RequiresAction(ReturnToSession)`.
    /// - `create_same_key_twice`: one payment, the same outcome twice.
    /// - `create_same_key_at_once`: many at the same time make one payment.
    /// - `create_same_key_later`: the current state of the payment, not how it was at the first use of the key.
    /// - `create_same_key_other_amount`: `IdempotencyMismatch`, nothing is charged.
    /// - `create_unconfirmed_is_incomplete`: without confirmation nothing is charged.
    /// - `create_zero_is_refused`: an amount of zero is `InvalidRequest` and nothing is sent.
    /// - `create_keeps_reference_and_metadata`: they come back in the response.
    /// - `create_saves_source`: with `save_source` the customer can be charged again while away.
    /// - `create_on_vendor_page`: with [`VendorPage`](super::PaymentSource::VendorPage) the payer pays on the vendor's page,
    ///   and every later call takes the id of the outcome.
    /// - `charge_keeps_the_outcome`: what [`charge`](super::PaymentProviderExt::charge) does not accept is an error that
    ///   was sent, with the key and the outcome in it.
    /// - `one_key_over_all_steps`: one key of the caller's serves creation, capture, refund and cancellation.
    /// - `references_have_limits`: an empty reference, or one that is too long, is `InvalidRequest` and nothing is sent.
    /// - `extension_of_another_vendor_is_refused`: in any request it is `Unsupported`, and nothing is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for what the vendor does not accept; `IdempotencyMismatch` when the key was used for another
    /// request. After any error whose delivery is `Unknown`, send the same request again.
    async fn create(&self, request: CreatePayment) -> Result<PaymentOutcome, Error>;

    /// Continues a payment that waits for the payer or for a confirmation. Call it when the payer is back from a
    /// redirect, and to pay what was prepared with `confirm` off. If the payment is no longer waiting, its current
    /// state is returned.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{ConfirmPayment, PaymentOutcome, PaymentProvider};
    /// use anyvendor_core::{Error, values::{IdempotencyKey, VendorId}};
    ///
    /// /// The payer is back from the bank's page.
    /// async fn is_paid(
    ///     payments: &dyn PaymentProvider,
    ///     payment: VendorId,
    ///     key: IdempotencyKey,
    /// ) -> Result<bool, Error> {
    ///     let outcome = payments.confirm(ConfirmPayment::new(payment, key)).await?;
    ///     Ok(matches!(outcome, PaymentOutcome::Captured(_)))
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `confirm_pays_what_was_prepared`: an incomplete payment is captured.
    /// - `confirm_after_the_payer_acted`: the payer agreed: it is captured, once, however often it is confirmed.
    /// - `confirm_authorizes_what_is_manual`: with manual capture the amount is only authorized.
    /// - `confirm_before_the_payer_acted`: it still `RequiresAction`, nothing is captured.
    /// - `confirm_after_the_payer_refused`: nothing is captured, and it is not an error.
    /// - `confirm_captured_changes_nothing`: the current state of a captured payment is returned.
    ///
    /// # Errors
    /// `NotFound` for an unknown payment. After an error whose delivery is `Unknown`, make the same call again.
    async fn confirm(&self, request: ConfirmPayment) -> Result<PaymentOutcome, Error>;

    /// Captures authorized money, in whole or in part.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{CapturePayment, PaymentProvider};
    /// use anyvendor_core::{Error, values::{IdempotencyKey, VendorId}};
    ///
    /// async fn ship(payments: &dyn PaymentProvider, payment: VendorId) -> Result<(), Error> {
    ///     let key = IdempotencyKey::new("order-1001-capture")?;
    ///     payments.capture(CapturePayment::new(payment, key)).await?.into_success()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `capture_all`: the whole authorized amount is captured.
    /// - `capture_part_releases_the_rest`: a final partial capture leaves nothing to capture.
    /// - `capture_over_authorized`: rejected as `InvalidRequest`.
    /// - `capture_twice_is_the_same`: capturing again with the same key changes nothing.
    /// - `capture_second_equal_part`: under another key, a second part that can no longer be captured is rejected, although
    ///   a part of its size was captured.
    /// - `capture_in_another_currency`: `InvalidRequest`, and nothing is captured.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `Conflict` when nothing is authorized; `NotFound` for an unknown payment.
    async fn capture(&self, request: CapturePayment) -> Result<PaymentOutcome, Error>;

    /// Cancels a payment before money is captured.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{CancelPayment, CancelReason, PaymentProvider};
    /// use anyvendor_core::{Error, values::{IdempotencyKey, VendorId}};
    ///
    /// async fn give_up(payments: &dyn PaymentProvider, payment: VendorId) -> Result<(), Error> {
    ///     let key = IdempotencyKey::new("order-1001-cancel")?;
    ///     let request = CancelPayment::new(payment, key).with_reason(CancelReason::Abandoned);
    ///     payments.cancel(request).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `cancel_releases`: an authorized payment is cancelled.
    /// - `cancel_twice_is_the_same`: cancelling again is a success.
    /// - `cancel_captured_is_refused`: `Conflict` once money was captured.
    ///
    /// # Errors
    /// `Conflict` when it is too late; `NotFound` for an unknown payment.
    async fn cancel(&self, request: CancelPayment) -> Result<PaymentOutcome, Error>;

    /// Looks a payment up by its id.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{GetPayment, PaymentProvider, PaymentStatus};
    /// use anyvendor_core::{Error, values::VendorId};
    ///
    /// async fn is_captured(payments: &dyn PaymentProvider, id: VendorId) -> Result<bool, Error> {
    ///     let payment = payments.get(GetPayment::new(id)).await?;
    ///     Ok(payment.status == PaymentStatus::Captured)
    /// }
    /// ```
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

    /// Finds the payments with one of the application's own references, newest first, of all pages. It resolves the
    /// outcome of a `create` whose response was lost when its key is no longer remembered: an empty list says that
    /// there is no such payment only once the capability's lag has passed.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{FindPayments, PaymentProvider};
    /// use anyvendor_core::Error;
    /// use jiff::Timestamp;
    ///
    /// /// The response to the payment of this order was lost yesterday.
    /// async fn was_paid(
    ///     payments: &dyn PaymentProvider,
    ///     order: &str,
    ///     placed: Timestamp,
    /// ) -> Result<bool, Error> {
    ///     let request = FindPayments::new(order).with_created_from(placed);
    ///     let found = payments.find_by_reference(request).await?;
    ///     Ok(found.iter().any(|payment| !payment.captured.is_zero()))
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `find_a_lost_create_by_reference`: a payment whose response was lost is found by its reference, and no other.
    ///
    /// # Errors
    /// `Unsupported` without [`find_by_reference`](PaymentCapabilities::find_by_reference). An error while searching is
    /// an error, never "there is none".
    async fn find_by_reference(&self, _request: FindPayments) -> Result<Vec<Payment>, Error> {
        let what = "finding payments by reference";
        Err(Error::unsupported(self.vendor(), what))
    }

    /// Refunds captured money, in whole or in part.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{PaymentProvider, RefundPayment, RefundStatus};
    /// use anyvendor_core::{Error, values::{IdempotencyKey, VendorId}};
    ///
    /// async fn give_back(payments: &dyn PaymentProvider, payment: VendorId) -> Result<bool, Error> {
    ///     let key = IdempotencyKey::new("order-1001-refund-1")?;
    ///     let refund = payments.refund(RefundPayment::new(payment, key)).await?;
    ///     Ok(matches!(refund.status, RefundStatus::Succeeded | RefundStatus::Pending))
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `refund_all`: the whole captured amount.
    /// - `refund_part_twice`: parts add up, and the payment says how much was refunded if the vendor reports it.
    /// - `refund_same_key_twice`: one refund, the same outcome twice.
    /// - `refund_in_another_currency`: `InvalidRequest`, and nothing is refunded.
    /// - `refund_over_capture`: rejected as `InvalidRequest` or `Conflict`.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown payment.
    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error>;

    /// Looks a refund up by its id.
    ///
    /// # Behavior
    /// - `get_refund_sees_what_was_made`: same id, amount and status as the outcome.
    ///
    /// # Errors
    /// `NotFound` for an unknown refund.
    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error>;

    /// Lists the refunds of a payment, newest first.
    ///
    /// # Behavior
    /// - `list_refunds_of_a_payment`: walking the pages yields every refund of this payment once, and no other.
    ///
    /// # Errors
    /// `Unsupported` without [`RefundCapability::list`](super::RefundCapability::list); `NotFound` for an unknown
    /// payment.
    async fn list_refunds(&self, _request: ListRefunds) -> Result<Page<Refund>, Error> {
        Err(Error::unsupported(self.vendor(), "listing refunds"))
    }

    /// Returns the vendor's customer that belongs to the application's, creating it if there is none.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{CustomerRequest, PaymentProvider};
    /// use anyvendor_core::{Error, values::VendorId};
    ///
    /// async fn customer(payments: &dyn PaymentProvider, user: &str) -> Result<VendorId, Error> {
    ///     Ok(payments.get_or_create_customer(CustomerRequest::new(user)).await?.id)
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `customer_is_made_once`: the same reference gives the same customer, also when requested concurrently.
    ///
    /// # Errors
    /// `Unsupported` without the capability. An error while searching is an error, never "there is none".
    async fn get_or_create_customer(&self, request: CustomerRequest) -> Result<Customer, Error>;

    /// Returns the customer's ids at all vendors behind this provider, creating customers where there are none: what an
    /// application stores, so that its customers survive a swap of the vendor.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{CustomerRequest, PaymentProvider};
    /// use anyvendor_core::{Error, values::VendorIds};
    ///
    /// async fn sign_up(payments: &dyn PaymentProvider, user: &str) -> Result<VendorIds, Error> {
    ///     payments.customer_ids(CustomerRequest::new(user)).await
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`get_or_create_customer`](Self::get_or_create_customer).
    async fn customer_ids(&self, request: CustomerRequest) -> Result<VendorIds, Error> {
        Ok(self.get_or_create_customer(request).await?.id.into())
    }

    /// Saves a source for later payments, without paying now.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{PaymentProvider, SaveSource, SaveSourceOutcome};
    /// use anyvendor_core::{Error, values::VendorId};
    ///
    /// async fn save(payments: &dyn PaymentProvider, request: SaveSource) -> Result<Option<VendorId>, Error> {
    ///     match payments.save_source(request).await? {
    ///         SaveSourceOutcome::Saved(source) => Ok(Some(source.id)),
    ///         _ => Ok(None),
    ///     }
    /// }
    /// ```
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
