//! The mode holds for what comes in; and a signature is good for one content.

use super::{parts::Reports, *};

fn live() -> Vendors {
    Vendors::connect(&Config::from_toml("mode = \"live\"").unwrap()).unwrap()
}

/// A receiver in this mode, its application, and its reports.
fn in_mode(vendors: &Vendors) -> (ReceiverBuilder, Arc<App>, Arc<Reports>) {
    let app = Arc::new(App::default());
    let reports = Arc::<Reports>::default();
    let builder = Receiver::builder(vendors, Handler(Arc::clone(&app)))
        .endpoint("acme", Arc::new(Acme(64)))
        .observer(reports.clone());
    (builder, app, reports)
}

#[tokio::test]
async fn sf03_an_event_of_the_other_mode_is_not_handed_on() {
    for (vendors, own, other) in [
        (live(), "live-1", "test-1"),
        (vendors(), "test-1", "live-1"),
    ] {
        let (builder, app, reports) = in_mode(&vendors);
        let receiver = builder.build();
        for event in [own, other, "unknown"] {
            let answered = post(&receiver, event).await;
            assert_eq!(answered, 200, "{event}: the vendor must not repeat it");
        }
        assert_eq!(
            (app.times(own), app.times(other), app.times("unknown")),
            (1, 0, 1)
        );
        let reports = reports.0.lock().unwrap();
        let counts: Vec<_> = reports
            .iter()
            .map(|one| (one.handled, one.ignored))
            .collect();
        assert_eq!(counts, [(1, 0), (0, 1), (1, 0)]);
    }
}

#[tokio::test]
async fn sf03_both_modes_are_a_setting() {
    let (builder, app, reports) = in_mode(&live());
    let receiver = builder.any_mode("acme").build();
    assert_eq!(post(&receiver, "live-1 test-1").await, 200);
    assert_eq!((app.times("live-1"), app.times("test-1")), (1, 1));
    assert_eq!(reports.0.lock().unwrap()[0].ignored, 0);
    // A name without an endpoint has no effect.
    let (builder, ..) = in_mode(&live());
    assert!(format!("{:?}", builder.any_mode("other")).contains("acme"));
}

#[tokio::test]
async fn sf03_what_the_settings_leave_out_is_not_handed_on() {
    let (builder, app, reports) = in_mode(&live());
    let receiver = builder.build();
    assert_eq!(post(&receiver, "a unwanted b").await, 200);
    assert_eq!(
        (app.times("a"), app.times("unwanted"), app.times("b")),
        (1, 0, 1)
    );
    let report = reports.0.lock().unwrap()[0];
    assert_eq!((report.handled, report.ignored, report.failed), (2, 1, 0));
}

#[tokio::test]
async fn sf14_a_signature_has_one_content() {
    let (builder, app) = builder();
    let receiver = builder.build();
    let post = async |id: &str, body: &'static str| {
        let mut request = delivery(body);
        let id = id.parse().unwrap();
        request.headers_mut().insert("acme-id", id);
        status_of(receiver.receive("acme", request).await).await
    };
    assert_eq!(post("1", "a").await, 200);
    assert_eq!(post("1", "b").await, 400, "another content");
    assert_eq!(post("1", "a").await, 200, "the vendor's own copy");
    assert_eq!(post("2", "b").await, 200);
    assert_eq!((app.times("a"), app.times("b")), (1, 1));
}

/// Written by hand: it panics before there is a future.
struct Broken;

impl WebhookHandler for Broken {
    fn handle<'a, 'b>(
        &'a self,
        event: WebhookEvent,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        assert!(event.name != "panics", "a bug in the handler");
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn sf14_a_panic_before_the_future_stops_one_event_only() {
    let reports = Arc::<Reports>::default();
    let receiver = Receiver::builder(&vendors(), Broken)
        .endpoint("acme", Arc::new(Acme(64)))
        .observer(reports.clone())
        .build();
    assert_eq!(post(&receiver, "a panics b").await, 503);
    // It was released, so that the next delivery does not wait for its lease.
    assert_eq!(post(&receiver, "a panics b").await, 503);
    let reports = reports.0.lock().unwrap();
    let counts: Vec<_> = reports
        .iter()
        .map(|one| (one.handled, one.duplicates, one.failed))
        .collect();
    assert_eq!(counts, [(2, 0, 1), (0, 2, 1)]);
}
