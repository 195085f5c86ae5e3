//! Payments over several vendors.

use std::cmp::Reverse;

use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, Customer, CustomerRequest,
        FindPayments, GetPayment, GetRefund, ListPayments, ListRefunds, ListSources, Payment,
        PaymentCapabilities, PaymentOutcome, PaymentProvider, PaymentSource, Refund, RefundPayment,
        RemoveSource, SaveSource, SaveSourceOutcome, SavedSource,
    },
    resilience::{CallOptions, Clock},
    values::{Page, VendorIds},
};
use anyvendor_http::SystemClock;
use async_trait::async_trait;

use super::router::{Member, Routed, Router, Work, shorten};
use crate::config::Sticky;

type PaymentMember = Member<dyn PaymentProvider>;

/// A payment provider over several vendors, and what decides the shares.
#[derive(Debug)]
pub(crate) struct RoutedPayments {
    pub(crate) router: Router<dyn PaymentProvider>,
    pub(crate) sticky: Sticky,
}

impl Routed for CreatePayment {
    fn options(&mut self) -> &mut CallOptions {
        &mut self.options
    }
}

impl Routed for CustomerRequest {
    fn options(&mut self) -> &mut CallOptions {
        &mut self.options
    }
}

/// Whether a vendor can take a payment: its source is the vendor's own, its customer can be found there, and the vendor's
/// capabilities suffice.
fn fits(member: &PaymentMember, request: &CreatePayment) -> Result<(), Error> {
    if is_customer_elsewhere(&*member.provider, request) && request.customer_reference.is_none() {
        let vendor = member.vendor;
        let remedy = format_args!(
            "has no id at {vendor}; give customer_reference too, by which {vendor} finds or makes its own"
        );
        return Err(Error::invalid("customer", remedy));
    }
    if let Some(PaymentSource::Vendor(ids)) = &request.source {
        ids.expect_vendor(member.vendor, "source")?;
    }
    let capabilities = member.provider.capabilities();
    capabilities.check(member.vendor, request)
}

/// Whether a vendor that stores customers knows this one under no id of its own yet.
fn is_customer_elsewhere(vendor: &dyn PaymentProvider, request: &CreatePayment) -> bool {
    let customer = &request.customer;
    let is_known = customer.is_empty() || customer.at(vendor.vendor()).is_some();
    !is_known && vendor.capabilities().source.customers
}

/// Creates a payment at one vendor. A customer that is known at other vendors only is looked up here by our own reference,
/// or made, so that existing customers survive a swap of the vendor.
async fn create_at(
    vendor: &dyn PaymentProvider,
    mut request: CreatePayment,
) -> Result<PaymentOutcome, Error> {
    if is_customer_elsewhere(vendor, &request)
        && let Some(reference) = &request.customer_reference
    {
        let begun = SystemClock.monotonic();
        let mut wanted = CustomerRequest::new(reference).with_options(request.options.clone());
        wanted.email.clone_from(&request.receipt_email);
        let customer = vendor.get_or_create_customer(wanted).await;
        // The payment was not sent, whatever happened to the customer.
        let customer = customer.map_err(|error| error.with_delivery(Delivery::NotSent))?;
        request.customer = request.customer.with(customer.id);
        let used = SystemClock.monotonic().saturating_duration_since(begun);
        if !shorten(&mut request.options, used) {
            let message = "the caller's time ran out while the customer was looked up";
            return Err(Error::unsent(Kind::DeadlineExceeded, message));
        }
    } else if request.customer.at(vendor.vendor()).is_none() {
        // This vendor stores no customers.
        request.customer = VendorIds::default();
    }
    vendor.create(request).await
}

