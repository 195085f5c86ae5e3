//! One call each, to a vendor that gives one response.

use anyvendor_core::{
    Error,
    payment::{
        CancelPayment, CapturePayment, GetPayment, PaymentOutcome, PaymentProvider, PaymentStatus,
    },
};
use serde_json::{Value, json};

use crate::support::{Step, Vendor, id, intent, key, money, ok, payment};

pub(crate) const PI: &str = "pi_1F2MB5AWOtgoysogCMt8BaxR";

pub(crate) async fn create(reply: Step) -> Result<PaymentOutcome, Error> {
    Vendor::scripted([reply])
        .await
        .provider()
        .create(payment())
        .await
}

pub(crate) async fn capture(reply: Step, amount: Option<&str>) -> Result<PaymentOutcome, Error> {
    let mut request = CapturePayment::new(id(PI), key("c-1"));
    request.amount = amount.map(|amount| money(amount, "GBP"));
    let authorized = json!({"status": "requires_capture", "amount_received": 0});
    let looked_up = amount.map(|_| ok(&intent(&authorized)));
    Vendor::scripted(looked_up.into_iter().chain([reply]))
        .await
        .provider()
        .capture(request)
        .await
}

pub(crate) async fn cancel(reply: Step) -> Result<PaymentOutcome, Error> {
    let request = CancelPayment::new(id(PI), key("x-1"));
    Vendor::scripted([reply])
        .await
        .provider()
        .cancel(request)
        .await
}

pub(crate) async fn status(changes: &Value) -> PaymentStatus {
    let vendor = Vendor::scripted([ok(&intent(changes))]).await;
    let request = GetPayment::new(id(PI));
    vendor.provider().get(request).await.unwrap().status
}
