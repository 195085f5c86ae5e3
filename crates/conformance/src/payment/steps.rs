//! Steps that several cases share: a payment in each state, and what the payer does.

use anyvendor_core::{
    Error,
    payment::{CaptureMode, CreatePayment, NextAction, Payment, PaymentOutcome},
    values::IdempotencyKey,
};

use crate::{
    harness::{PayerAction, PaymentHarness},
    report::{CaseFailure, take},
};

/// A good payment under a fresh key.
pub(super) fn good(harness: &PaymentHarness) -> CreatePayment {
    CreatePayment::new(harness.amount, IdempotencyKey::random())
        .with_source(harness.good_source.clone())
        .with_return_url(harness.return_url.clone())
}

/// A payment that will wait for the payer, under a fresh key.
pub(super) fn with_action(harness: &PaymentHarness, capture: CaptureMode) -> CreatePayment {
    let mut request = good(harness).with_capture(capture);
    request.source = match &harness.action {
        Some(PayerAction::Source(source)) => Some(source.clone().into()),
        _ => None,
    };
    request
}

/// A payment that waits for the payer, and what they must do.
pub(super) async fn waiting(
    harness: &PaymentHarness,
    capture: CaptureMode,
) -> Result<(Payment, NextAction), CaseFailure> {
    waiting_for(harness, with_action(harness, capture)).await
}

/// The same for this request.
pub(super) async fn waiting_for(
    harness: &PaymentHarness,
    request: CreatePayment,
) -> Result<(Payment, NextAction), CaseFailure> {
    let outcome = harness.provider.create(request).await?;
    Ok(take!(outcome, PaymentOutcome::RequiresAction(payment, action) => (payment, action)))
}

/// Lets the payer act on the page that they were sent to.
pub(super) async fn payer_acts(
    harness: &PaymentHarness,
    action: &NextAction,
    agrees: bool,
) -> Result<(), CaseFailure> {
    let page = take!(action.page(), Some(page) => page);
    let page = page
        .expose()
        .parse()
        .map_err(|error| CaseFailure::new(format!("the page has no address: {error}")))?;
    match &harness.payer {
        Some(payer) => payer.act(&page, agrees).await,
        None => return Err(CaseFailure::new("the harness has no payer")),
    }
    Ok(())
}

pub(super) async fn captured(harness: &PaymentHarness) -> Result<Payment, CaseFailure> {
    let outcome = harness.provider.create(good(harness)).await?;
    Ok(take!(outcome, PaymentOutcome::Captured(payment) => payment))
}

pub(super) async fn authorized(harness: &PaymentHarness) -> Result<Payment, CaseFailure> {
    let request = good(harness).with_capture(CaptureMode::Manual);
    let outcome = harness.provider.create(request).await?;
    Ok(take!(outcome, PaymentOutcome::Authorized(payment) => payment))
}

/// The tenth part of the harness's amount, a whole number of units in every currency.
pub(super) fn tenth(
    harness: &PaymentHarness,
) -> Result<anyvendor_core::values::Money, CaseFailure> {
    let unit = 10_i64.saturating_pow(u32::from(harness.amount.currency().exponent()));
    let minor = harness.amount.minor() / 10 / unit * unit;
    Ok(anyvendor_core::values::Money::from_minor(
        minor,
        harness.amount.currency(),
    )?)
}

pub(super) fn key() -> IdempotencyKey {
    IdempotencyKey::random()
}

pub(super) fn unsupported<T: std::fmt::Debug>(result: Result<T, Error>) -> crate::report::Case {
    crate::report::expect_refused_unsent(result, &[anyvendor_core::Kind::Unsupported])
}
