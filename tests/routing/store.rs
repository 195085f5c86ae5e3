//! What callers are told about keys that a vendor may have acted on, and about a store that fails.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyvendor::{
    Config, Delivery, Error, Holder, Kind, MemoryRoutes, Observer, Registry, RouteStore, Vendors,
    error::RateLimitScope,
    payment::{PaymentCapabilities, PaymentOutcome, PaymentProvider},
};
use async_trait::async_trait;

use crate::{
    fake::{Books, Does, Place, Steps, TABLES, payment, place, provider},
    payments::not_sent,
};

/// A store whose steps fail on demand.
#[derive(Debug, Default)]
struct Shaky {
    memory: MemoryRoutes,
    enter: AtomicBool,
    keep: AtomicBool,
    leave: AtomicBool,
}

fn check(fails: &AtomicBool) -> Result<(), Error> {
    if fails.load(Ordering::SeqCst) {
        return Err(Error::unsent(Kind::Unavailable, "the database is away"));
    }
    Ok(())
}

#[async_trait]
impl RouteStore for Shaky {
    async fn enter(
        &self,
        domain: &'static str,
        key: &str,
        vendor: &'static str,
    ) -> Result<Holder, Error> {
        check(&self.enter)?;
        self.memory.enter(domain, key, vendor).await
    }

    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error> {
        check(&self.keep)?;
        self.memory.keep(domain, key).await
    }

    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error> {
        check(&self.leave)?;
        self.memory.leave(domain, key).await
    }
}

/// Vendors `a`, then `b`, whose keys are recorded in this store.
fn with_store(store: &Arc<Shaky>) -> Place {
    let all: [Arc<Books>; 3] = Default::default();
    let mut registry = Registry::default();
    for (vendor, books) in ["a", "b", "c"].into_iter().zip(&all) {
        let capabilities = PaymentCapabilities::default();
        let made: Arc<dyn PaymentProvider> = Arc::new(provider(vendor, books, capabilities));
        registry = registry.with_payment(vendor, move |_| Ok(Arc::clone(&made)));
    }
    let steps = Arc::<Steps>::default();
    let text =
        format!("mode = \"sandbox\"\n[payment]\nvendor = \"a\"\nfailover = [\"b\"]\n{TABLES}");
    let vendors = Vendors::builder()
        .registry(registry)
        .observer(Arc::clone(&steps) as Arc<dyn Observer>)
        .routes(Arc::clone(store) as Arc<dyn RouteStore>)
        .connect(&Config::from_toml(&text).unwrap())
        .unwrap();
    let [a, b, c] = all;
    Place {
        payment: vendors.payment().unwrap(),
        a,
        b,
        c,
        steps,
    }
}

fn vendor_of(outcome: &PaymentOutcome) -> &str {
    outcome.payment().unwrap().id.vendor()
}

/// Whatever happens in a later call with the key, the earlier one stays open: over all that a vendor can do before it
/// looks at the key.
#[tokio::test]
async fn f03_a_key_that_may_be_charged_is_never_told_as_not_sent() {
    let throttled = Kind::RateLimited {
        scope: RateLimitScope::Vendor,
        retry_after: None,
    };
    let later = [
        not_sent(),
        Does::Fails(throttled, Delivery::Refused),
        Does::Fails(Kind::QuotaExhausted { resets_at: None }, Delivery::Refused),
        Does::Fails(Kind::Unauthenticated, Delivery::Refused),
        Does::Fails(Kind::PermissionDenied, Delivery::Refused),
        Does::Fails(Kind::Overloaded, Delivery::NotSent),
        Does::Fails(Kind::InvalidRequest, Delivery::NotSent),
        Does::Fails(Kind::Unavailable, Delivery::Unknown),
    ];
    for first in [Does::TakesInSilence, Does::Takes] {
        for then in &later {
            let place = place("failover = [\"b\"]");
            place.a.then([first.clone(), then.clone()]);
            let _ = place.payment.create(payment("order-1")).await;
            let error = place.payment.create(payment("order-1")).await.unwrap_err();
            assert_eq!(error.delivery(), Delivery::Unknown, "{then:?}: {error}");
            if error.vendor().is_some() {
                assert_eq!(error.vendor(), Some("a"));
                assert!(error.message().contains("a may have acted"), "{error}");
            }
            assert_eq!((place.a.charges("order-1"), place.b.asked()), (1, 0));
        }
    }
    // The vendor's own answer to the key does settle it.
    let place = place("failover = [\"b\"]");
    place.a.then([
        Does::Fails(Kind::Unavailable, Delivery::Unknown),
        Does::Fails(Kind::Declined, Delivery::Refused),
    ]);
    place.payment.create(payment("order-1")).await.unwrap_err();
    let error = place.payment.create(payment("order-1")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Refused);
}

