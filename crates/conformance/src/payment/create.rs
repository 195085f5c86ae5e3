//! Creating payments: outcomes, keys, and what is refused before it is sent.

use anyvendor_core::{
    Kind,
    payment::{
        CaptureMode, ConfirmPayment, CreatePayment, CustomerRequest, FutureUse, ListSources,
        NextAction, PayerPresence, PaymentOutcome, PaymentSource,
    },
    values::{Metadata, Money, VendorId},
};
use futures_util::future::join_all;

use super::steps::{authorized, captured, good, key, payer_acts, tenth, waiting};
use crate::{
    harness::{PayerAction, PaymentHarness},
    report::{Case, Report, ensure, expect_kind, expect_refused_unsent, take},
};

pub(super) async fn run(harness: &PaymentHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    report
        .run("create_captures", create_captures(harness))
        .await;
    if capabilities.capture.manual {
        report
            .run(
                "create_manual_authorizes",
                create_manual_authorizes(harness),
            )
            .await;
    } else {
        report
            .run(
                "create_manual_is_unsupported",
                create_manual_is_unsupported(harness),
            )
            .await;
    }
    report
        .run(
            "create_declined_is_an_outcome",
            create_declined_is_an_outcome(harness),
        )
        .await;
    if harness.action.is_some() {
        report
            .run("create_requires_action", create_requires_action(harness))
            .await;
    }
    if let (Some(PayerAction::Source(source)), true) = (&harness.action, capabilities.off_session) {
        let case = create_off_session_requires_action(harness, source);
        report.run("create_off_session_requires_action", case).await;
    }
    report
        .run("create_same_key_twice", create_same_key_twice(harness))
        .await;
    report
        .run("create_same_key_at_once", create_same_key_at_once(harness))
        .await;
    report
        .run(
            "create_same_key_other_amount",
            create_same_key_other_amount(harness),
        )
        .await;
    report
        .run(
            "create_unconfirmed_is_incomplete",
            create_unconfirmed_is_incomplete(harness),
        )
        .await;
    report
        .run("create_zero_is_refused", create_zero_is_refused(harness))
        .await;
    report
        .run(
            "create_keeps_reference_and_metadata",
            create_keeps_reference_and_metadata(harness),
        )
        .await;
    if !capabilities.metadata {
        let case = create_metadata_is_unsupported(harness);
        report.run("create_metadata_is_unsupported", case).await;
    }
    let can_save = !capabilities.source.on_vendor_page || harness.payer.is_some();
    if capabilities.source.save_with_payment && capabilities.source.customers && can_save {
        report
            .run("create_saves_source", create_saves_source(harness))
            .await;
    }
}

async fn create_captures(harness: &PaymentHarness) -> Case {
    let payment = captured(harness).await?;
    ensure!(
        payment.amount == harness.amount,
        "amount is {}",
        payment.amount
    );
    ensure!(
        payment.captured == harness.amount,
        "captured is {}",
        payment.captured
    );
    ensure!(
        payment.capturable.is_zero(),
        "still capturable: {}",
        payment.capturable
    );
    ensure!(
        payment.id.vendor() == harness.provider.vendor(),
        "id is {}",
        payment.id
    );
    Ok(())
}

async fn create_manual_authorizes(harness: &PaymentHarness) -> Case {
    let payment = authorized(harness).await?;
    ensure!(
        payment.captured.is_zero(),
        "captured {} at once",
        payment.captured
    );
    ensure!(
        payment.capturable == harness.amount,
        "capturable is {}",
        payment.capturable
    );
    Ok(())
}

async fn create_manual_is_unsupported(harness: &PaymentHarness) -> Case {
    super::steps::unsupported(
        harness
            .provider
            .create(good(harness).with_capture(CaptureMode::Manual))
            .await,
    )
}

async fn create_declined_is_an_outcome(harness: &PaymentHarness) -> Case {
    ensure!(
        !harness.declined_sources.is_empty(),
        "the harness names no source that is refused"
    );
    for declined in &harness.declined_sources {
        let outcome = harness
            .provider
            .create(good(harness).with_source(declined.source.clone()))
            .await?;
        let decline = take!(outcome, PaymentOutcome::Declined(decline, _) => decline);
        ensure!(
            decline.code == declined.code,
            "{} gave {:?}",
            declined.source,
            decline.code
        );
    }
    Ok(())
}

async fn create_requires_action(harness: &PaymentHarness) -> Case {
    let (payment, action) = waiting(harness, CaptureMode::Automatic).await?;
    ensure!(
        payment.captured.is_zero(),
        "captured {} before the payer acted",
        payment.captured
    );
    ensure!(
        matches!(
            action,
            NextAction::Redirect(_) | NextAction::HostedPage(_) | NextAction::ClientSecret(_)
        ),
        "the payer has nothing to do: {action:?}"
    );
    Ok(())
}

