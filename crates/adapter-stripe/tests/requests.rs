//! The requests that the adapter sends: method, path, form and headers of every call, and the requests that it rejects.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::num::NonZeroU32;

use anyvendor_adapter_stripe::{API_VERSION, StripeOptions};
use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{
        CancelPayment, CancelReason, CaptureMode, CapturePayment, CreatePayment, CustomerRequest,
        FutureUse, GetPayment, GetRefund, ListPayments, ListSources, PayerPresence,
        PaymentProvider, RefundPayment, RefundReason, RemoveSource, SaveSource,
    },
    values::{Cursor, Metadata, PageRequest, VendorId},
};
use serde_json::{Value, json};
use support::{Seen, Vendor, build, changed, id, intent, key, key_of, money, ok, payment, pounds};

const PI: &str = "pi_1F2MB5AWOtgoysogCMt8BaxR";

/// Asserts a POST to this path with this body, under this key and with the headers of every write.
fn assert_post(seen: &Seen, path: &str, key: &str, body: &str) {
    assert_eq!((seen.method.as_str(), seen.path()), ("POST", path));
    assert_eq!(seen.text(), body);
    assert_eq!(key_of(seen), key);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(seen.header("content-type"), Some(form));
    assert_eq!(
        seen.header("content-length"),
        Some(&*body.len().to_string())
    );
    assert_common(seen);
}

/// Asserts a GET of this path with this query and without a key.
fn assert_get(seen: &Seen, path: &str, query: &str) {
    assert_eq!((seen.method.as_str(), seen.path()), ("GET", path));
    assert_eq!(seen.query(), query);
    assert_eq!(seen.header("idempotency-key"), None);
    assert_eq!(seen.text(), "");
    assert_common(seen);
}

fn assert_common(seen: &Seen) {
    assert_eq!(seen.header("authorization"), Some("Bearer sk_test_key"));
    assert_eq!(seen.header("stripe-version"), Some(API_VERSION));
}

fn list(items: &[Value]) -> Value {
    json!({"object": "list", "data": items, "has_more": false})
}

#[tokio::test]
async fn create_on_session() {
    let vendor = Vendor::scripted([ok(&intent(&json!({})))]).await;
    let request = payment()
        .with_customer(id("cus_1"))
        .with_reference("order-1")
        .with_description("Zwölf Äpfel & mehr!")
        .with_statement_descriptor("SHOP")
        .with_receipt_email("ann+1@example.com".parse().unwrap())
        .with_return_url("https://shop.example/back?a=1&b=2".parse().unwrap())
        .with_save_source(FutureUse::OffSession)
        .with_metadata(Metadata::new().with("note", "blue").unwrap());
    vendor.provider().create(request).await.unwrap();
    let seen = vendor.only();
    assert_post(
        &seen,
        "/v1/payment_intents",
        "order-1",
        "amount=2020&currency=gbp&customer=cus_1&payment_method=pm_1&setup_future_usage=off_session\
         &description=Zw%C3%B6lf%20%C3%84pfel%20%26%20mehr%21&receipt_email=ann%2B1%40example.com\
         &statement_descriptor_suffix=SHOP&automatic_payment_methods[enabled]=true\
         &automatic_payment_methods[allow_redirects]=always&confirm=true\
         &return_url=https%3A%2F%2Fshop.example%2Fback%3Fa%3D1%26b%3D2&metadata[note]=blue\
         &metadata[anyvendor_reference]=order-1&expand[0]=latest_charge",
    );
    assert_eq!(seen.header("stripe-account"), None);
}

#[tokio::test]
async fn create_off_session_and_manual() {
    let response = intent(&json!({
        "status": "requires_capture", "amount_capturable": 2020, "amount_received": 0,
    }));
    let vendor = Vendor::scripted([ok(&response)]).await;
    let request = payment()
        .with_presence(PayerPresence::OffSession)
        .with_capture(CaptureMode::Manual);
    vendor.provider().create(request).await.unwrap();
    assert_post(
        &vendor.only(),
        "/v1/payment_intents",
        "order-1",
        "amount=2020&currency=gbp&payment_method=pm_1&capture_method=manual\
         &automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never&confirm=true\
         &off_session=true&expand[0]=latest_charge",
    );
}

#[tokio::test]
async fn create_without_a_source_only_prepares() {
    let response = intent(&json!({"status": "requires_payment_method", "amount_received": 0}));
    let vendor = Vendor::scripted([ok(&response)]).await;
    let request = CreatePayment::new(pounds(), key("order-1"));
    vendor.provider().create(request).await.unwrap();
    assert_post(
        &vendor.only(),
        "/v1/payment_intents",
        "order-1",
        "amount=2020&currency=gbp&automatic_payment_methods[enabled]=true\
         &automatic_payment_methods[allow_redirects]=always&expand[0]=latest_charge",
    );
}

