//! The first payment vendor is cut off in the middle of ten thousand payments. Each order is charged exactly once, counted over
//! both vendors.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyvendor::{
    Config, Kind, Registry, Vendors,
    payment::{
        CreatePayment, CustomerRequest, NextAction, PaymentOutcome, PaymentProvider, SaveSource,
        SaveSourceOutcome,
    },
    paypal::{Environment, PayPal, PayPalConfig},
    stripe::{Stripe, StripeConfig},
    values::{Currency, IdempotencyKey, Money, Secret, VendorId, VendorIds},
};
use anyvendor_conformance::{PagePayer, Payer};
use anyvendor_core::{
    resilience::Policy,
    transport::{Incoming, Outgoing, Transport, TransportError},
};
use anyvendor_http::{HttpTransport, TransportConfig};
use anyvendor_sandbox::Sandbox;
use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, header::HOST};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

const ORDERS: usize = 10_000;
const AT_ONCE: usize = 32;

/// The defaults without the circuit breaker: after this outage it would stay open for a minute, and no caller here waits.
fn short() -> Policy {
    let mut policy = Policy::default();
    policy.breaker.enabled = false;
    policy.with_delays(Duration::from_millis(1), Duration::from_millis(5))
}

/// The line to a vendor, which can be cut: new connections are then refused, and open ones break.
struct Line {
    address: SocketAddr,
    target: SocketAddr,
    open: Mutex<Option<JoinHandle<()>>>,
}

impl Line {
    async fn to(url: &str) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            address: listener.local_addr().unwrap(),
            target: url.strip_prefix("http://").unwrap().parse().unwrap(),
            open: Mutex::default(),
        };
        line.carry(listener);
        Arc::new(line)
    }

    fn carry(&self, listener: TcpListener) {
        let target = self.target;
        let carrying = tokio::spawn(async move {
            // It is dropped with this task, and all connections with it.
            let mut calls = JoinSet::new();
            while let Ok((mut from, _)) = listener.accept().await {
                calls.spawn(async move {
                    if let Ok(mut to) = TcpStream::connect(target).await {
                        drop(copy_bidirectional(&mut from, &mut to).await);
                    }
                });
            }
        });
        *self.open.lock().unwrap() = Some(carrying);
    }

    fn cut(&self) {
        if let Some(carrying) = self.open.lock().unwrap().take() {
            carrying.abort();
        }
    }

    async fn mend(&self) {
        self.carry(TcpListener::bind(self.address).await.unwrap());
    }
}

/// Names the sandbox's own host and port, which it insists on, although the line has another port.
#[derive(Debug)]
struct BehindLine {
    network: HttpTransport,
    host: HeaderValue,
}

#[async_trait]
impl Transport for BehindLine {
    async fn send(&self, mut request: Outgoing) -> Result<Incoming, TransportError> {
        request.headers.insert(HOST, self.host.clone());
        self.network.send(request).await
    }
}

/// Both vendors, with failover from the first to the second. Both are in one sandbox.
async fn shop(sandbox: &Sandbox, line: &Line) -> (Arc<dyn PaymentProvider>, VendorIds) {
    let config = StripeConfig::new(Secret::new(sandbox.stripe().key()))
        .with_local_base_url(format!("http://{}", line.address))
        .with_resilience(short());
    let transport = BehindLine {
        network: HttpTransport::new(TransportConfig::of(Duration::from_secs(3), true)).unwrap(),
        host: sandbox
            .stripe()
            .url()
            .trim_start_matches("http://")
            .parse()
            .unwrap(),
    };
    let first = Stripe::builder(config).transport(Arc::new(transport));
    let first: Arc<dyn PaymentProvider> = Arc::new(first.build().unwrap());
    let (id, secret) = (
        sandbox.paypal().client_id(),
        sandbox.paypal().client_secret(),
    );
    let config = PayPalConfig::new(Secret::new(id), Secret::new(secret), Environment::Sandbox)
        .with_local_base_url(sandbox.paypal().url())
        .with_resilience(short());
    let second: Arc<dyn PaymentProvider> = Arc::new(PayPal::new(config).unwrap());
    // One payer, with a source at each vendor.
    let sources = VendorIds::from(VendorId::new("stripe", "pm_card_visa").unwrap());
    let sources = sources.with(saved_wallet(&*second).await);
    let registry = Registry::default()
        .with_payment("stripe", move |_| Ok(Arc::clone(&first)))
        .with_payment("paypal", move |_| Ok(Arc::clone(&second)));
    let text = "mode = \"sandbox\"\n[payment]\nvendor = \"stripe\"\nfailover = [\"paypal\"]\nroutes = \"memory\"\n[payment.vendors.paypal]";
    let vendors = Vendors::builder()
        .registry(registry)
        .connect(&Config::from_toml(text).unwrap())
        .unwrap();
    (vendors.payment().unwrap(), sources)
}

