//! What the payment suite must know of Stripe; the workspace's contract tests use it too.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_stripe::Stripe;
use anyvendor_conformance::{DeclinedSource, PagePayer, PayerAction, PaymentHarness};
use anyvendor_core::{
    payment::DeclineCode,
    values::{Currency, Money, VendorId},
};
use anyvendor_http::{HttpTransport, TransportConfig};

pub(crate) fn id(id: &str) -> VendorId {
    VendorId::new("stripe", id).unwrap()
}

/// The harness of Stripe's test cards, paying in this currency.
pub(crate) fn harness(provider: Arc<Stripe>, amount: &str, currency: &str) -> PaymentHarness {
    let declined = [
        ("pm_card_visa_chargeDeclined", DeclineCode::Generic),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            DeclineCode::InsufficientFunds,
        ),
        ("pm_card_chargeDeclinedExpiredCard", DeclineCode::Expired),
    ];
    let settings = TransportConfig::of(Duration::from_secs(3), true);
    let transport = Arc::new(HttpTransport::new(settings).unwrap());
    PaymentHarness {
        provider,
        amount: Money::parse_decimal(amount, Currency::from_code(currency).unwrap()).unwrap(),
        good_source: id("pm_card_visa"),
        declined_sources: declined
            .map(|(source, code)| DeclinedSource {
                source: id(source),
                code,
            })
            .into(),
        action: Some(PayerAction::Source(id("pm_card_authenticationRequired"))),
        payer: Some(Arc::new(PagePayer(transport))),
        unknown_payment: id("pi_unknown"),
        return_url: "https://shop.example/back".parse().unwrap(),
    }
}
