//! Keys in memory: who holds them, and for how long.

use super::*;

const D: &str = "payment";

/// The holder of a key after this vendor asked for it, and whether it may have acted before.
async fn enter(
    routes: &MemoryRoutes,
    domain: &'static str,
    key: &str,
    vendor: &'static str,
) -> (String, bool) {
    let holder = routes.enter(domain, key, vendor).await.unwrap();
    (holder.vendor.into_owned(), holder.may_have_acted)
}

fn new(vendor: &str) -> (String, bool) {
    (vendor.to_owned(), false)
}

fn earlier(vendor: &str) -> (String, bool) {
    (vendor.to_owned(), true)
}

#[tokio::test]
async fn a_key_that_was_kept_stays() {
    let routes = MemoryRoutes::default();
    assert_eq!(enter(&routes, D, "k", "a").await, new("a"));
    routes.keep(D, "k").await.unwrap();
    assert_eq!(enter(&routes, D, "k", "b").await, earlier("a"));
    assert!(!routes.leave(D, "k").await.unwrap());
    assert_eq!(enter(&routes, D, "k", "b").await, earlier("a"));
    // Domains do not share keys.
    assert_eq!(enter(&routes, "email", "k", "b").await, new("b"));
}

#[tokio::test]
async fn a_key_is_free_after_its_last_holder_left() {
    let routes = MemoryRoutes::default();
    assert_eq!(enter(&routes, D, "k", "a").await, new("a"));
    assert_eq!(
        enter(&routes, D, "k", "b").await,
        earlier("a"),
        "another call is in flight"
    );
    assert!(
        !routes.leave(D, "k").await.unwrap(),
        "another call is in flight"
    );
    assert!(routes.leave(D, "k").await.unwrap());
    assert_eq!(enter(&routes, D, "k", "b").await, new("b"));
    // A call that was dropped may have been sent, so its key never becomes free.
    assert_eq!(enter(&routes, D, "k", "b").await, earlier("b"));
    assert!(!routes.leave(D, "k").await.unwrap());
}

#[tokio::test]
async fn the_oldest_is_forgotten_and_memory_is_bounded() {
    let routes = MemoryRoutes::new(NonZeroUsize::new(2).unwrap());
    for key in ["1", "2", "3"] {
        routes.enter(D, key, "a").await.unwrap();
        routes.keep(D, key).await.unwrap();
    }
    assert_eq!(enter(&routes, D, "3", "b").await, earlier("a"));
    assert_eq!(enter(&routes, D, "1", "b").await, new("b"));
    for n in 0..1000 {
        let key = n.to_string();
        routes.enter(D, &key, "a").await.unwrap();
        routes.leave(D, &key).await.unwrap();
    }
    let (entries, oldest) = routes.with(D, |keys| (keys.entries.len(), keys.oldest.len()));
    assert!(entries <= 2 && oldest <= 2);
}
