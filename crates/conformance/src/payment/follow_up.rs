//! What follows a payment: capture, cancel, look-up, list, refund.

use std::num::NonZeroU32;

use anyvendor_core::{
    Kind,
    payment::{
        CancelPayment, CapturePayment, CustomerRequest, GetPayment, GetRefund, ListPayments,
        PaymentOutcome, PaymentProviderExt, PaymentStatus, RefundPayment, RefundReason,
        RefundStatus,
    },
    values::{PageRequest, VendorId},
};
use futures_util::TryStreamExt;

use super::steps::{authorized, captured, good, key, tenth, unsupported};
use crate::{
    harness::PaymentHarness,
    report::{Case, Report, ensure, expect_kind, expect_refused_unsent, take},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    if capabilities.capture.manual {
        report.run("capture_all", capture_all(harness)).await;
        if capabilities.capture.partial {
            report
                .run(
                    "capture_part_releases_the_rest",
                    capture_part_releases_the_rest(harness),
                )
                .await;
        }
        report
            .run("capture_over_authorized", capture_over_authorized(harness))
            .await;
        report
            .run(
                "capture_twice_is_the_same",
                capture_twice_is_the_same(harness),
            )
            .await;
        report
            .run("cancel_releases", cancel_releases(harness))
            .await;
        report
            .run(
                "cancel_twice_is_the_same",
                cancel_twice_is_the_same(harness),
            )
            .await;
    }
    report
        .run(
            "cancel_captured_is_refused",
            cancel_captured_is_refused(harness),
        )
        .await;
    report
        .run("get_sees_what_was_made", get_sees_what_was_made(harness))
        .await;
    report.run("get_unknown", get_unknown(harness)).await;
    report
        .run("get_of_another_vendor", get_of_another_vendor(harness))
        .await;
    if capabilities.list {
        report
            .run("list_pages_through_all", list_pages_through_all(harness))
            .await;
    } else {
        report
            .run("list_is_unsupported", async {
                unsupported(harness.provider.list(ListPayments::new()).await)
            })
            .await;
    }
    if capabilities.refund.full {
        report.run("refund_all", refund_all(harness)).await;
        if capabilities.refund.partial {
            report
                .run("refund_part_twice", refund_part_twice(harness))
                .await;
        }
        report
            .run("refund_same_key_twice", refund_same_key_twice(harness))
            .await;
        report
            .run("refund_over_capture", refund_over_capture(harness))
            .await;
        report
            .run(
                "get_refund_sees_what_was_made",
                get_refund_sees_what_was_made(harness),
            )
            .await;
    }
}

async fn capture_all(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    let outcome = harness
        .provider
        .capture(CapturePayment::new(payment.id, key()))
        .await?;
    let payment = take!(outcome, PaymentOutcome::Captured(payment) => payment);
    ensure!(
        payment.captured == harness.amount,
        "captured {}",
        payment.captured
    );
    Ok(())
}

async fn capture_part_releases_the_rest(harness: &PaymentHarness) -> Case {
    let part = tenth(harness)?;
    let payment = authorized(harness).await?;
    let request = CapturePayment::new(payment.id, key()).with_amount(part);
    let payment = take!(harness.provider.capture(request).await?, PaymentOutcome::Captured(payment) => payment);
    ensure!(payment.captured == part, "captured {}", payment.captured);
    ensure!(
        payment.capturable.is_zero(),
        "still capturable: {}",
        payment.capturable
    );
    ensure!(
        payment.status == PaymentStatus::PartiallyCaptured,
        "status is {:?}",
        payment.status
    );
    Ok(())
}

async fn capture_over_authorized(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    let request =
        CapturePayment::new(payment.id, key()).with_amount(harness.amount.checked_mul(2)?);
    expect_kind(
        harness.provider.capture(request).await,
        &[Kind::InvalidRequest],
    )?;
    Ok(())
}

async fn capture_twice_is_the_same(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    let request = CapturePayment::new(payment.id.clone(), key());
    let first = harness.provider.capture(request.clone()).await?;
    let second = harness.provider.capture(request).await?;
    ensure!(first == second, "the second outcome differs");
    // A process that lost its record of the first asks under a new key: the state it wants is there.
    let third = harness
        .provider
        .capture(CapturePayment::new(payment.id, key()))
        .await?;
    let payment = take!(third, PaymentOutcome::Captured(payment) => payment);
    ensure!(
        payment.captured == harness.amount,
        "captured {}",
        payment.captured
    );
    Ok(())
}

async fn cancel_releases(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    let outcome = harness
        .provider
        .cancel(CancelPayment::new(payment.id, key()))
        .await?;
    let payment = take!(outcome, PaymentOutcome::Cancelled(payment) => payment);
    ensure!(
        payment.capturable.is_zero(),
        "still capturable: {}",
        payment.capturable
    );
    Ok(())
}

