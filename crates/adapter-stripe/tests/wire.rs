//! What the adapter makes of the vendor's answers: documented bodies, refusals, and answers that cannot be.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    payment::{
        CancelPayment, CapturePayment, CustomerRequest, DeclineCode, DeclineGroup, GetPayment,
        GetRefund, ListPayments, NextAction, PayerPresence, PaymentOutcome, PaymentProvider,
        PaymentStatus, RefundFailure, RefundPayment, RefundStatus, RemoveSource, SaveSource,
        SaveSourceOutcome, SourceDetails,
    },
    values::Metadata,
};
use serde_json::{Value, json};
use support::{Reply, Vendor, changed, id, intent, key, money, payment, pounds};

const PI: &str = "pi_1F2MB5AWOtgoysogCMt8BaxR";
const MISMATCH: Kind = Kind::Protocol(ProtocolReason::Mismatch);

async fn create(reply: Reply) -> Result<PaymentOutcome, Error> {
    Vendor::answering([reply])
        .await
        .provider()
        .create(payment())
        .await
}

async fn capture(reply: Reply, amount: Option<&str>) -> Result<PaymentOutcome, Error> {
    let mut request = CapturePayment::new(id(PI), key("c-1"));
    request.amount = amount.map(|amount| money(amount, "GBP"));
    Vendor::answering([reply])
        .await
        .provider()
        .capture(request)
        .await
}

async fn cancel(reply: Reply) -> Result<PaymentOutcome, Error> {
    let request = CancelPayment::new(id(PI), key("x-1"));
    Vendor::answering([reply])
        .await
        .provider()
        .cancel(request)
        .await
}

async fn status(changes: &Value) -> PaymentStatus {
    let vendor = Vendor::answering([Reply::ok(&intent(changes))]).await;
    let request = GetPayment::new(id(PI));
    vendor.provider().get(request).await.unwrap().status
}

#[tokio::test]
async fn a_payment_is_read_whole() {
    let vendor = Vendor::answering([Reply::fixture("200_payment_intent")]).await;
    let seen = vendor
        .provider()
        .get(GetPayment::new(id(PI)))
        .await
        .unwrap();
    assert_eq!(seen.id, id(PI));
    assert_eq!(seen.status, PaymentStatus::Captured);
    assert_eq!((seen.amount, seen.captured), (pounds(), pounds()));
    assert!(seen.capturable.is_zero());
    assert_eq!(seen.refunded, None);
    assert_eq!(seen.customer, Some(id("cus_1")));
    assert_eq!(seen.source, Some(id("pm_1")));
    assert_eq!(seen.reference.as_deref(), Some("order-1"));
    assert_eq!(seen.metadata, Metadata::new().with("note", "blue").unwrap());
    assert_eq!(seen.created_at.unwrap().as_second(), 1_767_225_600);
    assert!(!seen.live);
}

#[tokio::test]
async fn expanded_objects_are_read_as_well_as_ids() {
    let expanded = intent(&json!({
        "customer": {"id": "cus_1", "object": "customer"},
        "payment_method": {"id": "pm_1", "object": "payment_method"},
        "latest_charge": {"id": "ch_1", "object": "charge", "amount_refunded": 1020},
    }));
    let vendor = Vendor::answering([Reply::ok(&expanded)]).await;
    let seen = vendor
        .provider()
        .get(GetPayment::new(id(PI)))
        .await
        .unwrap();
    assert_eq!(
        (seen.customer, seen.source),
        (Some(id("cus_1")), Some(id("pm_1")))
    );
    assert_eq!(seen.refunded, Some(money("10.20", "GBP")));
}

