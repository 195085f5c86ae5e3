//! New payments: failover, shares, and keys that stay with their vendor.

use std::{sync::Arc, time::Duration};

use anyvendor::{
    Delivery, Kind,
    error::RateLimitScope,
    payment::{CaptureMode, CustomerRequest, PaymentCapabilities, PaymentOutcome},
    resilience::CallOptions,
    values::{VendorId, VendorIds},
};

use crate::fake::{Does, payment, place, place_with};

const FAILOVER: &str = "failover = [\"b\"]";

pub(crate) fn not_sent() -> Does {
    Does::Fails(
        Kind::CircuitOpen {
            retry_after: Duration::ZERO,
        },
        Delivery::NotSent,
    )
}

fn vendor_of(outcome: &PaymentOutcome) -> &str {
    outcome.payment().unwrap().id.vendor()
}

#[tokio::test]
async fn t30_the_second_is_asked_only_when_the_first_did_nothing() {
    let throttled = Kind::RateLimited {
        scope: RateLimitScope::Vendor,
        retry_after: None,
    };
    for (first, goes_on) in [
        (not_sent(), true),
        (Does::Fails(throttled, Delivery::Refused), true),
        (Does::Fails(Kind::Unauthenticated, Delivery::Refused), true),
        (Does::Fails(Kind::PermissionDenied, Delivery::Refused), true),
        (Does::Fails(Kind::Declined, Delivery::Refused), false),
        (Does::Fails(Kind::InvalidRequest, Delivery::Refused), false),
        (Does::Fails(Kind::Unavailable, Delivery::Unknown), false),
        (Does::TakesInSilence, false),
    ] {
        let place = place(FAILOVER);
        place.a.then([first.clone()]);
        let result = place.payment.create(payment("order-1")).await;
        assert_eq!(place.b.asked(), u32::from(goes_on), "{first:?}");
        if goes_on {
            assert_eq!(vendor_of(&result.unwrap()), "b")
        } else {
            assert!(result.is_err(), "{first:?}")
        }
        let both = place.a.charges("order-1") + place.b.charges("order-1");
        assert!(both <= 1, "{first:?} charged {both} times");
    }
}

#[tokio::test]
async fn t30_a_key_that_was_ever_unknown_never_moves() {
    let place = place(FAILOVER);
    let throttled = Kind::RateLimited {
        scope: RateLimitScope::Vendor,
        retry_after: None,
    };
    place.a.then([
        Does::TakesInSilence,
        not_sent(),
        Does::Fails(throttled, Delivery::Refused),
        Does::Takes,
    ]);
    for _ in 0..3 {
        place.payment.create(payment("order-1")).await.unwrap_err();
    }
    let outcome = place.payment.create(payment("order-1")).await.unwrap();
    assert_eq!((vendor_of(&outcome), place.b.asked()), ("a", 0));
}

#[tokio::test]
async fn a_key_stays_with_the_vendor_that_took_it() {
    let place = place(FAILOVER);
    place.a.then([not_sent()]);
    for _ in 0..3 {
        let outcome = place.payment.create(payment("order-1")).await.unwrap();
        assert_eq!(vendor_of(&outcome), "b");
    }
    assert_eq!((place.a.asked(), place.b.asked()), (1, 3));
    // The first vendor charged, and is unreachable when the application tries again: the second must not charge too.
    place.payment.create(payment("order-2")).await.unwrap();
    place.a.then([not_sent()]);
    place.payment.create(payment("order-2")).await.unwrap_err();
    assert_eq!(
        (place.a.charges("order-2"), place.b.charges("order-2")),
        (1, 0)
    );
}

#[tokio::test]
async fn a_vendor_that_is_retired_or_not_in_line_gets_nothing_new() {
    let place = place("failover = [\"b\"]\nretired = [\"c\"]");
    place.a.then([not_sent()]);
    place.b.then([not_sent()]);
    let error = place.payment.create(payment("order-1")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(place.c.asked(), 0);
    // No vendor did anything, so the key is free.
    place.a.then([not_sent()]);
    let outcome = place.payment.create(payment("order-1")).await.unwrap();
    assert_eq!(vendor_of(&outcome), "b");
}

#[tokio::test]
async fn a_vendor_that_cannot_is_skipped_with_the_reason() {
    let manual = |vendor| {
        let mut capabilities = PaymentCapabilities::default();
        capabilities.capture.manual = vendor == "b";
        capabilities.currencies = (vendor == "a").then_some(&["USD"]);
        capabilities
    };
    let place = place_with(FAILOVER, manual);
    assert!(place.payment.capabilities().capture.manual);
    let request = payment("order-1").with_capture(CaptureMode::Manual);
    let outcome = place.payment.create(request).await.unwrap();
    assert_eq!(vendor_of(&outcome), "b");
    assert_eq!(place.a.asked(), 0);
    let steps = place.steps.0.lock().unwrap().clone();
    assert_eq!(
        steps,
        [
            ("a", "skipped", Some("unsupported")),
            ("b", "answered", None)
        ]
    );
    // No vendor can, so the error is the reason.
    let place = place_with(FAILOVER, |_| PaymentCapabilities::default());
    let request = payment("order-1").with_capture(CaptureMode::Manual);
    let error = place.payment.create(request).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Unsupported, Some("capture"))
    );
}

#[tokio::test]
async fn each_step_is_reported() {
    let place = place(FAILOVER);
    place.a.then([not_sent(), Does::TakesInSilence]);
    place.payment.create(payment("order-1")).await.unwrap();
    place.payment.create(payment("order-2")).await.unwrap_err();
    let steps = place.steps.0.lock().unwrap().clone();
    assert_eq!(
        steps,
        [
            ("a", "failed_over", Some("circuit_open")),
            ("b", "answered", None),
            ("a", "stopped", Some("unavailable")),
        ]
    );
}