fn names_ids(request: &CreatePayment) -> bool {
    !request.customer.is_empty()
        || matches!(&request.source, Some(PaymentSource::Vendor(ids)) if !ids.is_empty())
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl PaymentProvider for RoutedPayments {
    fn vendor(&self) -> &'static str {
        self.router.first().map_or("none", |member| member.vendor)
    }

    fn capabilities(&self) -> PaymentCapabilities {
        let active = self.router.members.iter().filter(|member| !member.retired);
        active
            .map(|member| member.provider.capabilities())
            .reduce(PaymentCapabilities::or)
            .unwrap_or_default()
    }

    async fn create(&self, mut request: CreatePayment) -> Result<PaymentOutcome, Error> {
        if request.customer_reference.is_none() {
            // An id of a vendor that nobody knows is a mistake, whoever is called.
            for id in request.customer.iter() {
                self.router.of(id, "customer")?;
            }
        }
        let key = request.idempotency_key.clone();
        let customer = request.customer_reference.clone();
        let drawn_by = match (self.sticky, &customer) {
            (Sticky::Customer, Some(customer)) => customer.as_str(),
            _ => key.as_str(),
        };
        let work = Work {
            operation: "create",
            drawn_by,
            key: Some(key.as_str()),
            pinned: names_ids(&request),
        };
        self.router
            .run(work, &mut request, fits, |vendor, request| {
                Box::pin(create_at(vendor, request))
            })
            .await
    }

    async fn confirm(&self, request: ConfirmPayment) -> Result<PaymentOutcome, Error> {
        let vendor = self.router.of(&request.payment, "payment")?;
        vendor.confirm(request).await
    }

    async fn capture(&self, request: CapturePayment) -> Result<PaymentOutcome, Error> {
        let vendor = self.router.of(&request.payment, "payment")?;
        vendor.capture(request).await
    }

    async fn cancel(&self, request: CancelPayment) -> Result<PaymentOutcome, Error> {
        let vendor = self.router.of(&request.payment, "payment")?;
        vendor.cancel(request).await
    }

    async fn get(&self, request: GetPayment) -> Result<Payment, Error> {
        let vendor = self.router.of(&request.payment, "payment")?;
        vendor.get(request).await
    }

    async fn list(&self, request: ListPayments) -> Result<Page<Payment>, Error> {
        let customer = request.customer.clone();
        let can = |member: &PaymentMember| {
            if let Some(customer) = &customer {
                customer.expect_vendor(member.vendor, "customer")?;
            }
            if member.provider.capabilities().list {
                Ok(())
            } else {
                Err(Error::unsupported(member.vendor, "listing payments"))
            }
        };
        self.router
            .list_in_turn(request.page.clone(), can, |vendor, page| {
                vendor.list(request.with_page(page))
            })
            .await
    }

    async fn find_by_reference(&self, request: FindPayments) -> Result<Vec<Payment>, Error> {
        let mut found = Vec::new();
        for member in &self.router.members {
            // Every vendor is asked: a payment may be at any of them, and a vendor that cannot say hides none.
            found.extend(member.provider.find_by_reference(request.clone()).await?);
        }
        found.sort_by_key(|payment| Reverse(payment.created_at));
        Ok(found)
    }

    async fn list_refunds(&self, request: ListRefunds) -> Result<Page<Refund>, Error> {
        let vendor = self.router.of(&request.payment, "payment")?;
        vendor.list_refunds(request).await
    }

    async fn refund(&self, request: RefundPayment) -> Result<Refund, Error> {
        let vendor = self.router.of(&request.payment, "payment")?;
        vendor.refund(request).await
    }

    async fn get_refund(&self, request: GetRefund) -> Result<Refund, Error> {
        let vendor = self.router.of(&request.refund, "refund")?;
        vendor.get_refund(request).await
    }

    async fn get_or_create_customer(
        &self,
        mut request: CustomerRequest,
    ) -> Result<Customer, Error> {
        let reference = request.reference.clone();
        let work = Work {
            operation: "get_or_create_customer",
            drawn_by: &reference,
            key: None,
            pinned: false,
        };
        let can = |member: &PaymentMember, _: &CustomerRequest| {
            if member.provider.capabilities().source.customers {
                Ok(())
            } else {
                Err(Error::unsupported(member.vendor, "customers"))
            }
        };
        self.router
            .run(work, &mut request, can, |vendor, request| {
                vendor.get_or_create_customer(request)
            })
            .await
    }

    /// The customer's ids at all vendors that take new payments and store customers.
    async fn customer_ids(&self, request: CustomerRequest) -> Result<VendorIds, Error> {
        let mut ids = VendorIds::default();
        let active = self.router.members.iter().filter(|member| !member.retired);
        for member in active {
            if member.provider.capabilities().source.customers {
                let at = member.provider.customer_ids(request.clone()).await?;
                ids = at.iter().cloned().fold(ids, VendorIds::with);
            }
        }
        if ids.is_empty() {
            return Err(Error::unsupported(self.vendor(), "customers"));
        }
        Ok(ids)
    }

    async fn save_source(&self, request: SaveSource) -> Result<SaveSourceOutcome, Error> {
        let vendor = self.router.of(&request.customer, "customer")?;
        vendor.save_source(request).await
    }

    async fn list_sources(&self, request: ListSources) -> Result<Page<SavedSource>, Error> {
        let vendor = self.router.of(&request.customer, "customer")?;
        vendor.list_sources(request).await
    }

    async fn remove_source(&self, request: RemoveSource) -> Result<(), Error> {
        let vendor = self.router.of(&request.source, "source")?;
        vendor.remove_source(request).await
    }
}