#[tokio::test]
async fn options_of_a_request_take_precedence_over_the_connection() {
    let responses = [(); 2].map(|()| ok(&intent(&json!({}))));
    let vendor = Vendor::scripted(responses).await;
    let provider = build(vendor.config().with_account("acct_own"));
    let options = StripeOptions::new()
        .with_account("acct_other")
        .with_statement_descriptor_suffix("SPRING")
        .with_on_behalf_of("acct_3")
        .with_transfer_group("G1")
        .with_transfer_to("acct_4")
        .with_application_fee(money("1.50", "GBP"));
    provider.create(payment()).await.unwrap();
    provider
        .create(payment().with_extension(options))
        .await
        .unwrap();
    let seen = vendor.seen();
    assert_eq!(seen[0].header("stripe-account"), Some("acct_own"));
    assert_eq!(seen[1].header("stripe-account"), Some("acct_other"));
    assert!(
        seen[1].text().contains(
            "&statement_descriptor_suffix=SPRING&on_behalf_of=acct_3&transfer_group=G1\
             &transfer_data[destination]=acct_4&application_fee_amount=150&"
        ),
        "{}",
        seen[1].text()
    );
}

/// F26: one key of the caller's over all steps. F17: the currency is looked up before money moves.
#[tokio::test]
async fn f26_steps_derive_their_keys_from_the_callers() {
    let authorized = intent(&json!({"status": "requires_capture", "amount_received": 0}));
    let captured = intent(&json!({"amount_received": 1000}));
    let cancelled = intent(&json!({"status": "canceled", "amount_received": 0}));
    let refund = changed("200_refund", &json!({"amount": 500}));
    let paid = intent(&json!({}));
    let script = [authorized, captured, cancelled, paid, refund].map(|body| ok(&body));
    let vendor = Vendor::scripted(script).await;
    let provider = vendor.provider();
    let order = || key("order-1");
    provider
        .capture(CapturePayment::new(id(PI), order()).with_amount(money("10", "GBP")))
        .await
        .unwrap();
    provider
        .cancel(CancelPayment::new(id(PI), order()).with_reason(CancelReason::Abandoned))
        .await
        .unwrap();
    let refund = RefundPayment::new(id(PI), order())
        .with_amount(money("5", "GBP"))
        .with_reason(RefundReason::Fraudulent)
        .with_metadata(Metadata::new().with("case", "7").unwrap());
    provider.refund(refund).await.unwrap();
    let seen = vendor.seen();
    let path = |step: &str| format!("/v1/payment_intents/{PI}{step}");
    assert_get(&seen[0], &path(""), "expand[0]=latest_charge");
    assert_post(
        &seen[1],
        &path("/capture"),
        "order-1-capture",
        "amount_to_capture=1000&expand[0]=latest_charge",
    );
    assert_post(
        &seen[2],
        &path("/cancel"),
        "order-1-cancel",
        "cancellation_reason=abandoned&expand[0]=latest_charge",
    );
    assert_get(&seen[3], &path(""), "expand[0]=latest_charge");
    assert_post(
        &seen[4],
        "/v1/refunds",
        "order-1-refund",
        &format!("amount=500&reason=fraudulent&metadata[case]=7&payment_intent={PI}"),
    );
}

#[tokio::test]
async fn reads_carry_no_key() {
    let payments = list(&[intent(&json!({}))]);
    let refund = changed("200_refund", &json!({}));
    let vendor =
        Vendor::scripted([intent(&json!({})), payments, refund, list(&[])].map(|body| ok(&body)))
            .await;
    let provider = vendor.provider();
    provider.get(GetPayment::new(id(PI))).await.unwrap();
    let page = PageRequest::first()
        .with_limit(NonZeroU32::new(250).unwrap())
        .with_after(Cursor::new("pi_0").unwrap());
    let request = ListPayments::new()
        .with_customer(id("cus_1"))
        .with_created_from("2026-01-01T00:00:00Z".parse().unwrap())
        .with_created_before("2026-01-02T00:00:00.25Z".parse().unwrap())
        .with_page(page);
    provider.list(request).await.unwrap();
    provider
        .get_refund(GetRefund::new(id("re_1")))
        .await
        .unwrap();
    provider
        .list_sources(ListSources::new(id("cus_1")))
        .await
        .unwrap();
    let seen = vendor.seen();
    let one = format!("/v1/payment_intents/{PI}");
    assert_get(&seen[0], &one, "expand[0]=latest_charge");
    assert_get(
        &seen[1],
        "/v1/payment_intents",
        "limit=100&starting_after=pi_0&customer=cus_1&created[gte]=1767225600&created[lt]=1767312001\
         &expand[0]=data.latest_charge",
    );
    assert_get(&seen[2], "/v1/refunds/re_1", "");
    assert_get(&seen[3], "/v1/customers/cus_1/payment_methods", "");
}