#[tokio::test]
async fn statuses_are_mapped_as_the_fact_sheet_says() {
    use PaymentStatus as S;
    let rest = json!({"amount_received": 0});
    let with = |changes: Value| {
        let mut all = rest.clone();
        for (field, value) in changes.as_object().unwrap() {
            all[field] = value.clone();
        }
        all
    };
    for (changes, expected) in [
        (
            json!({"status": "requires_payment_method"}),
            S::RequiresSource,
        ),
        (
            json!({"status": "requires_confirmation"}),
            S::RequiresConfirmation,
        ),
        (json!({"status": "processing"}), S::Processing),
        (
            json!({"status": "requires_capture", "amount_capturable": 2020}),
            S::Authorized,
        ),
        (
            json!({"status": "requires_capture", "amount_capturable": 1020, "amount_received": 1000}),
            S::PartiallyCaptured,
        ),
        (
            json!({"status": "succeeded", "amount_received": 2020}),
            S::Captured,
        ),
        (
            json!({"status": "succeeded", "amount_received": 1000}),
            S::PartiallyCaptured,
        ),
        (
            json!({"status": "canceled", "cancellation_reason": "abandoned"}),
            S::Cancelled,
        ),
        (
            json!({"status": "canceled", "cancellation_reason": "automatic"}),
            S::Expired,
        ),
        (
            json!({"status": "brand_new"}),
            S::Other("brand_new".to_owned()),
        ),
    ] {
        assert_eq!(status(&with(changes.clone())).await, expected, "{changes}");
    }
    let declined = with(json!({
        "status": "requires_payment_method",
        "last_payment_error": {"type": "card_error", "code": "expired_card"},
    }));
    let declined = status(&declined).await;
    assert!(matches!(declined, S::Declined(decline) if decline.code == DeclineCode::Expired));
}

#[tokio::test]
async fn the_payer_is_sent_to_a_page_or_given_a_secret() {
    let redirect = json!({
        "status": "requires_action",
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds?t=1"}},
    });
    match status(&redirect).await {
        PaymentStatus::RequiresAction(NextAction::Redirect(url)) => {
            assert_eq!(url.expose(), "https://bank.example/3ds?t=1");
        }
        other => panic!("{other:?}"),
    }
    let sdk = json!({"status": "requires_action", "next_action": {"type": "use_stripe_sdk"}});
    let in_browser = status(&sdk).await;
    match &in_browser {
        PaymentStatus::RequiresAction(NextAction::ClientSecret(secret)) => {
            assert!(secret.0.expose().contains("_secret_"));
        }
        other => panic!("{other:?}"),
    }
    assert!(!format!("{in_browser:?}").contains("_secret_"));
}

#[tokio::test]
async fn a_decline_is_an_outcome_with_its_payment() {
    match create(Reply::fixture("402_card_declined")).await.unwrap() {
        PaymentOutcome::Declined(decline, Some(payment)) => {
            assert_eq!(decline.code, DeclineCode::Generic);
            assert_eq!(decline.vendor_code.as_deref(), Some("generic_decline"));
            assert_eq!(payment.id, id(PI));
            assert_eq!(payment.amount, pounds());
        }
        other => panic!("{other:?}"),
    }
    // Without its payment, and as a refusal of `error_on_requires_action`, which has no code.
    let bare = Reply::new(402, r#"{"error":{"type":"card_error","message":"m"}}"#);
    match create(bare).await.unwrap() {
        PaymentOutcome::Declined(decline, None) => assert_eq!(decline.code, DeclineCode::Generic),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn authentication_wanted_brings_an_absent_payer_back() {
    let reply = || Reply::fixture("402_authentication_required");
    let vendor = Vendor::answering([reply()]).await;
    let away = payment().with_presence(PayerPresence::OffSession);
    match vendor.provider().create(away).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::ReturnToSession) => {
            assert_eq!(payment.id, id(PI));
        }
        other => panic!("{other:?}"),
    }
    match create(reply()).await.unwrap() {
        PaymentOutcome::Declined(decline, Some(_)) => {
            assert_eq!(decline.group, DeclineGroup::Authenticate);
        }
        other => panic!("{other:?}"),
    }
}

/// An answer that was given but is not what was asked for.
fn assert_alarm<T: std::fmt::Debug>(result: Result<T, Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), &MISMATCH, "{error}");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.request_id(), Some("req_1"));
    assert_eq!(error.attempts(), 0, "made from the answer, not by the call");
}

