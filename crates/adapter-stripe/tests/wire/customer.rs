//! Finding a customer, and creating one if there is none.

use anyvendor_core::{
    Kind,
    payment::{CustomerRequest, PaymentProvider},
};
use serde_json::{Value, json};

use crate::support::{Step, Vendor, changed, id, key_of, ok, vendor_error};

/// A page of a search; `next` is where it continues.
fn customers(items: &[Value], next: Option<&str>) -> Step {
    let more = next.is_some();
    ok(&json!({"object": "search_result", "data": items, "has_more": more, "next_page": next}))
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
            &[one("cus_4", 40, "user-1"), one("cus_3", 10, "USER-1")],
            Some("page-2"),
        ),
        customers(
            &[one("cus_2", 20, "user-1"), one("cus_1", 20, "user-1")],
            None,
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
        "query=metadata%5B%27anyvendor_reference%27%5D%3A%27user-1%27&limit=100&page=page-2"
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
async fn f22_a_customer_is_created_under_a_key_of_the_reference_alone() {
    let metadata = json!({"anyvendor_reference": "user-1"});
    let blank = json!({"email": null, "metadata": metadata});
    let made = ok(&changed("200_customer", &blank));
    let vendor = Vendor::scripted([customers(&[], None), made.clone(), made]).await;
    let request = ann().with_name("Ann");
    let provider = vendor.provider();
    provider.get_or_create_customer(request).await.unwrap();
    let seen = vendor.seen();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path()),
        ("GET", "/v1/customers/search")
    );
    assert_eq!(
        (seen[1].method.as_str(), seen[1].path()),
        ("POST", "/v1/customers")
    );
    assert_eq!(key_of(&seen[1]), "anyvendor-customer-own-user-1");
    assert_eq!(seen[1].text(), "metadata[anyvendor_reference]=user-1");
    // The details follow.
    assert_eq!(seen[2].path(), "/v1/customers/cus_1");
    assert_eq!(seen[2].text(), "email=ann%40example.com&name=Ann");
}

/// The search lags, and a customer was created a moment ago with other details, or none: the key finds it.
#[tokio::test]
async fn f22_changed_details_neither_fail_nor_make_a_second_customer() {
    let made = ok(&changed("200_customer", &json!({})));
    for request in [
        ann(),
        CustomerRequest::new("user-1"),
        CustomerRequest::new("user-1").with_email("Ann@Example.com".parse().unwrap()),
    ] {
        let replayed = made.clone().with_header("idempotent-replayed", "true");
        let script = [customers(&[], None), replayed, made.clone()];
        let vendor = Vendor::scripted(script).await;
        let found = vendor.provider().get_or_create_customer(request).await;
        assert_eq!(found.unwrap().id, id("cus_1"));
        let seen = vendor.seen();
        assert_eq!(seen.len(), 3, "{:?}", seen.last());
        // Whatever the details, the request under the key is the same to the byte.
        assert_eq!(seen[1].text(), "metadata[anyvendor_reference]=user-1");
        assert_eq!(key_of(&seen[1]), "anyvendor-customer-own-user-1");
    }
}

/// The key is forgotten after 24 hours; by then the search knows the customer, with or without an address.
#[tokio::test]
async fn f22_an_old_customer_is_found_by_our_reference_alone() {
    let found = customers(&[changed("200_customer", &json!({"email": null}))], None);
    let vendor = Vendor::scripted([found, ok(&changed("200_customer", &json!({})))]).await;
    let customer = vendor.provider().get_or_create_customer(ann()).await;
    assert_eq!(customer.unwrap().id, id("cus_1"));
    let seen = vendor.seen();
    assert_eq!(seen.len(), 2);
    // What it lacked is added, and nothing else.
    assert_eq!(seen[1].path(), "/v1/customers/cus_1");
    assert_eq!(seen[1].text(), "email=ann%40example.com");
}

#[tokio::test]
async fn a_deleted_customer_is_not_found_and_another_is_created() {
    let customer = |id: &str| ok(&changed("200_customer", &json!({"id": id})));
    let deleted = json!({"id": "cus_1", "object": "customer", "deleted": true});
    let vendor = Vendor::scripted([
        customers(&[], None),
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
    assert_eq!(seen.len(), 4);
}