async fn saved_wallet(paypal: &dyn PaymentProvider) -> VendorId {
    let settings = TransportConfig::of(Duration::from_secs(3), true);
    let payer = PagePayer(Arc::new(HttpTransport::new(settings).unwrap()));
    let customer = CustomerRequest::new("c-1");
    let customer = paypal.get_or_create_customer(customer).await.unwrap();
    let request = SaveSource::new(customer.id, IdempotencyKey::random())
        .with_return_url("https://shop.example/back".parse().unwrap());
    let outcome = paypal.save_source(request.clone()).await.unwrap();
    let SaveSourceOutcome::RequiresAction(pending, NextAction::HostedPage(page)) = outcome else {
        panic!("{outcome:?}");
    };
    payer.act(page.expose_url(), true).await;
    match paypal.save_source(request.with_source(pending)).await {
        Ok(SaveSourceOutcome::Saved(saved)) => saved.id,
        other => panic!("{other:?}"),
    }
}

fn order(number: usize, sources: &VendorIds) -> CreatePayment {
    let amount = Money::from_minor(100 + i64::try_from(number).unwrap(), Currency::EUR).unwrap();
    let key = IdempotencyKey::new(format!("order-{number}")).unwrap();
    CreatePayment::new(amount, key)
        .with_reference(format!("order-{number}"))
        .with_source(sources.clone())
}

/// The charges of each order at both vendors.
fn charged(sandbox: &Sandbox) -> BTreeMap<String, Vec<(&'static str, i64)>> {
    let mut all: BTreeMap<String, Vec<(&'static str, i64)>> = BTreeMap::new();
    for charge in sandbox
        .stripe()
        .state()
        .charges()
        .iter()
        .filter(|charge| charge.captured)
    {
        let order = charge.metadata["anyvendor_reference"].clone();
        all.entry(order)
            .or_default()
            .push(("stripe", charge.amount_captured));
    }
    for capture in sandbox.paypal().state().captures() {
        let order = capture.custom_id.clone().unwrap();
        all.entry(order)
            .or_default()
            .push(("paypal", capture.amount));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_vendor_cut_off_half_way_charges_each_order_once() {
    let sandbox = Sandbox::builder()
        .record_bodies(false)
        .start()
        .await
        .unwrap();
    let line = Line::to(sandbox.stripe().url()).await;
    let (payment, sources) = shop(&sandbox, &line).await;
    let settle = |numbers: Vec<usize>, first_time: bool| {
        let (payment, sources, line) = (Arc::clone(&payment), sources.clone(), &line);
        async move {
            let work = numbers.into_iter().map(|number| {
                let (payment, request) = (Arc::clone(&payment), order(number, &sources));
                async move {
                    if number == ORDERS / 2 && first_time {
                        line.cut();
                    }
                    (number, payment.create(request).await)
                }
            });
            let mut work = stream::iter(work).buffer_unordered(AT_ONCE);
            let mut left = Vec::new();
            while let Some((number, result)) = work.next().await {
                match result {
                    Ok(PaymentOutcome::Captured(_)) => {}
                    Err(error) if error.is_unknown() || !matches!(error.kind(), Kind::Declined) => {
                        left.push(number);
                    }
                    other => panic!("order {number}: {other:?}"),
                }
            }
            left
        }
    };
    let mut left = settle((0..ORDERS).collect(), true).await;
    let books = charged(&sandbox);
    assert!(
        books.values().all(|charges| charges.len() == 1),
        "an order was charged twice"
    );
    assert!(
        !left.is_empty(),
        "nothing was in doubt when the vendor was cut off"
    );
    let at_second = sandbox.paypal().state().captures().len();
    assert!(
        at_second > ORDERS / 4,
        "only {at_second} orders went to the second vendor"
    );
    // The application tries again with the same keys, while the vendor is unreachable and after it is back.
    let in_doubt = left.len();
    left = settle(left, false).await;
    assert_eq!(
        left.len(),
        in_doubt,
        "what was in doubt went to another vendor"
    );
    line.mend().await;
    for _ in 0..200 {
        if left.is_empty() {
            break;
        }
        // tidy: sleep: over real sockets nothing but time ends an outage; an application waits between its tries, too
        tokio::time::sleep(Duration::from_millis(100)).await;
        left = settle(left, false).await;
    }
    assert!(left.is_empty(), "never settled: {left:?}");
    let books = charged(&sandbox);
    assert_eq!(books.len(), ORDERS);
    for number in 0..ORDERS {
        let charges = &books[&format!("order-{number}")];
        assert_eq!(charges.len(), 1, "order {number}: {charges:?}");
        assert_eq!(charges[0].1, 100 + i64::try_from(number).unwrap());
    }
    sandbox.shutdown().await;
}
