//! Finding a payment by our own reference, the refunds of a payment, and the payments of a vendor's page.

use std::num::NonZeroU32;

use anyvendor_core::payment::{
    ConfirmPayment, FindPayments, ListRefunds, NextAction, PaymentOutcome, PaymentProviderExt,
    PaymentSource, RefundPayment,
};
use anyvendor_core::values::PageRequest;
use futures_util::TryStreamExt;

use super::steps::{captured, good, key, payer_acts, tenth, unsupported, waiting_for};
use crate::{
    harness::PaymentHarness,
    report::{Case, Report, ensure, take},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    if capabilities.find_by_reference.is_some() {
        report
            .run(
                "find_a_lost_create_by_reference",
                find_a_lost_create_by_reference(harness),
            )
            .await;
    } else {
        report
            .run("find_by_reference_is_unsupported", async {
                let request = FindPayments::new("order-1");
                unsupported(harness.provider.find_by_reference(request).await)
            })
            .await;
    }
    if capabilities.refund.list && capabilities.refund.partial {
        let case = list_refunds_of_a_payment(harness);
        report.run("list_refunds_of_a_payment", case).await;
    } else if !capabilities.refund.list {
        report
            .run("list_refunds_is_unsupported", async {
                let request = ListRefunds::new(harness.unknown_payment.clone());
                unsupported(harness.provider.list_refunds(request).await)
            })
            .await;
    }
    if capabilities.source.on_vendor_page && harness.payer.is_some() {
        report
            .run("create_on_vendor_page", create_on_vendor_page(harness))
            .await;
    }
}

async fn find_a_lost_create_by_reference(harness: &PaymentHarness) -> Case {
    let reference = format!("it's \"{}\"", key());
    let request = good(harness).with_reference(&*reference);
    let outcome = harness.provider.create(request).await?;
    let made = take!(outcome, PaymentOutcome::Captured(payment) => payment);
    captured(harness).await?;
    let all = FindPayments::new(&*reference);
    let mut requests = vec![all.clone()];
    if let Some(created) = made.created_at {
        requests.push(all.clone().with_created_from(created));
    }
    for request in requests {
        let found = harness.provider.find_by_reference(request).await?;
        let ids: Vec<_> = found.iter().map(|payment| &payment.id).collect();
        ensure!(ids == [&made.id], "made {}, found {ids:?}", made.id);
        let same = found
            .iter()
            .all(|payment| payment.captured == made.captured);
        ensure!(same, "made {made:?}, found {found:?}");
    }
    let other = FindPayments::new(format!("{reference}-2"));
    let found = harness.provider.find_by_reference(other).await?;
    ensure!(found.is_empty(), "found {found:?}");
    Ok(())
}

async fn list_refunds_of_a_payment(harness: &PaymentHarness) -> Case {
    let part = tenth(harness)?;
    let (payment, other) = (captured(harness).await?, captured(harness).await?);
    let mut made = Vec::new();
    for of in [&payment, &other, &payment, &payment] {
        let request = RefundPayment::new(of.id.clone(), key()).with_amount(part);
        let refund = harness.provider.refund(request).await?;
        if of.id == payment.id {
            made.push(refund.id);
        }
    }
    made.reverse();
    let page = PageRequest::default().with_limit(NonZeroU32::MIN.saturating_add(1));
    let request = ListRefunds::new(payment.id).with_page(page);
    let listed: Vec<_> = harness.provider.refunds(request).try_collect().await?;
    let listed: Vec<_> = listed.into_iter().map(|refund| refund.id).collect();
    ensure!(listed == made, "made {made:?}, listed {listed:?}");
    Ok(())
}

async fn create_on_vendor_page(harness: &PaymentHarness) -> Case {
    let request = good(harness)
        .with_source(PaymentSource::VendorPage)
        .with_reference("order-1")
        .with_cancel_url(harness.return_url.clone());
    let (payment, action) = waiting_for(harness, request.clone()).await?;
    ensure!(
        matches!(action, NextAction::HostedPage(_)),
        "the payer is sent to {action:?}"
    );
    let again = harness.provider.create(request.clone()).await?;
    let again = take!(again, PaymentOutcome::RequiresAction(payment, _) => payment);
    ensure!(again.id == payment.id, "one key made two pages");
    payer_acts(harness, &action, true).await?;
    let confirm = || ConfirmPayment::new(payment.id.clone(), key());
    for _ in 0..2 {
        let outcome = harness.provider.confirm(confirm()).await?;
        let paid = take!(outcome, PaymentOutcome::Captured(payment) => payment);
        ensure!(
            paid.captured == harness.amount,
            "captured {}",
            paid.captured
        );
        ensure!(
            paid.is_named_by(&payment.id),
            "{} became {}",
            payment.id,
            paid.id
        );
    }
    let later = harness.provider.create(request).await?;
    take!(later, PaymentOutcome::Captured(_) => ());
    if harness.provider.capabilities().refund.full {
        let refund = RefundPayment::new(payment.id.clone(), key());
        let refund = harness.provider.refund(refund).await?;
        ensure!(
            refund.amount == harness.amount,
            "refunded {}",
            refund.amount
        );
        let seen = harness.provider.payment(&payment.id).await?;
        let of = refund.payment.as_ref();
        ensure!(
            of.is_none_or(|of| seen.is_named_by(of)),
            "the refund is of {of:?}, the payment {seen:?}"
        );
    }
    Ok(())
}
