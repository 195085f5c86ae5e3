//! Convenience methods for callers of a payment vendor; not for implementing.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{
    CaptureMode, CreatePayment, GetPayment, ListPayments, ListRefunds, Payment, PaymentProvider,
    Refund,
};
use crate::{error::Error, paging::walk, values::VendorId};

/// Convenience methods for callers. Sealed: every [`PaymentProvider`] has them, and adapters do not implement them.
#[async_trait]
pub trait PaymentProviderExt: PaymentProvider + sealed::Sealed {
    /// Charges immediately and accepts nothing but success.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{CreatePayment, PaymentProvider, PaymentProviderExt};
    /// use anyvendor_core::{Error, values::{IdempotencyKey, Money}};
    ///
    /// async fn pay(payments: &dyn PaymentProvider, price: Money, order: &str) -> Result<String, Error> {
    ///     let key = IdempotencyKey::new(order)?;
    ///     let payment = payments.charge(CreatePayment::new(price, key)).await?;
    ///     Ok(payment.id.to_string())
    /// }
    /// ```
    ///
    /// # Errors
    /// The errors of [`PaymentProvider::create`]; any other outcome, including a decline, as in
    /// [`into_success`](super::PaymentOutcome::into_success), with the request's key:
    /// [`PaymentOutcome::of_error`](super::PaymentOutcome::of_error) returns it. A payment that the vendor is still
    /// processing is `Unknown`: it may be charged yet.
    async fn charge(&self, request: CreatePayment) -> Result<Payment, Error> {
        let key = request.idempotency_key.clone();
        let outcome = self
            .create(request.with_capture(CaptureMode::Automatic))
            .await?;
        outcome.into_success().map_err(|error| {
            error
                .with_operation("payment.create")
                .with_idempotency_key(key)
        })
    }

    /// Looks a payment up by its id alone.
    ///
    /// # Errors
    /// The errors of [`PaymentProvider::get`].
    async fn payment(&self, id: &VendorId) -> Result<Payment, Error> {
        self.get(GetPayment::new(id.clone())).await
    }

    /// Yields the payments of all pages of a list, page by page. Ends after the first error.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{ListPayments, PaymentProvider, PaymentProviderExt};
    /// use anyvendor_core::{Error, values::VendorId};
    /// use futures_util::TryStreamExt;
    ///
    /// async fn count(payments: &dyn PaymentProvider, customer: VendorId) -> Result<usize, Error> {
    ///     let request = ListPayments::new().with_customer(customer);
    ///     let all: Vec<_> = payments.payments(request).try_collect().await?;
    ///     Ok(all.len())
    /// }
    /// ```
    fn payments(&self, request: ListPayments) -> BoxStream<'_, Result<Payment, Error>> {
        walk(request, move |request| async move {
            let page = self.list(request.clone()).await?;
            let next = page.next.map(|cursor| {
                let mut request = request;
                request.page.after = Some(cursor);
                request
            });
            Ok((page.items, next))
        })
    }

    /// Yields the refunds of all pages of a payment's list, page by page. Ends after the first error.
    fn refunds(&self, request: ListRefunds) -> BoxStream<'_, Result<Refund, Error>> {
        walk(request, move |request| async move {
            let page = self.list_refunds(request.clone()).await?;
            let next = page.next.map(|cursor| {
                let mut request = request;
                request.page.after = Some(cursor);
                request
            });
            Ok((page.items, next))
        })
    }
}

impl<P: PaymentProvider + ?Sized> PaymentProviderExt for P {}

mod sealed {
    /// Prevents implementations outside this crate.
    pub trait Sealed {}
    impl<P: super::PaymentProvider + ?Sized> Sealed for P {}
}
