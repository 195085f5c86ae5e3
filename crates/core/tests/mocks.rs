//! How an application tests its own code with a mocked provider: no network, no vendor, one response per call.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{
        CreatePayment, Decline, DeclineCode, DeclineGroup, MockPaymentProvider, NextAction,
        Payment, PaymentOutcome, PaymentProvider, PaymentSource, PaymentStatus,
    },
    values::{Currency, IdempotencyKey, Money, SensitiveUrl, VendorId},
};

/// What the shop does after a checkout.
#[derive(Debug, Clone, PartialEq)]
enum Next {
    /// Ship the order.
    Ship(VendorId),
    /// Keep the order and check later: the payment is authorized, in progress, or unknown.
    Wait,
    /// Send the payer to this page.
    SendTo(SensitiveUrl),
    /// Ask for another card.
    AskForAnother,
    /// Ask the payer to correct the card's data.
    AskToCorrect,
    /// Nothing was sent: offer to try again.
    Apologize,
}

/// The application's code under test. The key belongs to the order, so that a repeated call resolves an unknown outcome.
async fn checkout(provider: &dyn PaymentProvider, order: &str, card: VendorId) -> Next {
    let price = Money::from_minor(4_200, Currency::EUR).unwrap();
    let key = IdempotencyKey::new(format!("order-{order}")).unwrap();
    let request = CreatePayment::new(price, key)
        .with_reference(order.to_owned())
        .with_source(card);
    let mut result = provider.create(request.clone()).await;
    if result.as_ref().is_err_and(Error::is_unknown) {
        // The same request with the same key: never a second charge.
        result = provider.create(request).await;
    }
    match result {
        Ok(PaymentOutcome::Captured(payment)) => Next::Ship(payment.id),
        Ok(PaymentOutcome::Authorized(_) | PaymentOutcome::Processing(_)) => Next::Wait,
        Ok(PaymentOutcome::RequiresAction(_, NextAction::Redirect(page))) => Next::SendTo(page),
        Ok(PaymentOutcome::Declined(decline, _)) => match decline.group {
            DeclineGroup::FixData => Next::AskToCorrect,
            _ => Next::AskForAnother,
        },
        Ok(
            PaymentOutcome::RequiresAction(..)
            | PaymentOutcome::Incomplete(..)
            | PaymentOutcome::Cancelled(_),
        ) => Next::AskForAnother,
        Err(error) if error.is_unknown() => Next::Wait,
        Err(_) => Next::Apologize,
    }
}

fn id(text: &str) -> VendorId {
    VendorId::new("acme", text).unwrap()
}

fn payment(status: PaymentStatus) -> Payment {
    Payment::new(
        id("pay_1"),
        status,
        Money::from_minor(4_200, Currency::EUR).unwrap(),
    )
}

/// A provider that must be called exactly as often as there are responses, each time with the same request.
fn responding(responses: Vec<Result<PaymentOutcome, Error>>) -> MockPaymentProvider {
    let mut provider = MockPaymentProvider::new();
    let (count, mut responses) = (responses.len(), responses.into_iter());
    provider
        .expect_create()
        .times(count)
        .withf(|request| {
            request.idempotency_key.as_str() == "order-7"
                && request.amount.minor() == 4_200
                && request.source == Some(PaymentSource::from(id("card_1")))
        })
        .returning(move |_| responses.next().unwrap());
    provider
}

/// What the shop does; when it is dropped, the mock checks the number of calls.
async fn after(responses: Vec<Result<PaymentOutcome, Error>>) -> Next {
    checkout(&responding(responses), "7", id("card_1")).await
}

fn captured() -> Result<PaymentOutcome, Error> {
    Ok(payment(PaymentStatus::Captured).into())
}

fn lost() -> Result<PaymentOutcome, Error> {
    Err(Error::new(
        Kind::Unavailable,
        Delivery::Unknown,
        "the response was lost",
    ))
}

#[tokio::test]
async fn a_captured_payment_ships() {
    assert_eq!(after(vec![captured()]).await, Next::Ship(id("pay_1")));
    for status in [PaymentStatus::Authorized, PaymentStatus::Processing] {
        assert_eq!(after(vec![Ok(payment(status).into())]).await, Next::Wait);
    }
}

#[tokio::test]
async fn a_decline_is_not_an_error_and_says_what_to_ask_for() {
    for (code, next) in [
        (DeclineCode::InsufficientFunds, Next::AskForAnother),
        (DeclineCode::StolenCard, Next::AskForAnother),
        (DeclineCode::IncorrectSecurityCode, Next::AskToCorrect),
    ] {
        let declined = PaymentOutcome::Declined(Decline::new(code.clone()), None);
        assert_eq!(after(vec![Ok(declined)]).await, next, "{code}");
    }
}

#[tokio::test]
async fn an_action_sends_the_payer_to_the_bank() {
    let page = SensitiveUrl::new("https://bank.example/3ds?t=1".parse().unwrap());
    let action = NextAction::Redirect(page.clone());
    let waits = payment(PaymentStatus::RequiresAction(action));
    assert_eq!(after(vec![Ok(waits.into())]).await, Next::SendTo(page));
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_for_again_with_the_same_key() {
    assert_eq!(
        after(vec![lost(), captured()]).await,
        Next::Ship(id("pay_1"))
    );
    assert_eq!(after(vec![lost(), lost()]).await, Next::Wait);
}

#[tokio::test]
async fn what_was_not_sent_may_be_tried_again_by_the_payer() {
    let refused = Error::unsent(Kind::Overloaded, "too many calls are in flight");
    assert_eq!(after(vec![Err(refused)]).await, Next::Apologize);
}
