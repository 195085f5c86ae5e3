//! Payments on Stripe's emulator: cards, capture, cancel and refunds.

mod support;

use support::Lab;

const PATH: &str = "/v1/payment_intents";

#[tokio::test]
async fn a_good_card_is_charged_and_captured() {
    let lab = Lab::new().await;
    let paid = lab
        .pay(
            "pm_card_visa",
            &[("metadata[order]", "A-1"), ("expand[]", "latest_charge")],
        )
        .await;
    assert_eq!(paid.status, 200, "{}", paid.text);
    assert_eq!(paid.json["status"], "succeeded");
    assert_eq!(paid.json["amount_received"], 1000);
    assert_eq!(paid.json["livemode"], false);
    assert_eq!(paid.json["metadata"]["order"], "A-1");
    assert_eq!(paid.json["latest_charge"]["captured"], true);
    assert_eq!(
        paid.json["latest_charge"]["payment_method_details"]["card"]["last4"],
        "4242"
    );
    assert!(paid.header("request-id").unwrap().starts_with("req_"));
    assert_eq!(paid.header("stripe-version"), Some("2026-07-29.dahlia"));
    let charges = lab.sandbox.stripe().state().charges();
    assert_eq!(charges.len(), 1);
    assert_eq!((charges[0].amount_captured, charges[0].paid), (1000, true));
}

#[tokio::test]
async fn each_magic_card_declines_as_documented() {
    let lab = Lab::new().await;
    for (card, code, decline) in [
        (
            "pm_card_visa_chargeDeclined",
            "card_declined",
            "generic_decline",
        ),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        (
            "pm_card_visa_chargeDeclinedLostCard",
            "card_declined",
            "lost_card",
        ),
        (
            "pm_card_visa_chargeDeclinedStolenCard",
            "card_declined",
            "stolen_card",
        ),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "card_declined",
            "card_velocity_exceeded",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", ""),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", ""),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            "",
        ),
        (
            "pm_card_chargeCustomerFail",
            "card_declined",
            "generic_decline",
        ),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
    ] {
        let response = lab.pay(card, &[]).await;
        assert_eq!((response.status, response.code()), (402, code), "{card}");
        let error = &response.json["error"];
        assert_eq!(error["type"], "card_error");
        assert_eq!(
            error["decline_code"].as_str().unwrap_or(""),
            decline,
            "{card}"
        );
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        assert_eq!(error["payment_intent"]["last_payment_error"]["code"], code);
        assert_eq!(error["payment_intent"]["latest_charge"], error["charge"]);
        assert!(error["payment_intent"]["payment_method"].is_null());
    }
    assert!(
        lab.sandbox
            .stripe()
            .state()
            .charges()
            .iter()
            .all(|c| !c.paid)
    );
}

#[tokio::test]
async fn numbers_and_tokens_make_methods() {
    let lab = Lab::new().await;
    for (fields, code) in [
        (["4242424242424242", "12", "2030", "123"], ""),
        (
            ["4242424242424241", "12", "2030", "123"],
            "incorrect_number",
        ),
        (
            ["4242424242424242", "13", "2030", "123"],
            "invalid_expiry_month",
        ),
        (
            ["4242424242424242", "12", "95", "123"],
            "invalid_expiry_year",
        ),
        (["4242424242424242", "12", "2030", "99"], "invalid_cvc"),
        (["4539578763621486", "12", "2030", "123"], "card_declined"),
    ] {
        let names = [
            "card[number]",
            "card[exp_month]",
            "card[exp_year]",
            "card[cvc]",
        ];
        let mut form = vec![("type", "card")];
        form.extend(names.into_iter().zip(fields));
        let response = lab.post("/v1/payment_methods", &form).await;
        let expected = if code.is_empty() { 200 } else { 402 };
        assert_eq!((response.status, response.code()), (expected, code));
    }
    let form = [("type", "card"), ("card[token]", "tok_chargeDeclined")];
    let method = lab.post("/v1/payment_methods", &form).await;
    assert_eq!(lab.pay(&method.id(), &[]).await.code(), "card_declined");
}

#[tokio::test]
async fn a_partial_capture_releases_the_rest() {
    let lab = Lab::new().await;
    let held = lab
        .pay("pm_card_visa", &[("capture_method", "manual")])
        .await;
    assert_eq!(held.json["status"], "requires_capture");
    assert_eq!(held.json["amount_capturable"], 1000);
    let path = format!("{PATH}/{}/capture", held.id());
    let over = lab.post(&path, &[("amount_to_capture", "1001")]).await;
    assert_eq!(over.code(), "amount_too_large");
    let more = lab.post(&path, &[("final_capture", "false")]).await;
    assert_eq!(more.status, 400);
    let captured = lab.post(&path, &[("amount_to_capture", "700")]).await;
    assert_eq!(captured.json["status"], "succeeded");
    assert_eq!(captured.json["amount_received"], 700);
    assert_eq!(captured.json["amount_capturable"], 0);
    let charge = &lab.sandbox.stripe().state().charges()[0];
    assert_eq!(
        (
            charge.amount_captured,
            charge.amount_released,
            charge.amount_refunded
        ),
        (700, 300, 0)
    );
    let again = lab.post(&path, &[]).await;
    assert_eq!(again.code(), "payment_intent_unexpected_state");
    assert_eq!(again.json["error"]["payment_intent"]["status"], "succeeded");
}