#[tokio::test]
async fn another_amount_currency_mode_or_object_is_an_alarm() {
    for changes in [
        json!({"amount": 2021}),
        json!({"currency": "eur"}),
        json!({"livemode": true}),
    ] {
        let error = create(Reply::ok(&intent(&changes))).await;
        if let Err(error) = &error {
            assert_eq!(error.idempotency_key(), Some(&key("order-1")));
        }
        assert_alarm(error);
    }
    let declined = changed("402_card_declined", &json!({}));
    let text = declined.to_string().replace("2020", "1");
    assert_alarm(create(Reply::new(402, text)).await);
    assert_alarm(capture(Reply::ok(&intent(&json!({}))), Some("10")).await);
    for changes in [
        json!({"amount": 1}),
        json!({"currency": "usd"}),
        json!({"payment_intent": "pi_2"}),
    ] {
        let vendor = Vendor::answering([Reply::ok(&changed("200_refund", &changes))]).await;
        let request = RefundPayment::new(id(PI), key("r-1")).with_amount(pounds());
        assert_alarm(vendor.provider().refund(request).await);
    }
    let live = changed("200_customer", &json!({"livemode": true}));
    let vendor = Vendor::answering([Reply::ok(&live)]).await;
    let request = CustomerRequest::new("user-1");
    assert_alarm(vendor.provider().get_or_create_customer(request).await);
}

#[tokio::test]
async fn an_accepted_call_with_an_odd_answer_is_not_unsent() {
    for reply in [
        Reply::new(200, "<html>"),
        Reply::new(200, "{}"),
        Reply::ok(&intent(&json!({"amount": -1}))),
        Reply::ok(&intent(&json!({"currency": "?"}))),
        Reply::ok(&intent(&json!({"id": ""}))),
    ] {
        let error = create(reply.clone()).await.unwrap_err();
        let bad = Kind::Protocol(ProtocolReason::BadBody);
        assert_eq!(error.kind(), &bad, "{reply:?}");
        assert_eq!(error.delivery(), Delivery::Answered, "{reply:?}");
    }
}

#[tokio::test]
async fn what_is_captured_already_is_a_success_if_the_amounts_agree() {
    let refused = || Reply::fixture("400_unexpected_state");
    for amount in [None, Some("20.20")] {
        let outcome = capture(refused(), amount).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Captured(_)),
            "{outcome:?}"
        );
    }
    let error = capture(refused(), Some("10")).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
    let code = "payment_intent_unexpected_state";
    assert_eq!(error.vendor_code(), Some(code));
    assert_eq!(error.delivery(), Delivery::Answered);
    // Without the payment in the error it is looked up.
    let vendor = Vendor::answering([
        Reply::error(400, "invalid_request_error", "charge_already_captured"),
        Reply::fixture("200_payment_intent"),
    ])
    .await;
    let request = CapturePayment::new(id(PI), key("c-1"));
    let outcome = vendor.provider().capture(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn what_is_cancelled_already_is_a_success_and_what_is_captured_a_conflict() {
    let mut body = changed("400_unexpected_state", &json!({}));
    body["error"]["payment_intent"]["status"] = "canceled".into();
    let outcome = cancel(Reply::new(400, body.to_string())).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Cancelled(_)),
        "{outcome:?}"
    );
    let error = cancel(Reply::fixture("400_unexpected_state"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
}

#[tokio::test]
async fn a_capture_may_be_declined_expired_or_still_be_worked_on() {
    let outcome = capture(Reply::fixture("402_card_declined"), None)
        .await
        .unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Declined(..)),
        "{outcome:?}"
    );
    let expired = "capture_charge_authorization_expired";
    let error = capture(Reply::error(402, "card_error", expired), None)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some(expired))
    );
    let working = intent(&json!({"status": "processing", "amount_received": 0}));
    let outcome = capture(Reply::ok(&working), Some("10")).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Processing(_)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn refunds_are_read_and_their_refusals_named() {
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
        let vendor = Vendor::answering([Reply::ok(&changed("200_refund", &changes))]).await;
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
        let vendor = Vendor::answering([Reply::error(400, "invalid_request_error", code)]).await;
        let request = RefundPayment::new(id(PI), key("r-1"));
        let error = vendor.provider().refund(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_code()),
            (&Kind::Conflict, Some(code))
        );
    }
}

