//! Fake payment vendors that record charges and fail on demand, and a configuration that routes between them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use anyvendor::{
    Config, Delivery, Error, Kind, Registry, Vendors,
    payment::{
        CreatePayment, MockPaymentProvider, Payment, PaymentCapabilities, PaymentOutcome,
        PaymentProvider, PaymentStatus,
    },
    resilience::{AttemptReport, CallReport, Observer, RouteReport},
    values::{Currency, IdempotencyKey, Money, VendorId},
};

/// What a vendor does with a payment.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    Takes,
    /// Fails with this error and records nothing.
    Fails(Kind, Delivery),
    /// Charges the payment, and the response is lost.
    TakesInSilence,
}

/// The state of a vendor: how often each key was charged, and what it does next.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) charged: Mutex<BTreeMap<String, u32>>,
    pub(crate) asked: Mutex<u32>,
    pub(crate) script: Mutex<VecDeque<Does>>,
}

impl Books {
    pub(crate) fn then(&self, does: impl IntoIterator<Item = Does>) {
        self.script.lock().unwrap().extend(does);
    }

    pub(crate) fn asked(&self) -> u32 {
        *self.asked.lock().unwrap()
    }

    pub(crate) fn charges(&self, key: &str) -> u32 {
        self.charged.lock().unwrap().get(key).copied().unwrap_or(0)
    }

    fn create(&self, vendor: &str, request: &CreatePayment) -> Result<PaymentOutcome, Error> {
        *self.asked.lock().unwrap() += 1;
        let does = self
            .script
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Does::Takes);
        let key = request.idempotency_key.as_str();
        if !matches!(does, Does::Fails(..)) {
            // The same key again is the same payment.
            self.charged.lock().unwrap().insert(key.to_owned(), 1);
        }
        match does {
            Does::Takes => {
                let id = VendorId::new(vendor, key).unwrap();
                Ok(Payment::new(id, PaymentStatus::Captured, request.amount).into())
            }
            Does::Fails(kind, delivery) => Err(Error::new(kind, delivery, "as scripted")),
            Does::TakesInSilence => Err(Error::new(Kind::Unavailable, Delivery::Unknown, "lost")),
        }
    }
}

/// Fixed names, because a provider's name is static.
pub(crate) fn provider(
    vendor: &'static str,
    books: &Arc<Books>,
    capabilities: PaymentCapabilities,
) -> MockPaymentProvider {
    let mut mock = MockPaymentProvider::new();
    mock.expect_vendor().return_const(vendor);
    mock.expect_capabilities().return_const(capabilities);
    let books = Arc::clone(books);
    mock.expect_create()
        .returning(move |request| books.create(vendor, &request));
    mock
}

/// Records every step.
#[derive(Debug, Default)]
pub(crate) struct Steps(pub(crate) Mutex<Vec<(&'static str, &'static str, Option<&'static str>)>>);

impl Observer for Steps {
    fn attempt(&self, _: &AttemptReport) {}
    fn call(&self, _: &CallReport) {}
    fn route(&self, report: &RouteReport) {
        assert_eq!(report.domain, "payment");
        let step = (report.vendor, report.step.as_str(), report.error);
        self.0.lock().unwrap().push(step);
    }
}

/// A shop with payment vendors `a`, `b` and `c`.
pub(crate) struct Place {
    pub(crate) payment: Arc<dyn PaymentProvider>,
    pub(crate) a: Arc<Books>,
    pub(crate) b: Arc<Books>,
    pub(crate) c: Arc<Books>,
    pub(crate) steps: Arc<Steps>,
}

pub(crate) const TABLES: &str = "[payment.vendors.a]\n[payment.vendors.b]\n[payment.vendors.c]\n";

pub(crate) fn place(route: &str) -> Place {
    place_with(route, |_| PaymentCapabilities::default())
}

pub(crate) fn place_with(route: &str, can: impl Fn(&'static str) -> PaymentCapabilities) -> Place {
    let all: [Arc<Books>; 3] = Default::default();
    let mut registry = Registry::default();
    for (vendor, books) in ["a", "b", "c"].into_iter().zip(&all) {
        let made: Arc<dyn PaymentProvider> = Arc::new(provider(vendor, books, can(vendor)));
        registry = registry.with_payment(vendor, move |_| Ok(Arc::clone(&made)));
    }
    let steps = Arc::<Steps>::default();
    let text = format!(
        "mode = \"sandbox\"\n[payment]\nvendor = \"a\"\nroutes = \"memory\"\n{route}\n{TABLES}"
    );
    let vendors = Vendors::builder()
        .registry(registry)
        .observer(Arc::clone(&steps) as Arc<dyn Observer>)
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

pub(crate) fn payment(key: &str) -> CreatePayment {
    let amount = Money::from_minor(1000, Currency::EUR).unwrap();
    CreatePayment::new(amount, IdempotencyKey::new(key).unwrap())
}
