//! Refunds and saved sources in the documented bodies.

use anyvendor_core::{
    Kind,
    payment::{
        DeclineCode, GetRefund, NextAction, PaymentProvider, RefundFailure, RefundPayment,
        RefundStatus, RemoveSource, SaveSource, SaveSourceOutcome, SourceDetails,
    },
};
use serde_json::{Value, json};

use crate::{
    calls::PI,
    support::{Step, Vendor, changed, fixture, id, key, ok, pounds, vendor_error},
};

#[tokio::test]
async fn refunds_are_read_and_rejected_refunds_keep_the_vendors_code() {
    for (changes, expected) in [
        (json!({}), RefundStatus::Succeeded),
        (json!({"status": "pending"}), RefundStatus::Pending),
        (
            json!({"status": "requires_action"}),
            RefundStatus::RequiresAction,
        ),
        (json!({"status": "canceled"}), RefundStatus::Cancelled),
        (
            json!({"status": "brand_new"}),
            RefundStatus::Other("brand_new".to_owned()),
        ),
        (
            json!({"status": "failed", "failure_reason": "lost_or_stolen_card"}),
            RefundStatus::Failed(RefundFailure::LostOrStolen),
        ),
        (
            json!({"status": "failed", "failure_reason": "brand_new"}),
            RefundStatus::Failed(RefundFailure::Other("brand_new".to_owned())),
        ),
    ] {
        let vendor = Vendor::scripted([ok(&changed("200_refund", &changes))]).await;
        let request = GetRefund::new(id("re_1"));
        let refund = vendor.provider().get_refund(request).await.unwrap();
        assert_eq!(refund.status, expected);
        assert_eq!((refund.amount, refund.payment), (pounds(), Some(id(PI))));
    }
    for code in [
        "charge_already_refunded",
        "charge_disputed",
        "balance_insufficient",
    ] {
        let vendor = Vendor::scripted([vendor_error(400, "invalid_request_error", code)]).await;
        let request = RefundPayment::new(id(PI), key("r-1"));
        let error = vendor.provider().refund(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_code()),
            (&Kind::Conflict, Some(code))
        );
    }
}

#[tokio::test]
async fn saving_a_source_has_four_outcomes() {
    use SaveSourceOutcome as O;
    let method = changed("200_payment_method", &json!({}));
    let save = |replies: Vec<Step>| async move {
        let vendor = Vendor::scripted(replies).await;
        let request = SaveSource::new(id("cus_1"), key("s-1")).with_source(id("pm_1"));
        vendor.provider().save_source(request).await.unwrap()
    };
    let setup = |changes: Value| ok(&changed("200_setup_intent", &changes));
    for replies in [
        vec![setup(json!({"payment_method": method}))],
        vec![setup(json!({})), ok(&method)],
    ] {
        match save(replies).await {
            O::Saved(saved) => {
                assert_eq!((saved.id, saved.customer), (id("pm_1"), Some(id("cus_1"))));
                let card = SourceDetails::Card {
                    brand: "visa".to_owned(),
                    last4: "4242".to_owned(),
                    expiry_month: 12,
                    expiry_year: 2030,
                };
                assert_eq!(saved.details, card);
            }
            other => panic!("{other:?}"),
        }
    }
    let action =
        setup(json!({"status": "requires_action", "next_action": {"type": "use_stripe_sdk"}}));
    let outcome = save(vec![action]).await;
    assert!(
        matches!(outcome, O::RequiresAction(_, NextAction::ClientSecret(_))),
        "{outcome:?}"
    );
    let error = json!({"type": "card_error", "code": "setup_intent_authentication_failure"});
    let failed = setup(json!({"status": "requires_payment_method", "last_setup_error": error}));
    for reply in [failed, fixture("402_authentication_required")] {
        match save(vec![reply]).await {
            O::Declined(decline) => assert_eq!(decline.code, DeclineCode::AuthenticationRequired),
            other => panic!("{other:?}"),
        }
    }
    let outcome = save(vec![setup(json!({"status": "processing"}))]).await;
    assert!(matches!(outcome, O::Processing(_)), "{outcome:?}");
}

#[tokio::test]
async fn removing_a_source_twice_is_a_success() {
    let remove = |customer: Value| async move {
        let method = changed("200_payment_method", &json!({"customer": customer}));
        let replies = [fixture("400_not_attached"), ok(&method)];
        let vendor = Vendor::scripted(replies).await;
        vendor
            .provider()
            .remove_source(RemoveSource::new(id("pm_1")))
            .await
    };
    remove(Value::Null).await.unwrap();
    let refused = remove("cus_1".into()).await.unwrap_err();
    assert_eq!(refused.kind(), &Kind::InvalidRequest);
}