#[tokio::test]
async fn a_page_leads_to_the_next() {
    let page = |more| {
        let items = [json!({"id": "pi_2"}), json!({"id": "pi_1"})].map(|change| intent(&change));
        Reply::ok(&json!({"object": "list", "data": items, "has_more": more}))
    };
    let vendor = Vendor::answering([page(true), page(false)]).await;
    let provider = vendor.provider();
    let first = provider.list(ListPayments::new()).await.unwrap();
    assert_eq!(first.next.as_ref().unwrap().as_str(), "pi_1");
    assert_eq!(first.items.len(), 2);
    let last = provider.list(ListPayments::new()).await.unwrap();
    assert_eq!(last.next, None);
}

#[tokio::test]
async fn saving_a_source_has_four_outcomes() {
    use SaveSourceOutcome as O;
    let method = changed("200_payment_method", &json!({}));
    let save = |replies: Vec<Reply>| async move {
        let vendor = Vendor::answering(replies).await;
        let request = SaveSource::new(id("cus_1"), key("s-1")).with_source(id("pm_1"));
        vendor.provider().save_source(request).await.unwrap()
    };
    let setup = |changes: Value| Reply::ok(&changed("200_setup_intent", &changes));
    for replies in [
        vec![setup(json!({"payment_method": method}))],
        vec![setup(json!({})), Reply::ok(&method)],
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
    for reply in [failed, Reply::fixture("402_authentication_required")] {
        match save(vec![reply]).await {
            O::Declined(decline) => assert_eq!(decline.code, DeclineCode::AuthenticationRequired),
            other => panic!("{other:?}"),
        }
    }
    let outcome = save(vec![setup(json!({"status": "processing"}))]).await;
    assert!(matches!(outcome, O::Processing), "{outcome:?}");
}

#[tokio::test]
async fn removing_a_source_twice_is_a_success() {
    let remove = |customer: Value| async move {
        let method = changed("200_payment_method", &json!({"customer": customer}));
        let replies = [Reply::fixture("400_not_attached"), Reply::ok(&method)];
        let vendor = Vendor::answering(replies).await;
        vendor
            .provider()
            .remove_source(RemoveSource::new(id("pm_1")))
            .await
    };
    remove(Value::Null).await.unwrap();
    let refused = remove("cus_1".into()).await.unwrap_err();
    assert_eq!(refused.kind(), &Kind::InvalidRequest);
}

fn customers(items: &[Value], more: bool) -> Reply {
    Reply::ok(&json!({"object": "list", "data": items, "has_more": more}))
}

fn ann() -> CustomerRequest {
    CustomerRequest::new("user-1").with_email("ann@example.com".parse().unwrap())
}

#[tokio::test]
async fn of_several_customers_with_our_reference_the_oldest_is_ours() {
    let one = |id: &str, created: i64, reference: &str| {
        let metadata = json!({"anyvendor_reference": reference});
        changed(
            "200_customer",
            &json!({"id": id, "created": created, "metadata": metadata}),
        )
    };
    let vendor = Vendor::answering([
        customers(
            &[one("cus_4", 40, "user-1"), one("cus_3", 10, "user-2")],
            true,
        ),
        customers(
            &[one("cus_2", 20, "user-1"), one("cus_1", 20, "user-1")],
            false,
        ),
    ])
    .await;
    let found = vendor
        .provider()
        .get_or_create_customer(ann())
        .await
        .unwrap();
    assert_eq!(found.id, id("cus_1"));
    assert_eq!(
        vendor.seen()[1].query,
        "email=ann%40example.com&limit=100&starting_after=cus_3"
    );
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn an_error_while_looking_is_not_nobody() {
    let vendor = Vendor::answering([Reply::error(403, "invalid_request_error", "")]).await;
    let error = vendor
        .provider()
        .get_or_create_customer(ann())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    assert_eq!(vendor.only().method, "GET");
}

#[tokio::test]
async fn a_customer_made_with_other_details_is_found() {
    let vendor = Vendor::answering([
        customers(&[], false),
        Reply::fixture("400_idempotency_error"),
        customers(&[changed("200_customer", &json!({}))], false),
    ])
    .await;
    let found = vendor
        .provider()
        .get_or_create_customer(ann())
        .await
        .unwrap();
    assert_eq!(found.id, id("cus_1"));
    let vendor = Vendor::answering([Reply::fixture("400_idempotency_error")]).await;
    let request = CustomerRequest::new("user-1");
    let error = vendor
        .provider()
        .get_or_create_customer(request)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::IdempotencyMismatch);
}

#[tokio::test]
async fn a_deleted_customer_is_not_found_and_another_is_made() {
    let customer = |id: &str| Reply::ok(&changed("200_customer", &json!({"id": id})));
    let deleted = json!({"id": "cus_1", "object": "customer", "deleted": true});
    let vendor = Vendor::answering([
        customers(&[], false),
        customer("cus_1").with("idempotent-replayed", "true"),
        Reply::ok(&deleted),
        customer("cus_2"),
    ])
    .await;
    let made = vendor
        .provider()
        .get_or_create_customer(ann())
        .await
        .unwrap();
    assert_eq!(made.id, id("cus_2"));
    let seen = vendor.seen();
    assert_eq!(seen[2].path, "/v1/customers/cus_1");
    assert_eq!(seen[3].key(), format!("{}-cus_1", seen[1].key()));
    assert_eq!(seen[3].body, seen[1].body);
}

/// How often create is sent when the vendor first answers so, and what comes out.
async fn tries(replies: Vec<Reply>) -> (usize, Result<PaymentOutcome, Error>) {
    let vendor = Vendor::answering(replies).await;
    let result = vendor.provider().create(payment()).await;
    let seen = vendor.seen();
    for again in &seen {
        assert_eq!((again.key(), &again.body), ("order-1", &seen[0].body));
    }
    (seen.len(), result)
}

#[tokio::test]
async fn what_may_be_repeated_is_repeated_under_the_same_key() {
    let error = |status, code| Reply::error(status, "invalid_request_error", code);
    for first in [
        Reply::fixture("409_key_in_use"),
        error(409, "some_other_conflict"),
        error(424, "external"),
        error(429, "lock_timeout"),
        error(429, "rate_limit").with("stripe-rate-limited-reason", "endpoint-rate"),
        error(502, ""),
        error(503, "").with("retry-after", "1"),
        error(500, "").with("stripe-should-retry", "true"),
    ] {
        let replies = vec![first.clone(), Reply::fixture("200_payment_intent")];
        let (count, result) = tries(replies).await;
        assert_eq!(count, 2, "{first:?}");
        result.unwrap();
    }
}

#[tokio::test]
async fn what_may_not_be_repeated_is_sent_once() {
    let error = |status, code| Reply::error(status, "invalid_request_error", code);
    for (first, kind, delivery) in [
        (error(500, ""), Kind::Unavailable, Delivery::Unknown),
        (
            error(503, "").with("stripe-should-retry", "false"),
            Kind::Unavailable,
            Delivery::Unknown,
        ),
        (
            Reply::fixture("409_key_in_use").with("stripe-should-retry", "false"),
            Kind::IdempotencyInFlight,
            Delivery::Unknown,
        ),
        (
            error(400, "parameter_unknown"),
            Kind::InvalidRequest,
            Delivery::Answered,
        ),
        (error(401, ""), Kind::Unauthenticated, Delivery::Answered),
        (error(403, ""), Kind::PermissionDenied, Delivery::Answered),
        (
            Reply::fixture("400_idempotency_error"),
            Kind::IdempotencyMismatch,
            Delivery::Answered,
        ),
    ] {
        let (count, result) =
            tries(vec![first.clone(), Reply::fixture("200_payment_intent")]).await;
        let error = result.unwrap_err();
        assert_eq!(
            (count, error.kind(), error.delivery()),
            (1, &kind, delivery),
            "{first:?}"
        );
        assert_eq!(error.idempotency_key(), Some(&key("order-1")));
    }
    let (count, result) = tries(vec![Reply::fixture("402_card_declined")]).await;
    assert_eq!(count, 1);
    assert!(matches!(result.unwrap(), PaymentOutcome::Declined(..)));
}
