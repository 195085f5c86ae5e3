//! One item that cannot be read does not hide its page.

use anyvendor_core::{
    payment::{FindPayments, ListRefunds, ListSources, PaymentProvider},
    values::VendorId,
};
use serde_json::{Value, json};

use crate::{amount, order, vendor};

/// Items that no version of PayPal documents.
fn odd() -> Vec<Value> {
    vec![
        json!(null),
        json!(7),
        json!({}),
        json!({"id": 7}),
        json!({"id": "\n", "payment_source": {"card": {}}}),
        json!({"id": "x1", "payment_source": {}}),
    ]
}

#[tokio::test]
async fn f22b_an_odd_token_does_not_hide_the_others() {
    let token = |id: &str| json!({"id": id, "payment_source": {"card": {"brand": "VISA"}}});
    let mut all = vec![token("t1")];
    all.extend(odd());
    all.push(token("t2"));
    let list = json!({"payment_tokens": all, "total_pages": 2, "customer": {"id": "cust1234"}});
    let (paypal, _) = vendor([(200, list)]);
    let request = ListSources::new(VendorId::new("paypal", "cust1234").unwrap());
    let page = paypal.list_sources(request).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|one| one.id.id()).collect();
    assert_eq!(ids, ["card/t1", "card/t2"]);
    assert!(page.next.is_some(), "the list goes on");
}

#[tokio::test]
async fn f22b_an_odd_refund_does_not_hide_the_others() {
    let refund = |id: &str, value: Value| json!({"id": id, "status": "COMPLETED", "amount": value});
    let odd = json!({"currency_code": "ZZZ", "value": "1.005"});
    let refunds = [
        refund("R1", amount("1.00")),
        refund("R2", odd),
        refund("\n", amount("1.00")),
        json!({"id": "R3", "status": "COMPLETED"}),
        refund("R4", amount("2.00")),
    ];
    let (paypal, _) = vendor([(200, order("COMPLETED", json!({"refunds": refunds})))]);
    let request = ListRefunds::new(VendorId::new("paypal", "5O190127TN364715T").unwrap());
    let page = paypal.list_refunds(request).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|one| one.id.id()).collect();
    assert_eq!(ids, ["R4", "R1"], "the newest first");
}

#[tokio::test]
async fn f22b_an_odd_transaction_does_not_hide_the_payment() {
    let info = json!({"transaction_id": "C1", "transaction_event_code": "T0006", "custom_field": "order-1"});
    // Money of another sort under the same text: a fee, a bill, a transfer.
    let other = json!({"transaction_id": "X9", "transaction_event_code": "T0400", "custom_field": "order-1"});
    let mut all: Vec<Value> = odd();
    all.push(json!({ "transaction_info": other }));
    all.push(json!({ "transaction_info": info }));
    let mut found = order("COMPLETED", json!({}));
    found["purchase_units"][0]["custom_id"] = json!("order-1");
    let (paypal, transport) = vendor([
        (200, json!({"transaction_details": all, "total_pages": 1})),
        (
            404,
            json!({"name": "RESOURCE_NOT_FOUND", "details": [{"issue": "INVALID_RESOURCE_ID"}]}),
        ),
        (
            200,
            json!({"id": "C1", "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}}}),
        ),
        (200, found),
        (200, json!({"transaction_details": [], "total_pages": 0})),
    ]);
    let payments = paypal
        .find_by_reference(FindPayments::new("order-1"))
        .await
        .unwrap();
    assert_eq!(payments.len(), 1);
    let search = &transport.sent()[1].url;
    let query: std::collections::HashMap<_, _> = search.query_pairs().into_owned().collect();
    assert_eq!(query["balance_affecting_records_only"], "N");
    let time = |name: &str| query[name].parse::<jiff::Timestamp>().unwrap();
    let range = time("end_date").duration_since(time("start_date"));
    assert!(range.as_hours() <= 31 * 24, "{range:?}");
}
