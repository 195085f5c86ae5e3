//! What one key of the caller's means over time and over steps, and what `charge` keeps of an outcome.

use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CancelPayment, CaptureMode, CapturePayment, ConfirmPayment, CreatePayment, PaymentOutcome,
        PaymentProviderExt, RefundPayment,
    },
    values::{IdempotencyKey, Money},
};

use super::steps::{authorized, good, key, payer_acts, waiting_for};
use crate::{
    harness::PaymentHarness,
    report::{Case, Report, ensure, expect_kind, take},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    report
        .run(
            "charge_keeps_the_outcome",
            charge_keeps_the_outcome(harness),
        )
        .await;
    if harness.action.is_some() && harness.payer.is_some() {
        report
            .run("create_same_key_later", create_same_key_later(harness))
            .await;
    }
    if capabilities.capture.manual {
        report
            .run("one_key_over_all_steps", one_key_over_all_steps(harness))
            .await;
        if capabilities.capture.partial {
            let case = capture_second_equal_part(harness);
            report.run("capture_second_equal_part", case).await;
        }
    }
}

async fn charge_keeps_the_outcome(harness: &PaymentHarness) -> Case {
    for declined in &harness.declined_sources {
        let request = good(harness).with_source(declined.source.clone());
        let key = request.idempotency_key.clone();
        let Err(error) = harness.provider.charge(request).await else {
            return Err(crate::CaseFailure::new("a declined payment is no error"));
        };
        ensure!(
            error.kind() == &Kind::Declined,
            "the kind is {:?}",
            error.kind()
        );
        check_error(&error, &key)?;
    }
    if harness.action.is_some() {
        let request = super::steps::with_action(harness, CaptureMode::Automatic);
        let key = request.idempotency_key.clone();
        let Err(error) = harness.provider.charge(request).await else {
            return Err(crate::CaseFailure::new("a payment that waits is no error"));
        };
        check_error(&error, &key)?;
        let outcome = PaymentOutcome::of_error(&error);
        ensure!(
            matches!(outcome, Some(PaymentOutcome::RequiresAction(..))),
            "the error contains {outcome:?}"
        );
    }
    Ok(())
}

fn check_error(error: &anyvendor_core::Error, key: &IdempotencyKey) -> Case {
    ensure!(
        error.delivery() != Delivery::NotSent,
        "a payment that the vendor knows is said not to have been sent: {error}"
    );
    ensure!(
        error.idempotency_key() == Some(key),
        "the error has the key {:?}",
        error.idempotency_key()
    );
    ensure!(
        PaymentOutcome::of_error(error).is_some(),
        "the outcome is lost: {error}"
    );
    Ok(())
}

async fn create_same_key_later(harness: &PaymentHarness) -> Case {
    let request = super::steps::with_action(harness, CaptureMode::Automatic);
    let (payment, action) = waiting_for(harness, request.clone()).await?;
    payer_acts(harness, &action, true).await?;
    let confirm = ConfirmPayment::new(payment.id.clone(), key());
    take!(harness.provider.confirm(confirm).await?, PaymentOutcome::Captured(_) => ());
    let again = harness.provider.create(request).await?;
    let again = take!(again, PaymentOutcome::Captured(payment) => payment);
    ensure!(again.id == payment.id, "{} became {}", payment.id, again.id);
    Ok(())
}

async fn one_key_over_all_steps(harness: &PaymentHarness) -> Case {
    let manual = || -> CreatePayment { good(harness).with_capture(CaptureMode::Manual) };
    let request = manual();
    let order = request.idempotency_key.clone();
    let outcome = harness.provider.create(request).await?;
    let payment = take!(outcome, PaymentOutcome::Authorized(payment) => payment);
    let capture = CapturePayment::new(payment.id.clone(), order.clone());
    take!(harness.provider.capture(capture).await?, PaymentOutcome::Captured(_) => ());
    if harness.provider.capabilities().refund.full {
        let refund = RefundPayment::new(payment.id, order);
        let refund = harness.provider.refund(refund).await?;
        ensure!(
            refund.amount == harness.amount,
            "refunded {}",
            refund.amount
        );
    }
    let request = manual();
    let order = request.idempotency_key.clone();
    let outcome = harness.provider.create(request).await?;
    let payment = take!(outcome, PaymentOutcome::Authorized(payment) => payment);
    let cancel = CancelPayment::new(payment.id, order);
    take!(harness.provider.cancel(cancel).await?, PaymentOutcome::Cancelled(_) => ());
    Ok(())
}

async fn capture_second_equal_part(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    let unit = 10_i64.saturating_pow(u32::from(harness.amount.currency().exponent()));
    let half = harness.amount.minor() / 2 / unit * unit;
    let half = Money::from_minor(half, harness.amount.currency())?;
    let part = || CapturePayment::new(payment.id.clone(), key()).with_amount(half);
    take!(harness.provider.capture(part()).await?, PaymentOutcome::Captured(_) => ());
    expect_kind(
        harness.provider.capture(part()).await,
        &[Kind::Conflict, Kind::InvalidRequest],
    )?;
    let seen = harness.provider.payment(&payment.id).await?;
    ensure!(seen.captured == half, "captured {}", seen.captured);
    Ok(())
}