async fn cancel_twice_is_the_same(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    for _ in 0..2 {
        let outcome = harness
            .provider
            .cancel(CancelPayment::new(payment.id.clone(), key()))
            .await?;
        take!(outcome, PaymentOutcome::Cancelled(_) => ());
    }
    Ok(())
}

async fn cancel_captured_is_refused(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    expect_kind(
        harness
            .provider
            .cancel(CancelPayment::new(payment.id, key()))
            .await,
        &[Kind::Conflict],
    )?;
    Ok(())
}

async fn get_sees_what_was_made(harness: &PaymentHarness) -> Case {
    let made = captured(harness).await?;
    let seen = harness.provider.payment(&made.id).await?;
    ensure!(seen == made, "made {made:?}, seen {seen:?}");
    Ok(())
}

async fn get_unknown(harness: &PaymentHarness) -> Case {
    let request = GetPayment::new(harness.unknown_payment.clone());
    expect_kind(harness.provider.get(request).await, &[Kind::NotFound])?;
    Ok(())
}

async fn get_of_another_vendor(harness: &PaymentHarness) -> Case {
    let request = GetPayment::new(VendorId::new("somebody-else", "pay_1")?);
    expect_refused_unsent(harness.provider.get(request).await, &[Kind::InvalidRequest])
}

async fn list_pages_through_all(harness: &PaymentHarness) -> Case {
    let mut request = ListPayments::new();
    let mut made = Vec::new();
    if harness.provider.capabilities().source.customers {
        let customer = harness
            .provider
            .get_or_create_customer(CustomerRequest::new(key().to_string()))
            .await?;
        request = request.with_customer(customer.id);
    }
    for _ in 0..5 {
        let payment = good(harness).with_customer(request.customer.clone());
        let outcome = harness.provider.create(payment).await?;
        made.push(take!(outcome, PaymentOutcome::Captured(payment) => payment).id);
    }
    made.reverse();
    request.page = PageRequest::default().with_limit(NonZeroU32::MIN.saturating_add(1));
    let listed: Vec<_> = harness.provider.payments(request).try_collect().await?;
    let listed: Vec<_> = listed
        .into_iter()
        .map(|payment| payment.id)
        .filter(|id| made.contains(id))
        .collect();
    ensure!(
        listed == made,
        "made, newest first, {made:?}; listed {listed:?}"
    );
    Ok(())
}

async fn refund_all(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    let request = RefundPayment::new(payment.id.clone(), key())
        .with_reason(RefundReason::RequestedByCustomer);
    let refund = harness.provider.refund(request).await?;
    ensure!(
        refund.amount == harness.amount,
        "refunded {}",
        refund.amount
    );
    ensure!(
        refund.payment.as_ref() == Some(&payment.id),
        "of payment {:?}",
        refund.payment
    );
    ensure!(
        matches!(
            refund.status,
            RefundStatus::Succeeded | RefundStatus::Pending
        ),
        "status is {:?}",
        refund.status
    );
    Ok(())
}

async fn refund_part_twice(harness: &PaymentHarness) -> Case {
    let part = tenth(harness)?;
    let payment = captured(harness).await?;
    for _ in 0..2 {
        let request = RefundPayment::new(payment.id.clone(), key()).with_amount(part);
        let refund = harness.provider.refund(request).await?;
        ensure!(refund.amount == part, "refunded {}", refund.amount);
    }
    let seen = harness.provider.payment(&payment.id).await?;
    if let Some(refunded) = seen.refunded {
        ensure!(
            refunded == part.checked_mul(2)?,
            "the payment says {refunded} was given back"
        );
    }
    Ok(())
}

async fn refund_same_key_twice(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    let request = RefundPayment::new(payment.id.clone(), key()).with_amount(tenth(harness)?);
    let first = harness.provider.refund(request.clone()).await?;
    let second = harness.provider.refund(request).await?;
    ensure!(
        first.id == second.id,
        "one key made refunds {} and {}",
        first.id,
        second.id
    );
    Ok(())
}

async fn refund_over_capture(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    let request = RefundPayment::new(payment.id, key()).with_amount(harness.amount.checked_mul(2)?);
    expect_kind(
        harness.provider.refund(request).await,
        &[Kind::InvalidRequest, Kind::Conflict],
    )?;
    Ok(())
}

async fn get_refund_sees_what_was_made(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    let made = harness
        .provider
        .refund(RefundPayment::new(payment.id, key()))
        .await?;
    let seen = harness
        .provider
        .get_refund(GetRefund::new(made.id.clone()))
        .await?;
    ensure!(seen == made, "made {made:?}, seen {seen:?}");
    Ok(())
}
