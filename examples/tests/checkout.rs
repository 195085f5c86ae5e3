//! The promises of the checkout, counted in the sandbox's state: nobody is charged twice, and faults change no total.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

#[path = "checkout/events.rs"]
mod events;
#[path = "checkout/hosted.rs"]
mod hosted;
#[path = "checkout/swap.rs"]
mod swap;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyvendor::{
    Config, Vendors,
    network::{HttpTransport, TransportConfig},
    resilience::Observer,
};
use anyvendor_conformance::{PagePayer, Payer};
use anyvendor_sandbox::{FaultPlan, Sandbox, secrets_in_files};
use shop::{Order, Outcome, Report, Shop, TestCards, read_orders};

const JOBS: usize = 8;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data")
        .join(name)
}

fn shipped_orders() -> Vec<Order> {
    read_orders(&data("orders.csv")).unwrap()
}

async fn sandbox(faults: FaultPlan) -> Sandbox {
    Sandbox::builder().faults(faults).start().await.unwrap()
}

/// The flaky profile, with a short hang.
fn flaky() -> FaultPlan {
    FaultPlan::flaky().hang(Duration::from_millis(400))
}

/// A shop that uses this sandbox, with state as in a new process.
fn shop(sandbox: &Sandbox) -> Shop {
    shop_paid_by(sandbox, "stripe")
}

/// The same shop with another vendor in its configuration.
fn shop_paid_by(sandbox: &Sandbox, vendor: &str) -> Shop {
    shop_of(&connect(sandbox, vendor, None))
}

fn connect(sandbox: &Sandbox, vendor: &str, observer: Option<Arc<dyn Observer>>) -> Vendors {
    let secrets = tempfile::tempdir().unwrap();
    let (text, variables) = (sandbox.config_toml(), sandbox.variables());
    let text = secrets_in_files(&text, variables, secrets.path()).unwrap();
    let patience = ["PAYMENT", "STORAGE"].map(|table| {
        let name = format!("ANYVENDOR_{table}__RESILIENCE__ATTEMPT_TIMEOUT");
        (name, "300ms".to_owned())
    });
    let chosen = ("ANYVENDOR_PAYMENT__VENDOR".to_owned(), vendor.to_owned());
    let variables = patience.into_iter().chain([chosen]);
    let config = Config::from_toml_and(&text, variables).unwrap();
    let vendors = Vendors::builder();
    let vendors = match observer {
        Some(observer) => vendors.observer(observer),
        None => vendors,
    };
    vendors.connect(&config).unwrap()
}

fn shop_of(vendors: &Vendors) -> Shop {
    let cards = std::fs::read_to_string(data("test-cards.toml")).unwrap();
    Shop::new(
        vendors,
        TestCards::from_toml(&cards).unwrap(),
        "shop@example.com".parse().unwrap(),
        "https://shop.example.com".parse().unwrap(),
    )
    .unwrap()
    .with_payer(payer())
}

/// Acts for payers on the sandbox's pages.
fn payer() -> Arc<dyn Payer> {
    let settings = TransportConfig::of(Duration::from_secs(3), true);
    Arc::new(PagePayer(Arc::new(HttpTransport::new(settings).unwrap())))
}

async fn run(shop: &Shop, orders: &[Order]) -> (Vec<Outcome>, Report) {
    let outcomes = shop.settle_all(orders, JOBS, |_, _| {}).await;
    let report = Report::new(orders, &outcomes).unwrap();
    (outcomes, report)
}

/// What was captured, by order, from the emulators' state. Two charges for one order are a failure.
fn captured(sandbox: &Sandbox) -> BTreeMap<String, (i64, String)> {
    let mut captured = BTreeMap::new();
    let state = sandbox.stripe().state();
    for charge in state.charges().iter().filter(|charge| charge.captured) {
        let order = charge.metadata["anyvendor_reference"].clone();
        let amount = (charge.amount_captured, charge.currency.to_uppercase());
        let before = captured.insert(order.clone(), amount);
        assert!(before.is_none(), "order {order} was charged twice");
    }
    for capture in sandbox.paypal().state().captures() {
        if capture.status != "DECLINED" {
            let order = capture.custom_id.clone().unwrap();
            let before = captured.insert(order.clone(), (capture.amount, capture.currency));
            assert!(before.is_none(), "order {order} was charged twice");
        }
    }
    captured
}

