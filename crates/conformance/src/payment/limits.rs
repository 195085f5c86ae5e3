//! What is refused before anything is sent that moves money: another currency, and options that the vendor has not got.

use anyvendor_core::{
    Kind,
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CustomerRequest, FindPayments, GetPayment,
        GetRefund, ListPayments, ListRefunds, ListSources, PaymentProviderExt, PaymentSource,
        RefundPayment, RemoveSource, SaveSource,
    },
    values::{Currency, Money, VendorId},
};

use super::steps::{authorized, captured, good, key, unsupported};
use crate::{
    harness::PaymentHarness,
    report::{Case, Report, ensure, expect_refused_unsent},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    if capabilities.capture.manual && capabilities.capture.partial {
        let case = capture_in_another_currency(harness);
        report.run("capture_in_another_currency", case).await;
    }
    if capabilities.refund.partial {
        let case = refund_in_another_currency(harness);
        report.run("refund_in_another_currency", case).await;
    }
    report
        .run(
            "extension_of_another_vendor_is_refused",
            extension_of_another_vendor_is_refused(harness),
        )
        .await;
    report
        .run("references_have_limits", references_have_limits(harness))
        .await;
    if capabilities.unique_reference_chars.is_none() {
        report
            .run("unique_reference_is_unsupported", async {
                let request = good(harness).with_unique_reference("invoice-1");
                unsupported(harness.provider.create(request).await)
            })
            .await;
    }
    if !capabilities.source.on_vendor_page {
        report
            .run("vendor_page_is_unsupported", async {
                let request = good(harness).with_source(PaymentSource::VendorPage);
                unsupported(harness.provider.create(request).await)
            })
            .await;
    }
}

/// A small amount in a currency that the payments of the suite are not in.
fn foreign(harness: &PaymentHarness) -> Result<Money, crate::CaseFailure> {
    let other = if harness.amount.currency() == Currency::EUR {
        Currency::USD
    } else {
        Currency::EUR
    };
    Ok(Money::from_minor(500, other)?)
}

async fn capture_in_another_currency(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    let request = CapturePayment::new(payment.id.clone(), key()).with_amount(foreign(harness)?);
    expect_refused_unsent(
        harness.provider.capture(request).await,
        &[Kind::InvalidRequest],
    )?;
    let seen = harness.provider.payment(&payment.id).await?;
    ensure!(seen.captured.is_zero(), "captured {}", seen.captured);
    Ok(())
}

async fn refund_in_another_currency(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    let request = RefundPayment::new(payment.id.clone(), key()).with_amount(foreign(harness)?);
    expect_refused_unsent(
        harness.provider.refund(request).await,
        &[Kind::InvalidRequest],
    )?;
    // The whole amount is still there to be given back.
    let refund = RefundPayment::new(payment.id, key());
    let refund = harness.provider.refund(refund).await?;
    ensure!(
        refund.amount == harness.amount,
        "refunded {}",
        refund.amount
    );
    Ok(())
}

/// Options of a vendor that no adapter knows.
#[derive(Debug, Clone)]
struct Foreign;

async fn extension_of_another_vendor_is_refused(harness: &PaymentHarness) -> Case {
    let provider = &harness.provider;
    let payment = || harness.unknown_payment.clone();
    let source = || harness.good_source.clone();
    let customer = || VendorId::new(provider.vendor(), "customer_1");
    unsupported(provider.create(good(harness).with_extension(Foreign)).await)?;
    let request = ConfirmPayment::new(payment(), key()).with_extension(Foreign);
    unsupported(provider.confirm(request).await)?;
    let request = CapturePayment::new(payment(), key()).with_extension(Foreign);
    unsupported(provider.capture(request).await)?;
    let request = CancelPayment::new(payment(), key()).with_extension(Foreign);
    unsupported(provider.cancel(request).await)?;
    let request = GetPayment::new(payment()).with_extension(Foreign);
    unsupported(provider.get(request).await)?;
    let request = ListPayments::new().with_extension(Foreign);
    unsupported(provider.list(request).await)?;
    let request = FindPayments::new("order-1").with_extension(Foreign);
    unsupported(provider.find_by_reference(request).await)?;
    let request = RefundPayment::new(payment(), key()).with_extension(Foreign);
    unsupported(provider.refund(request).await)?;
    let request = GetRefund::new(payment()).with_extension(Foreign);
    unsupported(provider.get_refund(request).await)?;
    let request = ListRefunds::new(payment()).with_extension(Foreign);
    unsupported(provider.list_refunds(request).await)?;
    let request = CustomerRequest::new("customer-1").with_extension(Foreign);
    unsupported(provider.get_or_create_customer(request).await)?;
    let request = SaveSource::new(customer()?, key()).with_extension(Foreign);
    unsupported(provider.save_source(request).await)?;
    let request = ListSources::new(customer()?).with_extension(Foreign);
    unsupported(provider.list_sources(request).await)?;
    let request = RemoveSource::new(source()).with_extension(Foreign);
    unsupported(provider.remove_source(request).await)
}

async fn references_have_limits(harness: &PaymentHarness) -> Case {
    let capabilities = harness.provider.capabilities();
    let invalid = [Kind::InvalidRequest];
    let long = |most: u32| "r".repeat(most as usize + 1);
    let mut wrong = vec![good(harness).with_reference("")];
    if let Some(most) = capabilities.reference_chars {
        wrong.push(good(harness).with_reference(long(most)));
    }
    if let Some(most) = capabilities.unique_reference_chars {
        wrong.push(good(harness).with_unique_reference(long(most)));
    }
    for request in wrong {
        expect_refused_unsent(harness.provider.create(request).await, &invalid)?;
    }
    Ok(())
}
