//! Payments, customers, sources and refunds, and the events about them.

use anyvendor::{
    payment::{
        CancelPayment, CapturePayment, ConfirmPayment, CreatePayment, CustomerRequest,
        FindPayments, GetPayment, GetRefund, ListPayments, ListRefunds, ListSources, NextAction,
        Payment, PaymentStatus, Refund, RefundPayment, RefundStatus, RemoveSource, SaveSource,
        SensitiveText, SourceDetails,
    },
    values::{IdempotencyKey, Money, VendorId},
    webhook::{PaymentChange, PaymentEvent},
};

use super::canary::{Canary, Prints};

fn id() -> VendorId {
    VendorId::new("acme", "1").unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("k1").unwrap()
}

fn money() -> Money {
    "12.50 EUR".parse().unwrap()
}

pub(crate) fn add(canary: &Canary, prints: &mut Prints) {
    plain(canary, prints);
    let create = CreatePayment::new(money(), key())
        .with_return_url(canary.url())
        .with_cancel_url(canary.url())
        .with_description(canary.text())
        .with_statement_descriptor(canary.text())
        .with_receipt_email(canary.email())
        .with_metadata(canary.metadata())
        .with_extension(canary.text());
    prints.add("CreatePayment", &create);
    let confirm = ConfirmPayment::new(id(), key()).with_return_url(canary.url());
    prints.add("ConfirmPayment", &confirm);
    let customer = CustomerRequest::new("user-1")
        .with_email(canary.email())
        .with_name(canary.text())
        .with_phone(canary.phone())
        .with_metadata(canary.metadata());
    prints.add("CustomerRequest", &customer);
    let save = SaveSource::new(id(), key())
        .with_return_url(canary.url())
        .with_cancel_url(canary.url());
    prints.add("SaveSource", &save);
    let card = SourceDetails::Card {
        brand: canary.text(),
        last4: canary.digits.clone(),
        expiry_month: 1,
        expiry_year: 2030,
    };
    prints.add("SourceDetails", &card);
    prints.add(
        "RefundPayment",
        &RefundPayment::new(id(), key()).with_metadata(canary.metadata()),
    );

    let secret = SensitiveText(canary.secret());
    prints.add("SensitiveText", &secret);
    for action in [
        NextAction::ClientSecret(secret),
        NextAction::Redirect(canary.sensitive_url()),
    ] {
        prints.add("NextAction", &action);
        let mut payment = Payment::new(id(), PaymentStatus::RequiresAction(action), money());
        payment.metadata = canary.metadata();
        prints.add("Payment", &payment);
    }
    let mut refund = Refund::new(id(), RefundStatus::Pending, money());
    refund.metadata = canary.metadata();
    prints.add("Refund", &refund);
    // It holds ids alone.
    prints.add(
        "PaymentEvent",
        &PaymentEvent::new(PaymentChange::Created, Some(id())),
    );
}

/// The requests that hold nothing but ids, amounts and the options of one vendor.
fn plain(canary: &Canary, prints: &mut Prints) {
    let text = canary.text();
    let cancel = CancelPayment::new(id(), key()).with_extension(text.clone());
    prints.add("CancelPayment", &cancel);
    let capture = CapturePayment::new(id(), key()).with_extension(text.clone());
    prints.add("CapturePayment", &capture);
    let find = FindPayments::new("order-1").with_extension(text.clone());
    prints.add("FindPayments", &find);
    let get = GetPayment::new(id()).with_extension(text.clone());
    prints.add("GetPayment", &get);
    let get = GetRefund::new(id()).with_extension(text.clone());
    prints.add("GetRefund", &get);
    let list = ListPayments::new().with_extension(text.clone());
    prints.add("ListPayments", &list);
    let list = ListRefunds::new(id()).with_extension(text.clone());
    prints.add("ListRefunds", &list);
    let list = ListSources::new(id()).with_extension(text.clone());
    prints.add("ListSources", &list);
    let remove = RemoveSource::new(id()).with_extension(text);
    prints.add("RemoveSource", &remove);
}
