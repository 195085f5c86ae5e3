//! Finding a customer, and creating one if there is none.

use anyvendor_core::{
    Kind,
    payment::{CustomerRequest, PaymentProvider},
};
use serde_json::{Value, json};

use crate::support::{Step, Vendor, changed, fixture, id, key_of, ok, vendor_error};

fn customers(items: &[Value], more: bool) -> Step {
    ok(&json!({"object": "list", "data": items, "has_more": more}))
}

fn ann() -> CustomerRequest {
    CustomerRequest::new("user-1").with_email("ann@example.com".parse().unwrap())
}

#[tokio::test]
async fn of_several_customers_with_our_reference_the_oldest_is_returned() {
    let one = |id: &str, created: i64, reference: &str| {
        let metadata = json!({"anyvendor_reference": reference});
        changed(
            "200_customer",
            &json!({"id": id, "created": created, "metadata": metadata}),
        )
    };
    let vendor = Vendor::scripted([
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
        vendor.seen()[1].query(),
        "email=ann%40example.com&limit=100&starting_after=cus_3"
    );
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn a_failed_lookup_does_not_mean_that_there_is_no_customer() {
    let vendor = Vendor::scripted([vendor_error(403, "invalid_request_error", "")]).await;
    let error = vendor
        .provider()
        .get_or_create_customer(ann())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    assert_eq!(vendor.only().method, "GET");
}

#[tokio::test]
async fn a_customer_created_with_other_details_is_found() {
    let vendor = Vendor::scripted([
        customers(&[], false),
        fixture("400_idempotency_error"),
        customers(&[changed("200_customer", &json!({}))], false),
    ])
    .await;
    let found = vendor
        .provider()
        .get_or_create_customer(ann())
        .await
        .unwrap();
    assert_eq!(found.id, id("cus_1"));
    let vendor = Vendor::scripted([fixture("400_idempotency_error")]).await;
    let request = CustomerRequest::new("user-1");
    let error = vendor
        .provider()
        .get_or_create_customer(request)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::IdempotencyMismatch);
}

#[tokio::test]
async fn a_deleted_customer_is_not_found_and_another_is_created() {
    let customer = |id: &str| ok(&changed("200_customer", &json!({"id": id})));
    let deleted = json!({"id": "cus_1", "object": "customer", "deleted": true});
    let vendor = Vendor::scripted([
        customers(&[], false),
        customer("cus_1").with_header("idempotent-replayed", "true"),
        ok(&deleted),
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
    assert_eq!(seen[2].path(), "/v1/customers/cus_1");
    assert_eq!(key_of(&seen[3]), format!("{}-cus_1", key_of(&seen[1])));
    assert_eq!(seen[3].text(), seen[1].text());
}