#[tokio::test]
async fn multicapture_captures_in_steps() {
    let lab = Lab::new().await;
    let held = lab
        .pay(
            "pm_card_visa",
            &[
                ("capture_method", "manual"),
                (
                    "payment_method_options[card][request_multicapture]",
                    "if_available",
                ),
            ],
        )
        .await;
    let path = format!("{PATH}/{}/capture", held.id());
    let form = [("amount_to_capture", "400"), ("final_capture", "false")];
    let first = lab.post(&path, &form).await;
    assert_eq!(first.json["status"], "requires_capture");
    assert_eq!(first.json["amount_capturable"], 600);
    assert_eq!(lab.post(&path, &[]).await.json["amount_received"], 1000);
}

#[tokio::test]
async fn cancel_only_from_the_documented_states() {
    let lab = Lab::new().await;
    let held = lab
        .pay("pm_card_visa", &[("capture_method", "manual")])
        .await;
    let path = format!("{PATH}/{}/cancel", held.id());
    let form = [("cancellation_reason", "requested_by_customer")];
    let gone = lab.post(&path, &form).await;
    assert_eq!(gone.json["status"], "canceled");
    assert_eq!(gone.json["cancellation_reason"], "requested_by_customer");
    assert_eq!(
        lab.post(&path, &[]).await.code(),
        "payment_intent_unexpected_state"
    );
    let done = lab.pay("pm_card_visa", &[]).await;
    let refused = lab.post(&format!("{PATH}/{}/cancel", done.id()), &[]).await;
    assert_eq!(
        refused.message(),
        "You cannot cancel this PaymentIntent because it has a status of succeeded. Only a PaymentIntent with one of \
         the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, \
         requires_action."
    );
}

#[tokio::test]
async fn refunds_repeat_until_all_is_refunded() {
    let lab = Lab::new().await;
    let intent = lab.pay("pm_card_visa", &[]).await.id();
    let refund = async |amount: &str| {
        let form = [("payment_intent", intent.as_str()), ("amount", amount)];
        lab.post("/v1/refunds", &form).await
    };
    assert_eq!(refund("400").await.json["status"], "succeeded");
    let over = refund("601").await;
    assert_eq!(
        over.message(),
        "Refund amount ($6.01 usd) is greater than unrefunded amount on charge ($6.00 usd)"
    );
    assert_eq!(refund("600").await.status, 200);
    assert_eq!(refund("1").await.code(), "charge_already_refunded");
    let list = lab
        .get("/v1/refunds", &[("payment_intent", intent.as_str())])
        .await;
    assert_eq!(list.json["data"].as_array().unwrap().len(), 2);
    let charge = &lab.sandbox.stripe().state().charges()[0];
    assert_eq!(charge.amount_refunded, 1000);
    let shown = lab.get(&format!("/v1/charges/{}", charge.id), &[]).await;
    assert_eq!(shown.json["refunded"], true);
}

#[tokio::test]
async fn refunds_of_the_magic_cards_settle_when_they_are_read() {
    let lab = Lab::new().await;
    for (card, first, then, back) in [
        ("pm_card_pendingRefund", "pending", "succeeded", 1000),
        ("pm_card_refundFail", "succeeded", "failed", 0),
    ] {
        let intent = lab.pay(card, &[]).await.id();
        let form = [("payment_intent", intent.as_str())];
        let refund = lab.post("/v1/refunds", &form).await;
        assert_eq!(refund.json["status"], first);
        let path = format!("/v1/refunds/{}", refund.id());
        assert_eq!(lab.get(&path, &[]).await.json["status"], then);
        assert_eq!(lab.get(&path, &[]).await.json["status"], then);
        let charges = lab.sandbox.stripe().state().charges();
        assert_eq!(charges.last().unwrap().amount_refunded, back, "{card}");
    }
}

#[tokio::test]
async fn an_uncaptured_payment_is_not_refunded() {
    let lab = Lab::new().await;
    let held = lab
        .pay("pm_card_visa", &[("capture_method", "manual")])
        .await;
    let form = [("payment_intent", held.json["id"].as_str().unwrap())];
    assert_eq!(lab.post("/v1/refunds", &form).await.status, 400);
    let none = lab.post("/v1/refunds", &[]).await;
    assert_eq!(none.status, 400);
    let missing = lab
        .post("/v1/refunds", &[("payment_intent", "pi_no")])
        .await;
    assert_eq!(missing.code(), "resource_missing");
}
