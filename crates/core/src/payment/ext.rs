//! Comfort for callers of a payment vendor; not for implementing.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{CaptureMode, CreatePayment, GetPayment, ListPayments, Payment, PaymentProvider};
use crate::{error::Error, paging::walk, values::VendorId};

/// Short ways to common calls. Sealed: every [`PaymentProvider`] has it.
#[async_trait]
pub trait PaymentProviderExt: PaymentProvider + sealed::Sealed {
    /// Charges at once and accepts nothing but success.
    ///
    /// # Errors
    /// Those of [`PaymentProvider::create`]; any other outcome, a decline too, as
    /// [`into_success`](super::PaymentOutcome::into_success) says.
    async fn charge(&self, request: CreatePayment) -> Result<Payment, Error> {
        self.create(request.with_capture(CaptureMode::Automatic))
            .await?
            .into_success()
    }

    /// Looks a payment up by its id alone.
    ///
    /// # Errors
    /// Those of [`PaymentProvider::get`].
    async fn payment(&self, id: &VendorId) -> Result<Payment, Error> {
        self.get(GetPayment::new(id.clone())).await
    }

    /// Walks all pages of a list. Ends after the first error.
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
}

impl<P: PaymentProvider + ?Sized> PaymentProviderExt for P {}

mod sealed {
    /// Keeps the extension trait ours.
    pub trait Sealed {}
    impl<P: super::PaymentProvider + ?Sized> Sealed for P {}
}
