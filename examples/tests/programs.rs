//! The small programs do what they say: each test looks at the sandbox's state afterwards.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![expect(dead_code, reason = "the tests call the functions that `main` calls")]
#![expect(
    clippy::duplicate_mod,
    reason = "each program has the module, and so has this test"
)]

#[path = "../charge.rs"]
mod charge;
#[path = "../local.rs"]
mod local;
#[path = "../refund.rs"]
mod refund;
#[path = "../send_email.rs"]
mod send_email;
#[path = "../upload_and_link.rs"]
mod upload_and_link;
#[path = "../verify_phone.rs"]
mod verify_phone;

use anyvendor::{Vendors, values::VendorId};
use anyvendor_sandbox::Sandbox;

async fn start() -> (Sandbox, Vendors) {
    let sandbox = Sandbox::start().await.unwrap();
    let vendors = local::connect(&sandbox).unwrap();
    (sandbox, vendors)
}

fn card(name: &str) -> VendorId {
    VendorId::new("stripe", name).unwrap()
}

#[tokio::test]
async fn charge_charges_once() {
    let (sandbox, vendors) = start().await;
    let first = charge::charge(&vendors, card("pm_card_visa"))
        .await
        .unwrap();
    let second = charge::charge(&vendors, card("pm_card_visa"))
        .await
        .unwrap();
    assert!(first.starts_with("24.90 EUR paid: stripe:pi_"), "{first}");
    assert_eq!(first, second);
    let charges = sandbox.stripe().state().charges();
    assert_eq!(charges.len(), 1);
    assert_eq!(charges[0].amount_captured, 2490);
}

#[tokio::test]
async fn charge_reports_a_decline_as_an_outcome() {
    let (_sandbox, vendors) = start().await;
    let card = card("pm_card_visa_chargeDeclinedInsufficientFunds");
    let line = charge::charge(&vendors, card).await.unwrap();
    assert_eq!(line, "declined: insufficient_funds");
}

#[tokio::test]
async fn refund_gives_back_a_part() {
    let (sandbox, vendors) = start().await;
    let payment = refund::pay(&vendors, card("pm_card_visa")).await.unwrap();
    let line = refund::refund(&vendors, payment.clone()).await.unwrap();
    assert!(line.starts_with("5.00 EUR refunded: stripe:re_"), "{line}");
    assert_eq!(refund::refund(&vendors, payment).await.unwrap(), line);
    assert_eq!(sandbox.stripe().state().charges()[0].amount_refunded, 500);
}

#[tokio::test]
async fn send_email_reaches_every_recipient() {
    let (sandbox, vendors) = start().await;
    let to = "ann@example.com".parse().unwrap();
    let lines = send_email::welcome(&vendors, to).await.unwrap();
    assert_eq!(
        lines,
        "ann@example.com: accepted\nsales@example.com: accepted"
    );
    assert_eq!(sandbox.sendgrid().state().messages().len(), 2);
}

#[tokio::test]
async fn verify_phone_accepts_the_right_code_alone() {
    let (sandbox, vendors) = start().await;
    let to = "+14155550100".parse().unwrap();
    let id = verify_phone::send_code(&vendors, to).await.unwrap();
    let code = sandbox.twilio().state().verifications()[0].code.clone();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let check = |code| verify_phone::check_code(&vendors, id.clone(), code);
    assert_eq!(check(wrong).await.unwrap(), "Pending");
    assert_eq!(check(&code).await.unwrap(), "Approved");
}

#[tokio::test]
async fn upload_and_link_gives_a_link_that_reads_the_file() {
    let (_sandbox, vendors) = start().await;
    let key = "invoices/1001.txt".parse().unwrap();
    let link = upload_and_link::upload(&vendors, key, "24.90 EUR")
        .await
        .unwrap();
    // An error says that another test installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let response = reqwest::get(link.expose()).await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(response.text().await.unwrap(), "24.90 EUR");
}