/// The accepted texts, by phone and content. The same text twice is a failure.
fn texts(sandbox: &Sandbox) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for message in sandbox.twilio().state().messages() {
        let text = (message.to.clone(), message.body.clone());
        assert!(all.insert(text.clone()), "a text was sent twice: {text:?}");
    }
    all
}

/// What the application reports as charged, in the same form as [`captured`].
fn reported(orders: &[Order], outcomes: &[Outcome]) -> BTreeMap<String, (i64, String)> {
    let charged = orders.iter().zip(outcomes).filter_map(|(order, outcome)| {
        let currency = order.amount.currency().code().to_owned();
        matches!(outcome, Outcome::Charged { .. })
            .then(|| (order.number.clone(), (order.amount.minor(), currency)))
    });
    charged.collect()
}

/// The accepted emails, by recipient and subject. The same email twice is a failure.
fn emails(sandbox: &Sandbox) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for message in sandbox.sendgrid().state().messages() {
        let email = (message.to.email.clone(), message.subject.clone().unwrap());
        assert!(
            all.insert(email),
            "an email was sent twice: {:?}",
            message.subject
        );
    }
    all
}

#[test]
fn the_shipped_orders_are_what_they_should_be() {
    let orders = shipped_orders();
    assert!(orders.len() >= 60);
    let currencies: BTreeSet<_> = orders.iter().map(|order| order.amount.currency()).collect();
    let exponents: BTreeSet<_> = currencies
        .iter()
        .map(|currency| currency.exponent())
        .collect();
    assert_eq!(currencies.len(), 8);
    assert_eq!(exponents, [0, 2, 3].into());
    assert_eq!(
        orders
            .iter()
            .filter(|order| order.repeats.is_some())
            .count(),
        1
    );
    let cards: BTreeSet<_> = orders.iter().map(|order| order.card.as_str()).collect();
    assert!(
        cards.is_superset(&["declined", "insufficient_funds", "authentication_required"].into())
    );
    assert!(orders.iter().any(|order| !order.name.is_ascii()));
    assert!(orders.iter().any(|order| order.email.contains("@@")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_ends_as_its_card_says() {
    let (sandbox, orders) = (sandbox(FaultPlan::none()).await, shipped_orders());
    let (outcomes, report) = run(&shop(&sandbox), &orders).await;
    assert_eq!(report.unsettled, 0);
    for (order, outcome) in orders.iter().zip(&outcomes) {
        let expected = match order.card.as_str() {
            _ if order.repeats.is_some() => "repeated",
            "authentication_required" => "awaiting payer",
            "declined" | "insufficient_funds" | "lost" | "expired" | "wrong_cvc" => "declined",
            _ => "charged",
        };
        assert_eq!(outcome.word(), expected, "{order:?}");
    }
    assert_eq!(captured(&sandbox), reported(&orders, &outcomes));
    let charged = reported(&orders, &outcomes).len();
    let objects = sandbox.s3().objects();
    let receipts = objects
        .iter()
        .filter(|object| object.key.starts_with("receipts/"));
    assert_eq!(receipts.count(), charged);
    let to_email = |order: &&Order| !order.email.contains("@@") && order.repeats.is_none();
    let expected = orders.iter().filter(to_email).filter(|order| {
        reported(&orders, &outcomes).contains_key(&order.number)
            || order.card == "authentication_required"
    });
    assert_eq!(emails(&sandbox).len(), expected.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_change_no_total() {
    let orders = shipped_orders();
    let calm = sandbox(FaultPlan::none()).await;
    let flaky = sandbox(flaky()).await;
    let (_, expected) = run(&shop(&calm), &orders).await;
    let (outcomes, report) = run(&shop(&flaky), &orders).await;
    assert!(
        flaky.requests().len() > calm.requests().len(),
        "the faults did nothing"
    );
    assert_eq!(report.unsettled, 0, "{:#?}", report.orders);
    assert_eq!(report.totals, expected.totals);
    assert_eq!(captured(&flaky), captured(&calm));
    assert_eq!(captured(&flaky), reported(&orders, &outcomes));
    assert_eq!(emails(&flaky), emails(&calm));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_changes_nothing() {
    let (sandbox, orders) = (sandbox(FaultPlan::none()).await, shipped_orders());
    let (first, _) = run(&shop(&sandbox), &orders).await;
    let (charges, sent) = (captured(&sandbox), emails(&sandbox));
    let (second, _) = run(&shop(&sandbox), &orders).await;
    assert_eq!(first, second);
    assert_eq!(captured(&sandbox), charges);
    assert_eq!(emails(&sandbox), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_who_confirmed_gets_the_receipt() {
    let sandbox = sandbox(FaultPlan::none()).await;
    let mut orders = shipped_orders();
    orders.retain(|order| order.card == "authentication_required" && !order.email.contains("@@"));
    let (outcomes, _) = run(&shop(&sandbox), &orders).await;
    assert!(matches!(outcomes[0], Outcome::AwaitingPayer(_)));
    let email = sandbox.sendgrid().state().messages()[0]
        .text
        .clone()
        .unwrap();
    let link = email
        .lines()
        .find(|line| line.starts_with("http"))
        .unwrap()
        .to_owned();
    // An error says that another test installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let payer = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    assert!(
        payer
            .get(link)
            .send()
            .await
            .unwrap()
            .status()
            .is_redirection()
    );
    let (outcomes, _) = run(&shop(&sandbox), &orders).await;
    assert!(
        matches!(outcomes[0], Outcome::Charged { .. }),
        "{outcomes:?}"
    );
    assert_eq!(captured(&sandbox), reported(&orders, &outcomes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_half_way_is_finished_by_the_next() {
    let orders: Arc<[Order]> = shipped_orders().into();
    let calm = sandbox(FaultPlan::none()).await;
    let (_, expected) = run(&shop(&calm), &orders).await;
    for (faults, requests) in [
        (FaultPlan::none(), 9),
        (FaultPlan::none(), 60),
        (FaultPlan::none(), 200),
        (flaky(), 100),
    ] {
        let sandbox = sandbox(faults).await;
        let first = {
            let (shop, orders) = (shop(&sandbox), Arc::clone(&orders));
            tokio::spawn(async move { run(&shop, &orders).await })
        };
        while sandbox.requests().len() < requests {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        let (outcomes, report) = run(&shop(&sandbox), &orders).await;
        assert_eq!(report.unsettled, 0, "{:#?}", report.orders);
        assert_eq!(report.totals, expected.totals);
        assert_eq!(captured(&sandbox), reported(&orders, &outcomes));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_changed_is_refused() {
    let sandbox = sandbox(FaultPlan::none()).await;
    let mut orders = shipped_orders();
    orders.truncate(1);
    let (_, _) = run(&shop(&sandbox), &orders).await;
    let charges = captured(&sandbox);
    orders[0].amount = orders[0].amount.checked_add(orders[0].amount).unwrap();
    let (outcomes, _) = run(&shop(&sandbox), &orders).await;
    assert!(matches!(outcomes[0], Outcome::Refused(_)), "{outcomes:?}");
    assert_eq!(captured(&sandbox), charges);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_nobody_knows_and_an_amount_that_cannot_be_are_refused() {
    let sandbox = sandbox(FaultPlan::none()).await;
    let mut orders = shipped_orders();
    orders.truncate(2);
    orders[0].card = "diamond".to_owned();
    orders[1].amount = "1.234 KWD".parse().unwrap();
    let (outcomes, report) = run(&shop(&sandbox), &orders).await;
    assert_eq!(report.unsettled, 0);
    let detail = |at: usize| outcomes[at].detail().unwrap().to_owned();
    assert!(
        detail(0).contains("has no test card of that name; known are amex"),
        "{}",
        detail(0)
    );
    assert!(detail(1).contains("amount"), "{}", detail(1));
    assert!(captured(&sandbox).is_empty());
}

#[test]
fn the_application_names_no_vendor() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![here.join("shop"), here.join("checkout")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
            for vendor in ["stripe", "paypal", "sendgrid", "twilio", "s3", "gcs"] {
                assert!(!text.contains(vendor), "{} names {vendor}", path.display());
            }
            files += 1;
        }
    }
    assert!(files > 10);
}