async fn create_off_session_requires_action(harness: &PaymentHarness, source: &VendorId) -> Case {
    let request = CreatePayment::new(harness.amount, key())
        .with_source(source.clone())
        .with_presence(PayerPresence::OffSession);
    let outcome = harness.provider.create(request).await?;
    take!(outcome, PaymentOutcome::RequiresAction(_, NextAction::ReturnToSession) => ());
    Ok(())
}

async fn create_same_key_twice(harness: &PaymentHarness) -> Case {
    let request = good(harness);
    let first = harness.provider.create(request.clone()).await?;
    let second = harness.provider.create(request).await?;
    ensure!(
        first == second,
        "the second outcome differs: {first:?} and {second:?}"
    );
    Ok(())
}

async fn create_same_key_at_once(harness: &PaymentHarness) -> Case {
    let request = good(harness);
    let calls = (0..8).map(|_| harness.provider.create(request.clone()));
    let mut ids = std::collections::BTreeSet::new();
    for outcome in join_all(calls).await {
        match outcome {
            Ok(outcome) => {
                let payment = take!(outcome, PaymentOutcome::Captured(payment) => payment);
                ids.insert(payment.id);
            }
            // A vendor may report the first as still running for longer than the policy waits.
            Err(error) => ensure!(
                error.kind() == &Kind::IdempotencyInFlight,
                "unexpected error: {error}"
            ),
        }
    }
    ensure!(ids.len() == 1, "one key made {} payments", ids.len());
    Ok(())
}

async fn create_same_key_other_amount(harness: &PaymentHarness) -> Case {
    let request = good(harness);
    harness.provider.create(request.clone()).await?;
    let mut other = request;
    other.amount = tenth(harness)?;
    expect_kind(
        harness.provider.create(other).await,
        &[Kind::IdempotencyMismatch],
    )?;
    Ok(())
}

async fn create_unconfirmed_is_incomplete(harness: &PaymentHarness) -> Case {
    let outcome = harness
        .provider
        .create(good(harness).with_confirm(false))
        .await?;
    let payment = take!(outcome, PaymentOutcome::Incomplete(payment, _) => payment);
    ensure!(payment.captured.is_zero(), "captured {}", payment.captured);
    Ok(())
}

async fn create_zero_is_refused(harness: &PaymentHarness) -> Case {
    let mut request = good(harness);
    request.amount = Money::zero(harness.amount.currency());
    expect_refused_unsent(
        harness.provider.create(request).await,
        &[Kind::InvalidRequest],
    )
}

async fn create_keeps_reference_and_metadata(harness: &PaymentHarness) -> Case {
    let mut metadata = Metadata::default();
    if harness.provider.capabilities().metadata {
        metadata.insert("colour", "blue")?;
    }
    // A new reference: a vendor may accept only one payment for each.
    let reference = format!("order-{}", key());
    let request = good(harness)
        .with_reference(reference.clone())
        .with_metadata(metadata.clone());
    let outcome = harness.provider.create(request).await?;
    let payment = take!(outcome, PaymentOutcome::Captured(payment) => payment);
    ensure!(
        payment.reference.as_ref() == Some(&reference),
        "reference is {:?}",
        payment.reference
    );
    ensure!(
        payment.metadata == metadata,
        "metadata is {:?}",
        payment.metadata
    );
    Ok(())
}

async fn create_metadata_is_unsupported(harness: &PaymentHarness) -> Case {
    let mut metadata = Metadata::default();
    metadata.insert("colour", "blue")?;
    super::steps::unsupported(
        harness
            .provider
            .create(good(harness).with_metadata(metadata))
            .await,
    )
}

async fn create_saves_source(harness: &PaymentHarness) -> Case {
    let customer = harness
        .provider
        .get_or_create_customer(CustomerRequest::new(key().to_string()))
        .await?;
    let on_page = harness.provider.capabilities().source.on_vendor_page;
    let mut request = good(harness)
        .with_customer(customer.id.clone())
        .with_save_source(FutureUse::OffSession);
    if on_page {
        request.source = Some(PaymentSource::VendorPage);
    }
    let outcome = match harness.provider.create(request).await? {
        PaymentOutcome::RequiresAction(payment, action) => {
            payer_acts(harness, &action, true).await?;
            let request = ConfirmPayment::new(payment.id, key());
            harness.provider.confirm(request).await?
        }
        outcome => outcome,
    };
    let payment = take!(outcome, PaymentOutcome::Captured(payment) => payment);
    // A customer that was pending has the vendor's id from now on.
    let customer = payment.customer.unwrap_or(customer.id);
    let saved = harness
        .provider
        .list_sources(ListSources::new(customer.clone()))
        .await?;
    let Some(source) = saved.items.first() else {
        return Err(crate::CaseFailure::new("the source was not kept"));
    };
    let again = CreatePayment::new(harness.amount, key())
        .with_customer(customer)
        .with_source(source.id.clone())
        .with_presence(PayerPresence::OffSession);
    take!(harness.provider.create(again).await?, PaymentOutcome::Captured(_) => ());
    Ok(())
}
