//! Declines, authentication and saved sources: what depends on the payer.

use anyvendor_core::payment::{
    CreatePayment, CustomerRequest, DeclineCode, DeclineGroup, FutureUse, GetPayment, ListSources,
    NextAction, PayerPresence, PaymentOutcome, PaymentProvider, PaymentStatus, SaveSource,
    SaveSourceOutcome,
};

use crate::{
    setup::{captured, dollars, open, pay, start},
    support::{id, key},
};

#[tokio::test]
async fn magic_cards_are_declined_with_neutral_codes() {
    use DeclineCode as C;
    use DeclineGroup as G;
    let (sandbox, provider) = start().await;
    let cards = [
        ("pm_card_visa_chargeDeclined", C::Generic, G::Soft),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            C::InsufficientFunds,
            G::Soft,
        ),
        ("pm_card_visa_chargeDeclinedLostCard", C::LostCard, G::Hard),
        (
            "pm_card_visa_chargeDeclinedStolenCard",
            C::StolenCard,
            G::Hard,
        ),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            C::LimitExceeded,
            G::Soft,
        ),
        ("pm_card_chargeDeclinedExpiredCard", C::Expired, G::FixData),
        (
            "pm_card_chargeDeclinedIncorrectCvc",
            C::IncorrectSecurityCode,
            G::FixData,
        ),
        (
            "pm_card_chargeDeclinedProcessingError",
            C::TryAgainLater,
            G::Soft,
        ),
        ("pm_card_radarBlock", C::Fraudulent, G::Hard),
    ];
    for (card, code, group) in cards.clone() {
        match provider.create(pay(card)).await.unwrap() {
            PaymentOutcome::Declined(decline, Some(payment)) => {
                assert_eq!((decline.code, decline.group), (code, group), "{card}");
                assert!(payment.captured.is_zero());
                let seen = provider.get(GetPayment::new(payment.id)).await.unwrap();
                assert!(
                    matches!(seen.status, PaymentStatus::Declined(_)),
                    "{seen:?}"
                );
            }
            other => panic!("{card}: {other:?}"),
        }
    }
    assert_eq!(
        sandbox.requests().len(),
        2 * cards.len(),
        "nothing was tried again"
    );
}

#[tokio::test]
async fn a_payer_in_session_authenticates_and_pays() {
    let (sandbox, provider) = start().await;
    let back = "https://shop.example/back".parse().unwrap();
    let request = pay("pm_card_threeDSecure2Required").with_return_url(back);
    let (payment, page) = match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => (payment, page),
        other => panic!("{other:?}"),
    };
    assert!(payment.captured.is_zero());
    open(page.expose()).await;
    let seen = provider.get(GetPayment::new(payment.id)).await.unwrap();
    assert_eq!(
        (seen.status, seen.captured),
        (PaymentStatus::Captured, dollars())
    );

    let request = pay("pm_card_authenticationRequired");
    match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(_, NextAction::ClientSecret(_)) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn failing_to_authenticate_is_a_decline() {
    let (_sandbox, provider) = start().await;
    let back = "https://shop.example/back".parse().unwrap();
    let request = pay("pm_card_authenticationRequired").with_return_url(back);
    let (payment, page) = match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => (payment, page),
        other => panic!("{other:?}"),
    };
    open(&format!("{}?outcome=fail", page.expose())).await;
    let seen = provider.get(GetPayment::new(payment.id)).await.unwrap();
    match seen.status {
        PaymentStatus::Declined(decline) => {
            assert_eq!(decline.code, DeclineCode::AuthenticationRequired);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_source_saved_by_a_payment_pays_while_the_payer_is_away() {
    let (_sandbox, provider) = start().await;
    let request = CustomerRequest::new("user-1");
    let customer = provider.get_or_create_customer(request).await.unwrap().id;
    let first = pay("pm_card_visa")
        .with_customer(customer.clone())
        .with_save_source(FutureUse::OffSession);
    let first = captured(&provider, first).await;
    let sources = provider
        .list_sources(ListSources::new(customer.clone()))
        .await
        .unwrap();
    let source = sources.items[0].id.clone();
    assert_eq!(first.source.as_ref(), Some(&source));
    let again = CreatePayment::new(dollars(), key("again"))
        .with_customer(customer)
        .with_source(source)
        .with_presence(PayerPresence::OffSession);
    captured(&provider, again).await;
}

#[tokio::test]
async fn saving_a_declined_source_is_an_outcome() {
    let (_sandbox, provider) = start().await;
    let request = CustomerRequest::new("user-1");
    let customer = provider.get_or_create_customer(request).await.unwrap().id;
    let source = id("pm_card_visa_chargeDeclined");
    let request = SaveSource::new(customer, key("s-1")).with_source(source);
    match provider.save_source(request).await.unwrap() {
        SaveSourceOutcome::Declined(decline) => assert_eq!(decline.code, DeclineCode::Generic),
        other => panic!("{other:?}"),
    }
}
