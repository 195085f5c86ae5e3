//! Customers and what they can pay with.

use anyvendor_core::{
    payment::{
        CreatePayment, CustomerRequest, ListSources, PayerPresence, PaymentOutcome, PaymentSource,
        RemoveSource, SaveSource, SaveSourceOutcome,
    },
    values::EmailAddress,
};
use futures_util::future::try_join_all;

use super::steps::{key, payer_acts, unsupported};
use crate::{
    harness::PaymentHarness,
    report::{Case, Report, ensure, take},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities().source;
    if capabilities.customers {
        report
            .run("customer_is_made_once", customer_is_made_once(harness))
            .await;
    } else {
        let case = async {
            unsupported(
                harness
                    .provider
                    .get_or_create_customer(CustomerRequest::new("customer-1"))
                    .await,
            )
        };
        report.run("customer_is_unsupported", case).await;
    }
    let can_save = !capabilities.on_vendor_page || harness.payer.is_some();
    if capabilities.save && capabilities.list && capabilities.customers && can_save {
        report
            .run("save_list_remove_source", save_list_remove_source(harness))
            .await;
    } else if !capabilities.save {
        let case = async {
            let customer = harness.unknown_payment.clone();
            let request = SaveSource::new(customer, key()).with_source(harness.good_source.clone());
            unsupported(harness.provider.save_source(request).await)
        };
        report.run("save_source_is_unsupported", case).await;
    }
}

async fn customer_is_made_once(harness: &PaymentHarness) -> Case {
    let request = CustomerRequest::new(key().to_string())
        .with_email(EmailAddress::new("ann@example.com")?)
        .with_name("Ann Müller");
    let asked = (0..6).map(|_| harness.provider.get_or_create_customer(request.clone()));
    let mut customers = try_join_all(asked).await?;
    customers.push(
        harness
            .provider
            .get_or_create_customer(request.clone())
            .await?,
    );
    customers.sort_by(|a, b| a.id.cmp(&b.id));
    customers.dedup();
    ensure!(
        customers.len() == 1,
        "one reference made {} customers",
        customers.len()
    );
    let other = harness
        .provider
        .get_or_create_customer(CustomerRequest::new(key().to_string()))
        .await?;
    ensure!(
        !customers.contains(&other),
        "two references share one customer"
    );
    Ok(())
}

async fn save_list_remove_source(harness: &PaymentHarness) -> Case {
    let customer = harness
        .provider
        .get_or_create_customer(CustomerRequest::new(key().to_string()))
        .await?;
    let on_page = harness.provider.capabilities().source.on_vendor_page;
    let source = if on_page {
        PaymentSource::VendorPage
    } else {
        harness.good_source.clone().into()
    };
    let mut request = SaveSource::new(customer.id.clone(), key())
        .with_return_url(harness.return_url.clone())
        .with_currency(harness.amount.currency())
        .with_source(source);
    let mut outcome = harness.provider.save_source(request.clone()).await?;
    if let SaveSourceOutcome::RequiresAction(pending, action) = &outcome {
        payer_acts(harness, action, true).await?;
        request = SaveSource::new(customer.id.clone(), key()).with_source(pending.clone());
        outcome = harness.provider.save_source(request).await?;
    }
    let saved = take!(outcome, SaveSourceOutcome::Saved(saved) => saved);
    // A customer that was pending has the vendor's id from now on.
    let customer = saved.customer.clone().unwrap_or(customer.id);

    let listed = harness
        .provider
        .list_sources(ListSources::new(customer.clone()))
        .await?;
    ensure!(
        listed.items.contains(&saved),
        "saved {saved:?}, listed {:?}",
        listed.items
    );

    let payment = CreatePayment::new(harness.amount, key())
        .with_customer(customer.clone())
        .with_source(saved.id.clone())
        .with_presence(PayerPresence::OffSession);
    take!(harness.provider.create(payment).await?, PaymentOutcome::Captured(_) => ());

    for _ in 0..2 {
        harness
            .provider
            .remove_source(RemoveSource::new(saved.id.clone()))
            .await?;
    }
    let listed = harness
        .provider
        .list_sources(ListSources::new(customer))
        .await?;
    ensure!(listed.items.is_empty(), "still listed: {:?}", listed.items);
    Ok(())
}