#[tokio::test]
async fn a_source_is_saved_by_a_setup_intent_and_removed_by_detaching() {
    let method = changed("200_payment_method", &json!({}));
    let setup = changed("200_setup_intent", &json!({"payment_method": method}));
    let vendor = Vendor::scripted([setup, method].map(|body| ok(&body))).await;
    let provider = vendor.provider();
    provider
        .save_source(SaveSource::new(id("cus_1"), key("s-1")).with_source(id("pm_1")))
        .await
        .unwrap();
    provider
        .remove_source(RemoveSource::new(id("pm_1")))
        .await
        .unwrap();
    let seen = vendor.seen();
    assert_post(
        &seen[0],
        "/v1/setup_intents",
        "s-1-save",
        "customer=cus_1&payment_method=pm_1&usage=off_session&confirm=true\
         &automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never\
         &expand[0]=payment_method",
    );
    let own = key_of(&seen[1]).to_owned();
    assert_post(&seen[1], "/v1/payment_methods/pm_1/detach", &own, "");
}

/// Asserts a rejection before anything is sent.
fn assert_unsent<T: std::fmt::Debug>(result: Result<T, Error>, kind: &Kind, field: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.field(), Some(field), "{error}");
    assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 0));
}

#[tokio::test]
async fn invalid_requests_are_rejected_before_anything_is_sent() {
    const INVALID: Kind = Kind::InvalidRequest;
    let vendor = Vendor::scripted([]).await;
    let provider = vendor.provider();
    let other = || VendorId::new("paypal", "x-1").unwrap();
    let of = |decimal, code| CreatePayment::new(money(decimal, code), key("k"));
    let long = "v".repeat(501);
    let note = |name: &str, value: &str| Metadata::new().with(name, value).unwrap();
    let options = StripeOptions::new;
    for (request, kind, field) in [
        (of("0", "USD"), INVALID, "amount"),
        (of("5.124", "KWD"), INVALID, "amount"),
        (of("1.50", "MGA"), INVALID, "amount"),
        (of("5", "LYD"), Kind::Unsupported, "amount"),
        (payment().with_customer(other()), INVALID, "customer"),
        (payment().with_source(other()), INVALID, "source"),
        (
            payment().with_extension(7_u8),
            Kind::Unsupported,
            "extensions",
        ),
        (
            payment().with_metadata(note("anyvendor_reference", "x")),
            INVALID,
            "metadata",
        ),
        (
            payment().with_metadata(note("a[b]", "x")),
            INVALID,
            "metadata",
        ),
        (
            payment().with_metadata(note("a", &long)),
            INVALID,
            "metadata",
        ),
        (payment().with_reference(long.clone()), INVALID, "reference"),
        (
            payment()
                .with_confirm(false)
                .with_presence(PayerPresence::OffSession),
            INVALID,
            "presence",
        ),
        (
            payment().with_cancel_url("https://shop.example/".parse().unwrap()),
            INVALID,
            "return_url",
        ),
        (
            payment().with_extension(options().with_account("cus_1")),
            INVALID,
            "account",
        ),
        (
            payment().with_extension(options().with_application_fee(money("1", "EUR"))),
            INVALID,
            "application_fee",
        ),
    ] {
        assert_unsent(provider.create(request).await, &kind, field);
    }
    let capture = || CapturePayment::new(id(PI), key("k"));
    assert_unsent(
        provider.capture(capture().with_final_capture(false)).await,
        &Kind::Unsupported,
        "final_capture",
    );
    assert_unsent(
        provider
            .capture(capture().with_amount(money("0", "GBP")))
            .await,
        &INVALID,
        "amount",
    );
    let get = provider.get(GetPayment::new(other())).await;
    assert_unsent(get, &INVALID, "payment");
    let cancel = provider.cancel(CancelPayment::new(other(), key("k"))).await;
    assert_unsent(cancel, &INVALID, "payment");
    let refund = provider.refund(RefundPayment::new(other(), key("k"))).await;
    assert_unsent(refund, &INVALID, "payment");
    let refund = provider.get_refund(GetRefund::new(other())).await;
    assert_unsent(refund, &INVALID, "refund");
    let remove = provider.remove_source(RemoveSource::new(other())).await;
    assert_unsent(remove, &INVALID, "source");
    let sources = provider.list_sources(ListSources::new(other())).await;
    assert_unsent(sources, &INVALID, "customer");
    let customer = provider
        .get_or_create_customer(CustomerRequest::new(""))
        .await;
    assert_unsent(customer, &INVALID, "reference");
    assert!(vendor.seen().is_empty());
}