#[tokio::test]
async fn ids_pin_a_payment_to_their_vendor() {
    let id = |text: &str| text.parse::<VendorId>().unwrap();
    // `c` has only a share, and is called because the payer's source is there.
    let place = place("failover = [\"b\"]\nsplit = { c = 0 }");
    let outcome = place
        .payment
        .create(payment("order-1").with_source(id("c:card")))
        .await;
    assert_eq!(vendor_of(&outcome.unwrap()), "c");
    place.a.then([not_sent()]);
    let error = place
        .payment
        .create(payment("order-2").with_source(id("a:card")))
        .await;
    assert_eq!(error.unwrap_err().delivery(), Delivery::NotSent);
    assert_eq!(place.b.asked(), 0);
    // A payer with a source at both vendors can pay at either.
    place.a.then([not_sent()]);
    let both: VendorIds = [id("a:card"), id("b:card")].into_iter().collect();
    let outcome = place
        .payment
        .create(payment("order-3").with_source(both))
        .await;
    assert_eq!(vendor_of(&outcome.unwrap()), "b");
    let error = place
        .payment
        .create(payment("order-4").with_customer(id("d:cus")))
        .await;
    assert_eq!(error.unwrap_err().field(), Some("customer"));
}

#[tokio::test]
async fn shares_are_sticky_by_key_or_by_customer() {
    let place = place("split = { b = 50 }");
    let mut at_b = 0;
    for n in 0..200 {
        let key = format!("order-{n}");
        let first = place.payment.create(payment(&key)).await.unwrap();
        let again = place.payment.create(payment(&key)).await.unwrap();
        assert_eq!(vendor_of(&first), vendor_of(&again));
        at_b += u32::from(vendor_of(&first) == "b");
    }
    assert!((60..140).contains(&at_b), "{at_b} of 200");

    let place = crate::fake::place("split = { b = 50 }\nsticky = \"customer\"");
    let mut seen = std::collections::BTreeSet::new();
    for customer in ["c-1", "c-2", "c-3", "c-4", "c-5", "c-6", "c-7", "c-8"] {
        let mut vendors = std::collections::BTreeSet::new();
        for n in 0..20 {
            let request =
                payment(&format!("{customer}-{n}")).with_customer_reference(customer.to_owned());
            let outcome = place.payment.create(request).await.unwrap();
            vendors.insert(vendor_of(&outcome).to_owned());
        }
        assert_eq!(vendors.len(), 1, "{customer} pays at {vendors:?}");
        seen.extend(vendors);
    }
    assert_eq!(seen.len(), 2, "all customers pay at one vendor");
}

#[tokio::test]
async fn concurrent_calls_with_one_key_are_one_charge() {
    for first in [not_sent(), Does::Takes, Does::TakesInSilence] {
        let place = place(FAILOVER);
        place.a.then(std::iter::repeat_n(first.clone(), 3));
        let payment_provider = &place.payment;
        let calls = (0..16).map(|_| payment_provider.create(payment("order-1")));
        futures_util::future::join_all(calls).await;
        let both = place.a.charges("order-1") + place.b.charges("order-1");
        assert_eq!(both, 1, "{first:?}");
    }
}

#[tokio::test]
async fn the_callers_time_is_shared_by_all_vendors_that_are_called() {
    let place = place(FAILOVER);
    place
        .a
        .then([Does::Fails(Kind::DeadlineExceeded, Delivery::NotSent)]);
    let options = CallOptions::default().with_timeout(Duration::ZERO);
    let request = payment("order-1").with_options(options);
    let error = place.payment.create(request).await.unwrap_err();
    assert_eq!(
        (error.kind(), place.b.asked()),
        (&Kind::DeadlineExceeded, 0)
    );
}

#[tokio::test]
async fn customers_are_created_where_the_vendor_has_them() {
    let place = place(FAILOVER);
    let error = place
        .payment
        .get_or_create_customer(CustomerRequest::new("c-1"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::Unsupported);
    assert!(Arc::strong_count(&place.payment) > 0);
}

/// A vendor that cannot be asked, or that refuses locally, does not hide why the first one could not.
#[tokio::test]
async fn f08_the_first_passing_failure_is_told() {
    let open = Kind::CircuitOpen {
        retry_after: Duration::ZERO,
    };
    for local in [Kind::InvalidRequest, Kind::Unsupported] {
        let place = place(FAILOVER);
        place.a.then([not_sent()]);
        place
            .b
            .then([Does::Fails(local.clone(), Delivery::NotSent)]);
        let error = place.payment.create(payment("order-1")).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (&open, Delivery::NotSent));
        // The other way round, the passing failure of the second vendor is told.
        let place = crate::fake::place(FAILOVER);
        place.a.then([Does::Fails(local, Delivery::NotSent)]);
        place.b.then([not_sent()]);
        let error = place.payment.create(payment("order-1")).await.unwrap_err();
        assert_eq!(error.kind(), &open);
    }
    let manual = |vendor| {
        let mut capabilities = PaymentCapabilities::default();
        capabilities.capture.manual = vendor == "a";
        capabilities
    };
    let place = place_with(FAILOVER, manual);
    place.a.then([not_sent()]);
    let request = payment("order-1").with_capture(CaptureMode::Manual);
    let error = place.payment.create(request).await.unwrap_err();
    assert_eq!(error.kind(), &open);
    assert!(error.message().contains("b was not asked: "), "{error}");
}