/// While one call is in flight, another with its key cannot know what becomes of it.
#[tokio::test]
async fn f03_a_concurrent_call_may_have_acted() {
    let store = Arc::<Shaky>::default();
    let place = with_store(&store);
    // The first call is as if it were in flight: it has entered, and neither kept nor left.
    store.memory.enter("payment", "order-1", "a").await.unwrap();
    place.a.then([not_sent()]);
    let error = place.payment.create(payment("order-1")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
    assert_eq!(place.b.asked(), 0);
}

#[tokio::test]
async fn f03_a_store_that_fails_hides_no_result_of_a_vendor() {
    let store = Arc::<Shaky>::default();
    let place = with_store(&store);
    store.keep.store(true, Ordering::SeqCst);
    let outcome = place.payment.create(payment("order-1")).await.unwrap();
    assert_eq!((vendor_of(&outcome), place.a.charges("order-1")), ("a", 1));
    assert!(
        place
            .steps
            .0
            .lock()
            .unwrap()
            .contains(&("a", "store_failed", Some("unavailable")))
    );
    place.a.then([Does::TakesInSilence]);
    let error = place.payment.create(payment("order-2")).await.unwrap_err();
    assert_eq!(
        (error.delivery(), error.message()),
        (Delivery::Unknown, "lost")
    );
    // The entries remain: both keys stay with their vendor, also when it is unreachable.
    for key in ["order-1", "order-2"] {
        place.a.then([not_sent()]);
        let error = place.payment.create(payment(key)).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{key}: {error}");
    }
    assert_eq!(place.b.asked(), 0);
    // A store that cannot say whether the key is free keeps it with its vendor.
    store.leave.store(true, Ordering::SeqCst);
    place.a.then([not_sent()]);
    let error = place.payment.create(payment("order-3")).await.unwrap_err();
    assert_eq!((error.delivery(), place.b.asked()), (Delivery::NotSent, 0));
}

#[tokio::test]
async fn f03_a_store_that_cannot_be_asked_sends_nothing() {
    let store = Arc::<Shaky>::default();
    let place = with_store(&store);
    place.payment.create(payment("order-1")).await.unwrap();
    store.enter.store(true, Ordering::SeqCst);
    let error = place.payment.create(payment("order-2")).await.unwrap_err();
    assert_eq!(
        error.delivery(),
        Delivery::NotSent,
        "it was never with a vendor"
    );
    let error = place.payment.create(payment("order-1")).await.unwrap_err();
    assert_eq!(
        error.delivery(),
        Delivery::Unknown,
        "it was with a vendor before"
    );
    assert_eq!(place.a.asked(), 1);
}

/// A holder that the configuration no longer names.
#[tokio::test]
async fn f03_a_holder_that_is_gone_may_have_acted() {
    let store = Arc::<Shaky>::default();
    let place = with_store(&store);
    store
        .memory
        .enter("payment", "order-1", "gone")
        .await
        .unwrap();
    let error = place.payment.create(payment("order-1")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.message().contains("gone"), "{error}");
    assert_eq!(place.a.asked() + place.b.asked(), 0);
}

/// Payments with a choice of vendors and nothing durable need a word from who accepts that.
#[test]
fn f07_the_memory_of_routes_is_a_choice() {
    let connect = |route: &str| {
        let mut registry = Registry::default();
        for vendor in ["a", "b"] {
            let books = Arc::default();
            let capabilities = PaymentCapabilities::default();
            let made: Arc<dyn PaymentProvider> = Arc::new(provider(vendor, &books, capabilities));
            registry = registry.with_payment(vendor, move |_| Ok(Arc::clone(&made)));
        }
        let tables = "[payment.vendors.a]\n[payment.vendors.b]\n";
        let text = format!("mode = \"sandbox\"\n[payment]\nvendor = \"a\"\n{route}\n{tables}");
        let builder = Vendors::builder().registry(registry);
        builder.connect(&Config::from_toml(&text).unwrap())
    };
    for route in ["failover = [\"b\"]", "split = { b = 10 }"] {
        let error = connect(route).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::Config, Some("routes"))
        );
        let message = error.to_string();
        for words in [
            "[payment]",
            "charged at a second vendor",
            "routes = \"memory\"",
            "RouteStore",
        ] {
            assert!(message.contains(words), "{message}");
        }
        connect(&format!("{route}\nroutes = \"memory\"")).unwrap();
    }
    connect("retired = [\"b\"]").unwrap();
}
