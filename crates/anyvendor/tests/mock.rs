//! The feature `mock` gives an application mocks of the provider traits.
#![cfg(feature = "mock")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use anyvendor::{
    Config, Error, Kind, Registry, Vendors,
    payment::{CreatePayment, MockPaymentProvider, PaymentProvider},
};

#[tokio::test]
async fn a_mock_is_a_vendor_like_any_other() {
    let registry = Registry::empty().with_payment("acme", |_| {
        let mut mock = MockPaymentProvider::new();
        mock.expect_vendor().return_const("acme");
        mock.expect_create()
            .returning(|_| Err(Error::unsent(Kind::Unavailable, "down")));
        let mock: Arc<dyn PaymentProvider> = Arc::new(mock);
        Ok(mock)
    });
    let config = Config::from_toml("mode = \"sandbox\"\n[payment]\nvendor = \"acme\"").unwrap();
    let vendors = Vendors::builder()
        .registry(registry)
        .connect(&config)
        .unwrap();
    let payment = vendors.payment().unwrap();
    let request = CreatePayment::new("12.50 EUR".parse().unwrap(), "order-1".parse().unwrap());
    let error = payment.create(request).await.unwrap_err();
    assert_eq!(
        (payment.vendor(), error.kind()),
        ("acme", &Kind::Unavailable)
    );
}
