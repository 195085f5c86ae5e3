//! Customers that were made before the vendor was swapped.

use std::sync::Arc;

use anyvendor::{
    Config, Kind, Vendors,
    payment::{
        CreatePayment, CustomerRequest, NextAction, PaymentOutcome, PaymentProvider, RefundPayment,
        RefundStatus,
    },
    values::{Currency, IdempotencyKey, Money, VendorId},
};
use anyvendor_sandbox::Sandbox;

fn connect(sandbox: &Sandbox, route: &str) -> Arc<dyn PaymentProvider> {
    vendors(sandbox, route).payment().unwrap()
}

/// The payment vendors of the sandbox, with this `[payment]` route.
pub(crate) fn vendors(sandbox: &Sandbox, route: &str) -> Vendors {
    let folder = tempfile::tempdir().unwrap();
    let (stripe, paypal) = (sandbox.stripe(), sandbox.paypal());
    let secret = |name: &str, value: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, value).unwrap();
        format!("file:{}", path.display())
    };
    let text = format!(
        "mode = \"sandbox\"\n[payment]\n{route}\n\
         [payment.vendors.stripe]\napi_key = \"{}\"\nbase_url = \"{}\"\n\
         [payment.vendors.paypal]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nbase_url = \"{}\"\n",
        secret("key", stripe.key()),
        stripe.url(),
        secret("id", paypal.client_id()),
        secret("secret", paypal.client_secret()),
        paypal.url(),
    );
    Vendors::connect(&Config::from_toml(&text).unwrap()).unwrap()
}

fn price() -> Money {
    Money::from_minor(1_999, Currency::EUR).unwrap()
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

fn order(number: &str, customer: VendorId) -> CreatePayment {
    CreatePayment::new(price(), key(number))
        .with_reference(number)
        .with_customer(customer)
        .with_customer_reference("user-7")
        .with_return_url("https://shop.example/back".parse().unwrap())
}

/// Sign up, swap with `retired`, pay, refund the old payment.
#[tokio::test]
async fn n02_a_swap_keeps_existing_customers() {
    let sandbox = Sandbox::start().await.unwrap();
    let before = connect(&sandbox, "vendor = \"stripe\"");
    let customer = before
        .get_or_create_customer(CustomerRequest::new("user-7"))
        .await
        .unwrap();
    assert_eq!(customer.id.vendor(), "stripe");
    let card = VendorId::new("stripe", "pm_card_visa").unwrap();
    let old = order("order-1", customer.id.clone()).with_source(card);
    let PaymentOutcome::Captured(old) = before.create(old).await.unwrap() else {
        panic!("a good card is captured");
    };

    let after = connect(&sandbox, "vendor = \"paypal\"\nretired = [\"stripe\"]");
    let outcome = after
        .create(order("order-2", customer.id.clone()))
        .await
        .unwrap();
    let PaymentOutcome::RequiresAction(new, NextAction::HostedPage(_)) = outcome else {
        panic!("the payer chooses on the vendor's page: {outcome:?}");
    };
    assert_eq!(new.id.vendor(), "paypal");
    let refund = after
        .refund(RefundPayment::new(old.id, key("refund-1")))
        .await
        .unwrap();
    assert_eq!(refund.status, RefundStatus::Succeeded);

    // Without our own reference there is no way to find the customer at the new vendor, and the error says so.
    let mut nameless = order("order-3", customer.id);
    nameless.customer_reference = None;
    let error = after.create(nameless).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("customer"))
    );
    assert!(error.message().contains("customer_reference"), "{error}");
}

/// The ids of a customer at all vendors, and a payment by them at each.
#[tokio::test]
async fn n02_a_customers_ids_at_all_vendors() {
    let sandbox = Sandbox::start().await.unwrap();
    let route = "vendor = \"stripe\"\nfailover = [\"paypal\"]\nroutes = \"memory\"";
    let payments = connect(&sandbox, route);
    let ids = payments
        .customer_ids(CustomerRequest::new("user-7"))
        .await
        .unwrap();
    let vendors: Vec<&str> = ids.iter().map(VendorId::vendor).collect();
    assert_eq!(vendors, ["stripe", "paypal"]);
    let again = payments
        .customer_ids(CustomerRequest::new("user-7"))
        .await
        .unwrap();
    assert_eq!(again, ids);
    let stored = serde_json::to_string(&ids).unwrap();
    assert_eq!(
        serde_json::from_str::<anyvendor::values::VendorIds>(&stored).unwrap(),
        ids
    );
}
