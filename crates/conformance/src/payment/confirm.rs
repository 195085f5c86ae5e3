//! Going on with a payment: what was prepared, and what waited for the payer.

use anyvendor_core::payment::{
    CaptureMode, ConfirmPayment, Payment, PaymentOutcome, PaymentProviderExt,
};

use super::steps::{captured, good, key, payer_acts, waiting};
use crate::{
    CaseFailure,
    harness::PaymentHarness,
    report::{Case, Report, ensure, take},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let case = confirm_pays_what_was_prepared(harness);
    report.run("confirm_pays_what_was_prepared", case).await;
    let case = confirm_captured_changes_nothing(harness);
    report.run("confirm_captured_changes_nothing", case).await;
    if harness.action.is_some() {
        let case = confirm_before_the_payer_acted(harness);
        report.run("confirm_before_the_payer_acted", case).await;
    }
    if harness.action.is_some() && harness.payer.is_some() {
        let case = confirm_after_the_payer_acted(harness);
        report.run("confirm_after_the_payer_acted", case).await;
        let case = confirm_after_the_payer_refused(harness);
        report.run("confirm_after_the_payer_refused", case).await;
        if harness.provider.capabilities().capture.manual {
            let case = confirm_authorizes_what_is_manual(harness);
            report.run("confirm_authorizes_what_is_manual", case).await;
        }
    }
}

async fn confirm(
    harness: &PaymentHarness,
    payment: &Payment,
) -> Result<PaymentOutcome, CaseFailure> {
    let request =
        ConfirmPayment::new(payment.id.clone(), key()).with_return_url(harness.return_url.clone());
    Ok(harness.provider.confirm(request).await?)
}

async fn confirm_pays_what_was_prepared(harness: &PaymentHarness) -> Case {
    let request = good(harness).with_confirm(false);
    let outcome = harness.provider.create(request).await?;
    let prepared = take!(outcome, PaymentOutcome::Incomplete(payment, _) => payment);
    let request = ConfirmPayment::new(prepared.id.clone(), key())
        .with_source(harness.good_source.clone())
        .with_return_url(harness.return_url.clone());
    let outcome = harness.provider.confirm(request).await?;
    let payment = take!(outcome, PaymentOutcome::Captured(payment) => payment);
    ensure!(
        payment.id == prepared.id,
        "prepared {}, paid {}",
        prepared.id,
        payment.id
    );
    ensure!(
        payment.captured == harness.amount,
        "captured {}",
        payment.captured
    );
    Ok(())
}

async fn confirm_captured_changes_nothing(harness: &PaymentHarness) -> Case {
    let made = captured(harness).await?;
    let again = take!(confirm(harness, &made).await?, PaymentOutcome::Captured(payment) => payment);
    ensure!(again == made, "made {made:?}, confirmed {again:?}");
    Ok(())
}

async fn confirm_before_the_payer_acted(harness: &PaymentHarness) -> Case {
    let (payment, _) = waiting(harness, CaptureMode::Automatic).await?;
    let outcome = confirm(harness, &payment).await?;
    let payment = take!(outcome, PaymentOutcome::RequiresAction(payment, _) => payment);
    ensure!(payment.captured.is_zero(), "captured {}", payment.captured);
    Ok(())
}

async fn confirm_after_the_payer_acted(harness: &PaymentHarness) -> Case {
    let (payment, action) = waiting(harness, CaptureMode::Automatic).await?;
    payer_acts(harness, &action, true).await?;
    for _ in 0..2 {
        let outcome = confirm(harness, &payment).await?;
        let paid = take!(outcome, PaymentOutcome::Captured(payment) => payment);
        ensure!(
            paid.id == payment.id,
            "began {}, paid {}",
            payment.id,
            paid.id
        );
        ensure!(
            paid.captured == harness.amount,
            "captured {}",
            paid.captured
        );
    }
    Ok(())
}

async fn confirm_authorizes_what_is_manual(harness: &PaymentHarness) -> Case {
    let (payment, action) = waiting(harness, CaptureMode::Manual).await?;
    payer_acts(harness, &action, true).await?;
    let outcome = confirm(harness, &payment).await?;
    let payment = take!(outcome, PaymentOutcome::Authorized(payment) => payment);
    ensure!(payment.captured.is_zero(), "captured {}", payment.captured);
    ensure!(
        payment.capturable == harness.amount,
        "capturable {}",
        payment.capturable
    );
    Ok(())
}

async fn confirm_after_the_payer_refused(harness: &PaymentHarness) -> Case {
    let (payment, action) = waiting(harness, CaptureMode::Automatic).await?;
    payer_acts(harness, &action, false).await?;
    let outcome = confirm(harness, &payment).await?;
    ensure!(
        matches!(
            outcome,
            PaymentOutcome::Declined(..) | PaymentOutcome::RequiresAction(..)
        ),
        "the payer refused, and the outcome is {outcome:?}"
    );
    let seen = harness.provider.payment(&payment.id).await?;
    ensure!(seen.captured.is_zero(), "captured {}", seen.captured);
    Ok(())
}
