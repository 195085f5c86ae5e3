//! Saved sources: what the request says about the payer's page, and 3-D Secure.

use anyvendor_adapter_paypal::{CardVerification, PayPalOptions, ShippingPreference};
use anyvendor_core::{
    Delivery, Kind,
    payment::{
        ConfirmPayment, CreatePayment, DeclineCode, FutureUse, NextAction, PayerPresence, Payment,
        PaymentOutcome, PaymentProvider, PaymentSource, PaymentStatus,
    },
    values::VendorId,
};
use serde_json::json;

use crate::{
    harness::{id, payer, saved_card, saved_card_of, saved_wallet},
    setup::{Setup, key, money, on_page, setup},
};

/// A test card whose owner has to authenticate.
const CHALLENGED: &str = "4868719460707704";

fn paying(name: &str, source: VendorId) -> CreatePayment {
    on_page(name).with_source(source)
}

/// A payment with a saved card whose owner has to authenticate, and the page where they do.
async fn challenged(setup: &Setup, name: &str) -> (Payment, url::Url) {
    let card = saved_card_of(&setup.sandbox, CHALLENGED, "Ada").await;
    match setup.paypal.create(paying(name, card)).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => {
            (payment, page.expose_url().clone())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f24_a_saved_card_brings_its_owner_back_to_the_shop() {
    let setup = setup().await;
    let (payment, page) = challenged(&setup, "order-1").await;
    let card = &setup.last_body()["payment_source"]["card"];
    assert_eq!(
        card["experience_context"],
        json!({"return_url": "https://shop.example/back?order=1", "cancel_url": "https://shop.example/gave-up"})
    );
    assert_eq!(
        card["attributes"],
        json!({"verification": {"method": "SCA_WHEN_REQUIRED"}})
    );
    assert!(setup.sandbox.paypal().state().captures().is_empty());
    let before = setup.confirm(&payment, "c-0").await.unwrap();
    assert!(
        matches!(before, PaymentOutcome::RequiresAction(..)),
        "{before:?}"
    );
    payer().act(&page, true).await;
    let paid = setup.confirm(&payment, "c-1").await.unwrap();
    assert!(matches!(paid, PaymentOutcome::Captured(_)), "{paid:?}");
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 1);
}

#[tokio::test]
async fn f24_an_owner_who_does_not_authenticate_is_not_charged() {
    let setup = setup().await;
    let card = saved_card_of(&setup.sandbox, CHALLENGED, "Ada").await;
    let (payment, page) = challenged(&setup, "order-1").await;
    payer().act(&page, false).await;
    let outcome = setup.confirm(&payment, "c-1").await.unwrap();
    let PaymentOutcome::Declined(decline, Some(seen)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(decline.code, DeclineCode::AuthenticationRequired);
    assert_eq!((&seen.id, seen.captured.is_zero()), (&payment.id, true));
    assert!(setup.sandbox.paypal().state().captures().is_empty());
    // They can try again, with the same card.
    let again = ConfirmPayment::new(payment.id.clone(), key("c-2")).with_source(card);
    let outcome = setup.paypal.confirm(again).await.unwrap();
    let PaymentOutcome::RequiresAction(_, NextAction::Redirect(page)) = outcome else {
        panic!("{outcome:?}");
    };
    payer().act(page.expose_url(), true).await;
    let paid = setup.confirm(&payment, "c-3").await.unwrap();
    assert!(matches!(paid, PaymentOutcome::Captured(_)), "{paid:?}");
}

#[tokio::test]
async fn f24_a_prepared_payment_asks_for_the_owner_when_it_is_confirmed() {
    let setup = setup().await;
    let card = saved_card_of(&setup.sandbox, CHALLENGED, "Ada").await;
    let prepared = CreatePayment::new(money("25.00", "EUR"), key("order-1")).with_confirm(false);
    let outcome = setup.paypal.create(prepared).await.unwrap();
    let PaymentOutcome::Incomplete(payment, _) = outcome else {
        panic!("{outcome:?}");
    };
    let request = ConfirmPayment::new(payment.id.clone(), key("c-1"))
        .with_source(card)
        .with_return_url("https://shop.example/back".parse().unwrap());
    let outcome = setup.paypal.confirm(request).await.unwrap();
    let PaymentOutcome::RequiresAction(waiting, NextAction::Redirect(page)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(waiting.id, payment.id);
    assert_eq!(
        setup.last_body()["payment_source"]["card"]["experience_context"],
        json!({"return_url": "https://shop.example/back", "cancel_url": "https://shop.example/back"})
    );
    payer().act(page.expose_url(), true).await;
    let paid = setup.confirm(&payment, "c-2").await.unwrap();
    assert!(matches!(paid, PaymentOutcome::Captured(_)), "{paid:?}");
}

#[tokio::test]
async fn f24_a_prepared_payment_can_be_approved_on_the_page() {
    let setup = setup().await;
    let options = PayPalOptions::new().with_locale("de-DE");
    let request = on_page("order-1")
        .with_confirm(false)
        .with_extension(options);
    let outcome = setup.paypal.create(request).await.unwrap();
    let PaymentOutcome::Incomplete(payment, NextAction::HostedPage(page)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(payment.status, PaymentStatus::RequiresSource);
    assert_eq!(
        setup.last_body()["application_context"],
        json!({"return_url": "https://shop.example/back?order=1", "cancel_url": "https://shop.example/gave-up",
            "shipping_preference": "NO_SHIPPING", "user_action": "PAY_NOW", "locale": "de-DE"})
    );
    payer().act(page.expose_url(), true).await;
    let paid = setup.confirm(&payment, "c-1").await.unwrap();
    assert!(matches!(paid, PaymentOutcome::Captured(_)), "{paid:?}");
}

#[tokio::test]
async fn f24_options_reach_every_source_that_can_express_them() {
    let setup = setup().await;
    let wallet = saved_wallet(&setup.paypal).await;
    let options = PayPalOptions::new()
        .with_locale("de-DE")
        .with_shipping_preference(ShippingPreference::GetFromFile);
    let request = paying("order-1", wallet.clone()).with_extension(options);
    let outcome = setup.paypal.create(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(
        setup.last_body()["payment_source"]["paypal"]["experience_context"],
        json!({"return_url": "https://shop.example/back?order=1", "cancel_url": "https://shop.example/gave-up",
            "shipping_preference": "GET_FROM_FILE", "user_action": "PAY_NOW", "locale": "de-DE"})
    );
    let card = saved_card(&setup.sandbox, "Ada").await;
    let always = PayPalOptions::new().with_card_verification(CardVerification::Always);
    let request = paying("order-2", card.clone()).with_extension(always);
    let outcome = setup.paypal.create(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::RequiresAction(..)),
        "{outcome:?}"
    );
    // The owner is away: nobody is asked.
    let away = saved_card_of(&setup.sandbox, CHALLENGED, "Ada").await;
    let request = CreatePayment::new(money("10.00", "EUR"), key("order-3"))
        .with_source(away)
        .with_presence(PayerPresence::OffSession);
    let outcome = setup.paypal.create(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    let sent = &setup.last_body()["payment_source"]["card"];
    assert_eq!(sent["stored_credential"]["payment_initiator"], "MERCHANT");
    assert!(sent.get("attributes").is_none());
}

#[tokio::test]
async fn f24_what_a_source_cannot_express_is_rejected_before_anything_is_sent() {
    let setup = setup().await;
    let plain = || CreatePayment::new(money("25.00", "EUR"), key("order-1"));
    let back = || -> url::Url { "https://shop.example/back".parse().unwrap() };
    let (card, wallet) = (|| id("card/8kk8451t"), || id("paypal/8kk8451t"));
    let locale = || PayPalOptions::new().with_locale("de-DE");
    let shipping =
        || PayPalOptions::new().with_shipping_preference(ShippingPreference::GetFromFile);
    let always = || PayPalOptions::new().with_card_verification(CardVerification::Always);
    let page = || {
        plain()
            .with_source(PaymentSource::VendorPage)
            .with_return_url(back())
    };
    for (request, field) in [
        (
            plain().with_source(card()).with_extension(locale()),
            "locale",
        ),
        (
            plain().with_source(card()).with_extension(shipping()),
            "shipping_preference",
        ),
        (
            plain().with_source(wallet()).with_extension(always()),
            "card_verification",
        ),
        (page().with_extension(always()), "card_verification"),
        (
            plain().with_confirm(false).with_extension(always()),
            "card_verification",
        ),
        (
            plain()
                .with_source(card())
                .with_presence(PayerPresence::OffSession)
                .with_extension(always()),
            "card_verification",
        ),
        (
            plain().with_source(card()).with_cancel_url(back()),
            "return_url",
        ),
        (
            plain().with_source(wallet()).with_cancel_url(back()),
            "return_url",
        ),
        (
            plain()
                .with_source(id("venmo/8kk8451t"))
                .with_return_url(back()),
            "return_url",
        ),
        (
            plain()
                .with_source(id("venmo/8kk8451t"))
                .with_extension(locale()),
            "locale",
        ),
        (
            plain()
                .with_source(card())
                .with_save_source(FutureUse::OffSession),
            "save_source",
        ),
        (page().with_description("d".repeat(128)), "description"),
        (
            page().with_statement_descriptor("s".repeat(23)),
            "statement_descriptor",
        ),
        (page().with_reference("r".repeat(128)), "reference"),
        (
            page().with_unique_reference("u".repeat(128)),
            "unique_reference",
        ),
        (
            page().with_extension(locale()).with_extension(7_u32),
            "extensions",
        ),
    ] {
        let shown = format!("{request:?}");
        let error = setup.paypal.create(request).await.unwrap_err();
        assert_eq!(error.field(), Some(field), "{shown}: {error}");
        assert!(
            matches!(error.kind(), Kind::InvalidRequest | Kind::Unsupported),
            "{error}"
        );
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    let confirm = ConfirmPayment::new(id("5O190127TN364715T"), key("c-1"));
    for (request, field) in [
        (confirm.clone().with_extension(locale()), "locale"),
        (
            confirm.clone().with_extension(always()),
            "card_verification",
        ),
        (confirm.clone().with_extension(7_u32), "extensions"),
        (
            confirm.with_source(card()).with_extension(locale()),
            "locale",
        ),
    ] {
        let error = setup.paypal.confirm(request).await.unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
    }
    assert!(setup.sandbox.requests().is_empty());
}
